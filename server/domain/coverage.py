"""Health insurance (BHYT) of one visit: patient type, rate, and what is due when.

Everything here is provisional: the final patient type is set when the visit ends, and the rate that the insurance
gateway names wins over a card's own digit. Rates are tables with the day from which they hold.
Sources: Law 51/2024/QH15; Decision 3276/QD-BYT of 17 October 2025 (patient types); Decision 1351/QD-BHXH of 2015 (the
card's benefit digit).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final


class TechnicalLevel(StrEnum):
    """What a facility is licensed for since 2025; there are no four "lines" any more."""

    INITIAL = "initial"
    BASIC = "basic"
    SPECIALISED = "specialised"


class FormerLine(StrEnum):
    """What a facility was before 2025; some rates still hang on it."""

    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"
    CENTRAL = "central"
    NONE = "none"  # opened since


class ListedDisease(StrEnum):
    """Circular 01/2025/TT-BYT: appendix II is covered in full at the basic level, appendix I at the specialised."""

    APPENDIX_I = "appendix-i"
    APPENDIX_II = "appendix-ii"


class LivingArea(StrEnum):
    """Where the insured person lives, as card and gateway write it; each is a "hard area" of patient type 3.6.

    Source: Decision 1351/QD-BHXH of 2015.
    """

    K1 = "K1"  # ethnic minority or poor household in an area of difficult conditions
    K2 = "K2"  # the same in an area of especially difficult conditions
    K3 = "K3"  # island commune


@dataclass(frozen=True, slots=True)
class FacilityStanding:
    level: TechnicalLevel
    former_line: FormerLine
    points: int | None = None  # of the ministry's rating, decides among basic facilities


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a visit when the patient stands at the door. Days are local days."""

    on: date
    facility: FacilityStanding
    insured: bool
    registered_here: bool = False  # the card's facility of first registration
    transfer_paper: bool = False  # shown and valid
    appointment: bool = False  # shown and valid
    emergency: bool = False
    inpatient: bool = False
    moved_residence: bool = False  # Circular 01/2025/TT-BYT art. 4
    after_organ_donation: bool = False
    newborn: bool = False  # treated right after birth
    hard_area: bool = False  # ethnic minority or poor household there, island communes
    disease: ListedDisease | None = None


@dataclass(frozen=True, slots=True)
class PatientType:
    """``code`` as Decision 3276/QD-BYT writes it, a string; ``percent`` of the card's own rate."""

    code: str
    percent: int
    reason: str  # stable code of the sentence that staff read


HALF_FROM: Final = date(2026, 7, 1)
"""Self-referred outpatients of codes 1.13, 1.14 and 1.18 get nothing before and half from this day.

Source: Decision 1931/QD-BYT of 29 June 2026.
"""


def patient_type(arrival: Arrival) -> PatientType:
    """Return the provisional patient type: of all that fit, the first in the decision's order."""
    return next(one for one in _fitting(arrival) if one is not None)


def _fitting(a: Arrival) -> Sequence[PatientType | None]:
    level, line, points = a.facility.level, a.facility.former_line, a.facility.points
    initial = level is TechnicalLevel.INITIAL
    basic = level is TechnicalLevel.BASIC
    specialised = level is TechnicalLevel.SPECIALISED
    outpatient = not a.inpatient
    was_large = line in {FormerLine.PROVINCE, FormerLine.CENTRAL}
    half = 50 if a.on >= HALF_FROM else 0

    def when(fits: bool, code: str, percent: int, reason: str) -> PatientType | None:
        return PatientType(code, percent, reason) if fits else None

    if not a.insured:
        return [PatientType("9", 0, "not_insured")]
    return [
        when(a.registered_here, "1.1", 100, "registered_here"),
        when(initial, "1.2", 100, "initial_level"),
        when(a.transfer_paper, "1.3", 100, "transfer_paper"),
        when(a.moved_residence, "1.4", 100, "moved_residence"),
        when(a.appointment, "1.5", 100, "appointment"),
        when(a.after_organ_donation, "1.6", 100, "organ_donor"),
        when(a.newborn, "1.7", 100, "newborn"),
        # The decision lists 2, 3.3 and 3.6 behind the self-referral codes and says "the first that fits"; read to the
        # letter that would halve an emergency's rate. Law 51/2024/QH15 gives all three in full, so they come first.
        when(a.emergency, "2", 100, "emergency"),
        when(basic and a.disease is ListedDisease.APPENDIX_II, "1.16", 100, "listed_disease"),
        when(specialised and a.disease is ListedDisease.APPENDIX_I, "1.17", 100, "listed_disease"),
        when(specialised and a.inpatient and a.hard_area, "3.6", 100, "hard_area"),
        when(not initial and line is FormerLine.DISTRICT, "3.3", 100, "former_district"),
        when(basic and outpatient and was_large, "1.14", half, "self_referred_former_province"),
        when(basic and outpatient and points is not None and points >= 50, "1.13", half, "self_referred_50_points"),
        when(basic and outpatient, "1.12", 100, "self_referred_basic"),
        when(basic and a.inpatient, "1.15", 100, "self_referred_inpatient"),
        when(specialised and line is FormerLine.CENTRAL, "3.1", 40 if a.inpatient else 0, "self_referred_central"),
        when(specialised and outpatient, "1.18", half, "self_referred_former_province"),
        PatientType("3.2", 100, "self_referred_inpatient"),
    ]


