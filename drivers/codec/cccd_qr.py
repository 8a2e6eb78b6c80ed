"""The QR of the CCCD (Circular 06/2021/TT-BCA, 7 fields) and of the căn cước (Circular 16/2024/TT-BCA, 11 fields).

``number|old number|full name|ddMMyyyy|Nam or Nữ|address|ddMMyyyy`` and on the newer card four fields more, whose order
is not published: they are kept as they stand. On the older card the address is the permanent residence, on the newer
one the place of residence.
"""

import re
from typing import Final

from drivers.codec import dates, vietnamese
from drivers.codec.reading import CodeKind, IdCardCode, Recognised, Sex

_NUMBER: Final = re.compile(r"\d{12}", re.ASCII)
_OLD_NUMBER: Final = re.compile(r"(?:\d{9}|\d{12})?", re.ASCII)
_SEX: Final[dict[str, Sex]] = {
    "nam": "male",
    "m": "male",
    "male": "male",
    "nữ": "female",
    "nu": "female",
    "f": "female",
    "female": "female",
}
_FIELDS_AT_LEAST: Final = 6  # writers are known that leave out the issue date
_FIELDS_AT_MOST: Final = 32
_ADDRESS_IN_PLACE: Final = (6, 7, 11)
_SEEN_ON_CARDS: Final = (7, 11)

CARD_START: Final = re.compile(r"\d{12}\|(?:\d{9}|\d{12})?\|[^|\d]+\|[\d/]{4,10}\|", re.ASCII)
"""Where a card's text begins: its first four fields. Shorter patterns also match old and cancelled numbers."""


def looks_like(fields: list[str]) -> bool:
    """Whether the text was begun as an ID card's."""
    return len(fields) > 1 and _NUMBER.fullmatch(fields[0]) is not None


def parse(fields: list[str]) -> Recognised:
    """Return the card of a text split at ``|``; refused are halves and impossible dates, letters lost are left out."""
    if len(fields) < _FIELDS_AT_LEAST:
        return Recognised(CodeKind.UNKNOWN, refusal="code.half")
    fields = [one.strip() for one in fields]
    number, old_number, name, birth, sex_text, address = fields[:6]
    issue = fields[6] if len(fields) > 6 else ""
    born_on = _date(birth)
    issued_on = _date(issue)
    known_count = len(fields) in _ADDRESS_IN_PLACE
    if _is_cut_date(issue) and len(fields) == 7:
        return Recognised(CodeKind.UNKNOWN, refusal="code.half")
    if len(fields) > _FIELDS_AT_MOST or born_on is None or _OLD_NUMBER.fullmatch(old_number) is None:
        return Recognised(CodeKind.UNKNOWN, refusal="code.damaged")
    if known_count and issue and not dates.is_full(issued_on):
        return Recognised(CodeKind.UNKNOWN, refusal="code.damaged")
    # A separator inside the address cannot be escaped: only a date in its place says that the address is whole.
    in_place = known_count or dates.is_full(issued_on)
    sex = _SEX.get(sex_text.casefold())
    letters_arrived = not vietnamese.has_damaged_letters(name + address)
    name_is_whole = letters_arrived and vietnamese.is_name(name)
    address_is_whole = letters_arrived and vietnamese.is_written_text(address)
    found = {
        "slash-dates": "/" in birth or (in_place and "/" in issue),
        "sex-spelling": sex is not None and sex_text not in {"Nam", "Nữ"},
        "lost-letters": not name_is_whole or (in_place and bool(address) and not address_is_whole),
        "field-count": len(fields) not in _SEEN_ON_CARDS,
    }
    value = IdCardCode(
        personal_number=number,
        old_number=old_number or None,
        full_name=name if name_is_whole else None,
        born_on=born_on,
        sex=sex,
        address=address if in_place and address_is_whole else None,
        issued_on=issued_on if in_place else None,
        extras=tuple(fields[7:] if in_place else fields[5:]),
    )
    kind = CodeKind.CCCD if len(fields) <= 7 else CodeKind.CAN_CUOC
    return Recognised(kind, value, tuple(name for name, is_found in found.items() if is_found))


def _date(text: str) -> str | None:
    return dates.from_slashed(text) if "/" in text else dates.from_compact(text)


def _is_cut_date(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len("ddMMyyyy")
