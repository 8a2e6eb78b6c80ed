"""What a visit's insurance comes to at the door: the rules of ``server.domain.coverage`` put to one visit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.domain.catalogue import Payer
from server.domain.coverage import (
    SMALL_VISIT_PERCENT,
    Arrival,
    Card,
    Charge,
    FacilityStanding,
    ListedDisease,
    LivingArea,
    PatientType,
    base_salary_vnd,
    card_percent,
    charge_at_registration,
    effective_percent,
    needs_paper_card,
    patient_type,
    temporary_child_card,
)
from server.domain.identity import PartialDate
from server.domain.listed_diseases import ListedRow, ShownDisease, find_row, list_of
from server.domain.papers import PaperProblem, TransferPaper, transfer_paper_ends_on, transfer_paper_problem
from server.domain.priority import PriorityGround, ground_by_age


class Circumstance(StrEnum):
    """What staff see from papers and no card or gateway says; each is a patient type of its own, paid in full."""

    MOVED_RESIDENCE = "moved-residence"
    ORGAN_DONOR = "organ-donor"
    NEWBORN = "newborn"


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What is known of one visit. ``on`` is its local day, ``facility`` its code of 5 characters.

    ``card_refused``: the gateway says that nothing holds today. ``price_vnd`` is the visit's own, None while nobody
    has said who pays; ``prices`` are the catalogue's of that day. ``five_years_on`` as the gateway names it.
    ``admitted``: comes to be admitted, as an inpatient.
    """

    on: date
    facility: str
    standing: FacilityStanding
    born_on: PartialDate | None
    payer: Payer | None
    price_vnd: int | None
    prices: Mapping[Payer, int] = field(default_factory=dict)
    card_number: str | None = None
    card_from: date | None = None
    card_to: date | None = None
    primary_facility: str | None = None
    card_refused: bool = False
    five_years_on: date | None = None
    appointment: bool = False
    emergency: bool = False
    transfer_paper: TransferPaper | None = None
    circumstance: Circumstance | None = None
    disease: ShownDisease | None = None
    living_area: LivingArea | None = None
    admitted: bool = False
    holidays: Collection[date] = ()


@dataclass(frozen=True, slots=True)
class VisitCoverage:
    """Everything provisional: the patient type is settled when the visit ends.

    ``card_percent`` and ``effective_percent`` are None while no number with a benefit digit is known, ``charge`` while
    the service has no price. ``paper_ends_on``: the last day on which the transfer paper opens a visit. None where they
    mend nothing: ``whole_below_vnd``, a visit of less is paid in full, and ``five_years_on``.
    ``disease_list``: the appendix that counts here, None where no disease changes anything; ``listed``: its row that
    names the disease shown, for the conditions that staff must see.
    """

    patient_type: PatientType
    card_percent: int | None
    effective_percent: Decimal | None
    charge: Charge | None
    temporary_card: Card | None = None  # proposed for a child under six who has shown none
    wants_card: bool = False  # taken for insured, as the visit is registered so, and no number is known yet
    needs_paper_card: bool = False
    paper_problem: PaperProblem | None = None
    paper_ends_on: date | None = None
    whole_below_vnd: int | None = None
    five_years_on: date | None = None
    disease_list: ListedDisease | None = None
    listed: ListedRow | None = None
    living_area: LivingArea | None = None


def cover_visit(facts: VisitFacts) -> VisitCoverage:
    """Return what the visit's insurance comes to as far as it can be told at the door."""
    proposed = _temporary_card(facts)
    number = proposed.number if proposed else facts.card_number
    is_assumed = proposed is None and _is_assumed(facts)
    is_insured = proposed is not None or is_assumed or _holds(facts)
    problem = _paper_problem(facts)
    appendix = list_of(facts.standing.level)
    listed = _listed_row(facts, appendix)
    is_vouched_for = facts.disease is not None and facts.disease.grounds is not None
    kind = patient_type(
        Arrival(
            on=facts.on,
            facility=facts.standing,
            insured=is_insured,
            registered_here=proposed is None and facts.primary_facility == facts.facility,
            transfer_paper=facts.transfer_paper is not None and problem is None,
            appointment=facts.appointment,
            emergency=facts.emergency,
            inpatient=facts.admitted,
            moved_residence=facts.circumstance is Circumstance.MOVED_RESIDENCE,
            after_organ_donation=facts.circumstance is Circumstance.ORGAN_DONOR,
            newborn=facts.circumstance is Circumstance.NEWBORN,
            hard_area=facts.living_area is not None,
            disease=appendix if listed is not None or is_vouched_for else None,
        )
    )
    own = card_percent(number) if is_insured and number else None
    percent = effective_percent(own, kind, on=facts.on) if own is not None else None
    if kind.percent == 0:
        percent = Decimal(0)
    return VisitCoverage(
        patient_type=kind,
        card_percent=own,
        effective_percent=percent,
        charge=_charge(facts, kind, is_insured=is_insured),
        temporary_card=proposed,
        wants_card=is_assumed,
        needs_paper_card=is_insured and number is not None and needs_paper_card(number),
        paper_problem=problem,
        paper_ends_on=transfer_paper_ends_on(facts.transfer_paper, facts.holidays) if facts.transfer_paper else None,
        whole_below_vnd=_whole_below_vnd(facts.on) if own not in (None, 100) and percent == own else None,
        five_years_on=facts.five_years_on if own not in (None, 100) and percent == own else None,
        disease_list=appendix,
        listed=listed,
        living_area=facts.living_area,
    )


