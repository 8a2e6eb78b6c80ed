"""The threads of a server process that work beside its requests: for the gateway, the outbox, the queues."""

import logging
import threading
from collections.abc import Callable

from server.contract.logs import Failure
from server.errors import Unavailable

log = logging.getLogger(__name__)


class Background:
    """``count`` threads that work until they are stopped, whatever goes wrong.

    ``work`` does one piece and returns how many seconds to rest; what it raises is logged, and after ``pause_s`` it is
    called again. Nothing may be lost when a thread ends in the midst of a piece: rows carry leases.
    """

    def __init__(self, name: str, work: Callable[[], float], *, pause_s: float, count: int = 1) -> None:
        self._name = name
        self._work = work
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Begin no further piece, and wait a while for the one under way."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._piece())

    def _piece(self) -> float:
        try:
            return self._work()
        except Unavailable as error:
            log.warning("%s waits: %s", self._name, error.code)
        except Exception as error:  # noqa: BLE001 - any: one bad row must not end the thread
            log.error("%s failed\n%s", self._name, Failure(error))
        return self._pause_s
