"""Who is called next, and where that leaves the others; the same rule at every counter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from heapq import heapify, heappop, heappush
from typing import Final
from uuid import UUID

from server.domain.no_shows import CLOSED_AS
from server.domain.priority import MixingRule, PriorityGround, calls_priority_next
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting number; of two who arrived at the same moment the lower ``number`` goes first.

    ``after_call`` is set for who rejoined: the count of calls after which the turn may come. ``room_id`` is set for
    who waits for one room of the queue.
    """

    ticket_id: UUID
    arrived_at: datetime
    line: Class = Class.ORDINARY
    after_call: int | None = None
    room_id: UUID | None = None
    number: int = 0

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """What the order within a line follows."""
        return self.arrived_at, self.number, self.ticket_id


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next. ``had_choice``: both lines waited, so that the mixing rule decided."""

    ticket_id: UUID
    line: Class
    had_choice: bool


class _Lines:
    """Those who wait, each line in the order of arrival, and aside those whose turn may not come yet."""

    def __init__(self, waiting: Iterable[Waiting], calls_made: int) -> None:
        self._calls_made = calls_made
        self._lines: dict[Class, list[tuple[datetime, int, UUID]]] = {line: [] for line in Class}
        self._later: list[tuple[int, tuple[datetime, int, UUID], Class]] = []
        for one in waiting:
            if one.after_call is None or one.after_call <= calls_made:
                self._lines[one.line].append(one.place)
            else:
                self._later.append((one.after_call, one.place, one.line))
        for line in self._lines.values():
            heapify(line)
        heapify(self._later)

    def take(self, rule: MixingRule, turns_taken: int) -> Choice | None:
        """Remove and return who is called next, None when nobody is left."""
        while self._later and (self._later[0][0] <= self._calls_made or not any(self._lines.values())):
            # When only people are left who missed their call, nobody makes the first of them wait for others.
            _, place, line = heappop(self._later)
            heappush(self._lines[line], place)
        found = self._choose(rule, turns_taken)
        self._calls_made += 1
        return found

    def _choose(self, rule: MixingRule, turns_taken: int) -> Choice | None:
        if emergencies := self._lines[Class.EMERGENCY]:
            return Choice(heappop(emergencies)[-1], Class.EMERGENCY, had_choice=False)
        priority, ordinary = self._lines[Class.PRIORITY], self._lines[Class.ORDINARY]
        if not (priority or ordinary):
            return None
        had_choice = bool(priority and ordinary)
        if calls_priority_next(rule, turns_taken, priority_waits=bool(priority), ordinary_waits=bool(ordinary)):
            return Choice(heappop(priority)[-1], Class.PRIORITY, had_choice)
        return Choice(heappop(ordinary)[-1], Class.ORDINARY, had_choice)


def choose_next(
    waiting: Iterable[Waiting], *, calls_made: int, turns_taken: int, rule: MixingRule, room_id: UUID | None = None
) -> Choice | None:
    """Return who is called next to a room, None when nobody waits for it.

    ``calls_made`` counts the queue's calls of the day, ``turns_taken`` those that had both lines to choose from since
    the rule was set. Who waits for another room is left to it.
    """
    theirs = [one for one in waiting if one.room_id is None or one.room_id == room_id]
    return _Lines(theirs, calls_made).take(rule, turns_taken)


def order_of_calls(waiting: Iterable[Waiting], *, calls_made: int, turns_taken: int, rule: MixingRule) -> list[UUID]:
    """Return all who wait in the order in which they will be called if nobody else arrives."""
    lines = _Lines(waiting, calls_made)
    order: list[UUID] = []
    while choice := lines.take(rule, turns_taken):
        order.append(choice.ticket_id)
        turns_taken += choice.had_choice
    return order


@dataclass(frozen=True, slots=True)
class LineUp:
    """How many wait in the line of somebody before them, and in the other one in all; emergencies go before both."""

    before_in_line: int
    in_other_line: int
    emergencies: int = 0


def place_in_order(line: Class, line_up: LineUp, *, turns_taken: int, rule: MixingRule) -> int:
    """Return how many are called before somebody of ``line``, from counts alone.

    The same as the place in ``order_of_calls`` where nobody rejoined; every arrival asks, so the rows are not read.
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
