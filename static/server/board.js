// The waiting room's display: draws itself anew at each call, chimes, and says how old it is.

import { contactLine } from "./contact.js";
import { fetchOurs, keepLive } from "./live.js";

const board = document.getElementById("board");
const state = document.getElementById("state");
const words = board.dataset;
const showContact = contactLine(words);

const called = () => state.querySelector(".latest").dataset.call;

async function look() {
  const before = called();
  const html = await (await fetchOurs(words.stateAddress)).text();
  if (state.innerHTML.trim() !== html.trim()) state.innerHTML = html;
  if (called() && called() !== before) chime();
}

// Two tones. A display's browser is started so that it may sound without a click; another one stays silent.
let sound = null;
function chime() {
  state.querySelector(".latest").classList.add("fresh");
  sound ??= new AudioContext();
  if (sound.state === "suspended") sound.resume().catch(() => {});
  for (const [start, frequency] of [[0, 659], [0.4, 523]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.3, sound.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.8);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.8);
  }
}

keepLive({ stream: words.stream, changed: look, reset: look, contact: showContact, signedOut: () => location.reload() });
// Arrivals do not ring here: how many wait is looked up twice a minute.
setInterval(() => look().catch(() => {}), 30_000);
