// What becomes of slips: drawn anew when a kiosk says something, keeping the focus on the same button.

import { showCalls } from "./calls_line.js";
import { fetchOurs, keepLive } from "./live.js";

const slips = document.getElementById("slips");
const words = slips.dataset;

async function look() {
  const html = await (await fetchOurs(words.state)).text();
  if (slips.innerHTML.trim() === html.trim()) return;
  const label = slips.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  slips.innerHTML = html;
  if (label) slips.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

keepLive({
  stream: words.stream,
  changed: async (subjects) => {
    if (subjects.delete("staff-call")) await showCalls();
    if (subjects.size) await look();
  },
  reset: async () => {
    await Promise.all([showCalls(), look()]);
  },
  contact: () => {},
  signedOut: () => location.assign(words.signIn),
});
