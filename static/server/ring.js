// Two soft tones, repeated while somebody calls for staff, until the switch is off. This computer keeps the switch.

const KEPT_AS = "tiepdon-ring";
const AGAIN_EVERY_MS = 8_000;
const BLOCKED_AFTER_MS = 1_000;

/** waiting(): how many call now.  showBlocked(isBlocked): the browser keeps the page silent, or lets it ring. */
export function ringer(waiting, showBlocked = () => {}) {
  let sound = null;
  let waking = null;

  const isOn = () => localStorage.getItem(KEPT_AS) !== "off";

  function ring() {
    if (!isOn()) return;
    sound ??= new AudioContext();
    if (sound.state === "running") playTones();
    else waking ??= wake();
  }

  /** Ring as soon as the browser lets the page: it allows no sound before somebody has touched it. */
  async function wake() {
    const blocked = setTimeout(() => showBlocked(isOn()), BLOCKED_AFTER_MS);
    await sound.resume();
    clearTimeout(blocked);
    showBlocked(false);
    waking = null;
    if (waiting()) ring();
  }

  function playTones() {
    for (const [start, frequency] of [[0, 880], [0.25, 660]]) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.2, sound.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.22);
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + start);
      tone.stop(sound.currentTime + start + 0.25);
    }
  }

  function turn(on) {
    localStorage.setItem(KEPT_AS, on ? "on" : "off");
    if (on) ring();
    else showBlocked(false);
  }

  setInterval(() => {
    if (waiting()) ring();
  }, AGAIN_EVERY_MS);
  // A click or a key is what a silent browser waits for.
  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => {
      if (waking) sound.resume();
    });
  }
  return { isOn, ring, turn };
}
