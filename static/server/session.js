// Says some time before the session ends that it does; what was typed by then comes back after signing in again.
//
// Typing and touching count as being there, though nothing is sent for minutes: the server is told once a minute.

import { keepTyped, refill } from "./typed.js";

const TELL_EVERY_MS = 60_000;
const ASK_AGAIN_MS = 10_000;

const box = document.getElementById("session-end");
const goOn = box.querySelector(".session-go-on");
const close = box.querySelector(".session-close");
const left = box.querySelector(".session-left");
const warnBeforeMs = Number(box.dataset.warnedS) * 1000;

let endsAt = Date.now() + Number(box.dataset.leftS) * 1000;
let canGoOn = true;
let isNoted = false; // the end that cannot be put off was shown and closed
let toldAt = Date.now();
let askedAt = 0;

/** Ask how long the session lasts; with ``isThere`` tell first that somebody is there. */
async function ask(isThere) {
  askedAt = Date.now();
  const headers = isThere ? { "X-CSRF-Token": box.dataset.csrf } : { "X-Background": "1" };
  let answer;
  try {
    answer = await fetch(box.dataset.address, {
      method: isThere ? "POST" : "GET",
      headers: { ...headers, "X-Fragment": "1" },
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    return; // no contact: the next look asks again
  }
  if (answer.status === 401) return leave();
  if (!answer.ok) return;
  const said = await answer.json();
  endsAt = Date.now() + said.left_s * 1000;
  canGoOn = said.can_go_on;
  if (isThere) toldAt = Date.now();
}

let isLeaving = false;

/** Leave the page for signing in: what stands on the screen is nobody's any more. What was typed is kept, sealed. */
export async function leave() {
  if (isLeaving) return;
  isLeaving = true;
  await keepTyped(box.dataset).catch(() => {}); // without contact it is lost, and the screen is cleared all the same
  location.replace(box.dataset.signIn);
}

function show() {
  const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  for (const part of [goOn, box.querySelector(".session-idle")]) part.hidden = !canGoOn;
  for (const part of [close, box.querySelector(".session-longest")]) part.hidden = canGoOn;
  if (!box.open && !isNoted) box.showModal();
}

async function look() {
  if (endsAt - Date.now() > warnBeforeMs) {
    if (box.open) box.close();
    return;
  }
  // Another tab may have been used, or the page lay asleep: the server knows.
  if (Date.now() - askedAt > ASK_AGAIN_MS) await ask(false);
  if (endsAt - Date.now() <= warnBeforeMs) show();
}

box.addEventListener("close", () => {
  if (canGoOn && endsAt - Date.now() <= warnBeforeMs) ask(true); // Escape, too, is somebody who is there
  if (!canGoOn) isNoted = true;
});
for (const kind of ["keydown", "pointerdown"]) {
  addEventListener(
    kind,
    () => {
      if (!box.open && Date.now() - toldAt > TELL_EVERY_MS) {
        toldAt = Date.now();
        ask(true);
      }
    },
    { passive: true, capture: true },
  );
}
// The computer slept, and the first thing somebody does is to send the form: its session may be over by now.
addEventListener("submit", (event) => {
  if (Date.now() < endsAt || event.target.method === "dialog") return;
  event.preventDefault();
  const { target: form, submitter } = event;
  ask(false).then(() => isLeaving || Date.now() >= endsAt || form.requestSubmit(submitter));
}, { capture: true });
refill(box.dataset).catch(() => {}); // no contact: the next page tries again
setInterval(look, 1000);
