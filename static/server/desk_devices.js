// At a desk with its own reader and scanner: whoever they identify opens on the registration page by itself. What
// somebody is typing is never taken away: then a line says that a card was read, and offers to go there.
// At every desk: who calls for staff rings here, too.

import { showCalls } from "./calls_line.js";
import { fetchOurs, keepLive } from "./live.js";
import { leave } from "./session.js";

const words = document.getElementById("desk-devices").dataset;
const line = document.getElementById("desk-devices");
let isTouched = false;
let kiosk = null;

addEventListener("input", () => (isTouched = true), { capture: true });

async function look() {
  const answer = await (await fetchOurs(words.reading)).json();
  kiosk = answer.kiosk;
  if (!answer.address) return;
  if (!isTouched) {
    location.assign(answer.address);
    return;
  }
  const link = document.createElement("a");
  link.className = "button";
  link.href = answer.address;
  link.textContent = words.go;
  line.replaceChildren(document.createTextNode(`${words.read} `), link);
  line.hidden = false;
}

const first = await (await fetchOurs(words.reading)).json();
kiosk = first.kiosk;
keepLive({
  stream: words.stream,
  changed: async (subjects) => {
    if (subjects.has("staff-call")) await showCalls();
    if (kiosk && subjects.has("hand-over")) await look();
  },
  reset: async () => {
    await showCalls();
    if (kiosk) await look();
  },
  contact: () => {},
  signedOut: leave,
});
