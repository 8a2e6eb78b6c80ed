"""Where one code ends and the next begins in what an imager sends."""

import re
from typing import Final

LONGEST_CODE: Final = 4096  # bytes; one QR holds 2953

_FIRST_LINE: Final = re.compile(rb"[ACIP][A-Z<][A-Z0-9<]{28}(?:[A-Z0-9<]{14})?")
_LINE: Final = re.compile(rb"[A-Z0-9<]{30}(?:[A-Z0-9<]{14})?")
_LINES: Final = {30: 3, 44: 2}  # of a machine readable zone, by their length: TD1 and TD3


class Framer:
    """Collects bytes into codes: one of ``ends`` ends a code, and so does silence.

    The lines of a machine readable zone, which imagers end like codes, are one code (lines apart).
    A code that grows beyond LONGEST_CODE is dropped to its end: that is no imager, or one gone mad.
    """

    def __init__(self, ends: bytes, silence_s: float) -> None:
        self._ends = ends
        self._silence_s = silence_s
        self._code = bytearray()
        self._zone: list[bytes] = []  # the first lines of what may be a zone
        self._is_too_long = False
        self._last_at_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[bytes]:
        """Return the codes that ended with ``data``, received at ``now_s`` (monotonic); ``b""`` when nothing came."""
        codes = []
        if now_s - self._last_at_s >= self._silence_s:
            codes += self._end()
            codes += self._give_up_zone()
        for byte in data:
            if byte in self._ends:
                codes += self._end()
            elif len(self._code) < LONGEST_CODE:
                self._code.append(byte)
            else:
                self._is_too_long = True
        if data:
            self._last_at_s = now_s
        return codes

    def _end(self) -> list[bytes]:
        code, is_whole = bytes(self._code), not self._is_too_long
        self._code.clear()
        self._is_too_long = False
        return self._with_zone(code) if code.strip() and is_whole else []

    def _with_zone(self, code: bytes) -> list[bytes]:
        """Return what is whole now that ``code`` has ended; the first lines of a zone wait for the others."""
        form = _LINE if self._zone else _FIRST_LINE
        if not form.fullmatch(code) or (self._zone and len(code) != len(self._zone[0])):
            return [*self._give_up_zone(), code]
        self._zone.append(code)
        if len(self._zone) < _LINES[len(code)]:
            return []
        lines, self._zone = self._zone, []
        return [b"\n".join(lines)]

    def _give_up_zone(self) -> list[bytes]:
        lines, self._zone = self._zone, []
        return lines
