"""Who is called next, and how long the others will wait; the same rule at every counter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import quantiles
from typing import Final
from uuid import UUID

from server.domain.priority import MixingRule, calls_priority_next
from server.domain.queue import TicketStatus

REJOIN_AFTER: Final = 3
"""Who missed the call and shows the slip comes back after this many others."""

PACE_WINDOW: Final = timedelta(minutes=90)
PACE_CALLS: Final = 5
"""From fewer calls nothing is said about the pace."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting number. ``after_call`` is set for who rejoined: the count of calls after which the turn may come."""

    ticket_id: UUID
    arrived_at: datetime
    is_priority: bool
    after_call: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next. ``had_choice``: both lines waited, so that the mixing rule decided."""

    ticket_id: UUID
    is_priority: bool
    had_choice: bool


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """An honest range, in whole minutes."""

    least_min: int
    most_min: int


def choose_next(
    waiting: Sequence[Waiting], *, calls_made: int, choices: Sequence[bool], rule: MixingRule
) -> Choice | None:
    """Return who is called next, None when nobody waits.

    ``calls_made`` counts the queue's calls of the day; ``choices`` tells of those that had both lines to choose from,
    latest last, whether they went to the priority line.
    """
    ready = [one for one in waiting if one.after_call is None or one.after_call <= calls_made]
    if not ready:
        # Only people who missed their call are left: nobody makes them wait for others.
        ready = sorted(waiting, key=lambda one: (one.after_call or 0, one.arrived_at, one.ticket_id))[:1]
    if not ready:
        return None
    lines = {is_priority: [one for one in ready if one.is_priority is is_priority] for is_priority in (True, False)}
    goes_to_priority = calls_priority_next(
        rule, list(choices), priority_waits=bool(lines[True]), ordinary_waits=bool(lines[False])
    )
    chosen = min(lines[goes_to_priority], key=lambda one: (one.arrived_at, one.ticket_id))
    return Choice(chosen.ticket_id, chosen.is_priority, had_choice=bool(lines[True] and lines[False]))


def order_of_calls(
    waiting: Sequence[Waiting], *, calls_made: int, choices: Sequence[bool], rule: MixingRule
) -> list[UUID]:
    """Return all who wait in the order in which they will be called if nobody else arrives."""
    left = {one.ticket_id: one for one in waiting}
    past = list(choices)
    order: list[UUID] = []
    while choice := choose_next(list(left.values()), calls_made=calls_made + len(order), choices=past, rule=rule):
        order.append(choice.ticket_id)
        del left[choice.ticket_id]
        if choice.had_choice:
            past.append(choice.is_priority)
    return order


def expected_wait(before: int, *, called_at: Sequence[datetime], now: datetime) -> ExpectedWait | None:
    """Return how long somebody with ``before`` people in front will wait, from the pace of the last 90 minutes.

    ``called_at`` are the first calls of numbers of the queue today, oldest first, from all its rooms. None when there
    were too few to say. The range is that of the middle half of the gaps between calls, so one long examination or a
    break does not move it.
    """
    recent = [instant for instant in called_at if now - PACE_WINDOW <= instant <= now]
    if len(recent) < PACE_CALLS:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(recent)]
    quick, _, slow = quantiles(gaps, n=4, method="inclusive")
    return ExpectedWait(int(quick * before // 60), int(-(-slow * (before + 1) // 60)))


# What a counter can do to a number; everything else is refused.
MOVES: Final[dict[tuple[TicketStatus, str], TicketStatus]] = {
    (TicketStatus.WAITING, "call"): TicketStatus.CALLED,
    (TicketStatus.CALLED, "recall"): TicketStatus.CALLED,
    (TicketStatus.CALLED, "start"): TicketStatus.SERVING,
    (TicketStatus.CALLED, "finish"): TicketStatus.DONE,  # most counters do not tell coming from being served
    (TicketStatus.SERVING, "finish"): TicketStatus.DONE,
    (TicketStatus.CALLED, "miss"): TicketStatus.MISSED,
    (TicketStatus.CALLED, "hold"): TicketStatus.HELD,
    (TicketStatus.SERVING, "hold"): TicketStatus.HELD,
    (TicketStatus.WAITING, "hold"): TicketStatus.HELD,
    (TicketStatus.HELD, "resume"): TicketStatus.WAITING,
    (TicketStatus.MISSED, "resume"): TicketStatus.WAITING,
}


def move(status: TicketStatus, act: str) -> TicketStatus | None:
    """Return the state after ``act``, None when it has no meaning in ``status``."""
    return MOVES.get((status, act))
