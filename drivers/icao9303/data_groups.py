"""Files of the ICAO LDS1 application (ICAO 9303-10): identifiers, and the content of EF.COM, DG1, DG2, DG11, DG12."""

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.mrz import Mrz, parse_mrz
from drivers.icao9303.reading import Photo
from drivers.icao9303.text import clean_text
from drivers.smartcard import tlv

APPLICATION: Final = bytes.fromhex("A0000002471001")


class ElementaryFile(Enum):
    """A file with its 16-bit identifier, short identifier, outer tag, and the size above which it is refused."""

    CARD_SECURITY = ("EF.CardSecurity", 0x011D, 0x1D, 0x30, 1 << 15)  # beside the application, not inside it
    COM = ("EF.COM", 0x011E, 0x1E, 0x60, 1 << 10)
    SOD = ("EF.SOD", 0x011D, 0x1D, 0x77, 1 << 16)
    DG1 = ("EF.DG1", 0x0101, 0x01, 0x61, 1 << 10)
    DG2 = ("EF.DG2", 0x0102, 0x02, 0x75, 1 << 18)
    DG11 = ("EF.DG11", 0x010B, 0x0B, 0x6B, 1 << 14)
    DG12 = ("EF.DG12", 0x010C, 0x0C, 0x6C, 1 << 16)
    DG13 = ("EF.DG13", 0x010D, 0x0D, 0x6D, 1 << 14)
    DG14 = ("EF.DG14", 0x010E, 0x0E, 0x6E, 1 << 14)
    DG15 = ("EF.DG15", 0x010F, 0x0F, 0x6F, 1 << 13)

    def __init__(self, label: str, identifier: int, short_identifier: int, tag: int, size_max: int) -> None:
        self.label = label
        self.identifier = identifier
        self.short_identifier = short_identifier
        self.tag = tag
        self.size_max = size_max

    @property
    def number(self) -> int | None:
        """The data group number; None for the files around them."""
        return self.short_identifier if self.short_identifier <= 16 else None


DATA_GROUP_TAGS: Final = {
    tag: number
    for number, tag in enumerate(
        (0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70), start=1
    )
}


def parse_com(data: bytes) -> frozenset[int]:
    """Return the data group numbers EF.COM lists (never trusted: it is not signed). Raises MalformedData."""
    what = ElementaryFile.COM.label
    objects = tlv.parse_first(data, what, ElementaryFile.COM.tag).children(what)
    tags = tlv.get(objects, 0x5C, what).value
    return frozenset(DATA_GROUP_TAGS[tag] for tag in tags if tag in DATA_GROUP_TAGS)


def parse_dg1(data: bytes) -> Mrz:
    """Return the MRZ in EF.DG1. Raises MalformedData."""
    what = ElementaryFile.DG1.label
    objects = tlv.parse_first(data, what, ElementaryFile.DG1.tag).children(what)
    try:
        text = tlv.get(objects, 0x5F1F, what).value.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedData(what, "not ASCII") from error
    return parse_mrz(text)


_FACE_HEADER: Final = b"FAC\x00"
_FACE_RECORD_HEADER: Final = 14  # magic, version, length, number of faces
_FACE_INFORMATION: Final = 20
_FEATURE_POINT: Final = 8
_IMAGE_INFORMATION: Final = 12


def parse_dg2(data: bytes) -> Photo | None:
    """Return the first face in EF.DG2, None when the card has none (a young child's). Raises MalformedData.

    The picture is cut by the lengths of the ISO/IEC 19794-5 headers, never by searching for markers.
    """
    what = ElementaryFile.DG2.label
    objects = tlv.parse_first(data, what, ElementaryFile.DG2.tag).children(what)
    templates = tlv.get(objects, 0x7F61, what).children(what)
    if der.integer(tlv.get(templates, der.INTEGER, what), what) == 0:
        return None
    template = tlv.get(templates, 0x7F60, what).children(what)
    block = tlv.find(template, 0x5F2E) or tlv.find(template, 0x7F2E)
    if block is None:
        raise MalformedData(what, "no biometric data block")
    picture = _cut_picture(block.value, what)
    if picture.startswith(b"\xff\xd8\xff"):
        return Photo(picture, "image/jpeg")
    if picture.startswith((b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")):
        return Photo(picture, "image/jp2")
    raise MalformedData(what, "a picture that is neither JPEG nor JPEG 2000")


def _cut_picture(record: bytes, what: str) -> bytes:
    if record[:4] != _FACE_HEADER or len(record) < _FACE_RECORD_HEADER + _FACE_INFORMATION:
        raise MalformedData(what, "no face record of ISO/IEC 19794-5")
    face = record[_FACE_RECORD_HEADER:]
    length = int.from_bytes(face[:4], "big")
    points = int.from_bytes(face[4:6], "big")
    start = _FACE_INFORMATION + _FEATURE_POINT * points + _IMAGE_INFORMATION
    if not start < length <= len(face):
        raise MalformedData(what, "face record lengths that contradict each other")
    return face[start:length]


@dataclass(frozen=True, slots=True)
class AdditionalDetails:
    """What DG11 and DG12 add, where a document has them. Dates are FHIR dates."""

    full_name: str | None = None
    personal_number: str | None = None
    born_on: str | None = None
    address: str | None = None
    issued_on: str | None = None


def parse_additional_details(dg11: bytes | None, dg12: bytes | None) -> AdditionalDetails:
    """Return name, number, birth date and address of EF.DG11 and the issue date of EF.DG12. Raises MalformedData."""
    personal = _optional_objects(dg11, ElementaryFile.DG11)
    document = _optional_objects(dg12, ElementaryFile.DG12)
    return AdditionalDetails(
        full_name=_mrz_like(_text(personal, 0x5F0E, "EF.DG11")),
        personal_number=_text(personal, 0x5F10, "EF.DG11"),
        born_on=_full_date(tlv.find(personal, 0x5F2B), "EF.DG11"),
        address=_mrz_like(_text(personal, 0x5F42, "EF.DG11")),
        issued_on=_full_date(tlv.find(document, 0x5F26), "EF.DG12"),
    )


def _optional_objects(data: bytes | None, file: ElementaryFile) -> tuple[tlv.Tlv, ...]:
    return () if data is None else tlv.parse_first(data, file.label, file.tag).children(file.label)


def _text(objects: tuple[tlv.Tlv, ...], tag: int, what: str) -> str | None:
    found = tlv.find(objects, tag)
    return clean_text(found.value, "utf-8", what) if found else None


def _mrz_like(text: str | None) -> str | None:
    return " ".join(text.replace("<", " ").split()) if text else None


def _full_date(one: tlv.Tlv | None, what: str) -> str | None:
    """YYYYMMDD as eight digits, or as four bytes of packed digits (older documents); 00 for what is unknown."""
    if one is None:
        return None
    digits = one.value.hex() if len(one.value) == 4 else one.value.decode("ascii", "replace")
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise MalformedData(what, "a date that is none")
    year, month, day = digits[:4], digits[4:6], digits[6:]
    if month == "00":
        return year
    try:
        date(int(year), int(month), int(day) or 1)
    except ValueError as error:
        raise MalformedData(what, "a date that no calendar has") from error
    return f"{year}-{month}" if day == "00" else f"{year}-{month}-{day}"
