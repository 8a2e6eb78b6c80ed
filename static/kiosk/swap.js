// Puts a new screen in place of the old one, or only its live parts where the page is the same: typed digits, an opened
// question and a finger on its way down survive a waiting count.

/** How long a new page takes no taps: the second tap of a double tap must not choose what lies under it. */
const SETTLE_MS = 400;

let settled = null;

/** Let nothing on `screen` be hit for a moment, because what lies under the finger has just changed. */
export function settle(screen) {
  clearTimeout(settled);
  screen.dataset.settling = "";
  settled = setTimeout(() => delete screen.dataset.settling, SETTLE_MS);
}

/** The screen without what may change while the page stands; equal shells are the same page. */
function shellOf(screen) {
  const copy = screen.cloneNode(true);
  for (const name of ["data-revision", "data-seconds-left", "data-busy", "data-settling"]) copy.removeAttribute(name);
  for (const part of copy.querySelectorAll("[data-live], [data-own]")) {
    const place = document.createElement("i");
    place.title = part.dataset.live ?? "";
    part.replaceWith(place);
  }
  for (const input of copy.querySelectorAll("input[name=revision], input[name=token]")) input.removeAttribute("value");
  for (const count of copy.querySelectorAll("[data-countdown]")) count.textContent = "";
  return copy.outerHTML;
}

/** Make `shown` like `part`. It stays the same element: a screen reader says what changes in one, not that one came. */
function renew(shown, part) {
  for (const { name } of [...shown.attributes]) if (!part.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of part.attributes) shown.setAttribute(name, value);
  shown.replaceChildren(...part.cloneNode(true).childNodes);
}

export class Swapper {
  #frame;
  #onNewPage;
  #served;

  constructor(frame, onNewPage) {
    this.#frame = frame;
    this.#onNewPage = onNewPage;
    this.#served = this.screen.cloneNode(true);
    onNewPage(this.screen);
  }

  get screen() {
    return this.#frame.querySelector("#screen");
  }

  /** Show the screen that `html` holds. */
  show(html) {
    const next = new DOMParser().parseFromString(html, "text/html").getElementById("screen");
    if (!next) return;
    if (next.dataset.epoch !== this.screen.dataset.epoch) {
      location.reload(); // the desk asked for the whole page anew
      return;
    }
    if (shellOf(next) === shellOf(this.#served)) this.#mend(next);
    else this.#replace(next);
    this.#served = next.cloneNode(true);
    this.#frame.dispatchEvent(new Event("screen-shown"));
  }

  #mend(next) {
    const screen = this.screen;
    for (const part of next.querySelectorAll("[data-live]")) {
      const same = `[data-live="${CSS.escape(part.dataset.live)}"]`;
      if (this.#served.querySelector(same).outerHTML !== part.outerHTML) renew(screen.querySelector(same), part);
    }
    for (const name of ["revision", "token"]) {
      const fresh = next.querySelector(`input[name=${name}]`);
      for (const input of screen.querySelectorAll(`input[name=${name}]`)) input.value = fresh.value;
    }
    screen.dataset.revision = next.dataset.revision;
    if ("secondsLeft" in next.dataset) screen.dataset.secondsLeft = next.dataset.secondsLeft;
    else delete screen.dataset.secondsLeft;
  }

  #replace(next) {
    const fresh = document.importNode(next, true);
    const before = this.screen;
    before.replaceWith(fresh);
    settle(fresh);
    if (this.#frame === document.querySelector("body > main")) document.documentElement.lang = fresh.lang;
    const heading = fresh.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    if (this.#frame.contains(document.activeElement) || document.activeElement === document.body) {
      heading?.focus({ preventScroll: true });
    }
    this.#onNewPage(fresh, before);
  }
}
