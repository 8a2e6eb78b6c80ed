"""Calling numbers to rooms, from a counter or a clinic's door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.calling import REJOIN_AFTER, Class, Waiting, choose_next, move, order_of_calls
from server.domain.days import local_day
from server.domain.identity import PartialDate
from server.domain.priority import MixingRule, ground_by_age
from server.domain.queue import TicketStatus
from server.domain.waiting import ExpectedWait, expected_wait, pace_of
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Room
from server.patients.models import Patient
from server.queues.models import Queue, Ticket, TicketCall
from server.registration.models import Encounter

RULE: Final = MixingRule()
AT_THE_ROOM: Final = (TicketStatus.CALLED, TicketStatus.SERVING)

Act = Literal["recall", "start", "finish", "miss", "hold", "resume"]


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody of a queue as a counter sees them."""

    ticket_id: UUID
    encounter_id: UUID
    label: str
    status: TicketStatus
    full_name: str
    birth_year: str | None
    arrived_at: datetime
    is_priority: bool
    room_id: UUID | None


@dataclass(frozen=True, slots=True)
class Line:
    """One queue's day at one moment. ``waiting`` stands in the order in which it will be called."""

    current: InLine | None  # at the room asked for
    waiting: list[InLine]
    missed: list[InLine]
    held: list[InLine]
    served: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where a number stands: how many are called before it, and how long that takes."""

    before: int
    wait: ExpectedWait | None


def get_counter(session: Session, *, facility: str, queue: str, room_id: UUID) -> tuple[Queue, Room]:
    """Return a queue and a room of its clinic; raises NotFound for any other pair."""
    row = session.execute(
        sa.select(Queue, Room)
        .join(Room, Room.clinic_id == Queue.clinic_id)
        .where(Queue.facility_code == facility, Queue.code == queue, Room.id == room_id)
    ).one_or_none()
    if row is None:
        raise NotFound("counter.unknown", "no such room calls this queue")
    place, room = row
    return place, room


def call_next(
    session: Session, *, facility: str, queue: str, room_id: UUID, current: UUID | None, by: str, now: datetime
) -> Ticket | None:
    """Finish what is at the room and call the next number there; None when nobody waits.

    ``current`` is the number the member of staff ``by`` saw at the room: who presses twice, or at a screen that was
    overtaken, calls nobody by mistake and gets StaleVersion. Two rooms that press at once call two different people.
    Raises NotFound.
    """
    place, room = get_counter(session, facility=facility, queue=queue, room_id=room_id)
    _lock(session, place)
    day = local_day(now)
    at_room = _at_room(session, place.id, room.id, day)
    if (at_room.id if at_room else None) != current:
        raise StaleVersion("counter")
    if at_room is not None:
        _set(session, at_room, TicketStatus.DONE, "finish", by, now)
        session.flush()
    rows = _rows(session, place.id, day)
    history = _history(session, place.id, day)
    choice = choose_next(
        [_waiting(row, day) for row in rows if row.Ticket.status is TicketStatus.WAITING],
        calls_made=len(history),
        turns_taken=sum(call.had_choice for call in history),
        rule=RULE,
    )
    if choice is None:
        return None
    ticket: Ticket = next(row.Ticket for row in rows if row.Ticket.id == choice.ticket_id)
    ticket.room_id, ticket.after_call = room.id, None
    _set(session, ticket, TicketStatus.CALLED, "call", by, now)
    _note_call(
        session,
        ticket,
        room.id,
        by,
        now,
        is_repeat=False,
        is_priority=choice.line is not Class.ORDINARY,
        had_choice=choice.had_choice,
    )
    return ticket


def act_on(session: Session, ticket_id: UUID, act: Act, *, facility: str, by: str, now: datetime) -> Ticket:
    """Recall, start, finish, miss, hold or resume a number of today.

    Who missed the call and resumes waits for three others first; who was held keeps the place by arrival. Raises
    NotFound, StaleVersion when the number is no longer in a state in which this has a meaning.
    """
    ticket = session.scalar(sa.select(Ticket).where(Ticket.id == ticket_id, Ticket.facility_code == facility))
    if ticket is None:
        raise NotFound("ticket.unknown", "the facility has no such number")
    if ticket.local_day != local_day(now):
        raise Refused("ticket.past", "the number is of another day")
    _lock(session, session.get_one(Queue, ticket.queue_id))
    session.refresh(ticket)
    after = move(ticket.status, act)
    if after is None or ticket.superseded_at is not None:
        raise StaleVersion("ticket")
    if act == "resume" and ticket.status is TicketStatus.MISSED:
        ticket.after_call = len(_history(session, ticket.queue_id, ticket.local_day)) + REJOIN_AFTER
    _set(session, ticket, after, act, by, now)
    if act == "recall" and ticket.room_id is not None:
        _note_call(session, ticket, ticket.room_id, by, now, is_repeat=True, is_priority=False, had_choice=False)
    return ticket


def line_of(session: Session, queue_id: UUID, room_id: UUID, day: date) -> Line:
    """Return a queue's day as the counter of ``room_id`` sees it."""
    rows = _rows(session, queue_id, day)
    people = {row.Ticket.id: _in_line(row, day) for row in rows}
    ordered = _order(session, queue_id, day, rows)
    by_status: dict[TicketStatus, list[InLine]] = {}
    for one in people.values():
        by_status.setdefault(one.status, []).append(one)
    at_rooms = [one for status in AT_THE_ROOM for one in by_status.get(status, []) if one.room_id == room_id]
    return Line(
        current=at_rooms[0] if at_rooms else None,
        waiting=[people[ticket_id] for ticket_id in ordered],
        missed=by_status.get(TicketStatus.MISSED, []),
        held=by_status.get(TicketStatus.HELD, []),
        served=len(by_status.get(TicketStatus.DONE, [])),
    )


