"""EF.DG13 of Vietnamese ID cards: personal data with its marks, as numbered entries of a DER SET.

No public specification exists; the form is what several independent readers agree on: 6D { SEQUENCE { .. SET {
SEQUENCE { INTEGER number, value.. } .. } } }. Order is no promise, other members may stand beside the SET, strings come
in several types. Religion, marks, parents and spouse are passed over: no hospital record needs them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.text import clean_text
from drivers.smartcard import tlv

_WHAT: Final = ElementaryFile.DG13.label

_ENCODINGS: Final = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_KNOWN: Final = range(1, 17)


@dataclass(frozen=True, slots=True)
class VietnameseData:
    """What a hospital may use of DG13; None for what the card leaves out. Dates are FHIR dates.

    ``expires_on`` is None for a date that is absent or "không thời hạn"; DG1 decides which.
    ``extras``: entries without a known meaning, raw, by number.
    """

    personal_number: str | None = None
    full_name: str | None = None
    born_on: str | None = None
    sex: Literal["male", "female"] | None = None
    nationality: str | None = None
    ethnicity: str | None = None
    place_of_origin: str | None = None
    address: str | None = None
    issued_on: str | None = None
    expires_on: str | None = None
    old_number: str | None = None
    extras: Mapping[str, bytes] = field(default_factory=dict)


def parse_dg13(data: bytes) -> VietnameseData:
    """Return the personal data in EF.DG13; entries without a known number are kept raw. Raises MalformedData."""
    entries = _entries(data)
    texts = {number: _text(values) for number, values in entries.items() if number in _KNOWN}
    extras = {str(number): _raw(values) for number, values in entries.items() if number not in _KNOWN}
    old_number = texts.get(15)
    sixteenth = texts.get(16)
    if sixteenth and old_number is None and re.fullmatch(r"[0-9]{9}", sixteenth):
        old_number = sixteenth  # one reader met the old number here; otherwise it looks like a serial number
    elif sixteenth:
        extras["16"] = _raw(entries[16])
    return VietnameseData(
        personal_number=_personal_number(texts.get(1)),
        full_name=texts.get(2),
        born_on=_date(texts.get(3)),
        sex=_sex(texts.get(4)),
        nationality=texts.get(5),
        ethnicity=texts.get(6),
        place_of_origin=texts.get(8),
        address=texts.get(9),
        issued_on=_date(texts.get(11)),
        expires_on=_expiry(texts.get(12)),
        old_number=old_number,
        extras=extras,
    )


def _entries(data: bytes) -> dict[int, tuple[tlv.Tlv, ...]]:
    outer = tlv.parse_first(data, _WHAT, ElementaryFile.DG13.tag)
    entries: dict[int, tuple[tlv.Tlv, ...]] = {}
    for one in _members(outer):
        if one.tag != der.SEQUENCE:
            continue
        number_object, *values = der.sequence(one, _WHAT, at_least=1)
        number = der.integer(number_object, _WHAT)
        if number in entries:
            raise MalformedData(_WHAT, f"entry {min(number, 999)} stands there twice")
        entries[number] = tuple(values)
    if not entries:
        raise MalformedData(_WHAT, "no numbered entries")
    return entries


def _members(outer: tlv.Tlv) -> tuple[tlv.Tlv, ...]:
    """The members of the SET, looked for on the first two levels; without one, of the SEQUENCE itself."""
    level = outer.children(_WHAT)
    for _ in range(2):
        found = tlv.find(level, der.SET)
        if found:
            return found.children(_WHAT)
        inner = tlv.find(level, der.SEQUENCE)
        if inner is None:
            break
        members = inner.children(_WHAT)
        if members and members[0].tag == der.INTEGER and len(level) > 1:
            return level  # the entries themselves, without a SET around them
        level = members
    return level


def _text(values: tuple[tlv.Tlv, ...]) -> str | None:
    """The entry's one string; parents and spouse (sequences) and empty entries give None."""
    if not values or values[0].tag not in _ENCODINGS:
        return None
    return clean_text(values[0].value, _ENCODINGS[values[0].tag], _WHAT)


def _raw(values: tuple[tlv.Tlv, ...]) -> bytes:
    return b"".join(one.raw for one in values)


def _personal_number(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[0-9]{12}", text):
        raise MalformedData(_WHAT, "a personal number that is not 12 digits")
    return text


def _sex(text: str | None) -> Literal["male", "female"] | None:
    sexes: dict[str, Literal["male", "female"]] = {"nam": "male", "nữ": "female"}
    return sexes.get(text.casefold()) if text else None


def _date(text: str | None) -> str | None:
    """dd/MM/yyyy, MM/yyyy or yyyy; 00 stands for an unknown part."""
    if text is None:
        return None
    found = re.fullmatch(r"(?:(?:([0-9]{1,2})/)?([0-9]{1,2})/)?([0-9]{4})", text)
    if not found:
        raise MalformedData(_WHAT, "a date of no known form")
    day, month, year = (int(part or 0) for part in found.groups())
    try:
        date(year, month or 1, day or 1)
    except ValueError as error:
        raise MalformedData(_WHAT, "a date that no calendar has") from error
    if not month:
        return f"{year:04d}"
    return f"{year:04d}-{month:02d}-{day:02d}" if day else f"{year:04d}-{month:02d}"


def _expiry(text: str | None) -> str | None:
    """The type allows words here; every word means "không thời hạn" (no expiry), which DG1 says as well."""
    return _date(text) if text and text[0].isdigit() else None
