"""Giving out numbers, and counting who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import OfflineTicket, TicketMessage
from server.db import insert, insert_row
from server.domain.queue import TicketStatus
from server.domain.ticket import offline_label, online_label
from server.facilities.models import Clinic, Room
from server.queues.models import Queue, QueueCounter, Ticket


@dataclass(frozen=True, slots=True)
class Place:
    """A queue and where its people wait."""

    queue_id: UUID
    code: str
    letter: str
    clinic_name: str
    clinic_name_en: str
    room: str
    floor: str


PLACE_COLUMNS: Final = (Queue.id, Queue.code, Queue.letter, Clinic.name, Clinic.name_en, Room.name, Room.floor)


def place_from(row: Sequence[Any]) -> Place:
    """Return the place of a row of PLACE_COLUMNS; a queue without a room of its own shows none."""
    queue_id, code, letter, clinic_name, clinic_name_en, room, floor = row
    return Place(queue_id, code, letter, clinic_name, clinic_name_en, room or "", floor or "")


def get_place(session: Session, queue_id: UUID) -> Place:
    query = (
        sa.select(*PLACE_COLUMNS).join(Clinic, Clinic.id == Queue.clinic_id).outerjoin(Room, Room.id == Queue.room_id)
    )
    return place_from(session.execute(query.where(Queue.id == queue_id)).one())


def issue_online(
    session: Session, place: Place, *, encounter_id: UUID, facility: str, day: date, arrived_at: datetime, now: datetime
) -> Ticket:
    """Give the next number of a queue's day; numbers are contiguous, as a rolled-back transaction returns its own."""
    count = _count_up(session.get_bind().dialect.name)
    number = session.connection().execute(count, {"queue_id": place.queue_id, "local_day": day}).scalar_one()
    ticket = Ticket(
        id=uuid4(),
        encounter_id=encounter_id,
        facility_code=facility,
        queue_id=place.queue_id,
        local_day=day,
        number=number,
        label=online_label(place.letter, number),
        status=TicketStatus.WAITING,
        arrived_at=arrived_at,
        issued_at=now,
        waiting_before=_waiting_before(session, place.queue_id, day, arrived_at),
    )
    insert_row(session, ticket)
    return ticket


def issue_offline(
    session: Session, place: Place, paper: OfflineTicket, *, encounter_id: UUID, facility: str, arrived_at: datetime,
    now: datetime, label_letter: str | None = None, status: TicketStatus = TicketStatus.WAITING,
) -> Ticket:  # fmt: skip
    """Take over a number a kiosk gave by itself; ``label_letter`` is the queue's letter on paper, if moved."""
    ticket = Ticket(
        id=uuid4(),
        encounter_id=encounter_id,
        facility_code=facility,
        queue_id=place.queue_id,
        local_day=paper.local_day,
        number=paper.number,
        kiosk_letter=paper.kiosk_letter,
        label=offline_label(label_letter or place.letter, paper.kiosk_letter, paper.number),
        status=status,
        arrived_at=arrived_at,
        issued_at=now,
        waiting_before=_waiting_before(session, place.queue_id, paper.local_day, arrived_at),
    )
    insert_row(session, ticket)
    return ticket


def find_offline(session: Session, facility: str, paper: OfflineTicket) -> Ticket | None:
    """Return the ticket that holds a kiosk's own number."""
    return session.scalar(
        sa.select(Ticket).where(
            Ticket.facility_code == facility,
            Ticket.kiosk_letter == paper.kiosk_letter,
            Ticket.local_day == paper.local_day,
            Ticket.number == paper.number,
        )
    )


def live_ticket(session: Session, encounter_id: UUID) -> Ticket:
    """Return the number of an encounter that counts: the one on paper."""
    return session.scalars(
        sa.select(Ticket).where(Ticket.encounter_id == encounter_id, Ticket.superseded_at.is_(None))
    ).one()


def supersede(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Put a number out of use that never was on paper; its row stays, so that the series shows no gap."""
    ticket.status = TicketStatus.SUPERSEDED
    ticket.superseded_at = now
    session.flush()


def waiting_counts(session: Session, facility: str, day: date) -> dict[UUID, int]:
    """Return how many wait in each queue that has anybody waiting."""
    rows = session.execute(
        sa.select(Ticket.queue_id, sa.func.count().label("waiting"))
        .join(Queue, Queue.id == Ticket.queue_id)
        .where(Queue.facility_code == facility, Ticket.local_day == day, Ticket.status == TicketStatus.WAITING)
        .group_by(Ticket.queue_id)
    )
    return {row.queue_id: row.waiting for row in rows}


def waiting_now(session: Session, ticket: Ticket) -> int | None:
    """Return how many are before a ticket at this moment; None when it does not wait."""
    if ticket.status is not TicketStatus.WAITING:
        return None
    return _waiting_before(session, ticket.queue_id, ticket.local_day, ticket.arrived_at) - 1  # without itself


def ticket_message(ticket: Ticket, place: Place) -> TicketMessage:
    return TicketMessage(
        id=ticket.id,
        queue=place.code,
        number=ticket.number,
        label=ticket.label,
        local_day=ticket.local_day,
        clinic_name=place.clinic_name,
        clinic_name_en=place.clinic_name_en,
        room=place.room,
        floor=place.floor,
        waiting_before=ticket.waiting_before,
        issued_at=ticket.issued_at,
    )


@cache
def _count_up(kind: str) -> Any:
    """Return the statement that raises a queue's counter and tells the new number."""
    return (
        insert(kind, QueueCounter)
        .values(queue_id=sa.bindparam("queue_id"), local_day=sa.bindparam("local_day"), last_number=1)
        .on_conflict_do_update(
            index_elements=[QueueCounter.queue_id, QueueCounter.local_day],
            set_={"last_number": QueueCounter.last_number + 1},
        )
        .returning(QueueCounter.last_number)
    )


_COUNT_BEFORE: Final = (
    sa.select(sa.func.count())
    .select_from(Ticket)
    .where(
        Ticket.queue_id == sa.bindparam("queue_id"),
        Ticket.local_day == sa.bindparam("local_day"),
        Ticket.status == TicketStatus.WAITING,
        Ticket.arrived_at <= sa.bindparam("arrived_at"),
    )
)


def _waiting_before(session: Session, queue_id: UUID, day: date, arrived_at: datetime) -> int:
    values = {"queue_id": queue_id, "local_day": day, "arrived_at": arrived_at}
    return session.connection().execute(_COUNT_BEFORE, values).scalar_one()
