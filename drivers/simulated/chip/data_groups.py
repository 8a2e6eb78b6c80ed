"""The elementary files of a person's chip, as the issuer writes them: ICAO 9303-10, and EF.DG13 of Vietnamese cards.

Each function returns the whole file, tag and length included.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Final, Literal

from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.people import InventedPerson
from drivers.simulated.portrait import HEIGHT_PX, WIDTH_PX, jpeg2000_portrait, jpeg_portrait
from drivers.smartcard import tlv

GROUP_TAGS: Final = {
    "EF.DG1": 0x61,
    "EF.DG2": 0x75,
    "EF.DG3": 0x63,
    "EF.DG11": 0x6B,
    "EF.DG12": 0x6C,
    "EF.DG13": 0x6D,
    "EF.DG14": 0x6E,
    "EF.DG15": 0x6F,
}

NO_EXPIRY_TEXT: Final = "Không thời hạn"


def ef_com(groups: Iterable[str]) -> bytes:
    """Return EF.COM, which lists ``groups`` (names as in ``GROUP_TAGS``); LDS 1.7, Unicode 4.0."""
    tags = bytes(sorted(GROUP_TAGS[name] for name in groups))
    return tlv.encode(0x60, tlv.encode(0x5F01, b"0107") + tlv.encode(0x5F36, b"040000") + tlv.encode(0x5C, tags))


def dg1(person: InventedPerson) -> bytes:
    return tlv.encode(0x61, tlv.encode(0x5F1F, "".join(mrz_lines(person)).encode("ascii")))


def dg2(person: InventedPerson, *, photo: Literal["jpeg", "jpeg2000"], photo_bytes: int | None) -> bytes:
    """Return EF.DG2: one face in a CBEFF template around an ISO/IEC 19794-5:2005 record."""
    image = jpeg_portrait(person, photo_bytes) if photo == "jpeg" else jpeg2000_portrait(person)
    header = tlv.encode(
        0xA1,
        tlv.encode(0x80, b"\x01\x01")
        + tlv.encode(0x81, b"\x02")  # biometric type: facial features
        + tlv.encode(0x87, b"\x01\x01")  # format owner: ISO/IEC JTC 1/SC 37
        + tlv.encode(0x88, b"\x00\x08"),  # format type: ISO/IEC 19794-5
    )
    record = tlv.encode(0x5F2E, _face_record(person, image, jpeg2000=photo == "jpeg2000"))
    instances = tlv.encode(0x02, b"\x01") + tlv.encode(0x7F60, header + record)
    return tlv.encode(0x75, tlv.encode(0x7F61, instances))


def _face_record(person: InventedPerson, image: bytes, *, jpeg2000: bool) -> bytes:
    block_length = 20 + 12 + len(image)
    facial_information = (
        block_length.to_bytes(4, "big")
        + bytes(2)  # no feature points
        + (b"\x01" if person.sex == "male" else b"\x02")
        + bytes(2)  # eye and hair colour unspecified
        + bytes(3)  # no features marked
        + bytes(2)  # expression unspecified
        + bytes(6)  # pose and its uncertainty unspecified
    )
    image_information = (
        b"\x01"  # full frontal
        + (b"\x01" if jpeg2000 else b"\x00")
        + WIDTH_PX.to_bytes(2, "big")
        + HEIGHT_PX.to_bytes(2, "big")
        + b"\x01"  # 24-bit sRGB
        + b"\x00"  # source unspecified
        + bytes(2)  # capture device
        + bytes(2)  # quality
    )
    record_header = b"FAC\x00010\x00" + (14 + block_length).to_bytes(4, "big") + b"\x00\x01"
    return record_header + facial_information + image_information + image


def dg3() -> bytes:
    """Return an EF.DG3 that nobody may read without Terminal Authentication; its content is therefore empty."""
    return tlv.encode(0x63, tlv.encode(0x7F61, tlv.encode(0x02, b"\x00")))


def dg11(person: InventedPerson) -> bytes:
    """Return EF.DG11 with name, personal number, full date of birth and address."""
    fields: list[tuple[int, bytes]] = [(0x5F0E, person.full_name.encode())]
    if person.personal_number:
        fields.append((0x5F10, person.personal_number.encode()))
    fields.append((0x5F2B, f"{person.born_on:%Y%m%d}".encode()))
    if person.address:
        fields.append((0x5F42, "<".join(part.strip() for part in person.address.split(",")).encode()))
    return _listed(0x6B, fields)


def dg12(person: InventedPerson) -> bytes:
    """Return EF.DG12 with issuing authority, date of issue and time of personalisation."""
    personalised = datetime.combine(person.issued_on, time(8), UTC)
    return _listed(
        0x6C,
        [
            (0x5F19, "Bộ Công an".encode()),
            (0x5F26, f"{person.issued_on:%Y%m%d}".encode()),
            (0x5F55, f"{personalised:%Y%m%d%H%M%S}".encode()),
        ],
    )


def _listed(tag: int, fields: list[tuple[int, bytes]]) -> bytes:
    tags = b"".join(field.to_bytes(2, "big") for field, _ in fields)
    return tlv.encode(tag, tlv.encode(0x5C, tags) + b"".join(tlv.encode(field, value) for field, value in fields))


def dg13(person: InventedPerson, *, chip_serial: str | None = None, descending: bool = False) -> bytes:
    """Return EF.DG13: a SET of numbered SEQUENCEs with the data in Vietnamese script.

    The meaning of entry 16 is not public; here it is a 16-character serial, made from the person's key when not given.
    """
    serial = chip_serial or hashlib.sha256(person.key.encode()).hexdigest()[:16].upper()
    expiry = f"{person.expires_on:%d/%m/%Y}" if person.expires_on else NO_EXPIRY_TEXT
    entries = [
        _entry(1, _printable(person.personal_number or "")),
        _entry(2, _utf8(person.full_name)),
        _entry(3, _printable(f"{person.born_on:%d/%m/%Y}")),
        _entry(4, _utf8("Nam" if person.sex == "male" else "Nữ")),
        _entry(5, _utf8("Việt Nam")),
        _entry(6, _utf8(person.ethnicity)),
        _entry(7, _utf8(person.religion)),
        _entry(8, _utf8(person.place_of_origin)),
        _entry(9, _utf8(person.address)),
        _entry(10, _utf8(person.identifying_marks)),
        _entry(11, _printable(f"{person.issued_on:%d/%m/%Y}")),
        _entry(12, _utf8(expiry)),
        _entry(13, *(tlv.encode(0x30, _utf8(name)) for name in (person.father, person.mother) if name)),
        _entry(14, *(tlv.encode(0x30, _utf8(name)) for name in (person.spouse,) if name)),
        *([_entry(15, _printable(person.old_number))] if person.old_number else []),
        _entry(16, _printable(serial)),
    ]
    if descending:
        entries.reverse()
    version = tlv.encode(0x02, b"\x00")
    return tlv.encode(0x6D, tlv.encode(0x30, version + tlv.encode(0x31, b"".join(entries))))


def _entry(index: int, *values: bytes) -> bytes:
    return tlv.encode(0x30, tlv.encode(0x02, bytes([index])) + b"".join(values))


def _utf8(text: str) -> bytes:
    return tlv.encode(0x0C, text.encode())


def _printable(text: str) -> bytes:
    return tlv.encode(0x13, text.encode("ascii"))
