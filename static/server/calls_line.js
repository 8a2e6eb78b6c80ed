// Patients who call for staff, on the pages where a receptionist works away from the day's list: a line that rings.

import { asTold, fetchOurs, SignedOut } from "./live.js";
import { ringer } from "./ring.js";
import { leave } from "./session.js";

const line = document.getElementById("calls-line");
const title = document.title;
const waiting = () => Number(line?.querySelector(".calls")?.dataset.count ?? 0);
const bell = ringer(waiting);

/** Ask who calls; called by the script that keeps the page up to date. */
export async function showCalls() {
  if (!line) return; // whoever is not at a reception
  const answer = await fetchOurs(asTold(line.dataset.calls));
  put(await answer.text());
}

function put(html) {
  if (line.innerHTML.trim() === html.trim()) return;
  const had = waiting();
  line.innerHTML = html;
  const count = waiting();
  line.hidden = !count && !line.querySelector(".notice");
  line.classList.toggle("ringing", count > 0);
  document.title = count ? `(${count}) ${title}` : title;
  if (count > had) bell.ring();
}

line?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    const answer = await fetchOurs(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    put(await answer.text());
  } catch (error) {
    if (error instanceof SignedOut) leave();
    // No contact: the call still rings, and the key can be pressed again.
  }
});

// A function key: here the cursor is in a field nearly always.
addEventListener("keydown", (event) => {
  const answer = line?.querySelector("[data-answer] button");
  if (event.key !== "F9" || event.repeat || !answer) return;
  event.preventDefault();
  answer.click();
});
