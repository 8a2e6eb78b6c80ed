"""How bytes reach a printer and come back: TCP, a device node or a file. USB stands in ``usb_transport``."""

import os
import select
import socket
import stat
import time
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from drivers.errors import DeviceTimeout, DeviceUnavailable

CONNECT_TIMEOUT_S: Final = 2.0


class BackChannel(StrEnum):
    """What comes back on a way to a printer."""

    TWO_WAY = "two-way"
    ONE_WAY = "one-way"  # nothing ever comes back: no ticket is ever proved
    RECORD = "record"  # a regular file: that the bytes stand in it is all there is to prove


class Transport(Protocol):
    """A way to one printer, used by one thread; opened for each ticket and each question, closed after it.

    A connection kept open would die unseen with the printer's power and keep every other sender away.
    """

    name: str
    back_channel: BackChannel

    def open(self) -> None:
        """Raises DeviceUnavailable, with the reason in one sentence."""
        ...

    def send(self, data: bytes, timeout_s: float) -> None:
        """Hand over all of ``data``. Raises DeviceTimeout (part of it is out), DeviceUnavailable (connection lost)."""
        ...

    def receive(self, timeout_s: float) -> bytes:
        """Return what came, at once; ``b""`` only after ``timeout_s`` of silence. Raises DeviceUnavailable."""
        ...

    def clock(self) -> float:
        """Seconds, monotonic; the time the two time-outs above are counted in."""
        ...

    def close(self) -> None:
        """Harmless when called twice."""
        ...


class NetworkTransport:
    """Raw TCP to a print server, port 9100 by custom."""

    back_channel = BackChannel.TWO_WAY

    def __init__(self, host: str, port: int) -> None:
        self.name = f"{host}:{port}"
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        self.close()
        try:
            self._socket = socket.create_connection(self._address, CONNECT_TIMEOUT_S)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            raise DeviceUnavailable(f"printer {self.name} cannot be reached ({_reason(error)})") from error

    def send(self, data: bytes, timeout_s: float) -> None:
        connection = self._connection()
        connection.settimeout(max(timeout_s, 0.001))
        try:
            connection.sendall(data)
        except TimeoutError as error:
            raise DeviceTimeout(f"printer {self.name} takes no more bytes") from error
        except OSError as error:
            raise DeviceUnavailable(f"the connection to printer {self.name} broke ({_reason(error)})") from error

    def receive(self, timeout_s: float) -> bytes:
        connection = self._connection()
        connection.settimeout(max(timeout_s, 0.001))
        try:
            data = connection.recv(4096)
        except TimeoutError:
            return b""
        except OSError as error:
            raise DeviceUnavailable(f"the connection to printer {self.name} broke ({_reason(error)})") from error
        if not data:
            # recv says b"" for a peer that closed; taken for an answer it would read "plenty of paper".
            raise DeviceUnavailable(f"printer {self.name} closed the connection")
        return data

    def clock(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        if self._socket is None:
            return
        connection, self._socket = self._socket, None
        try:
            # Answers left unread would turn the close into a reset, and a reset may throw away what is still on its
            # way to the paper.
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(0.0)
            while connection.recv(4096):
                pass
        except OSError:
            pass  # nothing to read, or the other side is gone already
        finally:
            connection.close()

    def _connection(self) -> socket.socket:
        if self._socket is None:
            raise DeviceUnavailable(f"printer {self.name} is not connected")
        return self._socket


class FileTransport:
    """A device node such as /dev/usb/lp0 (answers), or a regular file that grows by each ticket (does not)."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self.back_channel = _back_channel(path)
        self._path = path
        self._file: int | None = None

    def open(self) -> None:
        self.close()
        self.back_channel = _back_channel(self._path)
        is_record = self.back_channel is BackChannel.RECORD
        # Without O_NONBLOCK opening or writing waits for a printer that is switched off, without limit.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT if is_record else os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY
        try:
            self._file = os.open(self._path, flags | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DeviceUnavailable(f"printer {self.name} cannot be opened ({_reason(error)})") from error

    def send(self, data: bytes, timeout_s: float) -> None:
        file, deadline = self._descriptor(), self.clock() + timeout_s
        left = memoryview(data)
        is_record = self.back_channel is BackChannel.RECORD
        try:
            while left:
                if not is_record and not select.select([], [file], [], max(deadline - self.clock(), 0.0))[1]:
                    raise DeviceTimeout(f"printer {self.name} takes no more bytes")
                left = left[os.write(file, left) :]
            if is_record:
                os.fsync(file)
        except OSError as error:
            raise DeviceUnavailable(f"printer {self.name} cannot be written to ({_reason(error)})") from error

    def receive(self, timeout_s: float) -> bytes:
        file = self._descriptor()
        try:
            if not select.select([file], [], [], max(timeout_s, 0.0))[0]:
                return b""
            data = os.read(file, 4096)
        except OSError as error:
            raise DeviceUnavailable(f"printer {self.name} cannot be read ({_reason(error)})") from error
        if not data:
            raise DeviceUnavailable(f"printer {self.name} hung up")
        return data

    def clock(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)

    def _descriptor(self) -> int:
        if self._file is None:
            raise DeviceUnavailable(f"printer {self.name} is not open")
        return self._file


def _back_channel(path: Path) -> BackChannel:
    try:
        is_device = stat.S_ISCHR(path.stat().st_mode)
    except OSError:
        # A missing device must not be made a file of the same name: /dev is not where tickets are kept, but for the
        # files in memory that Linux has there.
        above = path.absolute().parents
        is_device = Path("/dev") in above and Path("/dev/shm") not in above  # noqa: S108 - nothing is kept there by us
    return BackChannel.TWO_WAY if is_device else BackChannel.RECORD


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
