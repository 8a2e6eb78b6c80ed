// The waiting room's display: draws itself anew at each call, speaks it when it is its turn, and says how old it is.

import { announcer, wait } from "./announcer.js";
import { contactLine } from "./contact.js";
import { asTold, fetchOurs, keepLive, SignedOut } from "./live.js";

const ASK_AFTER_FAILURE_S = 3;
const PAGE_S = 8; // eight lines are read in five

const board = document.getElementById("board");
const state = document.getElementById("state");
const soundLine = document.getElementById("sound");
const words = board.dataset;
const showContact = contactLine(words);

const calls = () => [...state.querySelectorAll("tr[data-call]")].map((row) => row.dataset.call);
const isQuiet = () => state.querySelector(".latest").dataset.quiet === "yes";
let drawn = state.innerHTML; // as the server sent it
const known = new Set(calls()); // a display that opens repeats no old calls

let isAudible = false;
const voice = announcer({
  changed: (now) => {
    isAudible = now;
    showSound();
  },
});

function showSound() {
  const text = words.mute ? words.soundMute : isQuiet() ? words.soundQuiet : isAudible ? "" : words.soundOff;
  soundLine.textContent = text;
  soundLine.hidden = !text;
}

// One display of an area speaks at a time. Each asks the server, which knows who spoke last and in which order the calls
// were made; the name by which it knows this one stays with the page when it is loaded anew.
const display = (() => {
  const kept = sessionStorage.getItem("tiepdon-display");
  if (kept) return kept;
  const random = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is missing without https
  const made = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem("tiepdon-display", made);
  return made;
})();

// A display with a key has it behind "#" in its address: handed in once, it comes back as a cookie.
async function bringKey() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  try {
    await fetchOurs(words.key, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
    });
  } catch (error) {
    if (!(error instanceof SignedOut)) return setTimeout(bringKey, ASK_AFTER_FAILURE_S * 1000);
  }
  history.replaceState(null, "", location.pathname + location.search);
  location.reload(); // it speaks from now on, or says that it has no key
}

async function askTurn(spoken) {
  const answer = await fetchOurs(words.announcements, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ display, spoken }),
  });
  return answer.json();
}

// While a call is spoken the large number is the one that is heard, even when another room has called since.
let spokenNow = null;

function show(call) {
  spokenNow = call;
  state.innerHTML = drawn;
  showSpoken();
  showPage();
}

function showSpoken() {
  const row = spokenNow && state.querySelector(`tr[data-call="${spokenNow}"]`);
  if (!row) return; // answered or called anew by now
  const latest = state.querySelector(".latest");
  const number = latest.querySelector(".latest-number");
  number.textContent = row.querySelector(".number").textContent;
  number.classList.toggle("long", number.textContent.length > 5);
  for (const language of ["vi", "en"])
    latest.querySelector(`.latest-words [lang=${language}]`).textContent = row.dataset[language];
  for (const shown of [row, latest]) shown.classList.add("speaking");
}

async function speakWhileThereIsSomething() {
  let spoken = null;
  while (await voice.wake()) {
    const { call, ask_again_s: later } = await askTurn(spoken);
    spoken = call?.id ?? null;
    if (call) {
      show(call.id);
      await voice.speak(call.clips, call.is_rush ? 1 : Number(words.times));
      show(null);
      board.dataset.spoken = Number(words.spoken ?? 0) + 1;
    } else if (later !== null) await wait(later);
    else return;
  }
}

let isSpeaking = false;
let isWanted = false; // also when a call comes while another one is spoken
async function speak() {
  isWanted = true;
  if (isSpeaking) return;
  isSpeaking = true;
  while (isWanted) {
    isWanted = false;
    try {
      await speakWhileThereIsSomething();
    } catch (error) {
      if (error instanceof SignedOut) return location.reload(); // the key has ended: the page shall say so
      isWanted = true; // no answer; the page says so, and a call that is a while old is not spoken any more
      await wait(ASK_AFTER_FAILURE_S);
    }
  }
  isSpeaking = false;
}

// Where more rooms have somebody than there are lines, the display turns pages; a new call opens the first one, and one
// that is spoken keeps its own open.
let shownPage = 0;

function showPage() {
  const rows = [...state.querySelectorAll("tr[data-call]")];
  const lines = Number(getComputedStyle(state).getPropertyValue("--lines"));
  const pages = Math.max(1, Math.ceil(rows.length / lines));
  const spokenAt = rows.findIndex((row) => row.dataset.call === spokenNow);
  if (spokenAt >= 0) shownPage = Math.floor(spokenAt / lines);
  shownPage %= pages;
  rows.forEach((row, at) => row.classList.toggle("off-page", Math.floor(at / lines) !== shownPage));
  state.querySelector(".page-of").textContent = pages > 1 ? `${shownPage + 1}/${pages}` : "";
}

function turnPage() {
  shownPage += 1;
  showPage();
}

async function look() {
  const html = await (await fetchOurs(asTold(words.stateAddress))).text();
  const fresh = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("tr[data-call]")]
    .map((row) => row.dataset.call)
    .filter((call) => !known.has(call));
  if (fresh.length) shownPage = 0;
  if (drawn !== html) {
    state.innerHTML = drawn = html;
    showSpoken();
    showSound(); // quiet hours begin and end while the page is open
  }
  showPage();
  state.querySelector(".latest").classList.toggle("fresh", fresh.length > 0);
  if (!fresh.length) return;
  fresh.forEach((call) => known.add(call));
  if (!words.mute && !isQuiet()) speak();
}

bringKey();
if (words.mute) showSound();
else voice.wake().catch(() => {});
// The call that a touch was late for may be spoken yet.
for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => words.mute || speak());

keepLive({ stream: words.stream, changed: look, reset: look, contact: showContact, signedOut: () => location.reload() });
showPage();
setInterval(turnPage, PAGE_S * 1000);
addEventListener("resize", showPage);
// Arrivals do not ring here: how many wait is looked up twice a minute.
setInterval(() => look().catch(() => {}), 30_000);
