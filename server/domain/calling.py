"""Who is called next, and where that leaves the others; the same rule at every counter."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from heapq import heapify, heappop, heappush
from math import ceil
from typing import Final
from uuid import UUID

from server.domain.no_shows import CLOSED_AS
from server.domain.priority import MixingRule, PriorityGround, calls_booked_next, calls_priority_next
from server.domain.queue import TicketStatus

REJOIN_AFTER: Final = 3
"""Who missed the call and shows the slip comes back after this many others."""

SKIP_AFTER: Final = 1
"""Who is passed over comes back after this many others."""


class Class(StrEnum):
    """Which line somebody stands in."""

    EMERGENCY = "emergency"
    PRIORITY = "priority"
    ORDINARY = "ordinary"


def class_of(ground: PriorityGround | None) -> Class:
    if ground is None:
        return Class.ORDINARY
    return Class.EMERGENCY if ground is PriorityGround.EMERGENCY else Class.PRIORITY


_Place = tuple[datetime, datetime, int, UUID]
_BOOKED: Final = "booked"
"""Beside the lines of ``Class``: those of the ordinary line whose booked time has come stand here, too."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting number; of two who arrived at the same moment the lower ``number`` goes first.

    ``after_call`` is set for who rejoined: the count of calls after which the turn may come. ``room_id`` is set for
    who waits for one room of the queue. ``due_at``: the booked time that was kept. It adds a way to be called and takes
    none away: the place by arrival stays, so nobody is worse off for having booked.
    """

    ticket_id: UUID
    arrived_at: datetime
    line: Class = Class.ORDINARY
    after_call: int | None = None
    room_id: UUID | None = None
    number: int = 0
    due_at: datetime | None = None

    @property
    def place(self) -> _Place:
        """What the order within a line follows."""
        return self.arrived_at, self.arrived_at, self.number, self.ticket_id


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next. ``had_choice``: both lines waited, so that the mixing rule decided; ``had_booked_choice``: the same
    for an ordinary turn between somebody whose booked time has come and somebody else.
    """

    ticket_id: UUID
    line: Class
    had_choice: bool
    had_booked_choice: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """When calls are made: ``gap_s`` is the pace by which the calls after the next one are foreseen, None: unknown."""

    now: datetime
    gap_s: float | None = None

    def calls_until(self, instant: datetime) -> int | None:
        """Return how many calls are made before an instant, 0 once it has come; None where nobody can say."""
        left_s = (instant - self.now).total_seconds()
        if left_s <= 0:
            return 0
        return ceil(left_s / self.gap_s) if self.gap_s else None


def _rejoins_after(after_call: int | None, calls_made: int) -> int:
    """Return the count of calls after which somebody's turn may come, 0 for at once.

    One further off than anybody is made to wait counted the calls of an evening that has been closed since: who was
    missed at a clinic that works through the night has waited long enough.
    """
    return 0 if after_call is None or after_call > calls_made + max(REJOIN_AFTER, SKIP_AFTER) else after_call


class _Lines:
    """Those who wait, each line in the order of arrival, and aside those whose turn may not come yet."""

    def __init__(self, waiting: Iterable[Waiting], calls_made: int, rule: MixingRule, moment: Moment | None) -> None:
        self._rule = rule
        self._calls_made = calls_made
        self._lines: dict[str, list[_Place]] = {line: [] for line in (*Class, _BOOKED)}
        self._later: list[tuple[int, _Place, str]] = []
        self._called: set[UUID] = set()
        for one in waiting:
            rejoins_after = _rejoins_after(one.after_call, calls_made)
            self._stand(one.line, one.place, rejoins_after)
            if one.due_at is not None and one.line is Class.ORDINARY and rule.walk_ins_per_booked and moment:
                calls = moment.calls_until(one.due_at)
                if calls is not None:
                    after_call = max(rejoins_after, calls_made + calls)
                    self._stand(_BOOKED, (one.due_at, *one.place[1:]), after_call)
        for line in self._lines.values():
            heapify(line)
        heapify(self._later)

    def take(self, turns_taken: int, booked_turns_taken: int) -> Choice | None:
        """Remove and return who is called next, None when nobody is left."""
        while self._later and (self._later[0][0] <= self._calls_made or not any(map(self._head, self._lines))):
            # When only people are left who missed their call, nobody makes the first of them wait for others.
            _, place, line = heappop(self._later)
            heappush(self._lines[line], place)
        found = self._choose(turns_taken, booked_turns_taken)
        self._calls_made += 1
        if found is not None:
            self._called.add(found.ticket_id)
        return found

    def _stand(self, line: str, place: _Place, after_call: int) -> None:
        if after_call <= self._calls_made:
            self._lines[line].append(place)
        else:
            self._later.append((after_call, place, line))

    def _head(self, line: str) -> UUID | None:
        """Return the first of a line; whoever was called out of another one is gone from it."""
        places = self._lines[line]
        while places and places[0][-1] in self._called:
            heappop(places)
        return places[0][-1] if places else None

    def _choose(self, turns_taken: int, booked_turns_taken: int) -> Choice | None:
        emergency, priority = self._head(Class.EMERGENCY), self._head(Class.PRIORITY)
        ordinary = self._choose_ordinary(booked_turns_taken)
        if emergency is not None:
            return Choice(emergency, Class.EMERGENCY, had_choice=False)
        if priority is None:
            return ordinary
        if ordinary is None:
            return Choice(priority, Class.PRIORITY, had_choice=False)
        if calls_priority_next(self._rule, turns_taken, priority_waits=True, ordinary_waits=True):
            return Choice(priority, Class.PRIORITY, had_choice=True)
        return replace(ordinary, had_choice=True)

    def _choose_ordinary(self, booked_turns_taken: int) -> Choice | None:
        by_arrival, booked = self._head(Class.ORDINARY), self._head(_BOOKED)
        first = by_arrival or booked
        if first is None:
            return None
        if booked is None or booked == first:
            return Choice(first, Class.ORDINARY, had_choice=False)
        is_booked_turn = calls_booked_next(self._rule, booked_turns_taken)
        return Choice(booked if is_booked_turn else first, Class.ORDINARY, had_choice=False, had_booked_choice=True)


