"""Calling numbers to rooms, from a counter or a clinic's door."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.calling import (
    REJOIN_AFTER,
    SKIP_AFTER,
    Choice,
    Class,
    Waiting,
    choose_next,
    class_of,
    move,
)
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Room
from server.patients.models import Patient
from server.queues.live_days import is_of_live_day, live_since
from server.queues.models import Queue, Ticket, TicketCall, TicketMove
from server.queues.standing import past_of
from server.registration.models import Encounter

AT_THE_ROOM: Final = (TicketStatus.CALLED, TicketStatus.SERVING)

Act = Literal["recall", "start", "finish", "miss", "skip", "hold", "resume"]


@dataclass(frozen=True, slots=True)
class Press:
    """One press of one button at a counter; everything it moves can be taken back together.

    ``room_id`` is the counter's, None where a slip was shown. ``actor`` is the audit log's form of ``by``.
    ``rule``: the rule by which it was done, where nobody pressed.
    """

    by: str
    now: datetime
    room_id: UUID | None = None
    actor: str = ""
    rule: str = ""
    id: UUID = field(default_factory=uuid4)

    @property
    def who(self) -> str:
        return self.actor or f"staff:{self.by}"


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
    since = live_since(session, place.id, at=now)
    press = Press(by, now, room.id)
    at_room = _at_room(session, place.id, room.id, since)
    if (at_room.id if at_room else None) != current:
        raise StaleVersion("counter")
    if at_room is not None:
        _step(session, at_room, TicketStatus.DONE, "finish", press)
        session.flush()
    past = past_of(session, place.id, facility=facility, since=since, now=now)
    rows = rows_of(session, place.id, since)
    choice = choose_next(
        waiting_of(rows), calls_made=past.calls_made, turns_taken=past.turns_taken, rule=past.rule, room_id=room.id,
        booked_turns_taken=past.booked_turns_taken, moment=past.moment,
    )  # fmt: skip
    if choice is None:
        return None
    ticket: Ticket = next(row.Ticket for row in rows if row.Ticket.id == choice.ticket_id)
    _step(session, ticket, TicketStatus.CALLED, "call", press)
    ticket.room_id, ticket.wanted_room_id, ticket.after_call = room.id, None, None
    _note_call(session, ticket, room.id, press, choice)
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
        _note_call(session, ticket, ticket.room_id, press, None)
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


def get_todays_ticket(session: Session, ticket_id: UUID, *, facility: str, now: datetime) -> Ticket:
    """Return a number that is live today, its queue locked; raises NotFound, Refused for one of a day that is over."""
    ticket = session.scalar(sa.select(Ticket).where(Ticket.id == ticket_id, Ticket.facility_code == facility))
    if ticket is None:
        raise NotFound("ticket.unknown", "the facility has no such number")
    if not is_of_live_day(session, ticket, at=now):
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
        since = live_since(session, ticket.queue_id, at=press.now)
        past = past_of(session, ticket.queue_id, facility=ticket.facility_code, since=since, now=press.now)
        ticket.after_call = past.calls_made + must_wait_for


def lock_queue(session: Session, queue_id: UUID) -> None:
    """Let one counter at a time decide on a queue; on SQLite a writing transaction is alone by itself."""
    session.execute(sa.select(Queue.id).where(Queue.id == queue_id).with_for_update())


def rows_of(session: Session, queue_id: UUID, since: date) -> Sequence[sa.Row[Ticket, str, str | None]]:
    return session.execute(
        sa.select(Ticket, Patient.full_name, Patient.born_on)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .join(Patient, Patient.id == Encounter.patient_id)
        .where(Ticket.queue_id == queue_id, Ticket.local_day >= since, Ticket.superseded_at.is_(None))
        .order_by(Ticket.arrived_at, Ticket.number, Ticket.id)
    ).all()


def _at_room(session: Session, queue_id: UUID, room_id: UUID, since: date) -> Ticket | None:
    return session.scalars(
        sa.select(Ticket)
        .where(
            Ticket.queue_id == queue_id,
            Ticket.room_id == room_id,
            Ticket.local_day >= since,
            Ticket.status.in_(AT_THE_ROOM),
            Ticket.superseded_at.is_(None),
        )
        .order_by(Ticket.id)
    ).first()


def waiting_of(rows: Sequence[sa.Row[Ticket, str, str | None]]) -> list[Waiting]:
    tickets: list[Ticket] = [row.Ticket for row in rows if row.Ticket.status is TicketStatus.WAITING]
    return [
        Waiting(
            one.id, one.arrived_at, class_of(one.priority), one.after_call, one.wanted_room_id, one.number, one.due_at
        )
        for one in tickets
    ]


def _step(session: Session, ticket: Ticket, status: TicketStatus, act: str, press: Press) -> None:
    session.add(
        TicketMove(
            press_id=press.id, ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=press.room_id, act=act,
            status_before=ticket.status, status_after=status, room_id_before=ticket.room_id,
            wanted_room_id_before=ticket.wanted_room_id, after_call_before=ticket.after_call, by=press.by, at=press.now,
        )
    )  # fmt: skip
    ticket.status = status
    note_act(session, ticket, act, press)


def note_act(session: Session, ticket: Ticket, act: str, press: Press) -> None:
    audit.record(
        session, at=press.now, actor=press.who, action=f"ticket.{act}", subject_type="encounter",
        subject_id=ticket.encounter_id,
        details={"ticket": ticket.label} | ({"rule": press.rule} if press.rule else {}),
    )  # fmt: skip
    feed.publish(session, facility_code=ticket.facility_code, topic="call", subject_id=ticket.queue_id, at=press.now)


def _note_call(session: Session, ticket: Ticket, room_id: UUID, press: Press, choice: Choice | None) -> None:
    """Note a call; None for ``choice``: a repeated one."""
    session.add(
        TicketCall(
            ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=room_id, local_day=ticket.local_day,
            called_at=press.now, by=press.by, is_repeat=choice is None,
            is_priority=choice is not None and choice.line is not Class.ORDINARY,
            had_choice=choice is not None and choice.had_choice,
            had_booked_choice=choice is not None and choice.had_booked_choice,
        )
    )  # fmt: skip
