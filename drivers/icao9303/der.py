"""The few ASN.1 types that chips and certificates use, read from and written to DER (ITU-T X.690)."""

from functools import lru_cache
from typing import Final

from drivers.errors import MalformedData
from drivers.smartcard import tlv

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
SEQUENCE: Final = 0x30
SET: Final = 0x31

MAX_INTEGER_BYTES: Final = 1025
"""RSA with 8192 bits and its leading zero; longer integers only cost time."""


def integer(one: tlv.Tlv, what: str) -> int:
    """Return a non-negative INTEGER. Raises MalformedData."""
    if one.tag != INTEGER or not 1 <= len(one.value) <= MAX_INTEGER_BYTES:
        raise MalformedData(what, "no integer where one belongs")
    value = int.from_bytes(one.value, "big", signed=True)
    if value < 0:
        raise MalformedData(what, "a negative integer")
    return value


def object_identifier(one: tlv.Tlv, what: str) -> str:
    """Return an OBJECT IDENTIFIER in dotted form. Raises MalformedData."""
    if one.tag != OBJECT_IDENTIFIER or not 1 <= len(one.value) <= 32 or one.value[-1] & 0x80:
        raise MalformedData(what, "no object identifier where one belongs")
    return _dotted(one.value)


def bit_string(one: tlv.Tlv, what: str) -> bytes:
    """Return the bytes of a BIT STRING without unused bits (a key or a signature). Raises MalformedData."""
    if one.tag != BIT_STRING or one.value[:1] != b"\x00":
        raise MalformedData(what, "no bit string of whole bytes where one belongs")
    return one.value[1:]


def sequence(one: tlv.Tlv, what: str, at_least: int = 0) -> tuple[tlv.Tlv, ...]:
    """Return the members of a SEQUENCE; raises MalformedData for another type or fewer members."""
    if one.tag != SEQUENCE:
        raise MalformedData(what, "no sequence where one belongs")
    members = one.children(what)
    if len(members) < at_least:
        raise MalformedData(what, "a sequence with members missing")
    return members


@lru_cache(maxsize=256)
def _dotted(value: bytes) -> str:
    arcs = []
    arc = 0
    for byte in value:
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (first, arcs[0] - 40 * first, *arcs[1:]))


@lru_cache(maxsize=256)
def encode_object_identifier(dotted: str) -> bytes:
    """Return the whole DER object of a dotted identifier."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    value = b""
    for arc in (40 * first + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, 0x80 | arc & 0x7F)
        value += bytes(groups)
    return tlv.encode(OBJECT_IDENTIFIER, value)


def encode_integer(value: int) -> bytes:
    """Return the whole DER object of a non-negative integer."""
    return tlv.encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))
