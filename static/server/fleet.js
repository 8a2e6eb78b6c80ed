// All kiosks, live: drawn anew when one of them says something new, and now and then, since silence says nothing.

import { contactLine } from "./contact.js";
import { fetchOurs, keepLive } from "./live.js";

const LOOK_EVERY_MS = 15_000;
const page = document.getElementById("fleet-page");
const fleet = document.getElementById("fleet");
const words = page.dataset;

/** Draw the new state and keep the focus on the same button where it is still there. */
async function look() {
  const html = await (await fetchOurs(words.table)).text();
  if (fleet.innerHTML.trim() === html.trim()) return;
  const label = document.activeElement?.getAttribute("aria-label");
  const had = fleet.contains(document.activeElement);
  fleet.innerHTML = html;
  if (had && label) fleet.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

keepLive({
  stream: words.stream,
  changed: look,
  reset: look,
  contact: contactLine(words),
  signedOut: () => location.assign(words.signIn),
});
setInterval(() => look().catch(() => {}), LOOK_EVERY_MS);
