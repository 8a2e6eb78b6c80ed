// The waiting room's display: draws itself anew at each call, speaks it, and says how old it is.

import { announcer } from "./announcer.js";
import { contactLine } from "./contact.js";
import { fetchOurs, keepLive } from "./live.js";

const board = document.getElementById("board");
const state = document.getElementById("state");
const soundLine = document.getElementById("sound");
const words = board.dataset;
const showContact = contactLine(words);

const rows = () => [...state.querySelectorAll("tr[data-call]")];
const isQuiet = () => state.querySelector(".latest").dataset.quiet === "yes";
const known = new Set(rows().map((row) => row.dataset.call)); // a display that opens repeats no old calls

const voice = announcer({
  times: () => Number(words.times),
  isStillCalled: (id) => rows().some((row) => row.dataset.call === id),
  changed: showSound,
});

function showSound(isAudible) {
  const text = words.mute ? words.soundMute : isQuiet() ? words.soundQuiet : isAudible ? "" : words.soundOff;
  soundLine.textContent = text;
  soundLine.hidden = !text;
}

async function look() {
  const html = await (await fetchOurs(words.stateAddress)).text();
  if (state.innerHTML.trim() !== html.trim()) state.innerHTML = html;
  // The newest stands first; they are spoken in the order in which they were called.
  const fresh = rows().filter((row) => !known.has(row.dataset.call)).reverse();
  for (const row of fresh) {
    known.add(row.dataset.call);
    state.querySelector(".latest").classList.add("fresh");
    if (words.mute || isQuiet()) continue;
    const clips = row.dataset.clips.split(" ").filter(Boolean);
    voice.announce({ id: row.dataset.call, clips, spoken: () => (board.dataset.spoken = Number(words.spoken ?? 0) + 1) });
  }
}

if (words.mute) showSound(false);
else voice.wake().catch(() => {});
addEventListener("pointerdown", () => words.mute || voice.wake());

keepLive({ stream: words.stream, changed: look, reset: look, contact: showContact, signedOut: () => location.reload() });
// Arrivals do not ring here: how many wait is looked up twice a minute.
setInterval(() => look().catch(() => {}), 30_000);
