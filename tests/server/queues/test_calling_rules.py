"""Who is next, as pure rules: fair, the same for everybody, and told in advance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calling import (
    Choice,
    Class,
    LineUp,
    Moment,
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
    room_id: UUID | None = None, due: int | None = None,
) -> Waiting:  # fmt: skip
    """Return somebody who came at minute ``minute`` and keeps a time booked for minute ``due``."""
    arrived_at = START + timedelta(minutes=number if minute is None else minute)
    due_at = None if due is None else START + timedelta(minutes=due)
    return Waiting(UUID(int=number), arrived_at, line, after_call, room_id, due_at=due_at)


def old(number: int) -> Waiting:
    return one(number, line=Class.PRIORITY)


def order(*waiting: Waiting, calls_made: int = 0, turns_taken: int = 0, rule: MixingRule = RULE) -> list[int]:
    found = order_of_calls(waiting, calls_made=calls_made, turns_taken=turns_taken, rule=rule)
    return [ticket_id.int for ticket_id in found]


def order_at(minute: int, *waiting: Waiting, gap_min: float | None = None, booked_turns_taken: int = 0) -> list[int]:
    """Return the order that is told at a minute, where one is called each ``gap_min`` minutes."""
    moment = Moment(START + timedelta(minutes=minute), None if gap_min is None else gap_min * 60)
    found = order_of_calls(
        waiting, calls_made=0, turns_taken=0, rule=RULE, booked_turns_taken=booked_turns_taken, moment=moment
    )
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
    assert order(one(0, after_call=4), one(1, after_call=3), calls_made=1) == [1, 0]


def test_a_count_of_calls_that_nobody_can_have_been_given_today_makes_nobody_wait() -> None:
    # 21 calls of the evening before, closed since: a clinic that works through the night begins to count anew.
    assert order(one(0, after_call=24), one(1), calls_made=2) == [0, 1]


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


class TestBookedTimes:
    WALK_INS: ClassVar = [one(n) for n in range(1, 6)]

    def test_whose_time_has_come_gets_one_of_three_ordinary_turns(self) -> None:
        booked = [one(20, due=25), one(21, due=30)]
        assert order_at(40, *self.WALK_INS, *booked) == [20, 1, 2, 21, 3, 4, 5]

    def test_the_turn_goes_on_where_the_morning_left_it(self) -> None:
        assert order_at(40, *self.WALK_INS, one(20, due=25), booked_turns_taken=1) == [1, 2, 20, 3, 4, 5]

    def test_before_the_time_the_place_is_that_of_the_arrival(self) -> None:
        assert order_at(10, *self.WALK_INS, one(0, due=60), one(6, due=60)) == [0, 1, 2, 3, 4, 5, 6]

    def test_a_time_that_will_have_come_is_foreseen_by_the_pace(self) -> None:
        # A call every five minutes: after two of them it is minute 20, and 6 is due.
        assert order_at(10, *self.WALK_INS, one(6, due=20), gap_min=5) == [1, 2, 6, 3, 4, 5]

    def test_those_who_have_booked_go_by_their_times_and_not_by_who_came_first(self) -> None:
        assert order_at(60, one(1), one(2), one(3), one(10, due=40), one(11, due=30)) == [11, 1, 2, 10, 3]

    def test_who_came_first_and_is_due_is_called_once_and_takes_nobodys_turn(self) -> None:
        choice = choose_next(
            [one(0, due=30), one(1)], calls_made=0, turns_taken=0, rule=RULE,
            moment=Moment(START + timedelta(minutes=30)),
        )  # fmt: skip
        assert choice == Choice(UUID(int=0), Class.ORDINARY, had_choice=False, had_booked_choice=False)

    def test_the_laws_priority_keeps_its_share_and_needs_no_booked_time(self) -> None:
        waiting = [one(1), one(2), one(3), old(11), replace(old(12), due_at=START), one(20, due=5)]
        assert order_at(30, *waiting) == [11, 20, 1, 12, 2, 3]

    def test_who_missed_the_call_waits_for_three_others_booked_or_not(self) -> None:
        assert order_at(30, *self.WALK_INS, one(0, due=5, after_call=3)) == [1, 2, 3, 0, 4, 5]

    def test_where_the_rule_says_so_booked_times_change_nothing(self) -> None:
        off = replace(RULE, walk_ins_per_booked=None)
        waiting = [*self.WALK_INS, one(20, due=25)]
        moment = Moment(START + timedelta(minutes=40))
        found = order_of_calls(waiting, calls_made=0, turns_taken=0, rule=off, moment=moment)
        assert [ticket_id.int for ticket_id in found] == [1, 2, 3, 4, 5, 20]


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


BOOKINGS = st.lists(st.none() | st.integers(0, 60), min_size=1, max_size=40)


@given(BOOKINGS, st.integers(1, 4), st.integers(0, 60), st.floats(0.5, 20))
def test_who_has_not_booked_keeps_the_rest_of_the_turns_and_the_order_of_arrival(
    bookings: list[int | None], walk_ins: int, minute: int, gap_min: float
) -> None:
    waiting = [one(n, minute=0, due=due) for n, due in enumerate(bookings)]
    waiting = [replace(each, number=n) for n, each in enumerate(waiting)]
    rule = replace(RULE, walk_ins_per_booked=walk_ins)
    moment = Moment(START + timedelta(minutes=minute), gap_min * 60)
    called = [
        ticket_id.int for ticket_id in order_of_calls(waiting, calls_made=0, turns_taken=0, rule=rule, moment=moment)
    ]
    assert sorted(called) == list(range(len(bookings)))
    others = [n for n in called if bookings[n] is None]
    assert others == sorted(others)
    for n in others:  # one booked goes before for so many turns of the others, those who came earlier among them
        earlier = n  # all of them may stand before in any case
        assert called.index(n) <= earlier + earlier // walk_ins + 1


@given(MORNINGS, RULES, BOOKINGS)
def test_booked_times_move_nobody_in_the_line_of_the_law(
    lines: list[Class], rule: MixingRule, bookings: list[int | None]
) -> None:
    plain = arrivals(lines)
    booked = [
        replace(each, due_at=START) if due is not None else each for each, due in zip(plain, bookings, strict=False)
    ]
    booked += plain[len(booked) :]
    moment = Moment(START + timedelta(minutes=60))
    with_times = order_of_calls(booked, calls_made=0, turns_taken=0, rule=rule, moment=moment)
    without = order_of_calls(plain, calls_made=0, turns_taken=0, rule=rule, moment=moment)
    of_law = [each.ticket_id for each in plain if each.line is Class.PRIORITY]
    assert [with_times.index(each) for each in of_law] == [without.index(each) for each in of_law]


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
