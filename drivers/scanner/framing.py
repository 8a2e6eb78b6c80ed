"""Where one code ends and the next begins in what an imager sends."""

from typing import Final

LONGEST_CODE: Final = 4096  # bytes; one QR holds 2953


class Framer:
    """Collects bytes into codes: one of ``ends`` ends a code, and so does silence.

    A code that grows beyond LONGEST_CODE is dropped to its end: that is no imager, or one gone mad.
    """

    def __init__(self, ends: bytes, silence_s: float) -> None:
        self._ends = ends
        self._silence_s = silence_s
        self._code = bytearray()
        self._is_too_long = False
        self._last_at_s = 0.0

    def feed(self, data: bytes, now_s: float) -> list[bytes]:
        """Return the codes that ended with ``data``, received at ``now_s`` (monotonic); ``b""`` when nothing came."""
        codes = []
        if self._code and now_s - self._last_at_s >= self._silence_s:
            codes += self._end()
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
        return [code] if code.strip() and is_whole else []
