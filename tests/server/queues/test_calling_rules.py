"""Who is next and how long it takes, as pure rules."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from server.domain.calling import (
    ExpectedWait,
    Waiting,
    choose_next,
    expected_wait,
    move,
    order_of_calls,
)
from server.domain.priority import MixingRule
from server.domain.queue import TicketStatus

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
RULE = MixingRule(priority=1, ordinary=2)


def one(number: int, *, priority: bool = False, after_call: int | None = None, minute: int | None = None) -> Waiting:
    return Waiting(
        UUID(int=number), START + timedelta(minutes=number if minute is None else minute), priority, after_call
    )  # fmt: skip


def order(*waiting: Waiting, calls_made: int = 0, choices: tuple[bool, ...] = ()) -> list[int]:
    return [found.int for found in order_of_calls(waiting, calls_made=calls_made, choices=choices, rule=RULE)]


def test_without_priority_the_order_is_that_of_arrival_whatever_the_order_of_the_rows() -> None:
    assert order(one(3), one(1), one(2)) == [1, 2, 3]


def test_two_who_arrived_at_the_same_moment_have_one_order_everywhere() -> None:
    assert order(one(2, minute=0), one(1, minute=0)) == order(one(1, minute=0), one(2, minute=0)) == [1, 2]


def test_one_priority_is_called_for_two_ordinary_while_both_wait() -> None:
    waiting = [one(n) for n in range(1, 6)] + [one(n, priority=True) for n in range(11, 14)]
    assert order(*waiting) == [11, 1, 2, 12, 3, 4, 13, 5]


def test_the_turn_goes_on_where_the_morning_left_it() -> None:
    waiting = [one(1), one(2), one(3), one(11, priority=True)]
    assert order(*waiting, choices=(True,)) == [1, 2, 11, 3]
    assert order(*waiting, choices=(True, False)) == [1, 11, 2, 3]
    assert order(*waiting, choices=(True, False, False)) == [11, 1, 2, 3]


def test_calls_without_a_choice_do_not_use_up_a_turn() -> None:
    choice = choose_next([one(11, priority=True)], calls_made=0, choices=(), rule=RULE)
    assert choice is not None
    assert (choice.is_priority, choice.had_choice) == (True, False)


def test_who_missed_the_call_and_came_back_waits_for_three_others() -> None:
    # Called first, missed, back after one call: three more come before, though the arrival was earliest.
    assert order(one(0, after_call=4), *(one(n) for n in range(1, 6)), calls_made=1) == [1, 2, 3, 0, 4, 5]


def test_nobody_is_made_to_wait_for_others_who_are_not_there() -> None:
    assert order(one(0, after_call=9), one(1, after_call=7), calls_made=1) == [1, 0]


def test_nobody_waits_and_nobody_is_called() -> None:
    assert choose_next([], calls_made=3, choices=(True,), rule=RULE) is None
    assert order() == []


def calls(*minutes: float) -> list[datetime]:
    return [START + timedelta(minutes=minute) for minute in minutes]


NOW = START + timedelta(minutes=60)


@pytest.mark.parametrize(
    ("before", "called_at", "wait"),
    [
        (4, calls(40, 45, 50, 55, 60), ExpectedWait(20, 25)),  # one every five minutes
        (0, calls(40, 45, 50, 55, 60), ExpectedWait(0, 5)),  # next: within one gap
        (4, calls(45, 50, 55, 60), None),  # four calls say nothing
        (2, calls(30, 32, 34, 36, 60), ExpectedWait(4, 23)),  # a break of 24 minutes widens the range, moves no floor
        (4, calls(-40, -39, -38, -37, -36), None),  # more than 90 minutes ago: the morning's pace is over
        (1, calls(60, 60, 60, 60, 60), ExpectedWait(0, 0)),  # five rooms at once
    ],
)
def test_the_expected_wait_is_a_range_from_the_real_pace(
    before: int, called_at: list[datetime], wait: ExpectedWait | None
) -> None:
    assert expected_wait(before, called_at=called_at, now=NOW) == wait


def test_a_longer_line_never_waits_less() -> None:
    called_at = calls(31, 33, 38, 44, 46, 51, 59)
    waits = [expected_wait(before, called_at=called_at, now=NOW) for before in range(30)]
    found = [(wait.least_min, wait.most_min) for wait in waits if wait]
    assert len(found) == 30
    assert found == sorted(found)
    assert all(least <= most for least, most in found)


@pytest.mark.parametrize(
    ("status", "act", "after"),
    [
        (TicketStatus.WAITING, "call", TicketStatus.CALLED),
        (TicketStatus.CALLED, "recall", TicketStatus.CALLED),
        (TicketStatus.CALLED, "start", TicketStatus.SERVING),
        (TicketStatus.SERVING, "finish", TicketStatus.DONE),
        (TicketStatus.CALLED, "miss", TicketStatus.MISSED),
        (TicketStatus.MISSED, "resume", TicketStatus.WAITING),
        (TicketStatus.HELD, "resume", TicketStatus.WAITING),
        (TicketStatus.SERVING, "miss", None),  # somebody is there
        (TicketStatus.DONE, "resume", None),  # over is over
        (TicketStatus.CANCELLED, "call", None),
        (TicketStatus.TRANSFERRED, "resume", None),  # goes on under another number
        (TicketStatus.WAITING, "finish", None),
    ],
)
def test_an_act_has_a_meaning_in_some_states_only(status: TicketStatus, act: str, after: TicketStatus | None) -> None:
    assert move(status, act) is after
