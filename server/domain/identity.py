"""Who a person is, and how sure we are of it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Self


class Sex(StrEnum):
    """FHIR administrative gender, as far as Vietnamese papers use it."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class IdentityAssurance(StrEnum):
    """How sure we are of a person, a value and never a boolean; strongest first, CHIP_CONTRADICTED stands apart."""

    CHIP_TRUSTED = "chip-trusted"  # signed by an issuer we know, and not a copy
    CHIP_CONSISTENT = "chip-consistent"  # signed and whole, issuer unknown to us
    CHIP_READ = "chip-read"  # opened with the card's own secret, not proved
    STAFF = "staff"  # a member of staff looked at papers and face
    QR = "qr"  # printed text anybody can print
    TYPED = "typed"
    CHIP_CONTRADICTED = "chip-contradicted"  # the chip disagrees with itself or with the code shown


_STRENGTH: Final = (
    IdentityAssurance.TYPED,
    IdentityAssurance.QR,
    IdentityAssurance.STAFF,
    IdentityAssurance.CHIP_READ,
    IdentityAssurance.CHIP_CONSISTENT,
    IdentityAssurance.CHIP_TRUSTED,
)


def replaces(later: IdentityAssurance, earlier: IdentityAssurance) -> bool:
    """Whether a later verdict about the same reading replaces the earlier one.

    A stronger one does, a contradiction always; nothing replaces a contradiction, a person must look at it.
    """
    if IdentityAssurance.CHIP_CONTRADICTED in {later, earlier}:
        return later is not earlier and later is IdentityAssurance.CHIP_CONTRADICTED
    return _STRENGTH.index(later) > _STRENGTH.index(earlier)


PROOF_PENDING = "proof.pending"
"""The reason of an identity that was registered while its proof was being made."""


def settles(later: Sequence[str], earlier: Sequence[str]) -> bool:
    """Whether the reasons of a verdict of the same strength end a wait for the proof."""
    return PROOF_PENDING in earlier and PROOF_PENDING not in later


class IdentifierSystem(StrEnum):
    """Namespaces of identifiers (FHIR Identifier.system, in our short form)."""

    PERSONAL_NUMBER = "vn-personal-number"  # số định danh cá nhân, 12 digits
    OLD_ID_NUMBER = "vn-cmnd"  # 9 digits
    INSURANCE_CARD = "vn-bhyt"  # 10 digits, or 15 characters on older cards
    SOCIAL_INSURANCE = "vn-bhxh"  # 10 digits
    PASSPORT = "passport"  # ISO 3166-1 alpha-3 of the issuer, "/", number
    TEMPORARY = "tiepdon-temporary"  # ours, for who has no number to show; never of the form of a state's number


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A calendar date of which the day, or day and month, may be unknown (FHIR ``date``)."""

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day without a month")
        date(self.year, self.month or 1, self.day or 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; raises ValueError."""
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
            raise ValueError("not a date of the form YYYY, YYYY-MM or YYYY-MM-DD")
        return cls(*(int(part) for part in text.split("-")))

    def __str__(self) -> str:
        parts = [f"{self.year:04d}"]
        if self.month is not None:
            parts.append(f"{self.month:02d}")
        if self.day is not None:
            parts.append(f"{self.day:02d}")
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Identifier:
    system: IdentifierSystem
    value: str


@dataclass(frozen=True, slots=True)
class PersonIdentity:
    """One person as a document or a member of staff named them.

    ``full_name`` is one string as printed on the card (NFC), never split.
    """

    full_name: str
    born_on: PartialDate | None
    sex: Sex
    identifiers: tuple[Identifier, ...]
    address: str | None = None
    nationality: str | None = None  # ISO 3166-1 alpha-3
    ethnicity: str | None = None

    @property
    def personal_number(self) -> str | None:
        return next((i.value for i in self.identifiers if i.system is IdentifierSystem.PERSONAL_NUMBER), None)


def is_personal_number(text: str) -> bool:
    """Whether ``text`` has the form of a personal number: 12 ASCII digits, a living person's century digit.

    There is no check digit; prefix, year and sex inside may differ from the record for lawful reasons (changed sex or
    birth data), so they are never a ground to refuse. Source: Decree 137/2015 art. 13, Circular 59/2021 art. 4.
    """
    return re.fullmatch(r"[0-9]{3}[0-3][0-9]{8}", text) is not None


def born_in(personal_number: str) -> int:
    """Return the birth year inside a personal number (digits 4 to 6: century and sex, two of the year)."""
    century = 1900 + int(personal_number[3]) // 2 * 100
    return century + int(personal_number[4:6])


def fold_name(name: str) -> str:
    """Return the search form of a name: no marks, no case, ``đ`` as ``d``, single spaces.

    The two tone placements (hòa, hoà), NFC and NFD, and the apostrophes of minority names (’ ʼ ´ ') fold together.
    """
    decomposed = unicodedata.normalize("NFD", name.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")
    bare = re.sub("[\u2019\u02bc\u00b4`]", "'", bare)
    return " ".join(bare.split())


def mask_name(name: str) -> str:
    """Return a name for a screen that others can see: the first word whole, of each further word its first letter.

    ``Nguyễn Văn Đức`` becomes ``NGUYỄN V. Đ.``; a name of one word keeps its first letter only.
    """
    words = unicodedata.normalize("NFC", name).upper().split()
    if len(words) < 2:
        return "".join(f"{word[0]}***" for word in words)
    return " ".join([words[0], *(f"{word[0]}." for word in words[1:])])


def mask_number(number: str) -> str:
    """Return a number for a screen or a log: all but the last three characters hidden."""
    return "•" * max(len(number) - 3, 0) + number[-3:]
