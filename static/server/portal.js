// Asks for the number's standing three times a minute while the page is looked at; works without this script by its link.
const standing = document.getElementById("standing");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(standing.dataset.stateAddress, { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    const html = await answer.text();
    standing.innerHTML = html;
  } catch {
    const at = document.getElementById("at");
    at.textContent = standing.dataset.lost.replace("%time%", at.dataset.at);
  }
}

setInterval(look, 20_000);
document.addEventListener("visibilitychange", look);
