"""Leaving a failing gateway alone: after some failures in a row nobody waits for it, one question at a time tries."""

import threading
from collections.abc import Callable
from typing import Final

from server.insurance.errors import CircuitOpen

FAILURES: Final = 5
PAUSE_S: Final = 30.0


class CircuitBreaker:
    """The state of one facility's way to the gateway; shared by threads."""

    def __init__(self, monotonic: Callable[[], float], *, failures: int = FAILURES, pause_s: float = PAUSE_S) -> None:
        self._monotonic = monotonic
        self._limit = failures
        self._pause_s = pause_s
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def enter(self) -> None:
        """Let a question through; raises CircuitOpen. After a pause one question is let through as a trial."""
        with self._lock:
            if self._failures < self._limit:
                return
            left = self._closed_again_at - self._monotonic()
            if left > 0:
                raise CircuitOpen(left)
            self._closed_again_at = self._monotonic() + self._pause_s

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._closed_again_at = self._monotonic() + self._pause_s