def choose_next(
    waiting: Iterable[Waiting], *, calls_made: int, turns_taken: int, rule: MixingRule, room_id: UUID | None = None,
    booked_turns_taken: int = 0, moment: Moment | None = None,
) -> Choice | None:  # fmt: skip
    """Return who is called next to a room, None when nobody waits for it.

    ``calls_made`` counts the queue's calls of the day, ``turns_taken`` those that had both lines to choose from since
    the rule was set, ``booked_turns_taken`` the ordinary ones that had booked times to choose from. Who waits for
    another room is left to it. Without a ``moment`` nobody's booked time has come.
    """
    theirs = [one for one in waiting if one.room_id is None or one.room_id == room_id]
    return _Lines(theirs, calls_made, rule, moment).take(turns_taken, booked_turns_taken)


def order_of_calls(
    waiting: Iterable[Waiting], *, calls_made: int, turns_taken: int, rule: MixingRule, booked_turns_taken: int = 0,
    moment: Moment | None = None,
) -> list[UUID]:  # fmt: skip
    """Return all who wait in the order in which they will be called if nobody else arrives.

    Booked times that come meanwhile are foreseen by the pace of ``moment``.
    """
    lines = _Lines(waiting, calls_made, rule, moment)
    order: list[UUID] = []
    while choice := lines.take(turns_taken, booked_turns_taken):
        order.append(choice.ticket_id)
        turns_taken += choice.had_choice
        booked_turns_taken += choice.had_booked_choice
    return order


@dataclass(frozen=True, slots=True)
class LineUp:
    """How many wait in the line of somebody before them, and in the other one in all; emergencies go before both."""

    before_in_line: int
    in_other_line: int
    emergencies: int = 0


def place_in_order(line: Class, line_up: LineUp, *, turns_taken: int, rule: MixingRule) -> int:
    """Return how many are called before somebody of ``line``, from counts alone.

    The same as the place in ``order_of_calls`` where nobody rejoined or has booked; every arrival asks, so the rows are
    not read.
    """
    if line is Class.EMERGENCY:
        return line_up.before_in_line
    mine, others = line_up.before_in_line, line_up.in_other_line
    before = line_up.emergencies
    is_priority = line is Class.PRIORITY
    while True:
        # Whoever asks waits in the one line; the other one may be empty.
        goes_to_priority = calls_priority_next(
            rule, turns_taken, priority_waits=is_priority or others > 0, ordinary_waits=not is_priority or others > 0
        )
        turns_taken += others > 0
        if goes_to_priority is not is_priority:
            others -= 1
        elif mine == 0:
            return before
        else:
            mine -= 1
        before += 1


# What can be done to a number; everything else is refused.
MOVES: Final[dict[tuple[TicketStatus, str], TicketStatus]] = {
    (TicketStatus.WAITING, "call"): TicketStatus.CALLED,
    (TicketStatus.CALLED, "recall"): TicketStatus.CALLED,
    (TicketStatus.CALLED, "start"): TicketStatus.SERVING,
    (TicketStatus.CALLED, "finish"): TicketStatus.DONE,  # most counters do not tell coming from being served
    (TicketStatus.SERVING, "finish"): TicketStatus.DONE,
    (TicketStatus.CALLED, "miss"): TicketStatus.MISSED,
    (TicketStatus.CALLED, "skip"): TicketStatus.WAITING,  # comes back after the next one
    (TicketStatus.CALLED, "hold"): TicketStatus.HELD,
    (TicketStatus.SERVING, "hold"): TicketStatus.HELD,
    (TicketStatus.WAITING, "hold"): TicketStatus.HELD,
    (TicketStatus.HELD, "resume"): TicketStatus.WAITING,
    (TicketStatus.MISSED, "resume"): TicketStatus.WAITING,
    # To another room of the same queue; another queue gives a number of its own.
    (TicketStatus.WAITING, "send"): TicketStatus.WAITING,
    (TicketStatus.CALLED, "send"): TicketStatus.WAITING,
    (TicketStatus.SERVING, "send"): TicketStatus.WAITING,
    (TicketStatus.HELD, "send"): TicketStatus.WAITING,
    # Nobody presses this: the end of the day does.
    **{(before, "close"): after for before, after in CLOSED_AS.items()},
}


RETURNS_AS: Final[dict[TicketStatus, TicketStatus]] = {
    TicketStatus.WAITING: TicketStatus.WAITING,
    TicketStatus.CALLED: TicketStatus.WAITING,  # the room has called others since; arrival puts it at the head
    TicketStatus.MISSED: TicketStatus.MISSED,  # comes back by showing the slip, after others, as before
    TicketStatus.HELD: TicketStatus.HELD,
    TicketStatus.NOT_SEEN: TicketStatus.NOT_SEEN,
}
"""The states in which a visit may be taken back, and what its number is again when that was a mistake."""


def move(status: TicketStatus, act: str) -> TicketStatus | None:
    """Return the state after ``act``, None when it has no meaning in ``status``."""
    return MOVES.get((status, act))
