"""What the kiosk's threads share: one beginning, one end."""

import threading
from typing import Final

_LAST_WORDS_S: Final = 10.0  # a device may hang: the kiosk ends without it


class Background:
    """A thread of its own that runs ``_run`` from ``start`` until ``stop``; ``join`` waits a few seconds for its end.

    ``_run`` looks at ``_stopping`` wherever it waits. One that waits for a queue is told to end there, by a ``stop`` or
    ``join`` of its own.
    """

    def __init__(self, name: str) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def join(self) -> None:
        if self._thread.is_alive():
            self._thread.join(timeout=_LAST_WORDS_S)

    def _run(self) -> None:
        raise NotImplementedError
