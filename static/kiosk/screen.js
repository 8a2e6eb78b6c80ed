// The patient's screen, alive: follows the kiosk's state, guards against second taps, asks before it forgets.
// Everything here is a convenience over forms that work without it; nothing is kept in the browser.

import { keepIdleWatch } from "./idle.js";
import { attachNumberPad } from "./number-pad.js";
import { keepFingersSteady } from "./steady.js";
import { followState } from "./stream.js";
import { Swapper } from "./swap.js";

const frame = document.querySelector("[data-screen-frame]");
const swapper = new Swapper(frame, attachNumberPad);
let refreshing = null;
let again = false;

/** Fetch the present screen and show it; calls that come in meanwhile make one more round, not one each. */
function refresh() {
  if (refreshing) {
    again = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      again = false;
      await load(`/screen${swapper.screen.dataset.query ?? ""}`);
    } while (again);
  })().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function load(address, options = {}) {
  try {
    const answer = await fetch(address, { cache: "no-store", ...options });
    if (answer.ok) swapper.show(await answer.text());
  } catch {
    // The kiosk is starting again: the stream notices, says so, and calls refresh() when it is back.
  }
}

async function send(form, button) {
  const screen = swapper.screen;
  if ("busy" in screen.dataset || "settling" in screen.dataset) return;
  screen.dataset.busy = "";
  try {
    await load(button?.getAttribute("formaction") ?? form.getAttribute("action"), {
      method: "POST",
      body: new URLSearchParams(new FormData(form, button)),
      headers: { "X-Tiepdon-Screen": "1" },
    });
  } finally {
    delete screen.dataset.busy;
  }
}

frame.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.target, event.submitter);
});

frame.addEventListener("click", (event) => {
  const turn = event.target.closest("a[data-turn]");
  if (!turn) return;
  event.preventDefault();
  load(`/screen${turn.search}`);
});

frame.addEventListener("contextmenu", (event) => event.preventDefault());

keepFingersSteady(frame);
keepIdleWatch(frame, swapper, refresh);
followState(
  () => swapper.screen.dataset.revision,
  refresh,
  (isLost) => {
    swapper.screen.querySelector("[data-lost]").hidden = !isLost;
  },
);
