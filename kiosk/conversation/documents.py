"""What opens the chip of a passport or an older card: its printed zone, or the same off the keys.

Pure. Of a card with a 12-digit number the expiry is not asked for: it follows from the birth date.
"""

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from drivers.codec.recognise import MrzCode
from drivers.icao9303.mrz import NO_EXPIRY
from drivers.icao9303.passwords import passwords_from_card, passwords_from_document
from drivers.icao9303.reading import ChipPasswords
from kiosk.conversation.identity import KnownPerson
from server.domain.identity import PartialDate

SHORTEST_NUMBER: Final = 5
LONGEST_NUMBER: Final = 12
DATE_DIGITS: Final = 8
DOCUMENT_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CARD_NUMBER: Final = re.compile(r"[0-9]{12}")
_PASSPORT_NUMBER: Final = re.compile(r"[A-Z0-9]{5,9}")
_DATE: Final = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")


class Field(StrEnum):
    """What is typed of a document, in this order."""

    NUMBER = "number"  # of the passport, or the 12 digits of a card
    BORN = "born"  # ddMMyyyy; 00 for a day or month that is not on the document
    EXPIRES = "expires"  # ddMMyyyy


@dataclass(frozen=True, slots=True)
class TypedDocument:
    """What was typed so far; dates are FHIR dates."""

    number: str | None = None
    born_on: str | None = None
    expires_on: str | None = None

    @property
    def asked(self) -> Field | None:
        """The field to type next, None when all is there."""
        if self.number is None:
            return Field.NUMBER
        if self.born_on is None:
            return Field.BORN
        return None if self.expires_on or _CARD_NUMBER.fullmatch(self.number) else Field.EXPIRES

    def with_field(self, text: str, *, today: date) -> "TypedDocument | None":
        """Return the document with ``text`` in the field that is asked for; None when it cannot stand there."""
        match self.asked:
            case Field.NUMBER:
                is_number = _CARD_NUMBER.fullmatch(text) or _PASSPORT_NUMBER.fullmatch(text)
                return replace(self, number=text) if is_number else None
            case Field.BORN:
                born_on = _date(text)
                return replace(self, born_on=born_on) if born_on and born_on <= today.isoformat() else None
            case Field.EXPIRES:
                expires_on = _date(text)
                is_day = expires_on is not None and len(expires_on) == len("YYYY-MM-DD") and expires_on[:2] == "20"
                return replace(self, expires_on=expires_on) if is_day else None
            case None:
                return None

    def without_last(self) -> "TypedDocument | None":
        """Return the document without the field typed last; None when nothing was typed."""
        if self.born_on is not None:
            return replace(self, born_on=None)
        return replace(self, number=None) if self.number is not None else None

    def passwords(self, *, today: date) -> ChipPasswords:
        """Return what opens the chip, of a document that is typed in whole."""
        assert self.number is not None
        assert self.born_on is not None
        if self.expires_on is None:
            return passwords_from_card(self.number, self.born_on, today=today)
        return passwords_from_document(self.number, self.born_on, self.expires_on)


@dataclass(frozen=True, slots=True)
class Document:
    """A document whose chip can be opened. ``zone`` and ``known`` are None where only its keys' fields are known."""

    passwords: ChipPasswords
    zone: MrzCode | None = None
    known: KnownPerson | None = None


def passwords_from_zone(zone: MrzCode) -> ChipPasswords:
    """Return what a printed zone tells of its chip's passwords."""
    number = zone.personal_number
    return ChipPasswords(
        can=number[-6:] if number else None,
        document_number=zone.document_number,
        born_on=zone.born_on,
        expiries=(zone.expires_on or NO_EXPIRY,),
    )


def _date(text: str) -> str | None:
    """Return ddMMyyyy as a FHIR date, as precise as it is; None for what no calendar has."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    day, month, year = found.groups()
    parts = [year, *([month] if month != "00" else []), *([day] if "00" not in (day, month) else [])]
    try:
        return str(PartialDate.parse("-".join(parts))) if month != "00" or day == "00" else None
    except ValueError:
        return None
