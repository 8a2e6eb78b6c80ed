// Follows the kiosk's state stream and tells when the kiosk cannot be reached.

const PATIENCE_MS = 3000;
const RETRY_MS = 1000;

/** Call `onChange` whenever the kiosk's revision is not `seen()`; `onLost(true)` after a silence that is no hiccup. */
export function followState(seen, onChange, onLost) {
  let alarm = null;

  function found() {
    clearTimeout(alarm);
    alarm = null;
    onLost(false);
  }

  function missed() {
    alarm ??= setTimeout(() => onLost(true), PATIENCE_MS);
  }

  function open() {
    const source = new EventSource(`/events?after=${encodeURIComponent(seen())}`);
    source.onopen = () => {
      found();
      onChange();
    };
    source.onmessage = () => onChange();
    source.onerror = () => {
      missed();
      // A refused stream (the kiosk answered, but not with a stream) is not retried by the browser itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY_MS);
    };
  }

  open();
}
