"""A thread that does what may block for ever, so that nobody else has to."""

import queue
import threading
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from drivers.errors import DeviceTimeout

T = TypeVar("T")

_STOP: Final = None


class _Job(Generic[T]):
    def __init__(self, action: Callable[[], T], undo: Callable[[T], None] | None) -> None:
        self.action = action
        self.undo = undo
        self.finished = threading.Event()
        self.given_up = False
        self.result: T | None = None
        self.error: BaseException | None = None


class Worker:
    """Runs one action at a time in a thread of its own; callers wait with a time limit.

    An action that outlives its limit keeps the thread ("stuck") until it returns by itself; until then every call fails
    at once. Actions run strictly one after the other.
    """

    def __init__(self, name: str) -> None:
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stuck: _Job[Any] | None = None
        self._afterwards: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def is_stuck(self) -> bool:
        return self._stuck is not None

    def call(self, action: Callable[[], T], limit_s: float, undo: Callable[[T], None] | None = None) -> T:
        """Return ``action()``, or raise what it raised; DeviceTimeout after ``limit_s``, or while the thread is stuck.

        ``undo`` disposes of a result that comes too late.
        """
        if self.is_stuck:
            raise DeviceTimeout("the reader still waits for a card that does not answer")
        job = _Job(action, undo)
        self._jobs.put(job)
        if not job.finished.wait(limit_s) and self._give_up(job):
            raise DeviceTimeout(f"the card did not answer within {limit_s:g} s")
        if job.error is not None:
            raise job.error
        result: T = job.result  # type: ignore[assignment]  # set whenever there is no error
        return result

    def when_free(self, action: Callable[[], None]) -> None:
        """Run ``action`` in the thread as soon as the call that blocks it is over."""
        with self._lock:
            if self._stuck is not None:
                self._afterwards.append(action)
                return
        self._jobs.put(_Job(action, None))

    def close(self) -> None:
        """End the thread after what it does now; one that is stuck ends when it comes free."""
        self._jobs.put(_STOP)
        if not self.is_stuck:
            self._thread.join(1)

    def _give_up(self, job: _Job[Any]) -> bool:
        """Mark ``job`` as abandoned; False when it finished in the last moment."""
        with self._lock:
            if job.finished.is_set():
                return False
            job.given_up = True
            self._stuck = job
            return True

    def _run(self) -> None:
        while (job := self._jobs.get()) is not _STOP:
            try:
                job.result = job.action()
            except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits for it
                job.error = error
            self._finish(job)

    def _finish(self, job: _Job[Any]) -> None:
        with self._lock:
            job.finished.set()
            if not job.given_up:
                return
            afterwards, self._afterwards = self._afterwards, []
        # The exception of an abandoned job is nobody's any more; its result still has to be put away.
        if job.error is None and job.undo is not None:
            job.undo(job.result)
        for action in afterwards:
            action()
        with self._lock:
            self._stuck = None