BENEFIT_DIGIT: Final = {"1": 100, "2": 100, "3": 95, "4": 80, "5": 100}
"""Third character of a 15-character card, percent of the covered cost."""

BASE_SALARY_VND: Final[Sequence[tuple[date, int]]] = ((date(2024, 7, 1), 2_340_000),)
"""Decree 73/2024/ND-CP; the law calls it the reference level. A visit below 15 % of it is covered in full."""

SMALL_VISIT_PERCENT: Final = 15


def card_percent(card_number: str) -> int | None:
    """Return the rate that a card's own benefit digit names; None for a number without one (10 or 12 digits)."""
    return BENEFIT_DIGIT.get(card_number[2]) if len(card_number) == 15 else None


def base_salary_vnd(on: date) -> int | None:
    """Return the base salary in force on a day, None before the table begins."""
    return next((amount for since, amount in sorted(BASE_SALARY_VND, reverse=True) if on >= since), None)


def effective_percent(
    percent_of_card: int, kind: PatientType, *, on: date, covered_cost_vnd: int | None = None, five_years: bool = False
) -> Decimal:
    """Return what the fund pays of the covered cost, in percent with at most one decimal (``47.5``).

    ``covered_cost_vnd`` is the visit's covered cost so far, None while unknown. ``five_years``: five continuous years
    and this year's own payments above six base salaries. Both make the card's rate whole; neither mends a patient
    type that is paid in part.
    """
    salary = base_salary_vnd(on)
    small = (
        covered_cost_vnd is not None and salary is not None and covered_cost_vnd * 100 < salary * SMALL_VISIT_PERCENT
    )
    # Code 1.2 is 100 % of the covered cost whatever the card says.
    whole = kind.code == "1.2" or small or five_years
    own = 100 if whole else percent_of_card
    return (Decimal(own) * kind.percent / 100).quantize(Decimal("0.1")).normalize()


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a person as the gateway or the card itself names it. ``ends_on`` is inclusive, None for open."""

    number: str
    starts_on: date
    ends_on: date | None
    primary_facility: str | None = None

    def holds_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


def choose_card(cards: Collection[Card], *, on: date) -> Card | None:
    """Return the card to use for an arrival; of several that hold, the one that began last, then the higher number."""
    holding = [card for card in cards if card.holds_on(on)]
    return max(holding, key=lambda card: (card.starts_on, card.number), default=None)


PAPER_CARD_HOLDERS: Final = frozenset({"QN", "CA", "CY"})
"""Army, police, cipher staff: the gateway may not know them, the paper card counts.

Source: Decree 188/2025/ND-CP art. 37(1b).
"""


def needs_paper_card(card_number: str) -> bool:
    return card_number[:2].upper() in PAPER_CARD_HOLDERS


def temporary_child_card(province: str, *, arrived_on: date) -> Card:
    """Return the card of a child under six who has none yet: ``TE1``, two digits of the province, zeros.

    It holds from the arrival; its facility of first registration is the province and ``000``. The mother's number is
    never used for the child.
    """
    if len(province) != 2 or not (province.isascii() and province.isdecimal()):
        raise ValueError("a province has two digits")
    return Card(f"TE1{province}{'0' * 10}", arrived_on, None, f"{province}000")


@dataclass(frozen=True, slots=True)
class Charge:
    """What is certain at registration. Whatever a visit's tests and drugs cost is known at its end only."""

    now_vnd: int
    reason: str


def charge_at_registration(
    *, price_vnd: int, kind: PatientType, on_request: bool, request_difference_vnd: int = 0
) -> Charge:
    """Return what a patient pays before the examination.

    Insured: nothing but the difference of a room on request, the own share follows at the end. Not insured, or a type
    that the fund does not pay at all: the examination's price.
    """
    if kind.percent == 0:
        return Charge(price_vnd + (request_difference_vnd if on_request else 0), reason=kind.reason)
    if on_request and request_difference_vnd:
        return Charge(request_difference_vnd, reason="on_request")
    return Charge(0, reason=kind.reason)
