"""BER-TLV data objects (ISO/IEC 7816-4 clause 6.3, ITU-T X.690), as chips and certificates use them.

Nothing here recurses: a caller opens one level at a time, so depth is bounded by the code that knows the format. What
comes from a chip is hostile until it went through ``parse``: lengths are checked against the bytes that are there.
"""

from dataclasses import dataclass
from typing import Final

from drivers.errors import MalformedData

MAX_OBJECTS: Final = 1024
"""More objects than this on one level are refused; the largest honest level is a master list's certificates."""

_MAX_TAG_BYTES: Final = 3
_MAX_LENGTH_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Header:
    """The first bytes of a data object: ``tag``, the ``length`` of its value, the ``size`` of the header itself."""

    tag: int
    length: int
    size: int

    @property
    def total(self) -> int:
        return self.size + self.length


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object; ``raw`` is the whole object with the very bytes it came in (signatures and hashes need them)."""

    tag: int
    value: bytes
    raw: bytes

    def children(self, what: str) -> tuple["Tlv", ...]:
        """Return the objects inside a constructed value. Raises MalformedData."""
        return parse(self.value, what)


def read_header(data: bytes, what: str, offset: int = 0) -> Header:
    """Return the header that begins at ``offset``; the value need not be there yet. Raises MalformedData.

    Tags have one to three bytes. Lengths are definite, in at most four bytes; longer forms than needed are allowed, as
    BER allows them and chips use them.
    """
    tag, position = _read_tag(data, what, offset)
    if position >= len(data):
        raise MalformedData(what, "ends before a length")
    first = data[position]
    position += 1
    if first < 0x80:
        return Header(tag, first, position - offset)
    count = first & 0x7F
    if not 1 <= count <= _MAX_LENGTH_BYTES:
        raise MalformedData(what, "a length of a form that is not used here")
    if position + count > len(data):
        raise MalformedData(what, "ends inside a length")
    length = int.from_bytes(data[position : position + count], "big")
    return Header(tag, length, position + count - offset)


def parse(data: bytes, what: str) -> tuple[Tlv, ...]:
    """Return the data objects that fill ``data`` exactly; raises MalformedData naming ``what``."""
    objects: list[Tlv] = []
    offset = 0
    while offset < len(data):
        if len(objects) == MAX_OBJECTS:
            raise MalformedData(what, f"more than {MAX_OBJECTS} data objects on one level")
        one = _read_object(data, what, offset)
        objects.append(one)
        offset += len(one.raw)
    return tuple(objects)


def parse_one(data: bytes, what: str, tag: int | None = None) -> Tlv:
    """Return the one data object that ``data`` is, of ``tag`` where given; raises MalformedData."""
    one = _read_object(data, what, 0)
    if len(one.raw) != len(data):
        raise MalformedData(what, "bytes after its end")
    if tag is not None and one.tag != tag:
        raise MalformedData(what, f"tag {one.tag:X} instead of {tag:X}")
    return one


def parse_first(data: bytes, what: str, tag: int | None = None) -> Tlv:
    """Return the data object at the start of ``data``, whatever follows (padding of a file); raises MalformedData."""
    one = _read_object(data, what, 0)
    if tag is not None and one.tag != tag:
        raise MalformedData(what, f"tag {one.tag:X} instead of {tag:X}")
    return one


def find(objects: tuple[Tlv, ...], tag: int) -> Tlv | None:
    """Return the first object with ``tag``, or None."""
    return next((one for one in objects if one.tag == tag), None)


def get(objects: tuple[Tlv, ...], tag: int, what: str) -> Tlv:
    """Return the first object with ``tag``; raises MalformedData where there is none."""
    found = find(objects, tag)
    if found is None:
        raise MalformedData(what, f"no data object {tag:X}")
    return found


def encode(tag: int, *parts: bytes) -> bytes:
    """Return the data object of ``tag`` around the joined ``parts``, with the shortest length (DER)."""
    value = b"".join(parts)
    tag_bytes = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    return tag_bytes + encode_length(len(value)) + value


def encode_length(length: int) -> bytes:
    """Return ``length`` as DER writes it: one byte below 128, otherwise a count and the shortest big-endian number."""
    if length < 0x80:
        return bytes([length])
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def _read_object(data: bytes, what: str, offset: int) -> Tlv:
    header = read_header(data, what, offset)
    end = offset + header.total
    if end > len(data):
        raise MalformedData(what, f"a length of {header.length} with {len(data) - offset - header.size} bytes there")
    return Tlv(header.tag, data[offset + header.size : end], data[offset:end])


def _read_tag(data: bytes, what: str, offset: int) -> tuple[int, int]:
    if offset >= len(data):
        raise MalformedData(what, "ends before a tag")
    if data[offset] & 0x1F != 0x1F:
        return data[offset], offset + 1
    for end in range(offset + 2, offset + _MAX_TAG_BYTES + 1):
        if end > len(data):
            raise MalformedData(what, "ends inside a tag")
        if not data[end - 1] & 0x80:
            return int.from_bytes(data[offset:end], "big"), end
    raise MalformedData(what, f"a tag of more than {_MAX_TAG_BYTES} bytes")
