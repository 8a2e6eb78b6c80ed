// Lets a trembling finger press: a touch that slid a little, but went down and up on one button, counts as a tap.

/** A browser takes a finger that moves more than about 15 px (4 mm on a 21.5" screen) for a swipe, and clicks nothing. */
const CLICK_WITHIN_MS = 100;
const PRESSED = "button, a[data-turn]";

/** Press what a single finger went down and up on inside `frame`, where the browser itself does not. */
export function keepFingersSteady(frame) {
  let down = null;
  let waiting = null;

  frame.addEventListener("pointerdown", (event) => {
    clearTimeout(waiting);
    // A second finger is a palm or a child's hand: what it rests on is meant by nobody.
    const isAlone = event.pointerType === "touch" && event.isPrimary;
    down = isAlone ? { id: event.pointerId, target: event.target.closest(PRESSED) } : null;
  });

  frame.addEventListener("pointercancel", () => {
    down = null;
  });

  frame.addEventListener("pointerup", (event) => {
    const target = down?.id === event.pointerId ? down.target : null;
    down = null;
    // A touch is captured by what it went down on: where it went up must be looked for.
    if (!target || document.elementFromPoint(event.clientX, event.clientY)?.closest(PRESSED) !== target) return;
    waiting = setTimeout(() => target.isConnected && target.click(), CLICK_WITHIN_MS);
  });

  frame.addEventListener("click", () => clearTimeout(waiting), true);
}
