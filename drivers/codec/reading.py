"""What a code said: values of one scanned text. Dates are FHIR dates: ``1990``, ``1990-08`` or ``1990-08-15``."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class CodeKind(StrEnum):
    CCCD = "cccd"  # 7 fields, card issued 2021 to June 2024
    CAN_CUOC = "can-cuoc"  # 8 and more fields (11 seen), card issued from July 2024
    BHYT = "bhyt"  # health insurance card, 15 fields
    VISIT = "visit"  # our own slip: "TD1:" and an opaque visit code
    APPOINTMENT = "appointment"  # our own letter: "TA1:" and an opaque appointment code
    VIETQR = "vietqr"  # a bank transfer to be made
    MRZ = "mrz"  # the machine readable zone of a passport or card, as text
    UNKNOWN = "unknown"  # anything else; told to the patient kindly, never logged


Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class IdCardCode:
    """The text of an ID card's QR.

    ``full_name`` and ``address`` are None when the scanner destroyed their letters; ``address`` also when the count of
    fields leaves open where it ends. ``extras`` are the fields behind the issue date as they stand, and everything
    behind the sex where the count of fields is not one that was seen on a card (repair ``"field-count"``).
    """

    personal_number: str
    old_number: str | None
    full_name: str | None
    born_on: str | None
    sex: Sex | None
    address: str | None
    issued_on: str | None
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InsuranceCode:
    """The text of a BHYT card's QR. ``full_name`` and ``address`` are None when they were not clean hex of UTF-8.

    ``card_number``: 15 characters (cards to March 2021) or 10 digits. ``primary_facility``: 5 characters.
    """

    card_number: str
    full_name: str | None
    born_on: str | None
    sex: Sex | None
    address: str | None
    primary_facility: str | None
    valid_from: str | None
    valid_to: str | None
    issued_on: str | None
    social_insurance_number: str | None
    five_years_on: str | None
    parent_name: str | None = None  # on a young child's card


@dataclass(frozen=True, slots=True)
class OwnCode:
    """The opaque part of a code that we printed ourselves."""

    code: str


@dataclass(frozen=True, slots=True)
class VietQrCode:
    """A bank transfer. ``bank_bin``: 6 digits. ``account`` may hold letters; it is a card's number if ``is_card``."""

    bank_bin: str
    account: str
    is_card: bool
    amount_vnd: int | None
    bill_number: str | None
    purpose: str | None


@dataclass(frozen=True, slots=True)
class MrzCode:
    """An MRZ whose check digits agree. Dates are YYMMDD as printed: the century is not in it.

    ``name`` is without marks and may be cut; ``expires_on`` is None for a card without expiry. ``issuer`` and
    ``nationality`` are the MRZ's own codes, which are those of ISO 3166-1 alpha-3 but for Germany's D.
    """

    document_number: str
    personal_number: str | None
    name: str
    born_on: str
    sex: Sex | None
    expires_on: str | None
    nationality: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """``value`` is None for UNKNOWN; ``repairs`` names what was mended, or left out because it could not be.

    Mended: ``"bom"``, ``"aim"``, ``"nfd"``, ``"latin1"``, ``"cp1252"``, ``"cp437"``, ``"twice"``, ``"case"``,
    ``"slash-dates"``, ``"sex-spelling"``, ``"look-alikes"``. Left out, for staff to fill in: ``"lost-letters"``,
    ``"hex"``, ``"dates"``, ``"field-count"``.

    ``refusal`` says why an UNKNOWN text is one: ``"code.unreadable_here"`` (VNeID and other opaque codes),
    ``"code.half"`` (show it again), ``"code.damaged"`` (a card's form with impossible content), ``"code.several"`` (two
    codes in one scan), ``"code.layout"`` (typed by a scanner through a wrong keyboard layout), ``"code.number_only"``,
    ``"code.foreign"``.
    """

    kind: CodeKind
    value: IdCardCode | InsuranceCode | OwnCode | VietQrCode | MrzCode | None = None
    repairs: tuple[str, ...] = field(default=())
    refusal: str | None = None
