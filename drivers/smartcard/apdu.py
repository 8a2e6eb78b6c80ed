"""Command APDUs (ISO/IEC 7816-3 clause 12.1): cases 1 to 4, with short and extended length fields."""

from dataclasses import dataclass
from typing import Final, Self

from drivers.errors import MalformedData

SW_OK: Final = 0x9000
CLA_CHAINED: Final = 0x10
"""Bit of the class byte: more of this command follows."""

SHORT_LE_MAX: Final = 256
EXTENDED_LE_MAX: Final = 65536

_WHAT: Final = "command APDU"


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """One command. ``le`` is the number of bytes wanted at most: 1..65536, or None when no answer data is wanted.

    ``extended`` says that length fields have the extended form; they have it anyway where ``data`` or ``le`` need it.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None
    extended: bool = False

    def __post_init__(self) -> None:
        if not all(0 <= byte <= 0xFF for byte in (self.cla, self.ins, self.p1, self.p2)):
            raise ValueError("a header byte is not a byte")
        if len(self.data) > 0xFFFF:
            raise ValueError("more than 65535 bytes of command data")
        if self.le is not None and not 1 <= self.le <= EXTENDED_LE_MAX:
            raise ValueError("le is not within 1..65536")

    @property
    def header(self) -> bytes:
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def needs_extended(self) -> bool:
        return len(self.data) > 0xFF or (self.le or 0) > SHORT_LE_MAX

    def encode(self) -> bytes:
        """Return the bytes to transmit."""
        if self.extended or self.needs_extended:
            return self._encode_extended()
        lc = bytes([len(self.data)]) if self.data else b""
        le = b"" if self.le is None else bytes([self.le & 0xFF])
        return self.header + lc + self.data + le

    def _encode_extended(self) -> bytes:
        if not self.data and self.le is None:
            return self.header
        lc = b"\x00" + len(self.data).to_bytes(2, "big") if self.data else b""
        le = b"" if self.le is None else (self.le & 0xFFFF).to_bytes(2, "big")
        return self.header + (lc or b"\x00") + self.data + le

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """Return the command in ``raw``; raises MalformedData when its length fields do not fit its length."""
        if len(raw) < 4:
            raise MalformedData(_WHAT, "shorter than its header")
        (cla, ins, p1, p2), body = raw[:4], raw[4:]
        if not body:
            return cls(cla, ins, p1, p2)
        if len(body) == 1:
            return cls(cla, ins, p1, p2, le=body[0] or SHORT_LE_MAX)
        extended = body[0] == 0
        data, le = _split_extended(body) if extended else _split_short(body)
        return cls(cla, ins, p1, p2, data, le, extended)


def _split_short(body: bytes) -> tuple[bytes, int | None]:
    lc = body[0]
    data, rest = body[1 : 1 + lc], body[1 + lc :]
    if len(data) != lc or len(rest) > 1:
        raise MalformedData(_WHAT, "Lc does not fit")
    return data, (rest[0] or SHORT_LE_MAX) if rest else None


def _split_extended(body: bytes) -> tuple[bytes, int | None]:
    if len(body) < 3:
        raise MalformedData(_WHAT, "an extended length field is cut")
    if len(body) == 3:
        return b"", int.from_bytes(body[1:3], "big") or EXTENDED_LE_MAX
    lc = int.from_bytes(body[1:3], "big")
    data, rest = body[3 : 3 + lc], body[3 + lc :]
    if lc == 0 or len(data) != lc or len(rest) not in (0, 2):
        raise MalformedData(_WHAT, "an extended Lc does not fit")
    return data, (int.from_bytes(rest, "big") or EXTENDED_LE_MAX) if rest else None
