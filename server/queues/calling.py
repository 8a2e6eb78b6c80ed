"""Calling numbers to rooms, from a counter or a clinic's door."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.calling import (
    REJOIN_AFTER,
    SKIP_AFTER,
    Class,
    Waiting,
    choose_next,
    class_of,
    move,
    order_of_calls,
)
from server.domain.days import local_day
from server.domain.priority import ClaimState, PriorityGround
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Room
from server.patients.models import Patient
from server.queues.models import PriorityClaim, Queue, Ticket, TicketCall, TicketMove
from server.queues.service import held_number
from server.queues.standing import Past, past_of
from server.registration.models import Encounter

AT_THE_ROOM: Final = (TicketStatus.CALLED, TicketStatus.SERVING)

UNDO_WITHIN: Final = timedelta(minutes=5)
"""Later the person has come, gone, or been told otherwise."""

Act = Literal["recall", "start", "finish", "miss", "skip", "hold", "resume"]


@dataclass(frozen=True, slots=True)
class Press:
    """One press of one button at a counter; everything it moves can be taken back together.

    ``room_id`` is the counter's, None where a slip was shown. ``actor`` is the audit log's form of ``by``.
    """

    by: str
    now: datetime
    room_id: UUID | None = None
    actor: str = ""
    id: UUID = field(default_factory=uuid4)

    @property
    def who(self) -> str:
        return self.actor or f"staff:{self.by}"


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody of a queue as a counter sees them.

    ``priority`` is the ground that counts, ``declared`` what staff have not looked at yet; ``wanted_room`` is the one
    room they wait for.
    """

    ticket_id: UUID
    encounter_id: UUID
    label: str
    status: TicketStatus
    full_name: str
    birth_year: str | None
    arrived_at: datetime
    priority: PriorityGround | None
    room_id: UUID | None
    wanted_room: str | None = None
    declared: tuple[PriorityGround, ...] = ()


@dataclass(frozen=True, slots=True)
class LastPress:
    """What "undo" takes back at a counter."""

    press_id: UUID
    act: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """One queue's day at one moment. ``waiting`` stands in the order in which it will be called."""

    current: InLine | None  # at the room asked for
    waiting: list[InLine]
    missed: list[InLine]
    held: list[InLine]
    served: int
    last_press: LastPress | None


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
    """Finish what is at the room and call the next number there; None when nobody waits for it.

    ``current`` is the number the member of staff ``by`` saw at the room: who presses twice, or at a screen that was
    overtaken, calls nobody by mistake and gets StaleVersion. Two rooms that press at once call two different people.
    Raises NotFound.
    """
    place, room = get_counter(session, facility=facility, queue=queue, room_id=room_id)
    lock_queue(session, place.id)
    day = local_day(now)
    press = Press(by, now, room.id)
    at_room = _at_room(session, place.id, room.id, day)
    if (at_room.id if at_room else None) != current:
        raise StaleVersion("counter")
    if at_room is not None:
        _step(session, at_room, TicketStatus.DONE, "finish", press)
        session.flush()
    past = past_of(session, place.id, facility=facility, day=day, now=now)
    rows = _rows(session, place.id, day)
    choice = choose_next(
        _waiting(rows), calls_made=past.calls_made, turns_taken=past.turns_taken, rule=past.rule, room_id=room.id
    )
    if choice is None:
        return None
    ticket: Ticket = next(row.Ticket for row in rows if row.Ticket.id == choice.ticket_id)
    _step(session, ticket, TicketStatus.CALLED, "call", press)
    ticket.room_id, ticket.wanted_room_id, ticket.after_call = room.id, None, None
    _note_call(session, ticket, room.id, press, is_priority=choice.line is not Class.ORDINARY, choice=choice.had_choice)
    return ticket


def act_on(
    session: Session, ticket_id: UUID, act: Act, *, facility: str, by: str, now: datetime, room_id: UUID | None = None
) -> Ticket:
    """Recall, start, finish, miss, skip, hold or resume a number of today.

    Who missed the call and resumes waits for three others first, who is skipped for one; who was held keeps the place
    by arrival. ``room_id`` is the counter where the button was pressed. Raises NotFound, Refused, StaleVersion when the
    number is no longer in a state in which this has a meaning.
    """
    ticket = get_todays_ticket(session, ticket_id, facility=facility, now=now)
    press = Press(by, now, room_id)
    apply_act(session, ticket, act, press)
    if act == "recall" and ticket.room_id is not None:
        _note_call(session, ticket, ticket.room_id, press, is_repeat=True)
    return ticket


def send_to_room(
    session: Session, ticket_id: UUID, *, to_room: UUID, facility: str, by: str, now: datetime, room_id: UUID
) -> Ticket:
    """Have a number wait for another room of its own queue; the place by arrival stays. Raises as ``act_on``."""
    ticket = get_todays_ticket(session, ticket_id, facility=facility, now=now)
    queue = session.get_one(Queue, ticket.queue_id)
    get_counter(session, facility=facility, queue=queue.code, room_id=to_room)
    apply_act(session, ticket, "send", Press(by, now, room_id))
    ticket.room_id, ticket.wanted_room_id = None, to_room
    return ticket


