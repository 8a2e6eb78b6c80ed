"""How long it takes, as a range one can stand by."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.waiting import (
    PACE_CALLS,
    PACE_WINDOW,
    ExpectedWait,
    PaceBasis,
    expected_wait,
    pace_of,
)

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=60)


def calls(*minutes: float) -> list[datetime]:
    return [START + timedelta(minutes=minute) for minute in minutes]


@pytest.mark.parametrize(
    ("before", "called_at", "wait"),
    [
        (4, calls(40, 45, 50, 55, 60), ExpectedWait(20, 25)),  # one every five minutes
        (0, calls(40, 45, 50, 55, 60), ExpectedWait(0, 5)),  # next: within one gap
        (4, calls(45, 50, 55, 60), None),  # four calls say nothing
        (2, calls(30, 32, 34, 36, 60), ExpectedWait(4, 23)),  # a break of 24 minutes widens the range, moves no floor
        (4, calls(-40, -39, -38, -37, -36), None),  # more than 90 minutes ago: the morning's pace is over
        (1, calls(60, 60, 60, 60, 60), ExpectedWait(0, 0)),  # five rooms at once
        (2, calls(20, 22, 24, 26, 28), ExpectedWait(4, 6)),  # 32 minutes of silence: one long gap among short ones
        (2, calls(22, 24, 26, 28, 35), ExpectedWait(4, 21)),  # a pause that goes on counts as the gap it is already
    ],
)
def test_the_expected_wait_is_a_range_from_the_real_pace(
    before: int, called_at: list[datetime], wait: ExpectedWait | None
) -> None:
    assert expected_wait(before, pace_of(called_at, now=NOW)) == wait


def test_before_the_day_has_a_pace_the_usual_one_counts_with_a_wider_range() -> None:
    pace = pace_of(calls(50, 55), now=NOW, usual_gap_s=240)
    assert expected_wait(5, pace) == ExpectedWait(15, 36, PaceBasis.USUAL)
    assert pace_of([], now=NOW) is None
    measured = pace_of(calls(40, 45, 50, 55, 60), now=NOW, usual_gap_s=240)
    assert measured is not None
    assert measured.basis is PaceBasis.MEASURED


@given(st.lists(st.floats(0, 59), max_size=50), st.integers(0, 60))
def test_a_longer_line_never_waits_less_and_no_range_is_upside_down(minutes: list[float], before: int) -> None:
    pace = pace_of(calls(*sorted(minutes)), now=NOW)
    here, behind = expected_wait(before, pace), expected_wait(before + 1, pace)
    assert (here is None) == (len(minutes) < PACE_CALLS)
    if here and behind:
        assert 0 <= here.least_min <= here.most_min
        assert here.least_min <= behind.least_min
        assert here.most_min <= behind.most_min


@given(st.floats(0.5, 20), st.integers(0, 30), st.integers(PACE_CALLS + 2, 40))
def test_an_even_pace_is_told_to_the_minute(gap_min: float, before: int, made: int) -> None:
    called_at = [NOW - timedelta(minutes=gap_min * n) for n in reversed(range(made))]
    wait = expected_wait(before, pace_of(called_at, now=NOW))
    if wait is None:
        assert sum(instant >= NOW - PACE_WINDOW for instant in called_at) < PACE_CALLS
        return
    assert wait.least_min - 1 <= gap_min * before <= wait.most_min


@given(st.lists(st.floats(0, 89), min_size=PACE_CALLS), st.floats(0, 600))
def test_the_longer_nobody_is_called_the_less_is_promised(minutes: list[float], silence_min: float) -> None:
    called_at = calls(*sorted(minutes))
    last = called_at[-1]
    at_once, later = (pace_of(called_at, now=last + timedelta(minutes=wait)) for wait in (0, silence_min))
    if (
        at_once
        and later
        and len([one for one in called_at if one >= last + timedelta(minutes=silence_min) - PACE_WINDOW])
        == len(called_at)
    ):
        assert later.slow_s >= at_once.slow_s
