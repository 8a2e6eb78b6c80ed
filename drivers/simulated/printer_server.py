"""The simulated printer on a TCP port, as a network printer stands in a hospital: one sender at a time, port 9100."""

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from drivers.simulated.printer_device import FAULTS, ConnectionLost, Loss, PrinterDevice
from drivers.simulated.printer_paper import PrintedTicket

_TICK_S: Final = 0.02


class PrinterServer:
    """Serves one PrinterDevice in a thread of its own; a context manager. ``port`` 0 takes a free one.

    ``on_ticket`` is called in that thread for each piece of paper that falls.
    """

    def __init__(
        self,
        device: PrinterDevice,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        on_ticket: Callable[[PrintedTicket], None] = lambda _: None,
    ) -> None:
        self.device = device
        self._on_ticket = on_ticket
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._listener: socket.socket | None = _listen(host, port)
        self.host, self.port = self._listener.getsockname()[:2]
        self._connection: socket.socket | None = None
        self._told = 0
        self._changed = threading.Condition()
        self._idle_rounds = 0
        self._thread = threading.Thread(target=self._serve, name="simulated-printer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def set_fault(self, name: str | None) -> None:
        """Put the printer into one of FAULTS, or mend it (None). Raises KeyError for another name. Any thread."""
        with self._lock:
            self.device.set_fault(FAULTS[name] if name is not None else None)

    def settle(self) -> None:
        """Return when everything done before has reached the printer: a plug, a fault, the last bytes of a sender.

        A sender that a hanging printer never lets go is waited for a second.
        """
        with self._changed:
            self._idle_rounds = 0
            self._changed.wait_for(lambda: self._idle_rounds >= 2, timeout=1.0)

    def wait(self) -> None:
        """Return when the server stops."""
        self._thread.join()

    def tickets(self) -> tuple[PrintedTicket, ...]:
        """Return the last pieces of paper, newest first. Any thread."""
        with self._lock:
            return self.device.tickets()

    def _serve(self) -> None:
        worked_at = time.monotonic()
        while not self._stopping.is_set():
            self._follow_the_plug()
            is_busy = self._wait()
            now = time.monotonic()
            self._work(now - worked_at)
            worked_at = now
            self._tell()
            with self._changed:
                self._idle_rounds = 0 if is_busy else self._idle_rounds + 1
                self._changed.notify_all()
        self._hang_up()
        if self._listener is not None:
            self._listener.close()

    def _follow_the_plug(self) -> None:
        """Refuse connections while the printer is unplugged."""
        if self.device.is_reachable and self._listener is None:
            with contextlib.suppress(OSError):  # the port is still being given back: the next round tries again
                self._listener = _listen(self.host, self.port)
        elif not self.device.is_reachable and self._listener is not None:
            self._hang_up(Loss.RESET)
            self._listener.close()
            self._listener = None

    def _wait(self) -> bool:
        """Take what comes, or let a moment pass; return whether a sender is there."""
        free = self.device.free_bytes
        wanted = [self._connection if free else None] if self._connection is not None else [self._listener]
        readable, _, _ = select.select([one for one in wanted if one is not None], [], [], _TICK_S)
        if not readable:
            return self._connection is not None
        if self._connection is None:
            assert self._listener is not None
            self._connection, _ = self._listener.accept()
            with self._lock:
                self.device.connected()
            return True
        try:
            data = self._connection.recv(free)
        except OSError:
            data = b""
        if data:
            self._pass_on(data)
        else:
            self._hang_up()
        return True

    def _pass_on(self, data: bytes) -> None:
        try:
            with self._lock:
                self.device.receive(data)
        except ConnectionLost as loss:
            self._hang_up(loss.loss)

    def _work(self, seconds: float) -> None:
        try:
            with self._lock:
                self.device.work(seconds)
                answers = self.device.answers()
        except ConnectionLost as loss:
            self._hang_up(loss.loss)
            return
        if answers and self._connection is not None:
            try:
                self._connection.sendall(answers)
            except OSError:
                self._hang_up()

    def _tell(self) -> None:
        with self._lock:
            tickets = self.device.tickets()
            fallen = self.device.pieces - self._told
            self._told = self.device.pieces
        for ticket in reversed(tickets[:fallen]):
            self._on_ticket(ticket)

    def _hang_up(self, loss: Loss = Loss.DROP) -> None:
        if self._connection is None:
            return
        if loss is not Loss.DROP:
            # Linger of zero seconds: the sender gets a reset instead of an orderly end.
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()
        self._connection = None


def _listen(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port), backlog=4)
    listener.setblocking(True)
    return listener
