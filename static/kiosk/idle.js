// Counts down to the moment the kiosk forgets, asks before it, and lets any touch win more time.

import { settle } from "./swap.js";

const TICK_MS = 250;
const TOUCH_PAUSE_MS = 5000;
/** The kiosk ends a session by itself; a page that hears nothing of it looks for itself. */
const OVERDUE_MS = 2000;

export function keepIdleWatch(frame, swapper, refresh) {
  let endsAt = null;
  let lastTouch = -Infinity;

  function readClock() {
    const { secondsLeft } = swapper.screen.dataset;
    endsAt = secondsLeft === undefined ? null : performance.now() + Number(secondsLeft) * 1000;
    tick();
  }

  function tick() {
    const screen = swapper.screen;
    const left = endsAt === null ? Infinity : endsAt - performance.now();
    ask(screen, left <= Number(screen.dataset.warningS) * 1000);
    if (left === Infinity) return;
    const seconds = String(Math.max(0, Math.ceil(left / 1000)));
    for (const count of screen.querySelectorAll("[data-countdown]")) {
      if (count.textContent !== seconds) count.textContent = seconds;
    }
    if (left < -OVERDUE_MS) {
      endsAt = null;
      refresh();
    }
  }

  function ask(screen, isTime) {
    const dialog = screen.querySelector("dialog");
    if (!dialog || dialog.open === isTime) return;
    for (const other of screen.children) if (other !== dialog) other.inert = isTime;
    if (isTime) dialog.show();
    else dialog.close();
    settle(screen); // a finger on its way down, or the second tap of two, meant what lay there before
  }

  frame.addEventListener("screen-shown", readClock);
  frame.addEventListener("pointerdown", (event) => {
    const now = performance.now();
    if (endsAt === null || now - lastTouch < TOUCH_PAUSE_MS || event.target.closest(".act, .clinics")) return;
    lastTouch = now;
    const form = new URLSearchParams();
    for (const name of ["token", "revision"]) form.set(name, swapper.screen.querySelector(`input[name=${name}]`).value);
    // The answer is the same page; the new time comes in with the state stream.
    fetch("/still-here", { method: "POST", body: form, headers: { "X-Tiepdon-Screen": "1" } }).catch(() => {});
  });
  setInterval(tick, TICK_MS);
  readClock();
}
