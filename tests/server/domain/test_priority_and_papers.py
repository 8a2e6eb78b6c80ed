"""Priority by law, the mixing of two lines, and how long papers stand."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.identity import PartialDate
from server.domain.papers import (
    PaperProblem,
    TransferPaper,
    transfer_paper_ends_on,
    transfer_paper_problem,
)
from server.domain.priority import (
    ClaimState,
    MixingRule,
    PriorityGround,
    calls_priority_next,
    ground_by_age,
    ground_that_counts,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("born_on", "ground", "reason"),
    [
        ("2020-11-23", PriorityGround.CHILD, "six tomorrow"),
        ("2020-11-22", None, "six today"),
        ("1951-11-22", PriorityGround.ELDERLY, "75 today"),
        ("1951-11-23", None, "75 tomorrow"),
        ("1951", PriorityGround.ELDERLY, "only the year is known: it counts for the patient"),
        ("1951-12", None, "the month is known and lies ahead"),
        ("2020", PriorityGround.CHILD, "only the year is known: it counts for the patient"),
        ("1990-08-15", None, "neither"),
        ("1926-01-01", PriorityGround.ELDERLY, "a hundred years"),
        (None, None, "nothing known: staff may declare"),
    ],
)
def test_priority_follows_from_the_birth_date(born_on: str | None, ground: PriorityGround | None, reason: str) -> None:
    assert ground_by_age(PartialDate.parse(born_on) if born_on else None, TODAY) is ground, reason


@pytest.mark.parametrize(
    ("by_age", "claims", "counts_declared", "ground", "reason"),
    [
        (None, {}, False, None, "nothing known, nothing declared"),
        (PriorityGround.ELDERLY, {}, False, PriorityGround.ELDERLY, "the chip proves the age: nobody confirms it"),
        (None, {PriorityGround.PREGNANCY: ClaimState.DECLARED}, False, None, "declared, and nobody has looked"),
        (None, {PriorityGround.PREGNANCY: ClaimState.DECLARED}, True, PriorityGround.PREGNANCY, "as the hospital set"),
        (None, {PriorityGround.MERIT: ClaimState.CONFIRMED}, False, PriorityGround.MERIT, "staff have seen the paper"),
        (None, {PriorityGround.DISABILITY: ClaimState.REFUSED}, True, None, "staff have looked, and it is not so"),
        (None, {PriorityGround.EMERGENCY: ClaimState.DECLARED}, True, None, "before everybody only by staff's word"),
        (PriorityGround.ELDERLY, {PriorityGround.EMERGENCY: ClaimState.CONFIRMED}, False, PriorityGround.EMERGENCY,
         "the law's order: emergency first"),
        (PriorityGround.CHILD, {PriorityGround.MERIT: ClaimState.REFUSED}, False, PriorityGround.CHILD,
         "a refusal takes away no other ground"),
    ],
)  # fmt: skip
def test_what_is_declared_counts_when_staff_confirm_it(
    by_age: PriorityGround | None,
    claims: dict[PriorityGround, ClaimState],
    counts_declared: bool,
    ground: PriorityGround | None,
    reason: str,
) -> None:
    assert ground_that_counts(by_age, claims, counts_declared=counts_declared) is ground, reason


def test_who_was_born_on_a_leap_day_turns_75_on_the_first_of_march() -> None:
    leap = PartialDate(1952, 2, 29)
    assert ground_by_age(leap, date(2027, 2, 28)) is None
    assert ground_by_age(leap, date(2027, 3, 1)) is PriorityGround.ELDERLY


def test_one_priority_to_two_ordinary_while_both_wait() -> None:
    called = [calls_priority_next(MixingRule(1, 2), n, priority_waits=True, ordinary_waits=True) for n in range(7)]
    assert called == [True, False, False, True, False, False, True]


def test_a_line_that_waits_alone_is_called() -> None:
    rule = MixingRule()
    assert calls_priority_next(rule, 1, priority_waits=True, ordinary_waits=False)
    assert not calls_priority_next(rule, 0, priority_waits=False, ordinary_waits=True)


def test_a_rule_that_stops_one_line_is_refused() -> None:
    with pytest.raises(ValueError, match="each line must move"):
        MixingRule(priority=1, ordinary=0)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 60))
def test_nobody_waits_longer_than_one_turn_of_the_other_line(priority: int, ordinary: int, start: int) -> None:
    rule = MixingRule(priority, ordinary)
    window = [
        calls_priority_next(rule, start + n, priority_waits=True, ordinary_waits=True)
        for n in range(priority + ordinary)
    ]
    assert window.count(True) == priority


# 30 April and 1 May 2026 are holidays, a Thursday and a Friday.
HOLIDAYS = {date(2026, 4, 30), date(2026, 5, 1)}
PAPER = TransferPaper("12/GCT", "34001", "34999", signed_on=date(2026, 4, 20))


@pytest.mark.parametrize(
    ("signed_on", "one_year", "ends_on", "reason"),
    [
        (date(2026, 4, 20), False, date(2026, 5, 6), "two weekends and two holidays in between"),
        (date(2026, 11, 20), False, date(2026, 12, 4), "signed on a Friday"),
        (date(2026, 11, 21), False, date(2026, 12, 4), "signed on a Saturday"),
        (date(2026, 4, 20), True, date(2027, 4, 19), "one year"),
        (date(2028, 2, 29), True, date(2029, 2, 28), "one year from a leap day"),
    ],
)
def test_the_last_day_of_a_transfer_paper(signed_on: date, one_year: bool, ends_on: date, reason: str) -> None:
    paper = replace(PAPER, signed_on=signed_on, one_year=one_year)
    assert transfer_paper_ends_on(paper, HOLIDAYS) == ends_on, reason


@pytest.mark.parametrize(
    ("on", "facility", "problem"),
    [
        (date(2026, 4, 20), "34999", None),
        (date(2026, 5, 6), "34999", None),
        (date(2026, 5, 7), "34999", PaperProblem.EXPIRED),
        (date(2026, 4, 19), "34999", PaperProblem.NOT_SIGNED_YET),
        (date(2026, 4, 20), "34018", PaperProblem.WRONG_FACILITY),
    ],
)
def test_what_keeps_a_transfer_paper_from_counting(on: date, facility: str, problem: PaperProblem | None) -> None:
    assert transfer_paper_problem(PAPER, on=on, facility=facility, holidays=HOLIDAYS) is problem
