// Keeps a page up to date: an event stream while there is one, asking every few seconds while there is none.
//
// The stream carries hints ("encounter X changed"), never data; what a hint means is the page's business.

const SILENCE_MS = 20_000; // the server speaks at least every 5 s
const POLL_EVERY_MS = 3_000;
const TRY_STREAM_EVERY_MS = 30_000;
const ACTIVE_MS = 60_000;

let lastActivity = Date.now();
for (const kind of ["pointerdown", "keydown"]) {
  addEventListener(kind, () => (lastActivity = Date.now()), { passive: true, capture: true });
}

export class SignedOut extends Error {}

let newest = 0; // the newest change that this page was told of

function note(event) {
  newest = Math.max(newest, Number(event.lastEventId) || 0);
}

/** The address of a state that holds every change this page was told of; the server may have it at hand. */
export function asTold(address) {
  const full = new URL(address, location.href);
  full.searchParams.set("after", newest);
  return full;
}

/** Fetch something of ours. What a page fetches by itself must not keep an unattended desk signed in. */
export async function fetchOurs(address, options = {}) {
  const headers = new Headers(options.headers);
  headers.set("X-Fragment", "1");
  if (Date.now() - lastActivity > ACTIVE_MS) headers.set("X-Background", "1");
  const answer = await fetch(address, { ...options, headers, credentials: "same-origin", cache: "no-store" });
  if (answer.status === 401) throw new SignedOut();
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer;
}

/**
 * changed(subjects): a Map of topic to a Set of ids.  reset(): fetch everything anew; may throw.
 * contact(state, since): "connecting", "live", "polling", "stale" or "lost" (with the time of the last contact).
 * signedOut(): the session has ended.
 */
export function keepLive({ stream, changed, reset, contact, signedOut }) {
  let source = null;
  let watchdog = 0;
  let poll = 0;
  let retry = 0;
  let lastContact = new Date();
  let waiting = new Map();
  let flush = 0;
  let isStale = false; // the server is there, its database is not

  function show(state) {
    isStale = state === "stale" || (isStale && state === "lost");
    if (state !== "lost" && state !== "stale") lastContact = new Date();
    contact(state, lastContact);
  }

  async function attempt(work, stateAfter) {
    try {
      await work();
      show(stateAfter());
    } catch (error) {
      if (error instanceof SignedOut) {
        stop();
        signedOut();
      } else {
        show("lost");
      }
    }
  }

  const isStreaming = () => source !== null && source.readyState === EventSource.OPEN;

  function heard() {
    clearTimeout(watchdog);
    watchdog = setTimeout(() => {
      source.close();
      startPolling();
    }, SILENCE_MS);
  }

  function startStream() {
    clearTimeout(retry);
    source = new EventSource(stream);
    source.onopen = () => {
      stopPolling();
      heard();
      show("live");
    };
    source.onerror = () => {
      clearTimeout(watchdog);
      if (source.readyState === EventSource.CLOSED) retry = setTimeout(startStream, TRY_STREAM_EVERY_MS);
      startPolling(); // also while the browser is connecting anew: it tells at once whether there is contact at all
    };
    source.addEventListener("heartbeat", () => {
      heard();
      if (!isStale) show("live");
    });
    source.addEventListener("stale", () => {
      heard();
      show("stale");
    });
    source.addEventListener("reset", (event) => {
      heard();
      note(event);
      attempt(reset, () => "live");
    });
    source.addEventListener("changed", (event) => {
      heard();
      note(event);
      const { topic, subject } = JSON.parse(event.data);
      if (!waiting.has(topic)) waiting.set(topic, new Set());
      waiting.get(topic).add(subject);
      // In the rush many changes come at once; one request fetches them all.
      flush ||= setTimeout(() => {
        const now = waiting;
        waiting = new Map();
        flush = 0;
        attempt(() => changed(now), () => "live");
      }, 200);
    });
  }

  function startPolling() {
    if (poll) return;
    const look = async () => {
      await attempt(reset, () => (isStreaming() ? "live" : "polling"));
      if (poll) poll = setTimeout(look, POLL_EVERY_MS);
    };
    poll = setTimeout(look, 0);
  }

  function stopPolling() {
    clearTimeout(poll);
    poll = 0;
  }

  function stop() {
    stopPolling();
    clearTimeout(retry);
    clearTimeout(watchdog);
    source?.close();
  }

  addEventListener("pagehide", stop);
  startStream();
}
