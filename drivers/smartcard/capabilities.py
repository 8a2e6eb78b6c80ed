"""What a card says of itself before any command: the card capabilities in its historical bytes (ISO/IEC 7816-4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_CATEGORY_STATUS_LAST: Final = 0x00  # three status bytes end the historical bytes
_CATEGORY_STATUS_INSIDE: Final = 0x80
_CAPABILITIES: Final = 0x7
_COMMAND_CHAINING: Final = 0x80
_EXTENDED_LENGTH: Final = 0x40


@dataclass(frozen=True, slots=True)
class CardCapabilities:
    """The third software function byte; what a card does not say it is taken not to have."""

    command_chaining: bool = False
    extended_length: bool = False


def card_capabilities(atr: bytes) -> CardCapabilities:
    """Return what ``atr`` says; nothing where its historical bytes are missing, cut, or the maker's own."""
    for tag, value in _compact_objects(historical_bytes(atr)):
        if tag == _CAPABILITIES and len(value) == 3:
            return CardCapabilities(bool(value[2] & _COMMAND_CHAINING), bool(value[2] & _EXTENDED_LENGTH))
    return CardCapabilities()


def historical_bytes(atr: bytes) -> bytes:
    """Return the historical bytes of an answer to reset (ISO/IEC 7816-3 clause 8.2); empty where it is cut."""
    if len(atr) < 2:
        return b""
    announced, at = atr[1] >> 4, 2
    while announced & 0x8:  # TDi is the last of its group and announces the next one
        at += announced.bit_count()
        if at > len(atr):
            return b""
        announced = atr[at - 1] >> 4
    at += announced.bit_count()
    count = atr[1] & 0x0F
    return atr[at : at + count] if at + count <= len(atr) else b""


def _compact_objects(historical: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and value of the COMPACT-TLV data objects; a cut end is left out."""
    if historical[:1] == bytes([_CATEGORY_STATUS_INSIDE]):
        rest = historical[1:]
    elif historical[:1] == bytes([_CATEGORY_STATUS_LAST]):
        rest = historical[1:-3]
    else:
        return
    while rest and len(rest) > (length := rest[0] & 0x0F):
        yield rest[0] >> 4, rest[1 : 1 + length]
        rest = rest[1 + length :]
