"""Native image code in a process of its own: when it dies, runs away or hangs, the process is replaced."""

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO, Final

_LONGEST_LINE: Final = 1 << 20  # bytes; a worker that says more in one line is out of its mind
_FAREWELL_S: Final = 2.0
# One thread is enough for one camera, and each idle thread of a numeric library reserves memory.
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENCV_LOG_LEVEL": "OFF"}


class WorkerLost(Exception):
    """The worker process ended, fell silent beyond the limit, or broke its protocol; it is gone now."""


class Worker:
    """One run of ``python -m drivers.scanner.worker``; requests go to its standard input, lines come back.

    A fresh interpreter, not a fork: threads and locks of the kiosk do not come along, and neither does its memory. Its
    standard input closing is its order to end, so it cannot outlive this process.
    """

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module, options as one JSON argument
            [sys.executable, "-m", "drivers.scanner.worker", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # libraries print there what they like, parts of pictures' contents included
            env={**os.environ, **_ENVIRONMENT, **(environment or {})},
            bufsize=0,
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stdout, selectors.EVENT_READ)
        self._received = bytearray()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, data: bytes) -> None:
        """Write ``data`` to the worker. Raises WorkerLost."""
        assert self._process.stdin is not None
        view = memoryview(data)
        try:
            while view:
                view = view[self._process.stdin.write(view) or 0 :]
        except (BrokenPipeError, ValueError) as error:
            raise WorkerLost(self._ending()) from error

    def read_line(self, timeout_s: float, stopped: Callable[[], bool] = lambda: False) -> bytes | None:
        """Return the next line without its end; None as soon as ``stopped``. Raises WorkerLost after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while b"\n" not in self._received:
            left_s = deadline - time.monotonic()
            if stopped():
                return None
            if left_s <= 0:
                raise WorkerLost(f"silent for {timeout_s:.0f} s")
            if not self._selector.select(min(left_s, 0.2)):
                continue
            chunk = self._stdout.read(65536)
            if not chunk or len(self._received) > _LONGEST_LINE:
                raise WorkerLost(self._ending())
            self._received += chunk
        line, _, rest = bytes(self._received).partition(b"\n")
        self._received = bytearray(rest)
        return line

    def close(self, *, at_once: bool = False) -> None:
        """End the process and collect it; harmless when called twice. ``at_once``: it is known to hang."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(0 if at_once else _FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._selector.close()
        self._stdout.close()

    @property
    def _stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def _ending(self) -> str:
        try:
            status = self._process.wait(_FAREWELL_S)
        except subprocess.TimeoutExpired:
            return "it closed its output"
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