def undo(session: Session, press_id: UUID, *, facility: str, by: str, now: datetime) -> None:
    """Take back all that one press did, at most five minutes later and while nothing has followed.

    Raises NotFound, Refused when it is too late, StaleVersion when one of the numbers has moved on.
    """
    moves = session.scalars(
        sa.select(TicketMove).where(TicketMove.press_id == press_id).order_by(TicketMove.at, TicketMove.id)
    ).all()
    if not moves:
        raise NotFound("press.unknown", "there is nothing to undo")
    queue = session.get_one(Queue, moves[0].queue_id)
    if queue.facility_code != facility:
        raise NotFound("press.unknown", "there is nothing to undo")
    lock_queue(session, queue.id)
    if now - moves[0].at > UNDO_WITHIN:
        raise Refused("undo.late", "more than five minutes ago")
    for one in moves:
        session.refresh(one)
        _take_back(session, one, Press(by, now))


def line_of(session: Session, queue: Queue, room_id: UUID, *, now: datetime) -> Line:
    """Return a queue's day as the counter of ``room_id`` sees it."""
    day = local_day(now)
    rows = _rows(session, queue.id, day)
    rooms = {
        room.id: room.name
        for room in session.execute(sa.select(Room.id, Room.name).where(Room.clinic_id == queue.clinic_id))
    }
    declared = _declared(session, queue.id, day)
    people = {row.Ticket.id: _in_line(row, rooms, declared) for row in rows}
    past = past_of(session, queue.id, facility=queue.facility_code, day=day, now=now)
    by_status: dict[TicketStatus, list[InLine]] = {}
    for one in people.values():
        by_status.setdefault(one.status, []).append(one)
    at_rooms = [one for status in AT_THE_ROOM for one in by_status.get(status, []) if one.room_id == room_id]
    return Line(
        current=at_rooms[0] if at_rooms else None,
        waiting=[people[ticket_id] for ticket_id in _order(rows, past)],
        missed=by_status.get(TicketStatus.MISSED, []),
        held=by_status.get(TicketStatus.HELD, []),
        served=len(by_status.get(TicketStatus.DONE, [])),
        last_press=_last_press(session, queue.id, room_id, now),
    )


def get_todays_ticket(session: Session, ticket_id: UUID, *, facility: str, now: datetime) -> Ticket:
    """Return a number of today, its queue locked; raises NotFound, Refused for one of another day."""
    ticket = session.scalar(sa.select(Ticket).where(Ticket.id == ticket_id, Ticket.facility_code == facility))
    if ticket is None:
        raise NotFound("ticket.unknown", "the facility has no such number")
    if ticket.local_day != local_day(now):
        raise Refused("ticket.past", "the number is of another day")
    lock_queue(session, ticket.queue_id)
    session.refresh(ticket)
    return ticket


def apply_act(session: Session, ticket: Ticket, act: str, press: Press) -> None:
    """Move a number whose queue is locked; raises StaleVersion when ``act`` has no meaning in its state."""
    after = move(ticket.status, act)
    if after is None or ticket.superseded_at is not None:
        raise StaleVersion("ticket")
    must_wait_for = REJOIN_AFTER if ticket.status is TicketStatus.MISSED else SKIP_AFTER if act == "skip" else None
    _step(session, ticket, after, act, press)
    if act in {"resume", "skip"} and must_wait_for is not None:
        past = past_of(session, ticket.queue_id, facility=ticket.facility_code, day=ticket.local_day, now=press.now)
        ticket.after_call = past.calls_made + must_wait_for


def lock_queue(session: Session, queue_id: UUID) -> None:
    """Let one counter at a time decide on a queue; on SQLite a writing transaction is alone by itself."""
    session.execute(sa.select(Queue.id).where(Queue.id == queue_id).with_for_update())


def _take_back(session: Session, one: TicketMove, press: Press) -> None:
    ticket = session.get_one(Ticket, one.ticket_id)
    session.refresh(ticket)
    has_moved_on = session.scalar(
        sa.select(sa.func.count()).where(
            TicketMove.ticket_id == ticket.id, TicketMove.at > one.at, TicketMove.undone_at.is_(None)
        )
    )
    if one.undone_at is not None or ticket.status is not one.status_after or has_moved_on:
        raise StaleVersion("ticket")
    if ticket.superseded_at is not None or _has_another(session, ticket):
        raise Refused("undo.number", "the person has another number by now")
    ticket.status = one.status_before
    ticket.room_id, ticket.wanted_room_id = one.room_id_before, one.wanted_room_id_before
    ticket.after_call = one.after_call_before
    one.undone_at = press.now
    session.execute(
        sa.update(TicketCall)
        .where(TicketCall.ticket_id == ticket.id, TicketCall.called_at == one.at)
        .values(undone_at=press.now)
    )
    session.flush()
    _note(session, ticket, f"undo-{one.act}", press)


