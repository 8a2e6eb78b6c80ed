// Renews the technician's page while somebody looks at it.

const LOOK_MS = 3000;
const panel = document.querySelector("[data-panel]");

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(panel.dataset.panel, { cache: "no-store" });
    if (answer.status === 401) location.reload(); // signed out meanwhile
    if (answer.ok) panel.innerHTML = await answer.text();
  } catch {
    panel.classList.add("is-old");
  }
}

setInterval(look, LOOK_MS);
