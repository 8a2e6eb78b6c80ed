// The simulator's tools: acts without leaving the page, and shows what became of the devices.

const tools = document.querySelector("[data-panel]");
const LOOK_MS = 2000;
/** A ticket is printed and a card is read after the screen has changed: look once more then. */
const AFTER_MS = 700;

let shown = "";

async function load(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-store", ...options });
  } catch {
    return; // the kiosk is starting again; its screen says so
  }
  if (!answer.ok) return;
  const html = await answer.text();
  if (html === shown || isBeingUsed()) return;
  show(html);
}

function isBeingUsed() {
  const field = document.activeElement;
  return tools.contains(field) && (field.tagName === "SELECT" || (field.name === "text" && field.value !== ""));
}

function show(html) {
  shown = html;
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const panel of tools.querySelectorAll(".panel")) {
    const next = fresh.getElementById(panel.id);
    if (next && next.innerHTML !== panel.innerHTML) {
      const scrolled = panel.scrollTop;
      panel.replaceChildren(...next.childNodes);
      panel.scrollTop = scrolled;
    }
  }
}

tools.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  document.activeElement?.blur();
  load(form.getAttribute("action"), {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    headers: { "X-Tiepdon-Screen": "1" },
  });
});

tools.addEventListener("change", (event) => {
  if (event.target.name === "fault") event.target.form.requestSubmit();
});

const look = () => load(tools.dataset.panel);
document.querySelector("[data-screen-frame]").addEventListener("screen-shown", () => setTimeout(look, AFTER_MS));
setInterval(look, LOOK_MS);
