"""The QR of the paper health insurance card: 15 fields, the last one ``$``; names and addresses are hex of UTF-8.

Card numbers: 15 characters (structure of Decision 1351/QD-BHXH) or 10 digits (Decision 1666/QD-BHXH). The check string
in field 13 follows no published rule, so it proves nothing and is not read.
"""

import re
import unicodedata
from typing import Final

from drivers.codec import dates, vietnamese
from drivers.codec.reading import CodeKind, InsuranceCode, Recognised, Sex

_CARD_NUMBER: Final = re.compile(r"[A-Z]{2}[1-5]\d{2}[0-9A-Z]{10}|\d{10}", re.ASCII)
_PERSONAL_NUMBER: Final = re.compile(r"\d{12}", re.ASCII)
_FACILITY: Final = re.compile(r"\d{2}[0-9A-Z]{3}", re.ASCII)
_OFFICE_AND_NUMBER: Final = re.compile(r"\d{4}(\d{10})", re.ASCII)
_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+", re.ASCII)  # lower case, pairs: anything else is a cut or a typing driver
_SEX: Final[dict[str, Sex]] = {"1": "male", "2": "female"}
_FIELDS: Final = (14, 15)  # many scanners take the "$" for their own end mark
_ABSENT: Final = frozenset({"", "-", "–"})

CARD_START: Final = re.compile(
    r"(?:[A-Z]{2}[1-5]\d{2}[0-9A-Z]{10}|(?<!\d)\d{12}|\d{10})\|[0-9a-f]+\|[\d/]{4,10}\|[12]\|", re.ASCII
)
"""Where a card's text begins: its first four fields."""


def looks_like(fields: list[str]) -> bool:
    """Whether the text was begun as a health insurance card's."""
    number = _number(fields[0])
    if _PERSONAL_NUMBER.fullmatch(number):  # announced as the insurance number; an ID card begins alike
        return len(fields) in _FIELDS and fields[3].strip() in _SEX and bool(_HEX.fullmatch(fields[1].strip()))
    return len(fields) > 1 and _CARD_NUMBER.fullmatch(number) is not None


def parse(fields: list[str]) -> Recognised:
    """Return the card of a text split at ``|``; a damaged field is left out, half a card is refused."""
    if len(fields) not in _FIELDS:
        too_few = len(fields) < min(_FIELDS)
        return Recognised(CodeKind.UNKNOWN, refusal="code.half" if too_few else "code.damaged")
    card = _Fields(fields)
    value = InsuranceCode(
        card_number=_number(fields[0]),
        full_name=card.text(1, is_name=True),
        born_on=card.date(2, full=False),
        sex=_SEX.get(card.raw(3)),
        address=card.text(4, is_name=False),
        primary_facility=card.facility(5),
        valid_from=card.date(6),
        valid_to=card.date(7),
        issued_on=card.date(8),
        social_insurance_number=card.social_insurance_number(9),
        five_years_on=card.date(12),
        parent_name=card.parent_name(10),
    )
    return Recognised(CodeKind.BHYT, value, tuple(card.repairs))


class _Fields:
    """The fields of one card; what cannot be read is None and noted in ``repairs``."""

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields
        self.repairs: dict[str, None] = {}  # a set that keeps its order

    def raw(self, index: int) -> str:
        return self._fields[index].strip()

    def text(self, index: int, *, is_name: bool) -> str | None:
        raw = self.raw(index)
        if raw in _ABSENT:
            return None
        try:
            decoded = bytes.fromhex(raw).decode("utf-8") if _HEX.fullmatch(raw) else ""
        except UnicodeDecodeError:
            decoded = ""
        text = unicodedata.normalize("NFC", decoded).strip()
        if not (vietnamese.is_name(text) if is_name else vietnamese.is_written_text(text)):
            self.repairs["hex"] = None
            return None
        if text != decoded.strip():
            self.repairs["nfd"] = None
        return text

    def date(self, index: int, *, full: bool = True) -> str | None:
        raw = self.raw(index)
        found = dates.from_slashed(raw)
        if found is None or (full and not dates.is_full(found)):
            if raw not in _ABSENT:
                self.repairs["dates"] = None
            return None
        return found

    def facility(self, index: int) -> str | None:
        joined = re.sub(r"[\s–—-]", "", self.raw(index)).upper()
        return joined if _FACILITY.fullmatch(joined) else None

    def parent_name(self, index: int) -> str | None:
        raw = unicodedata.normalize("NFC", self.raw(index))
        if vietnamese.is_name(raw) and not raw.isalnum():  # some offices wrote it plainly
            return raw if raw not in _ABSENT else None
        return self.text(index, is_name=True)

    def social_insurance_number(self, index: int) -> str | None:
        number = _number(self._fields[0])
        match = _OFFICE_AND_NUMBER.fullmatch(self.raw(index))
        if match is not None:
            return match[1]
        return number if len(number) == 10 else None


def _number(text: str) -> str:
    return text.replace(" ", "").upper()