def _has_another(session: Session, ticket: Ticket) -> bool:
    encounter = session.get_one(Encounter, ticket.encounter_id)
    other = held_number(session, encounter.patient_id, ticket.queue_id, ticket.local_day)
    return ticket.sole_patient_id is not None and other is not None and other.id != ticket.id


def _last_press(session: Session, queue_id: UUID, room_id: UUID, now: datetime) -> LastPress | None:
    """Return the latest press of a counter if it can be taken back still: nothing has followed it there."""
    newest = session.execute(
        sa.select(TicketMove, Ticket.label)
        .join(Ticket, Ticket.id == TicketMove.ticket_id)
        .where(TicketMove.queue_id == queue_id, TicketMove.room_id == room_id, TicketMove.at >= now - UNDO_WITHIN)
        # Of one press the call is what staff remember, not the end of the one before.
        .order_by(TicketMove.at.desc(), TicketMove.act, TicketMove.id)
        .limit(1)
    ).one_or_none()
    if newest is None or newest.TicketMove.undone_at is not None:
        return None
    return LastPress(newest.TicketMove.press_id, newest.TicketMove.act, newest.label)


def _rows(session: Session, queue_id: UUID, day: date) -> Sequence[sa.Row[Ticket, str, str | None]]:
    return session.execute(
        sa.select(Ticket, Patient.full_name, Patient.born_on)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .join(Patient, Patient.id == Encounter.patient_id)
        .where(Ticket.queue_id == queue_id, Ticket.local_day == day, Ticket.superseded_at.is_(None))
        .order_by(Ticket.arrived_at, Ticket.number, Ticket.id)
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


def _order(rows: Sequence[sa.Row[Ticket, str, str | None]], past: Past) -> list[UUID]:
    return order_of_calls(_waiting(rows), calls_made=past.calls_made, turns_taken=past.turns_taken, rule=past.rule)


def _waiting(rows: Sequence[sa.Row[Ticket, str, str | None]]) -> list[Waiting]:
    tickets: list[Ticket] = [row.Ticket for row in rows if row.Ticket.status is TicketStatus.WAITING]
    return [
        Waiting(one.id, one.arrived_at, class_of(one.priority), one.after_call, one.wanted_room_id, one.number)
        for one in tickets
    ]


def _declared(session: Session, queue_id: UUID, day: date) -> dict[UUID, tuple[PriorityGround, ...]]:
    """Return by encounter what was declared and not looked at yet."""
    rows = session.execute(
        sa.select(PriorityClaim.encounter_id, PriorityClaim.ground)
        .join(Ticket, Ticket.encounter_id == PriorityClaim.encounter_id)
        .where(
            Ticket.queue_id == queue_id,
            Ticket.local_day == day,
            Ticket.superseded_at.is_(None),
            PriorityClaim.state == ClaimState.DECLARED,
        )
        .order_by(PriorityClaim.ground)
    )
    found: dict[UUID, tuple[PriorityGround, ...]] = {}
    for encounter_id, ground in rows:
        found[encounter_id] = (*found.get(encounter_id, ()), ground)
    return found


def _in_line(
    row: sa.Row[Ticket, str, str | None],
    rooms: dict[UUID, str],
    declared: dict[UUID, tuple[PriorityGround, ...]],
) -> InLine:
    ticket: Ticket = row.Ticket
    return InLine(
        ticket_id=ticket.id,
        encounter_id=ticket.encounter_id,
        label=ticket.label,
        status=ticket.status,
        full_name=row.full_name,
        birth_year=row.born_on[:4] if row.born_on else None,
        arrived_at=ticket.arrived_at,
        priority=ticket.priority,
        room_id=ticket.room_id,
        wanted_room=rooms.get(ticket.wanted_room_id) if ticket.wanted_room_id else None,
        declared=declared.get(ticket.encounter_id, ()),
    )


def _step(session: Session, ticket: Ticket, status: TicketStatus, act: str, press: Press) -> None:
    session.add(
        TicketMove(
            press_id=press.id, ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=press.room_id, act=act,
            status_before=ticket.status, status_after=status, room_id_before=ticket.room_id,
            wanted_room_id_before=ticket.wanted_room_id, after_call_before=ticket.after_call, by=press.by, at=press.now,
        )
    )  # fmt: skip
    ticket.status = status
    _note(session, ticket, act, press)


def _note(session: Session, ticket: Ticket, act: str, press: Press) -> None:
    audit.record(
        session, at=press.now, actor=press.who, action=f"ticket.{act}", subject_type="encounter",
        subject_id=ticket.encounter_id, details={"ticket": ticket.label},
    )  # fmt: skip
    feed.publish(session, facility_code=ticket.facility_code, topic="call", subject_id=ticket.queue_id, at=press.now)


def _note_call(
    session: Session, ticket: Ticket, room_id: UUID, press: Press, *, is_repeat: bool = False,
    is_priority: bool = False, choice: bool = False,
) -> None:  # fmt: skip
    session.add(
        TicketCall(
            ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=room_id, local_day=ticket.local_day,
            called_at=press.now, by=press.by, is_repeat=is_repeat, is_priority=is_priority, had_choice=choice,
        )
    )  # fmt: skip
