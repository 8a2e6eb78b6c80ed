// Speaks one call: chime, the recorded pieces, and the pieces again. Two displays in one browser take turns.

const CHIME_S = 1.2;
const AGAIN_AFTER_S = 0.7;
const AHEAD_S = 0.05; // what is put on the clock of the sound this early is played from its first sample on

export function wait(seconds) {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}

/** changed(isAudible): the browser lets this page sound, or does not. */
export function announcer({ changed }) {
  let sound = null;
  const pieces = new Map();

  function context() {
    sound ??= new AudioContext();
    sound.onstatechange = () => changed(isAudible());
    return sound;
  }

  /** A display's browser is started so that it may sound without a click; in another one a touch allows it. */
  const isAudible = () => sound?.state === "running";

  async function wake() {
    if (context().state === "suspended") await Promise.race([sound.resume(), wait(0.3)]);
    changed(isAudible());
    return isAudible();
  }

  async function fetched(address) {
    const answer = await fetch(address);
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return context().decodeAudioData(await answer.arrayBuffer());
  }

  /** A digit that a call has twice is fetched once; one that did not come is asked for with the next call. */
  function piece(address) {
    if (!pieces.has(address)) {
      const found = fetched(address);
      found.catch(() => pieces.delete(address));
      pieces.set(address, found);
    }
    return pieces.get(address);
  }

  const soon = () => context().currentTime + AHEAD_S;

  /** Two tones; returns when they have ended, on the clock of the sound. */
  function chime() {
    const begins = soon();
    for (const [start, frequency] of [[0, 659], [0.4, 523]]) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.3, begins + start);
      volume.gain.exponentialRampToValueAtTime(0.001, begins + start + 0.8);
      tone.connect(volume).connect(sound.destination);
      tone.start(begins + start);
      tone.stop(begins + start + 0.8);
    }
    return begins + CHIME_S;
  }

  /** Play pieces without a gap, each has its own pause before it; returns when the last one ends. */
  function play(buffers, begins) {
    let at = begins;
    for (const buffer of buffers) {
      const source = sound.createBufferSource();
      source.buffer = buffer;
      source.connect(sound.destination);
      source.start(at);
      at += buffer.duration;
    }
    return at;
  }

  async function say(clips, times) {
    let ends = chime();
    const buffers = await Promise.all(clips.map(piece)).catch(() => []); // the chime is heard all the same
    for (let turn = 0; turn < times && buffers.length; turn++) {
      ends = play(buffers, Math.max(turn ? ends + AGAIN_AFTER_S : ends, soon()));
    }
    // By the page's clock: a sound device that was pulled stops the other one.
    await wait(ends - sound.currentTime);
  }

  /** Speak a call by its pieces, so many times; without any it is chimed. */
  async function speak(clips, times) {
    const aloud = () => say(clips, times);
    await (navigator.locks ? navigator.locks.request("tiepdon-announcement", aloud) : aloud()).catch(() => {});
  }

  return { wake, speak };
}
