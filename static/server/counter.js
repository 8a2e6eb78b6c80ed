// The calling screen: one key for each act, and always the present state of the line.

import { contactLine } from "./contact.js";
import { fetchOurs, keepLive, SignedOut } from "./live.js";
import { onShortcut } from "./shortcuts.js";

const counter = document.getElementById("counter");
const slip = document.getElementById("slip");
const words = counter.dataset;
const showContact = contactLine(words);

const isFillingIn = () => counter.querySelector("#send")?.open && counter.querySelector("#send").contains(document.activeElement);
let isBehind = false; // something changed while a form was being filled in

/** Draw the new state and keep the focus on the same button where it is still there. */
function draw(html) {
  const focused = document.activeElement?.dataset?.key;
  isBehind = false;
  counter.innerHTML = html;
  if (focused) counter.querySelector(`[data-key="${focused}"]`)?.focus();
}

let acts = 0; // how many of this screen's own are answered
async function look() {
  const before = acts;
  const html = await (await fetchOurs(words.stateAddress)).text();
  if (before !== acts) return look(); // asked before an act and answered after it: it may show what is over
  if (isFillingIn()) isBehind = true;
  else if (!isBusy) draw(html);
}
counter.addEventListener("focusout", () => setTimeout(() => isBehind && !isFillingIn() && look().catch(() => {})));

function signedOut() {
  counter.replaceChildren(); // nobody is there: nothing of a patient stays on the screen
  location.assign(words.signIn);
}

let isBusy = false;
async function send(event) {
  event.preventDefault();
  if (isBusy) return; // the first press is under way
  isBusy = true;
  const form = event.target;
  const said = new URLSearchParams(new FormData(form));
  if (form === slip) slip.elements.code.value = ""; // the next slip may be scanned at once
  counter.setAttribute("aria-busy", "true");
  try {
    const answer = await fetchOurs(form.action, { method: "POST", body: said });
    draw(await answer.text());
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else showContact("lost", new Date());
  } finally {
    isBusy = false;
    acts += 1;
    counter.removeAttribute("aria-busy");
  }
}
counter.addEventListener("submit", send);
slip.addEventListener("submit", send);

onShortcut((event) => {
  const button = counter.querySelector(`[data-key="${CSS.escape(event.key.toUpperCase())}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// New arrivals come in bursts; the line is drawn anew at most once a second for them, at once for a call.
let later = 0;
keepLive({
  stream: words.stream,
  changed: async (subjects) => {
    if (subjects.has("call")) return look();
    later ||= setTimeout(() => {
      later = 0;
      look().catch(() => {});
    }, 1_000);
  },
  reset: look,
  contact: showContact,
  signedOut,
});
