"""A simulated chip in a virtual reader of the real PC/SC daemon (vpcd of the vsmartcard project).

A card is a TCP client of the reader's port: connected is present. Each message is a 2-byte big-endian length and a
payload; a payload of one byte is a control code, anything else a command APDU.
"""

import contextlib
import socket
import threading
import time
from typing import Final

from drivers.errors import DeviceUnavailable
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.faults import CardMute, CardPulled

DEFAULT_PORT: Final = 35963
"""Of the first slot; the second has the next port."""

_POWER_OFF, _POWER_ON, _RESET, _SEND_ATR = 0, 1, 2, 4


class VirtualCard:
    """A chip that one puts into a virtual reader and takes out again, served by a thread of its own.

    >>> card = VirtualCard(Chip(get_person("duc")))
    >>> card.insert()
    >>> card.remove()
    """

    def __init__(self, chip: Chip, *, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> None:
        self._chip = chip
        self._address = host, port
        self._link: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def insert(self, *, timeout_s: float = 5.0) -> None:
        """Put the card into the reader. Raises DeviceUnavailable where no virtual reader listens."""
        self.remove()
        try:
            self._link = socket.create_connection(self._address, timeout_s)
        except OSError as error:
            host, port = self._address
            raise DeviceUnavailable(f"no virtual reader listens at {host}:{port} (is pcscd running?)") from error
        self._link.settimeout(None)
        self._thread = threading.Thread(target=serve, args=(self._chip, self._link), daemon=True, name="virtual-card")
        self._thread.start()

    def remove(self) -> None:
        """Take the card out, also in the middle of a command; harmless when it is out."""
        if self._link is not None:
            _hang_up(self._link)
        if self._thread is not None:
            self._thread.join()
        self._link = self._thread = None

    def wait_until_out(self, timeout_s: float | None = None) -> bool:
        """Return True once the card is out: removed, pulled by a fault, or its reader gone."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
        return thread is None or not thread.is_alive()


def serve(chip: Chip, link: socket.socket) -> None:
    """Answer what the virtual reader asks until either side hangs up, or a fault pulls the card."""
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    chip.power_on()
    try:
        while (message := _receive(link)) is not None:
            answer = _control(chip, message[0]) if len(message) == 1 else _exchange(chip, message)
            if answer is not None:
                # vpcd reads length and payload as they come; two writes would wait for its delayed acknowledgement.
                link.sendall(len(answer).to_bytes(2, "big") + answer)
    except (CardPulled, OSError):
        pass
    finally:
        _hang_up(link)


def _control(chip: Chip, code: int) -> bytes | None:
    if code in (_POWER_OFF, _POWER_ON, _RESET):
        chip.power_on()
    return chip.atr if code == _SEND_ATR else None


def _exchange(chip: Chip, command: bytes) -> bytes | None:
    started = time.monotonic()
    try:
        answer = chip.transmit(command)
    except CardMute:
        return None
    time.sleep(max(0.0, chip.duration_s(command, answer) - (time.monotonic() - started)))
    return answer


def _receive(link: socket.socket) -> bytes | None:
    """Return the next message; None when the reader hung up."""
    header = _receive_exactly(link, 2)
    return header and _receive_exactly(link, int.from_bytes(header, "big"))


def _receive_exactly(link: socket.socket, count: int) -> bytes | None:
    data = b""
    while len(data) < count:
        # vpcd writes length and payload apart without TCP_NODELAY: unless each is acknowledged at once, its second
        # write waits for our delayed acknowledgement, 40 ms and more per APDU. The option does not last.
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = link.recv(count - len(data))
        if not piece:
            return None
        data += piece
    return data


def _hang_up(link: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        link.shutdown(socket.SHUT_RDWR)
    link.close()
