// Speaks one call: chime, the recorded pieces, and once more. Two displays in one browser take turns.

const PAUSE_S = 0.08; // between two digits
const AGAIN_AFTER_S = 0.7;
const TAIL_S = 0.05; // espeak-ng leaves a little silence at the end of a piece

export function wait(seconds) {
  return new Promise((done) => setTimeout(done, seconds * 1000));
}

/** times(): how often a call is spoken.  changed(isAudible): the browser lets this page sound, or does not. */
export function announcer({ times, changed }) {
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

  async function piece(address) {
    if (!pieces.has(address)) {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
      pieces.set(address, await context().decodeAudioData(await answer.arrayBuffer()));
    }
    return pieces.get(address);
  }

  function play(buffer) {
    const source = context().createBufferSource();
    source.buffer = buffer;
    source.connect(sound.destination);
    source.start();
    return wait(Math.max(0.1, buffer.duration - TAIL_S));
  }

  // Two tones.
  async function chime() {
    for (const [start, frequency] of [[0, 659], [0.4, 523]]) {
      const tone = context().createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.3, sound.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.8);
      tone.connect(volume).connect(sound.destination);
      tone.start(sound.currentTime + start);
      tone.stop(sound.currentTime + start + 0.8);
    }
    await wait(1.2);
  }

  async function say(clips) {
    await chime();
    const buffers = await Promise.all(clips.map(piece)).catch(() => []); // the chime was heard
    for (let turn = 0; turn < times() && buffers.length; turn++) {
      if (turn) await wait(AGAIN_AFTER_S);
      for (const buffer of buffers) {
        await play(buffer);
        await wait(PAUSE_S);
      }
    }
  }

  /** Speak a call by its pieces; without any it is chimed. */
  async function speak(clips) {
    const aloud = () => say(clips);
    await (navigator.locks ? navigator.locks.request("tiepdon-announcement", aloud) : aloud()).catch(() => {});
  }

  return { wake, speak };
}
