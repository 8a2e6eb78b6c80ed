"""What was scanned or typed into the one field at the top: a person, something to search for, or a damaged code."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from drivers.codec.recognise import CodeKind, IdCardCode, InsuranceCode, MrzCode, OwnCode, readable_text, recognise
from server.domain.codes import APPOINTMENT_PREFIX, VISIT_PREFIX
from server.domain.identity import born_in, is_personal_number
from server.presenting import written_date

Fields = dict[str, str]

_SAID_IN_WORDS: Final = frozenset(
    {"code.half", "code.damaged", "code.several", "code.layout", "code.unreadable_here"}
)  # fmt: skip
# A card's text without its separators, or with a "Đ" in its number: a Vietnamese input method was on while a
# keyboard-wedge scanner typed.
_INPUT_METHOD: Final = re.compile(r"(?:[A-ZĐ]{2}[1-5])?\d{10,}[^|]{20,}", re.IGNORECASE)
_PREFIXES: Final = {CodeKind.VISIT: VISIT_PREFIX, CodeKind.APPOINTMENT: APPOINTMENT_PREFIX}


@dataclass(frozen=True, slots=True)
class Scan:
    """What one scan says: ``fields`` of the form, or ``search`` text, or why it is neither (``refusal``).

    ``has_damage``: a name or an address did not survive the scanner and must be typed.
    """

    fields: Fields = field(default_factory=dict)
    search: str = ""
    refusal: str | None = None
    has_damage: bool = False


def read_scan(text: str, *, today: date) -> Scan:
    """Return what ``text`` is; text that is no code of any kind is something to search for."""
    found = recognise(text.encode("utf-8", errors="replace"))
    has_damage = bool({"lost-letters", "hex"} & set(found.repairs))
    match found.value:
        case IdCardCode() as card:
            return Scan(_of_id_card(card), has_damage=has_damage)
        case InsuranceCode() as card:
            return Scan(_of_insurance_card(card), has_damage=has_damage)
        case MrzCode() as mrz:
            return Scan(_of_mrz(mrz, today))
        case OwnCode() as own:
            return Scan(search=_PREFIXES[found.kind] + own.code)
    readable = readable_text(text.encode("utf-8", errors="replace"))[0]
    if found.kind is CodeKind.VIETQR:
        return Scan(refusal="code.foreign")
    if found.refusal in _SAID_IN_WORDS:
        return Scan(refusal=found.refusal)
    if _INPUT_METHOD.fullmatch(unicodedata.normalize("NFC", readable)):
        return Scan(refusal="code.layout")
    return Scan(search=" ".join(text.split()))


def _of_id_card(card: IdCardCode) -> Fields:
    return _filled(
        kind="documents",
        scanned="qr",
        personal_number=card.personal_number,
        old_number=card.old_number if card.old_number and len(card.old_number) == 9 else None,
        full_name=card.full_name,
        born_on=written_date(card.born_on),
        sex=card.sex,
        address=card.address,
    )


def _of_insurance_card(card: InsuranceCode) -> Fields:
    return _filled(
        scanned="insurance-qr",
        insurance_card=card.card_number,
        social_number=card.social_insurance_number,
        full_name=card.full_name,
        born_on=written_date(card.born_on),
        sex=card.sex,
        insurance_facility=card.primary_facility,
        insurance_from=written_date(card.valid_from),
        insurance_to=written_date(card.valid_to),
        companion_name=card.parent_name,
    )


def _of_mrz(mrz: MrzCode, today: date) -> Fields:
    number = mrz.personal_number if mrz.personal_number and is_personal_number(mrz.personal_number) else None
    is_citizen = mrz.nationality == "VNM" and number is not None
    year = int(mrz.born_on[:2])
    century = born_in(number) // 100 * 100 if number else 2000 if year <= today.year % 100 else 1900
    return _filled(
        kind="documents" if is_citizen else "foreigner",
        scanned="mrz",
        personal_number=number if is_citizen else None,
        passport=None if is_citizen else mrz.document_number,
        nationality="DEU" if mrz.nationality == "D" else mrz.nationality,  # the one code ICAO 9303-3 shortens
        full_name=mrz.name,
        born_on=_of_yymmdd(mrz.born_on, century),
        sex=mrz.sex,
        expires_on=_of_yymmdd(mrz.expires_on, 2000) if mrz.expires_on else None,
    )


def _of_yymmdd(text: str, century: int) -> str:
    """Return the date as it is written; a part that the document leaves open (``<<`` or ``00``) is left out."""
    day, month, year = text[4:6], text[2:4], century + int(text[:2])
    known = [part for part in (day, month) if part.isdecimal() and part != "00"]
    return "/".join([*(known if len(known) == 2 else [month] if month in known else []), f"{year:04d}"])


def _filled(**values: str | None) -> Fields:
    return {name: value for name, value in values.items() if value}
