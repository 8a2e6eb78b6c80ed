"""One visit's facts put to the insurance rules, row by row."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from server.domain.catalogue import Payer
from server.domain.coverage import (
    Charge,
    FacilityStanding,
    FormerLine,
    ListedDisease,
    LivingArea,
    TechnicalLevel,
)
from server.domain.identity import PartialDate
from server.domain.listed_diseases import ShownDisease
from server.domain.papers import PaperProblem, TransferPaper
from server.domain.visit_coverage import Circumstance, VisitFacts, cover_visit

DAY = date(2026, 11, 23)
DISTRICT = FacilityStanding(TechnicalLevel.BASIC, FormerLine.DISTRICT, points=45)
LARGE = FacilityStanding(TechnicalLevel.BASIC, FormerLine.NONE, points=62)
CENTRAL = FacilityStanding(TechnicalLevel.SPECIALISED, FormerLine.CENTRAL, points=95)
PAPER = TransferPaper("12/GCT", "34018", "34999", date(2026, 11, 9))
VISIT = VisitFacts(
    on=DAY, facility="34999", standing=DISTRICT, born_on=PartialDate(1990, 8, 15), payer=Payer.INSURED,
    price_vnd=39_800, prices={Payer.INSURED: 39_800, Payer.SELF: 45_000, Payer.ON_REQUEST: 150_000},
    card_number="GD4349900000001", card_from=date(2026, 1, 1), card_to=date(2026, 12, 31), primary_facility="34018",
)  # fmt: skip
WITHOUT_CARD = replace(VISIT, card_number=None, card_from=None, card_to=None, primary_facility=None)
CHILD = replace(WITHOUT_CARD, born_on=PartialDate(2021, 9, 10))


@pytest.mark.parametrize(
    ("facts", "code", "percent", "now_vnd", "reason"),
    [
        (VISIT, "3.3", "80", 0, "self-referred to a former district hospital"),
        (replace(VISIT, primary_facility="34999"), "1.1", "80", 0, "registered here"),
        (replace(VISIT, transfer_paper=PAPER), "1.3", "80", 0, "a transfer paper of the tenth working day"),
        (replace(VISIT, transfer_paper=replace(PAPER, signed_on=date(2026, 11, 6))), "3.3", "80", 0, "of the eleventh"),
        (replace(VISIT, appointment=True), "1.5", "80", 0, "by appointment"),
        (replace(VISIT, circumstance=Circumstance.MOVED_RESIDENCE), "1.4", "80", 0, "stays here"),
        (replace(VISIT, circumstance=Circumstance.ORGAN_DONOR), "1.6", "80", 0, "donor"),
        (replace(VISIT, circumstance=Circumstance.NEWBORN), "1.7", "80", 0, "newborn"),
        (replace(VISIT, standing=LARGE), "1.13", "40", 0, "half of the card's rate"),
        (replace(VISIT, standing=LARGE, card_number="HN3349900000001"), "1.13", "47.5", 0, "half of 95"),
        (replace(VISIT, standing=LARGE, emergency=True), "2", "80", 0, "an emergency goes before self-referral"),
        (replace(VISIT, standing=CENTRAL), "3.1", "0", 39_800, "insured, and the fund pays nothing of this visit"),
        (replace(VISIT, standing=CENTRAL, disease=ShownDisease("I50", "")), "1.17", "80", 0, "appendix I, known here"),
        (replace(VISIT, standing=CENTRAL, disease=ShownDisease("I10", "")), "3.1", "0", 39_800, "in no list"),
        (
            replace(VISIT, standing=CENTRAL, disease=ShownDisease("I10", "", "looked up")),
            "1.17",
            "80",
            0,
            "vouched for",
        ),
        (replace(VISIT, standing=CENTRAL, disease=ShownDisease("C50", "")), "3.1", "0", 39_800, "a row for children"),
        (replace(CHILD, standing=CENTRAL, disease=ShownDisease("C50", "")), "1.17", "100", 0, "the same, for a child"),
        (replace(VISIT, standing=LARGE, disease=ShownDisease("I50", "")), "1.13", "40", 0, "appendix I at basic level"),
        (replace(VISIT, standing=LARGE, disease=ShownDisease("I50", "", "app. II")), "1.16", "80", 0, "appendix II"),
        (replace(VISIT, disease=ShownDisease("I50", "", "app. II")), "1.16", "80", 0, "goes before 3.3, rate the same"),
        (replace(VISIT, standing=CENTRAL, living_area=LivingArea.K1), "3.1", "0", 39_800, "an outpatient of K1"),
        (replace(VISIT, standing=CENTRAL, admitted=True), "3.1", "32", 0, "admitted: 40 % of 80"),
        (replace(VISIT, standing=CENTRAL, admitted=True, living_area=LivingArea.K1), "3.6", "80", 0, "admitted, K1"),
        (replace(VISIT, standing=CENTRAL, admitted=True, living_area=LivingArea.K2), "3.6", "80", 0, "admitted, K2"),
        (replace(VISIT, standing=CENTRAL, admitted=True, living_area=LivingArea.K3), "3.6", "80", 0, "island commune"),
        (replace(VISIT, standing=LARGE, admitted=True), "1.15", "80", 0, "admitted at basic level, nothing is halved"),
        (replace(VISIT, payer=Payer.ON_REQUEST, price_vnd=150_000), "3.3", "80", 110_200, "on request: the difference"),
        (replace(VISIT, payer=Payer.SELF, price_vnd=45_000), "9", "0", 45_000, "has a card and pays oneself"),
        (replace(VISIT, card_refused=True), "9", "0", 45_000, "the gateway knows of no insurance: as self-paying"),
        (replace(VISIT, card_refused=True, price_vnd=0), "9", "0", 0, "the same, and a lead waived the fee"),
        (replace(VISIT, card_to=date(2026, 11, 22)), "9", "0", 45_000, "the card ended yesterday"),
        (replace(VISIT, card_to=DAY), "3.3", "80", 0, "the card's last day"),
        (replace(VISIT, card_from=date(2026, 11, 24)), "9", "0", 45_000, "the card begins tomorrow"),
        (replace(VISIT, payer=None, price_vnd=None), "3.3", "80", 0, "nobody has said who pays, a card is there"),
        (replace(WITHOUT_CARD, payer=None, price_vnd=None), "9", "0", 45_000, "neither payer nor card"),
        (replace(WITHOUT_CARD, payer=Payer.ON_REQUEST, price_vnd=150_000), "9", "0", 150_000, "on request, all of it"),
        (CHILD, "3.3", "100", 0, "a child under six counts as insured"),
        (replace(CHILD, payer=Payer.SELF, price_vnd=45_000), "9", "0", 45_000, "unless the parents pay"),
        (replace(WITHOUT_CARD, card_refused=True), "9", "0", 45_000, "no card, and the gateway knows of none"),
    ],
)
def test_a_visits_type_rate_and_what_is_due_now(
    facts: VisitFacts, code: str, percent: str, now_vnd: int, reason: str
) -> None:
    found = cover_visit(facts)
    assert found.charge is not None
    assert (found.patient_type.code, found.effective_percent, found.charge.now_vnd) == (
        code, Decimal(percent), now_vnd
    ), reason  # fmt: skip


def test_a_visit_registered_as_insured_counts_so_until_the_gateway_says_otherwise() -> None:
    found = cover_visit(WITHOUT_CARD)
    assert (found.patient_type.code, found.effective_percent, found.wants_card) == ("3.3", None, True)
    assert found.charge == Charge(0, reason="former_district")
    assert not cover_visit(replace(WITHOUT_CARD, card_refused=True)).wants_card
    assert not cover_visit(VISIT).wants_card


def test_a_number_without_a_benefit_digit_leaves_the_rate_open() -> None:
    found = cover_visit(replace(VISIT, card_number="0123456789"))
    assert (found.patient_type.code, found.card_percent, found.effective_percent) == ("3.3", None, None)


def test_a_service_without_a_price_leaves_the_charge_open() -> None:
    assert cover_visit(replace(VISIT, price_vnd=None, prices={}, payer=None)).charge is None


@pytest.mark.parametrize(
    ("paper", "problem"),
    [
        (PAPER, None),
        (replace(PAPER, signed_on=date(2026, 11, 6)), PaperProblem.EXPIRED),
        (replace(PAPER, signed_on=date(2026, 11, 6), one_year=True), None),
        (replace(PAPER, signed_on=date(2026, 11, 24)), PaperProblem.NOT_SIGNED_YET),
        (replace(PAPER, to_facility="34001"), PaperProblem.WRONG_FACILITY),
    ],
)
def test_what_is_wrong_with_a_paper_is_said(paper: TransferPaper, problem: PaperProblem | None) -> None:
    assert cover_visit(replace(VISIT, transfer_paper=paper)).paper_problem is problem


def test_a_holiday_lengthens_the_paper_by_its_day() -> None:
    paper = replace(PAPER, signed_on=date(2026, 11, 6))
    assert cover_visit(replace(VISIT, transfer_paper=paper, holidays={date(2026, 11, 20)})).paper_problem is None


@pytest.mark.parametrize(("number", "wanted"), [("QN4349900000001", True), ("CA4349900000001", True),
                                                ("CY4349900000001", True), ("GD4349900000001", False)])  # fmt: skip
def test_army_police_and_cipher_staff_show_their_paper_card(number: str, *, wanted: bool) -> None:
    assert cover_visit(replace(VISIT, card_number=number)).needs_paper_card is wanted


def test_a_child_without_a_card_is_proposed_the_provinces_temporary_number() -> None:
    card = cover_visit(CHILD).temporary_card
    assert card is not None
    assert (card.number, card.primary_facility, card.starts_on) == ("TE1340000000000", "34000", DAY)
    assert cover_visit(replace(CHILD, card_number="TE1349900000001")).temporary_card is None
    assert cover_visit(replace(CHILD, facility="QY034")).temporary_card is None  # a code that names no province
    assert cover_visit(replace(CHILD, born_on=PartialDate(2020, 11, 23))).temporary_card is None  # six today


def test_the_last_day_of_a_transfer_paper_is_told_also_when_it_has_passed() -> None:
    assert cover_visit(VISIT).paper_ends_on is None
    old = cover_visit(replace(VISIT, transfer_paper=replace(PAPER, signed_on=date(2026, 11, 6))))
    assert (old.paper_problem, old.paper_ends_on) == (PaperProblem.EXPIRED, date(2026, 11, 20))


def test_what_lifts_the_own_share_is_told_where_there_is_one() -> None:
    found = cover_visit(replace(VISIT, five_years_on=date(2026, 3, 1)))
    assert (found.whole_below_vnd, found.five_years_on) == (351_000, date(2026, 3, 1))
    whole = cover_visit(replace(VISIT, card_number="TE1349900000001", five_years_on=date(2026, 3, 1)))
    assert (whole.whole_below_vnd, whole.five_years_on) == (None, None)
    half = cover_visit(replace(VISIT, standing=LARGE, five_years_on=date(2026, 3, 1)))
    assert (half.whole_below_vnd, half.five_years_on) == (None, None)  # half stays half


def test_the_row_that_lists_a_disease_is_named_for_its_conditions() -> None:
    found = cover_visit(replace(VISIT, standing=CENTRAL, disease=ShownDisease("I50", "")))
    assert found.disease_list is ListedDisease.APPENDIX_I
    assert found.listed is not None
    assert found.listed.number == 43
    vouched = cover_visit(replace(VISIT, disease=ShownDisease("I50", "", "app. II")))
    assert (vouched.disease_list, vouched.listed) == (ListedDisease.APPENDIX_II, None)
    station = FacilityStanding(TechnicalLevel.INITIAL, FormerLine.COMMUNE)
    assert cover_visit(replace(VISIT, standing=station)).disease_list is None  # paid in full whatever the disease
