// Says on the page whether there is contact with the server; the words stand in the page's own language.
export function contactLine(words) {
  const line = document.getElementById("contact");
  return (state, since) => {
    // The hospital's time, whatever this machine believes to be its own.
    const time = since.toLocaleTimeString("vi-VN", { hour12: false, timeZone: "Asia/Ho_Chi_Minh" });
    const text = words[state].replace("%time%", time);
    line.dataset.state = state;
    line.setAttribute("aria-live", state === "live" ? "off" : "polite"); // a clock that ticks is not read out
    if (line.textContent !== text) line.textContent = text;
  };
}
