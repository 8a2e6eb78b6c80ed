"""Who is next, as pure rules: fair, the same for everybody, and told in advance."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calling import (
    Class,
    LineUp,
    Waiting,
    choose_next,
    class_of,
    move,
    order_of_calls,
    place_in_order,
)
from server.domain.priority import MixingRule, PriorityGround
from server.domain.queue import TicketStatus

START = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
RULE = MixingRule(priority=1, ordinary=2)
ROOM, OTHER_ROOM = UUID(int=1001), UUID(int=1002)


def one(
    number: int, *, line: Class = Class.ORDINARY, after_call: int | None = None, minute: int | None = None,
    room_id: UUID | None = None,
) -> Waiting:  # fmt: skip
    arrived_at = START + timedelta(minutes=number if minute is None else minute)
    return Waiting(UUID(int=number), arrived_at, line, after_call, room_id)


def old(number: int) -> Waiting:
    return one(number, line=Class.PRIORITY)


def order(*waiting: Waiting, calls_made: int = 0, turns_taken: int = 0, rule: MixingRule = RULE) -> list[int]:
    found = order_of_calls(waiting, calls_made=calls_made, turns_taken=turns_taken, rule=rule)
    return [ticket_id.int for ticket_id in found]


def test_without_priority_the_order_is_that_of_arrival_whatever_the_order_of_the_rows() -> None:
    assert order(one(3), one(1), one(2)) == [1, 2, 3]


def test_two_who_arrived_at_the_same_moment_have_one_order_everywhere() -> None:
    assert order(one(2, minute=0), one(1, minute=0)) == order(one(1, minute=0), one(2, minute=0)) == [1, 2]


def test_one_priority_is_called_for_two_ordinary_while_both_wait() -> None:
    waiting = [one(n) for n in range(1, 6)] + [old(n) for n in range(11, 14)]
    assert order(*waiting) == [11, 1, 2, 12, 3, 4, 13, 5]


def test_the_turn_goes_on_where_the_morning_left_it() -> None:
    waiting = [one(1), one(2), one(3), old(11)]
    assert order(*waiting, turns_taken=1) == [1, 2, 11, 3]
    assert order(*waiting, turns_taken=2) == [1, 11, 2, 3]
    assert order(*waiting, turns_taken=3) == [11, 1, 2, 3]


def test_calls_without_a_choice_do_not_use_up_a_turn() -> None:
    choice = choose_next([old(11)], calls_made=0, turns_taken=0, rule=RULE)
    assert choice is not None
    assert (choice.line, choice.had_choice) == (Class.PRIORITY, False)


def test_who_missed_the_call_and_came_back_waits_for_three_others() -> None:
    # Called first, missed, back after one call: three more come before, though the arrival was earliest.
    assert order(one(0, after_call=4), *(one(n) for n in range(1, 6)), calls_made=1) == [1, 2, 3, 0, 4, 5]


def test_nobody_is_made_to_wait_for_others_who_are_not_there() -> None:
    assert order(one(0, after_call=9), one(1, after_call=7), calls_made=1) == [1, 0]


def test_nobody_waits_and_nobody_is_called() -> None:
    assert choose_next([], calls_made=3, turns_taken=1, rule=RULE) is None
    assert order() == []


def test_a_confirmed_emergency_goes_before_everybody_and_takes_nobodys_turn() -> None:
    waiting = [one(1), one(2), old(11), one(21, line=Class.EMERGENCY)]
    assert order(*waiting) == [21, 11, 1, 2]
    assert order(*waiting, turns_taken=1) == [21, 1, 2, 11]


def test_who_waits_for_one_room_is_called_there_and_nowhere_else() -> None:
    waiting = [one(1, room_id=OTHER_ROOM), one(2)]
    here = choose_next(waiting, calls_made=0, turns_taken=0, rule=RULE, room_id=ROOM)
    there = choose_next(waiting, calls_made=0, turns_taken=0, rule=RULE, room_id=OTHER_ROOM)
    assert here is not None
    assert there is not None
    assert (here.ticket_id.int, there.ticket_id.int) == (2, 1)
    assert choose_next(waiting[:1], calls_made=0, turns_taken=0, rule=RULE, room_id=ROOM) is None


@pytest.mark.parametrize(
    ("ground", "line"),
    [
        (None, Class.ORDINARY),
        (PriorityGround.EMERGENCY, Class.EMERGENCY),
        *((ground, Class.PRIORITY) for ground in PriorityGround if ground is not PriorityGround.EMERGENCY),
    ],
)
def test_every_ground_of_the_law_but_the_emergency_stands_in_one_line(ground: PriorityGround, line: Class) -> None:
    assert class_of(ground) is line


# Fairness, for any morning the strategies think of.

RULES = st.builds(MixingRule, st.integers(1, 4), st.integers(1, 4))
MORNINGS = st.lists(st.sampled_from([Class.ORDINARY, Class.ORDINARY, Class.PRIORITY]), min_size=1, max_size=40)


def arrivals(lines: list[Class]) -> list[Waiting]:
    return [one(n, line=line) for n, line in enumerate(lines, 1)]


@given(MORNINGS, RULES, st.integers(0, 20))
def test_everybody_is_called_once_and_in_each_line_in_the_order_of_arrival(
    lines: list[Class], rule: MixingRule, turns_taken: int
) -> None:
    called = order(*reversed(arrivals(lines)), rule=rule, turns_taken=turns_taken)
    assert sorted(called) == list(range(1, len(lines) + 1))
    for line in Class:
        mine = [number for number in called if lines[number - 1] is line]
        assert mine == sorted(mine)


@given(MORNINGS, RULES)
def test_the_ratio_holds_as_long_as_both_lines_wait(lines: list[Class], rule: MixingRule) -> None:
    called = [lines[number - 1] for number in order(*arrivals(lines), rule=rule)]
    turn = [Class.PRIORITY] * rule.priority + [Class.ORDINARY] * rule.ordinary
    while called and {*called} == {Class.PRIORITY, Class.ORDINARY}:
        both_wait_for = 0
        while both_wait_for < len(turn) and {*called[both_wait_for:]} == {Class.PRIORITY, Class.ORDINARY}:
            both_wait_for += 1
        assert called[:both_wait_for] == turn[:both_wait_for]
        called = called[both_wait_for:]


@given(MORNINGS, st.lists(st.sampled_from(list(Class)), max_size=60), RULES)
def test_nobody_starves_however_many_of_the_other_line_come_later(
    lines: list[Class], later: list[Class], rule: MixingRule
) -> None:
    """Of those who come later none but an emergency goes before, beyond the share of the other line."""
    everybody = [*lines, *later]
    called = order(*arrivals(everybody), rule=rule)
    for number, line in enumerate(lines, 1):
        before_in_line = sum(everybody[n - 1] is line for n in range(1, number))
        share = rule.ordinary if line is Class.PRIORITY else rule.priority
        own_share = rule.priority if line is Class.PRIORITY else rule.ordinary
        others = share * (before_in_line // own_share + 1)
        emergencies = everybody.count(Class.EMERGENCY)
        assert called.index(number) <= before_in_line + others + emergencies


@given(MORNINGS, RULES, st.integers(0, 20), st.data())
def test_a_place_told_from_counts_is_the_place_in_the_order(
    lines: list[Class], rule: MixingRule, turns_taken: int, data: st.DataObject
) -> None:
    waiting = arrivals(lines) + [one(100 + n, line=Class.EMERGENCY) for n in range(data.draw(st.integers(0, 2)))]
    mine = data.draw(st.sampled_from(waiting))
    line_up = LineUp(
        before_in_line=sum(other.line is mine.line and other.arrived_at < mine.arrived_at for other in waiting),
        in_other_line=sum(other.line not in (mine.line, Class.EMERGENCY) for other in waiting),
        emergencies=sum(other.line is Class.EMERGENCY for other in waiting),
    )
    told = place_in_order(mine.line, line_up, turns_taken=turns_taken, rule=rule)
    assert told == order(*waiting, rule=rule, turns_taken=turns_taken).index(mine.ticket_id.int)


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
        (TicketStatus.CALLED, "skip", TicketStatus.WAITING),  # comes back after the next one
        (TicketStatus.SERVING, "send", TicketStatus.WAITING),  # to another room of the same queue
        (TicketStatus.WAITING, "skip", None),  # nobody was called
        (TicketStatus.SERVING, "miss", None),  # somebody is there
        (TicketStatus.DONE, "resume", None),  # over is over
        (TicketStatus.CANCELLED, "call", None),
        (TicketStatus.TRANSFERRED, "resume", None),  # goes on under another number
        (TicketStatus.WAITING, "finish", None),
    ],
)
def test_an_act_has_a_meaning_in_some_states_only(status: TicketStatus, act: str, after: TicketStatus | None) -> None:
    assert move(status, act) is after
