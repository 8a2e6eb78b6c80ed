"""Insurance rules, row by row: patient types, rates by date, cards, what is due when."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from server.domain.coverage import (
    Arrival,
    Card,
    FacilityStanding,
    FormerLine,
    ListedDisease,
    PatientType,
    TechnicalLevel,
    base_salary_vnd,
    card_percent,
    charge_at_registration,
    choose_card,
    effective_percent,
    needs_paper_card,
    patient_type,
    temporary_child_card,
)

STATION = FacilityStanding(TechnicalLevel.INITIAL, FormerLine.COMMUNE)
DISTRICT = FacilityStanding(TechnicalLevel.BASIC, FormerLine.DISTRICT, points=45)
LARGE_DISTRICT = FacilityStanding(TechnicalLevel.BASIC, FormerLine.DISTRICT, points=62)
NEW_SMALL = FacilityStanding(TechnicalLevel.BASIC, FormerLine.NONE, points=49)
NEW_LARGE = FacilityStanding(TechnicalLevel.BASIC, FormerLine.NONE, points=50)
BASIC_PROVINCE = FacilityStanding(TechnicalLevel.BASIC, FormerLine.PROVINCE, points=66)
PROVINCE = FacilityStanding(TechnicalLevel.SPECIALISED, FormerLine.PROVINCE, points=80)
CENTRAL = FacilityStanding(TechnicalLevel.SPECIALISED, FormerLine.CENTRAL, points=95)

BEFORE = date(2026, 6, 30)
AFTER = date(2026, 7, 1)


def at(facility: FacilityStanding, on: date = AFTER, **known: object) -> Arrival:
    return replace(Arrival(on=on, facility=facility, insured=True), **known)  # type: ignore[arg-type]  # of any field


@pytest.mark.parametrize(
    ("arrival", "code", "percent", "reason"),
    [
        (at(DISTRICT, registered_here=True), "1.1", 100, "first registration here"),
        (at(STATION), "1.2", 100, "any initial-level facility, also self-referred (1.11 is never reached)"),
        (at(PROVINCE, transfer_paper=True), "1.3", 100, "transfer paper"),
        (at(PROVINCE, moved_residence=True), "1.4", 100, "stays elsewhere"),
        (at(PROVINCE, appointment=True), "1.5", 100, "re-examination"),
        (at(CENTRAL, after_organ_donation=True), "1.6", 100, "donor"),
        (at(CENTRAL, newborn=True), "1.7", 100, "newborn"),
        (at(NEW_SMALL), "1.12", 100, "basic below 50 points"),
        (at(NEW_LARGE, on=BEFORE), "1.13", 0, "50 points, the last day without pay"),
        (at(NEW_LARGE, on=AFTER), "1.13", 50, "50 points, the first day of half pay"),
        (at(BASIC_PROVINCE, on=BEFORE), "1.14", 0, "basic, was province"),
        (at(BASIC_PROVINCE, on=AFTER), "1.14", 50, "basic, was province, from July 2026"),
        (at(NEW_LARGE, inpatient=True), "1.15", 100, "admitted at basic level"),
        (at(BASIC_PROVINCE, disease=ListedDisease.APPENDIX_II), "1.16", 100, "appendix II at basic level"),
        (at(PROVINCE, disease=ListedDisease.APPENDIX_I), "1.17", 100, "appendix I at specialised level"),
        (at(BASIC_PROVINCE, disease=ListedDisease.APPENDIX_I), "1.14", 50, "appendix I does not help at basic level"),
        (at(PROVINCE, on=BEFORE), "1.18", 0, "specialised, was province"),
        (at(PROVINCE, on=AFTER), "1.18", 50, "specialised, was province, from July 2026"),
        (at(CENTRAL, emergency=True), "2", 100, "emergency anywhere"),
        (at(PROVINCE, emergency=True), "2", 100, "emergency is not halved by 1.18"),
        (at(DISTRICT, emergency=True, registered_here=True), "1.1", 100, "in order anyway"),
        (at(CENTRAL, inpatient=True), "3.1", 40, "central, admitted"),
        (at(CENTRAL), "3.1", 0, "central, outpatient"),
        (at(PROVINCE, inpatient=True), "3.2", 100, "was province, admitted"),
        (at(DISTRICT), "3.3", 100, "was district: our own hospital"),
        (at(LARGE_DISTRICT), "3.3", 100, "was district, more than 50 points: not halved by 1.13"),
        (at(CENTRAL, inpatient=True, hard_area=True), "3.6", 100, "hard area, admitted at specialised level"),
        (at(CENTRAL, hard_area=True), "3.1", 0, "hard area does not help an outpatient"),
        (replace(at(DISTRICT), insured=False), "9", 0, "not insured"),
        (replace(at(DISTRICT, emergency=True), insured=False), "9", 0, "not insured, in an emergency"),
    ],
)
def test_the_provisional_patient_type(arrival: Arrival, code: str, percent: int, reason: str) -> None:
    found = patient_type(arrival)
    assert (found.code, found.percent) == (code, percent), reason


def test_every_outpatient_of_a_former_district_hospital_is_paid_in_full() -> None:
    arrivals = (
        at(DISTRICT),
        at(DISTRICT, registered_here=True),
        at(DISTRICT, transfer_paper=True),
        at(DISTRICT, appointment=True),
    )
    assert [patient_type(arrival).percent for arrival in arrivals] == [100] * 4


@pytest.mark.parametrize(
    ("number", "percent"),
    [
        ("TE1340123456789", 100),
        ("HN2340123456789", 100),
        ("HT3340123456789", 95),
        ("DN4340123456789", 80),
        ("QN5970123456789", 100),
        ("0123456789", None),  # since April 2021 the number carries no rate: the gateway knows it
        ("001090123456", None),
    ],
)
def test_the_rate_that_a_card_number_names(number: str, percent: int | None) -> None:
    assert card_percent(number) == percent


@pytest.mark.parametrize(
    ("own", "kind", "cost", "five_years", "percent", "reason"),
    [
        (80, PatientType("3.3", 100, ""), None, False, "80", "plain"),
        (95, PatientType("1.18", 50, ""), None, False, "47.5", "four characters: why the field was widened"),
        (80, PatientType("1.2", 100, ""), 5_000_000, False, "100", "initial level: whole whatever the card"),
        (80, PatientType("1.1", 100, ""), 350_999, False, "100", "below 15 % of the base salary"),
        (80, PatientType("1.1", 100, ""), 351_000, False, "80", "15 % exactly is not below"),
        (80, PatientType("1.1", 100, ""), 9_000_000, True, "100", "five continuous years"),
        (80, PatientType("1.18", 50, ""), 100_000, True, "50", "whole card, half type"),
        (100, PatientType("3.1", 0, ""), 100_000, True, "0", "nothing stays nothing"),
    ],
)
def test_the_effective_rate_is_that_of_card_and_patient_type(
    own: int, kind: PatientType, cost: int | None, five_years: bool, percent: str, reason: str
) -> None:
    found = effective_percent(own, kind, on=AFTER, covered_cost_vnd=cost, five_years=five_years)
    assert found == Decimal(percent), reason


def test_a_base_salary_is_unknown_before_the_table_begins() -> None:
    assert base_salary_vnd(date(2024, 6, 30)) is None
    assert base_salary_vnd(date(2024, 7, 1)) == 2_340_000


OLD = Card("DN4340123456789", date(2024, 1, 1), date(2026, 11, 22))
NEW = Card("HT3340123456789", date(2026, 11, 22), None)
AHEAD = Card("HT3340123456789", date(2027, 1, 1), None)


@pytest.mark.parametrize(
    ("cards", "chosen", "reason"),
    [
        ([OLD, NEW], NEW, "both hold: the one that began last"),
        ([NEW, OLD], NEW, "the order of the answer plays no part"),
        ([OLD, AHEAD], OLD, "a card ahead does not hold yet"),
        ([AHEAD], None, "none holds"),
        ([], None, "none at all"),
    ],
)
def test_the_card_whose_dates_fit_the_arrival_is_used(cards: list[Card], chosen: Card | None, reason: str) -> None:
    assert choose_card(cards, on=date(2026, 11, 22)) == chosen, reason


def test_a_card_holds_on_its_first_and_on_its_last_day() -> None:
    card = Card("0123456789", date(2026, 1, 1), date(2026, 12, 31))
    days = [card.starts_on - timedelta(days=1), card.starts_on, date(2026, 12, 31), date(2027, 1, 1)]
    assert [card.holds_on(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(("number", "paper"), [("QN597", True), ("ca598", True), ("CY597", True), ("DN434", False)])
def test_army_police_and_cipher_staff_show_paper(number: str, paper: bool) -> None:
    assert needs_paper_card(number + "0123456789") is paper


def test_a_child_without_a_card_gets_a_temporary_one_of_its_province() -> None:
    assert temporary_child_card("34", arrived_on=AFTER) == Card("TE1340000000000", AFTER, None, "34000")
    with pytest.raises(ValueError, match="two digits"):
        temporary_child_card("034", arrived_on=AFTER)


@pytest.mark.parametrize(
    ("kind", "on_request", "now", "reason"),
    [
        (PatientType("3.3", 100, "former_district"), False, 0, "insured: the own share follows at the end"),
        (PatientType("3.3", 100, "former_district"), True, 150_000, "insured in a room on request: the difference"),
        (PatientType("9", 0, "not_insured"), False, 50_600, "not insured: the price"),
        (PatientType("9", 0, "not_insured"), True, 200_600, "not insured on request: both"),
        (PatientType("3.1", 0, "self_referred_central"), False, 50_600, "insured, and this visit is not paid"),
    ],
)
def test_what_is_due_before_the_examination(kind: PatientType, on_request: bool, now: int, reason: str) -> None:
    charge = charge_at_registration(
        price_vnd=50_600, kind=kind, on_request=on_request, request_difference_vnd=150_000 if on_request else 0
    )
    assert charge.now_vnd == now, reason