def position_of(session: Session, ticket: Ticket, now: datetime) -> Position | None:
    """Return where a waiting number stands, None when it does not wait."""
    if ticket.status is not TicketStatus.WAITING or ticket.superseded_at is not None:
        return None
    rows = _rows(session, ticket.queue_id, ticket.local_day)
    before = _order(session, ticket.queue_id, ticket.local_day, rows).index(ticket.id)
    called_at = [call.called_at for call in _history(session, ticket.queue_id, ticket.local_day)]
    return Position(before, expected_wait(before, pace_of(called_at, now=now)))


def _lock(session: Session, queue: Queue) -> None:
    """Let one counter at a time decide on a queue; on SQLite a writing transaction is alone by itself."""
    session.execute(sa.select(Queue.id).where(Queue.id == queue.id).with_for_update())


def _rows(session: Session, queue_id: UUID, day: date) -> Sequence[sa.Row[Ticket, str, str | None]]:
    return session.execute(
        sa.select(Ticket, Patient.full_name, Patient.born_on)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .join(Patient, Patient.id == Encounter.patient_id)
        .where(Ticket.queue_id == queue_id, Ticket.local_day == day, Ticket.superseded_at.is_(None))
        .order_by(Ticket.arrived_at, Ticket.id)
    ).all()


def _history(session: Session, queue_id: UUID, day: date) -> Sequence[TicketCall]:
    return session.scalars(
        sa.select(TicketCall)
        .where(TicketCall.queue_id == queue_id, TicketCall.local_day == day, TicketCall.is_repeat.is_(False))
        .order_by(TicketCall.called_at, TicketCall.id)
    ).all()


def _at_room(session: Session, queue_id: UUID, room_id: UUID, day: date) -> Ticket | None:
    return session.scalars(
        sa.select(Ticket)
        .where(
            Ticket.queue_id == queue_id,
            Ticket.room_id == room_id,
            Ticket.local_day == day,
            Ticket.status.in_(AT_THE_ROOM),
            Ticket.superseded_at.is_(None),
        )
        .order_by(Ticket.id)
    ).first()


def _order(session: Session, queue_id: UUID, day: date, rows: Sequence[sa.Row[Ticket, str, str | None]]) -> list[UUID]:
    history = _history(session, queue_id, day)
    return order_of_calls(
        [_waiting(row, day) for row in rows if row.Ticket.status is TicketStatus.WAITING],
        calls_made=len(history),
        turns_taken=sum(call.had_choice for call in history),
        rule=RULE,
    )


def _waiting(row: sa.Row[Ticket, str, str | None], day: date) -> Waiting:
    ticket: Ticket = row.Ticket
    return Waiting(ticket.id, ticket.arrived_at, _class(row.born_on, day), ticket.after_call)


def _class(born_on: str | None, day: date) -> Class:
    return Class.PRIORITY if _is_priority(born_on, day) else Class.ORDINARY


def _is_priority(born_on: str | None, day: date) -> bool:
    return ground_by_age(PartialDate.parse(born_on) if born_on else None, day) is not None


def _in_line(row: sa.Row[Ticket, str, str | None], day: date) -> InLine:
    ticket: Ticket = row.Ticket
    return InLine(
        ticket_id=ticket.id,
        encounter_id=ticket.encounter_id,
        label=ticket.label,
        status=ticket.status,
        full_name=row.full_name,
        birth_year=row.born_on[:4] if row.born_on else None,
        arrived_at=ticket.arrived_at,
        is_priority=_is_priority(row.born_on, day),
        room_id=ticket.room_id,
    )


def _set(session: Session, ticket: Ticket, status: TicketStatus, act: str, by: str, now: datetime) -> None:
    ticket.status = status
    audit.record(
        session, at=now, actor=f"staff:{by}", action=f"ticket.{act}", subject_type="encounter",
        subject_id=ticket.encounter_id, details={"ticket": ticket.label},
    )  # fmt: skip
    feed.publish(session, facility_code=ticket.facility_code, topic="call", subject_id=ticket.queue_id, at=now)


def _note_call(
    session: Session, ticket: Ticket, room_id: UUID, by: str, now: datetime, *, is_repeat: bool, is_priority: bool,
    had_choice: bool,
) -> None:  # fmt: skip
    session.add(
        TicketCall(
            ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=room_id, local_day=ticket.local_day, called_at=now,
            by=by, is_repeat=is_repeat, is_priority=is_priority, had_choice=had_choice,
        )
    )  # fmt: skip
