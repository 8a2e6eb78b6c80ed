"""READ BINARY in both forms: offset in P1-P2 (INS B0), and offset in a data object (INS B1, beyond 32 767).

Source: ISO/IEC 7816-4 clauses 11.3.1 and 11.3.3; ICAO 9303-10 clause 3.6.3.
"""

from dataclasses import dataclass
from typing import Final

from drivers.errors import MalformedData
from drivers.simulated.chip import status
from drivers.simulated.chip.profile import ChipProfile, PastEnd
from drivers.simulated.chip.status import Refused
from drivers.smartcard import tlv
from drivers.smartcard.apdu import EXTENDED_LE_MAX, SHORT_LE_MAX, CommandApdu

_OFFSET: Final = 0x54
_DISCRETIONARY: Final = 0x53


@dataclass(frozen=True, slots=True)
class Wanted:
    """``length`` counts bytes of the answer's data field; ``to_end``: Le was its form's zero, "whatever there is"."""

    short_id: int | None
    offset: int
    length: int
    to_end: bool
    wrapped: bool


def parse(command: CommandApdu) -> Wanted:
    """Return what is asked for; raises Refused."""
    if command.le is None:
        raise Refused(status.WRONG_LENGTH)
    to_end = command.le == (EXTENDED_LE_MAX if command.extended else SHORT_LE_MAX)
    if command.ins & 1:
        return Wanted(_odd_short_id(command), _odd_offset(command.data), command.le, to_end, wrapped=True)
    if command.data:
        raise Refused(status.WRONG_LENGTH)
    if command.p1 & 0x80:
        if command.p1 & 0x60:
            raise Refused(status.WRONG_P1_P2)
        return Wanted(command.p1 & 0x1F, command.p2, command.le, to_end, wrapped=False)
    return Wanted(None, command.p1 << 8 | command.p2, command.le, to_end, wrapped=False)


def answer(content: bytes, wanted: Wanted, room: int, profile: ChipProfile) -> tuple[bytes, int]:
    """Return data and status word. ``room``: bytes of data field that fit the answer."""
    if wanted.offset >= len(content):
        raise Refused(status.OFFSET_OUTSIDE)
    length = wanted.length
    if length > room:
        if profile.oversized_answer == "refuse" and not wanted.to_end:
            raise Refused(status.WRONG_LENGTH)
        length = room
    if wanted.wrapped:
        length = _payload(length)
    piece = content[wanted.offset : wanted.offset + length]
    if not piece:
        raise Refused(status.WRONG_LENGTH)
    data = tlv.encode(_DISCRETIONARY, piece) if wanted.wrapped else piece
    if len(piece) == length or wanted.to_end:
        return data, status.OK
    return _past_end(data, profile.past_end)


def _past_end(data: bytes, habit: PastEnd) -> tuple[bytes, int]:
    if habit == "exact" and len(data) < 256:
        raise Refused(status.EXACT_LENGTH | len(data))
    if habit in ("exact", "refuse"):
        raise Refused(status.OFFSET_OUTSIDE)
    return data, status.END_OF_FILE if habit == "warn" else status.OK


def _odd_short_id(command: CommandApdu) -> int | None:
    if command.p1 or command.p2 & 0xE0:
        raise Refused(status.WRONG_P1_P2)
    return command.p2 or None


def _odd_offset(data: bytes) -> int:
    try:
        value = tlv.parse_one(data, "offset data object", _OFFSET).value
    except MalformedData as error:
        raise Refused(status.WRONG_DATA) from error
    if not 1 <= len(value) <= 4:
        raise Refused(status.WRONG_DATA)
    return int.from_bytes(value, "big")


def _payload(length: int) -> int:
    """Return how many bytes fit a data object 53 of ``length`` bytes in all."""
    for header in (2, 3, 4):
        payload = length - header
        if payload >= 0 and len(tlv.encode_length(payload)) + 1 == header:
            return payload
    return max(length - 5, 0)
