"""Scanners without hardware: an MJPEG server in a process of its own, a pseudo terminal, a pipe of key events."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.config import SerialScannerOptions, WedgeScannerOptions
from drivers.health import DeviceState
from drivers.registry import open_scanner
from drivers.scanner.base import Scanner
from drivers.scanner.wedge import _EVENT, _PLAIN, _SHIFTED

MjpegServer = Callable[..., str]


@pytest.fixture
def mjpeg_server() -> Iterator[MjpegServer]:
    """Return a function that serves picture files in a loop and returns the address.

    A process of its own: OpenCV hung when the server ran as a thread beside it.
    """
    servers: list[subprocess.Popen[bytes]] = []

    def serve(*pictures: Path, after: str = "again") -> str:
        arguments = [sys.executable, str(Path(__file__).with_name("mjpeg_server.py")), after, *map(str, pictures)]
        server = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        servers.append(server)
        assert server.stdout is not None
        return f"http://127.0.0.1:{int(server.stdout.readline())}/camera.mjpeg"

    yield serve
    for server in servers:
        server.kill()
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


class Imagers:
    """Imagers at the other end of a pseudo terminal and of a pipe; both ends are the kernel's, nothing is mocked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: list[int] = []

    def serial(self, texts: tuple[str, ...] = (), **options: str | float) -> Scanner:
        """Return an opened serial scanner to which an imager sends ``texts``, each with CR."""
        self.plug_in()
        scanner = open_scanner(SerialScannerOptions(driver="serial", port=str(self.port), **options))  # type: ignore[arg-type]  # names of fields, checked when it runs
        while scanner.status().state is not DeviceState.READY:  # opening the port throws away what came before
            time.sleep(0.01)
        for text in texts:
            self.send(text.encode() + b"\r")
        return scanner

    @property
    def port(self) -> Path:
        return self._folder / "ttyACM0"

    def plug_in(self) -> None:
        master, slave = os.openpty()
        self._open += [master, slave]
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        self.port.unlink()
        self.close()

    def send(self, data: bytes) -> None:
        os.write(self._open[-2], data)

    def wedge(self, texts: tuple[str, ...] = ()) -> Scanner:
        """Return an opened wedge scanner at whose imager ``texts`` are typed, each with Enter."""
        pipe = self._folder / "event3"
        os.mkfifo(pipe)
        self._open.append(os.open(pipe, os.O_RDWR))
        for text in texts:
            os.write(self._open[-1], b"".join(typed(character) for character in text) + _key(28))
        return open_scanner(WedgeScannerOptions(driver="wedge", device=str(pipe)))

    def type(self, events: bytes) -> None:
        os.write(self._open[-1], events)

    def close(self) -> None:
        for descriptor in self._open:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._open.clear()


_SHIFT, _ALT = 42, 56
_KEYPAD = (82, 79, 80, 81, 75, 76, 77, 71, 72, 73)


def typed(character: str) -> bytes:
    """Return the key events with which an imager types ``character``; Alt codes of its UTF-8 beyond ASCII."""
    for code, plain in _PLAIN.items():
        if plain == character:
            return _key(code)
    for code, shifted in _SHIFTED.items():
        if shifted == character:
            return _event(_SHIFT, 1) + _key(code) + _event(_SHIFT, 0)
    return b"".join(alt_code(byte) for byte in character.encode())


def alt_code(number: int) -> bytes:
    digits = b"".join(_key(_KEYPAD[int(digit)]) for digit in f"{number:04}")
    return _event(_ALT, 1) + digits + _event(_ALT, 0)


def _key(code: int) -> bytes:
    return _event(code, 1) + _event(code, 0)


def _event(code: int, value: int) -> bytes:
    return _EVENT.pack(0, 0, 1, code, value) + _EVENT.pack(0, 0, 0, 0, 0)  # EV_KEY, then SYN_REPORT


@pytest.fixture
def imagers(tmp_path: Path) -> Iterator[Imagers]:
    made = Imagers(tmp_path)
    yield made
    made.close()