def _temporary_card(facts: VisitFacts) -> Card | None:
    """Source: Decree 188/2025/ND-CP art. 37: the birth certificate does for a child under six without a card."""
    if facts.card_number or facts.payer is Payer.SELF:
        return None
    if ground_by_age(facts.born_on, facts.on) is not PriorityGround.CHILD:
        return None
    province = facts.facility[:2]
    if not province.isdecimal():
        return None  # a code of letters names no province
    return temporary_child_card(province, arrived_on=facts.on)


def _is_assumed(facts: VisitFacts) -> bool:
    """Whether a visit counts as insured without a number: the gateway is asked by the personal number, and its silence
    makes nobody self-paying (Decree 188/2025/ND-CP art. 38).
    """
    return facts.payer is Payer.INSURED and not facts.card_number and not facts.card_refused


def _holds(facts: VisitFacts) -> bool:
    if not facts.card_number or facts.card_refused or facts.payer is Payer.SELF:
        return False
    began = facts.card_from is None or facts.card_from <= facts.on
    return began and (facts.card_to is None or facts.on <= facts.card_to)


def _paper_problem(facts: VisitFacts) -> PaperProblem | None:
    if facts.transfer_paper is None:
        return None
    return transfer_paper_problem(facts.transfer_paper, on=facts.on, facility=facts.facility, holidays=facts.holidays)


def _listed_row(facts: VisitFacts, appendix: ListedDisease | None) -> ListedRow | None:
    if facts.disease is None or appendix is None:
        return None
    return find_row(facts.disease, appendix, born_on=facts.born_on, on=facts.on)


def _charge(facts: VisitFacts, kind: PatientType, *, is_insured: bool) -> Charge | None:
    price_vnd = _price_vnd(facts, is_insured=is_insured)
    if price_vnd is None:
        return None
    return _charge_of(facts.payer, price_vnd, facts.prices.get(Payer.INSURED), kind)


def due_on_slip(
    payer: Payer | None, price_vnd: int | None, *, insured_price_vnd: int | None, shows_card: bool
) -> int | None:
    """Return what a slip asks for before the examination, in đồng; None for nothing, or what the desk must say.

    ``price_vnd`` is the payer's. A kiosk knows neither the gateway's answer nor other papers: who registers as insured
    or shows a card is taken to be paid for, as the desk takes them until it knows better.
    """
    if payer is None or price_vnd is None:
        return None
    is_paid_for = payer is Payer.INSURED or (payer is Payer.ON_REQUEST and shows_card)
    kind = PatientType("", 100, "taken_as_insured") if is_paid_for else PatientType("9", 0, "not_insured")
    return _charge_of(payer, price_vnd, insured_price_vnd, kind).now_vnd or None


def _charge_of(payer: Payer | None, price_vnd: int, insured_price_vnd: int | None, kind: PatientType) -> Charge:
    """Split the price of care on request: what the fund pays of it is the insured price, if there is one."""
    on_request = payer is Payer.ON_REQUEST
    difference_vnd = max(price_vnd - (insured_price_vnd or 0), 0) if on_request else 0
    return charge_at_registration(
        price_vnd=price_vnd - difference_vnd,
        kind=kind,
        on_request=on_request,
        request_difference_vnd=difference_vnd,
    )


def _price_vnd(facts: VisitFacts, *, is_insured: bool) -> int | None:
    if facts.payer is None:
        return facts.prices.get(Payer.INSURED if is_insured else Payer.SELF)
    if facts.payer is Payer.INSURED and not is_insured and facts.price_vnd == facts.prices.get(Payer.INSURED):
        return facts.prices.get(Payer.SELF, facts.price_vnd)  # registered as insured, and is not
    return facts.price_vnd


def _whole_below_vnd(on: date) -> int | None:
    salary = base_salary_vnd(on)
    return None if salary is None else salary * SMALL_VISIT_PERCENT // 100
