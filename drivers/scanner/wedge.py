"""Imagers that type like a keyboard, read from their own input device before any window can see a key.

Keys are translated as on the US layout, which imagers assume. Letters beyond ASCII come as Alt codes from imagers that
can send them (set "ALT mode" or "Unicode by ALT"); others leave them out, and recognition then finds the name lost.
Layouts, Telex and Caps Lock of the desktop have no say here.
"""

import errno
import fcntl
import os
import select
import struct
from typing import Final

from drivers.config import WedgeScannerOptions
from drivers.errors import DeviceUnavailable
from drivers.scanner.byte_stream import ByteStreamScanner
from drivers.scanner.framing import Framer

# linux/input.h and linux/input-event-codes.h
_EVENT: Final = struct.Struct("llHHi")  # seconds, microseconds, type, code, value
_EV_KEY: Final = 1
_EVIOCGRAB: Final = 0x40044590
_UP, _DOWN = 0, 1
_SHIFTS: Final = {42, 54}
_ALTS: Final = {56, 100}
_ENTERS: Final = {28, 96}
_KEYPAD: Final = {82: 0, 79: 1, 80: 2, 81: 3, 75: 4, 76: 5, 77: 6, 71: 7, 72: 8, 73: 9}
_ROWS: Final = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (15, "\t", "\t"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (55, "*", "*"),
    (57, " ", " "),
)
_PLAIN: Final = {first + i: c for first, plain, _ in _ROWS for i, c in enumerate(plain)}
_SHIFTED: Final = {first + i: c for first, _, shifted in _ROWS for i, c in enumerate(shifted)}


def open_wedge_scanner(options: WedgeScannerOptions) -> ByteStreamScanner:
    """Return the scanner of ``options``, plugged in or not."""
    framer = Framer(b"\r", options.silence_s)
    return ByteStreamScanner(options.device, "wedge", lambda: _KeyStream(options.device), framer)


class KeyTranslator:
    """Key events to the bytes they type; keeps Shift and Alt between events."""

    def __init__(self) -> None:
        self._shifts: set[int] = set()
        self._alts: set[int] = set()
        self._alt_digits = ""

    def bytes_of(self, code: int, value: int) -> bytes:
        """Return what key ``code`` types when it goes down (``value`` 1) or up (0); held keys (2) type nothing."""
        if code in _SHIFTS:
            _note(self._shifts, code, value)
            return b""
        if code in _ALTS:
            _note(self._alts, code, value)
            return b"" if self._alts else self._alt_character()
        if value != _DOWN:
            return b""
        if self._alts:
            self._alt_digits += str(_KEYPAD[code]) if code in _KEYPAD else ""
            return b""
        if code in _ENTERS:
            return b"\r"
        if code in _KEYPAD:
            return b"%d" % _KEYPAD[code]
        return (_SHIFTED if self._shifts else _PLAIN).get(code, "").encode()

    def _alt_character(self) -> bytes:
        """Return what the digits typed while Alt was down stand for: a byte of UTF-8, or a whole character."""
        digits, self._alt_digits = self._alt_digits, ""
        number = int(digits[:7] or "0")
        if number < 0x100:
            return bytes([number]) if number else b""
        return chr(number).encode() if number < 0xD800 or 0xE000 <= number < 0x110000 else b""


def _note(held: set[int], code: int, value: int) -> None:
    if value == _UP:
        held.discard(code)
    else:
        held.add(code)


class _KeyStream:
    def __init__(self, device: str) -> None:
        try:
            self._device = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as error:
            raise DeviceUnavailable(f"{device} cannot be opened: {error.strerror}") from error
        try:
            fcntl.ioctl(self._device, _EVIOCGRAB, 1)
        except OSError as error:
            if error.errno != errno.ENOTTY:  # a pipe with recorded keys has no desktop to be taken from
                os.close(self._device)
                raise DeviceUnavailable(f"{device} is held by another program") from error
        self._keys = KeyTranslator()
        self._received = b""

    def read(self) -> bytes:
        if not select.select([self._device], [], [], 0.1)[0]:
            return b""
        try:
            chunk = os.read(self._device, 64 * _EVENT.size)
        except OSError as error:  # ENODEV once it is unplugged
            raise DeviceUnavailable("the scanner was unplugged") from error
        if not chunk:
            raise DeviceUnavailable("the scanner was unplugged")
        self._received += chunk
        whole = len(self._received) // _EVENT.size * _EVENT.size
        events, self._received = self._received[:whole], self._received[whole:]
        typed = (
            self._keys.bytes_of(code, value)
            for _, _, kind, code, value in _EVENT.iter_unpack(events)
            if kind == _EV_KEY
        )
        return b"".join(typed)

    def close(self) -> None:
        os.close(self._device)
