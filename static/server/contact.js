// Says on the page whether there is contact with the server; the words stand in the page's own language.
export function contactLine(words) {
  const line = document.getElementById("contact");
  return (state, since) => {
    const time = since.toLocaleTimeString("vi-VN", { hour12: false });
    const text = words[state].replace("%time%", time);
    line.dataset.state = state;
    if (line.textContent !== text) line.textContent = text;
  };
}
