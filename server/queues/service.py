"""Giving out numbers, and counting who waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import OfflineTicket, PrintedTicket, TicketMessage, WaitMessage
from server.db import insert, insert_row, new_row
from server.domain.priority import PriorityGround
from server.domain.queue import HOLDS_A_PLACE, TicketStatus
from server.domain.ticket import offline_label, online_label
from server.domain.waiting import ExpectedWait
from server.facilities.models import Clinic, Room, Service
from server.prepared import Prepared
from server.queues.live_days import each_live_since, is_live
from server.queues.models import Queue, QueueCounter, QueueService, Ticket
from server.queues.standing import standing_at
from server.registration.models import Encounter


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


@dataclass(frozen=True, slots=True)
class Holder:
    """Who gets a number, and by what right.

    ``sole_patient_id``: None for a number beside another live one. ``due_at``: the booked time that was kept.
    """

    encounter_id: UUID
    facility: str
    arrived_at: datetime
    ground: PriorityGround | None = None
    sole_patient_id: UUID | None = None
    due_at: datetime | None = None


def holder_like(ticket: Ticket) -> Holder:
    """Return the holder of a number that gives way to another one."""
    return Holder(
        ticket.encounter_id,
        ticket.facility_code,
        ticket.arrived_at,
        ticket.priority,
        ticket.sole_patient_id,
        ticket.due_at,
    )


def issue_online(session: Session, place: Place, holder: Holder, *, day: date, now: datetime) -> Ticket:
    """Give the next number of a queue's day; numbers are contiguous, as a rolled-back transaction returns its own.

    Belongs inside ``Database.transact``: of two live numbers for one person only the first is stored.
    """
    count = _count_up(session.get_bind().dialect.name)
    [(number,)] = count.all(session, {"queue_id": place.queue_id, "local_day": day})
    label = online_label(place.letter, number)
    return _issue(session, place, holder, day=day, number=number, label=label, now=now)


def issue_printed(
    session: Session, place: Place, printed: PrintedTicket, holder: Holder, *, now: datetime
) -> Ticket | None:
    """Give a number of the server's series back to whom it was printed for; None when somebody else has it."""
    raised = sa.case((QueueCounter.last_number < printed.number, printed.number), else_=QueueCounter.last_number)
    session.execute(
        insert(session.get_bind().dialect.name, QueueCounter)
        .values(queue_id=place.queue_id, local_day=printed.local_day, last_number=printed.number)
        .on_conflict_do_update(
            index_elements=[QueueCounter.queue_id, QueueCounter.local_day], set_={"last_number": raised}
        )
    )
    is_taken = session.scalar(
        sa.select(Ticket.id).where(
            Ticket.queue_id == place.queue_id,
            Ticket.local_day == printed.local_day,
            Ticket.number == printed.number,
            Ticket.kiosk_letter.is_(None),
        )
    )
    if is_taken is not None:
        return None
    label = online_label(place.letter, printed.number)
    return _issue(session, place, holder, day=printed.local_day, number=printed.number, label=label, now=now)


def issue_offline(
    session: Session, place: Place, paper: OfflineTicket, holder: Holder, *, now: datetime,
    label_letter: str | None = None, status: TicketStatus = TicketStatus.WAITING,
) -> Ticket:  # fmt: skip
    """Take over a number a kiosk gave by itself; ``label_letter`` is the queue's letter on paper, if moved."""
    return _issue(
        session, place, holder, day=paper.local_day, number=paper.number, kiosk_letter=paper.kiosk_letter,
        label=offline_label(label_letter or place.letter, paper.kiosk_letter, paper.number), status=status, now=now,
    )  # fmt: skip


def _issue(
    session: Session, place: Place, holder: Holder, *, day: date, number: int, label: str, now: datetime,
    kiosk_letter: str | None = None, status: TicketStatus = TicketStatus.WAITING,
) -> Ticket:  # fmt: skip
    ticket_id = uuid4()
    standing = standing_at(
        session, ticket_id=ticket_id, queue_id=place.queue_id, facility=holder.facility,
        arrived_at=holder.arrived_at, number=number, ground=holder.ground, due_at=holder.due_at,
        now=now,
    )  # fmt: skip
    ticket = new_row(
        Ticket,
        id=ticket_id,
        encounter_id=holder.encounter_id,
        facility_code=holder.facility,
        queue_id=place.queue_id,
        local_day=day,
        number=number,
        kiosk_letter=kiosk_letter,
        label=label,
        status=status,
        arrived_at=holder.arrived_at,
        issued_at=now,
        waiting_before=standing.before,
        wait_least_min=standing.wait.least_min if standing.wait else None,
        wait_most_min=standing.wait.most_min if standing.wait else None,
        priority=holder.ground,
        sole_patient_id=holder.sole_patient_id,
        due_at=holder.due_at,
    )
    insert_row(session, ticket)
    return ticket


# Found first, by themselves. Where a table has grown since PostgreSQL counted it, as in a morning's first minutes, a
# plain join is planned as one of two tiny tables and compares every number of the day with every visit: seen at
# 14 ms, under the lock, and growing.
_ENCOUNTERS_OF_PERSON: Final = (
    sa.select(Encounter.id)
    .where(Encounter.patient_id == sa.bindparam("patient_id"))
    .cte("encounter_of_person")
    .prefix_with("MATERIALIZED")
)
# The queue is looked at afterwards: were it named here, SQLite would read everybody who waits in it.
_NUMBERS_OF_PERSON: Final = Prepared(
    sa.select(Ticket.id, Ticket.queue_id, Ticket.status)
    .join(_ENCOUNTERS_OF_PERSON, _ENCOUNTERS_OF_PERSON.c.id == Ticket.encounter_id)
    .where(
        Ticket.local_day.between(sa.bindparam("since"), sa.bindparam("local_day")),
        Ticket.superseded_at.is_(None),
    )
    .order_by(Ticket.arrived_at, Ticket.id)
)


def held_number(
    session: Session, patient_id: UUID, queue_id: UUID, day: date, *, since: date | None = None
) -> Ticket | None:
    """Return the live number a person has in a queue on a day: the earliest of several, None without one.

    ``since``: the earliest day that counts too, where a night goes over midnight.
    """
    values = {"patient_id": patient_id, "since": since or day, "local_day": day}
    rows = _NUMBERS_OF_PERSON.all(session, values)
    held = [ticket_id for ticket_id, its_queue, status in rows if its_queue == queue_id and status in HOLDS_A_PLACE]
    return session.get_one(Ticket, held[0]) if held else None


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


def services_elsewhere(session: Session, queue: Queue) -> list[Service]:
    """Return what the facility's other queues serve, in the order of the kiosk: where a patient may be sent on to."""
    return list(
        session.scalars(
            sa.select(Service)
            .join(QueueService, QueueService.service_id == Service.id)
            .join(Queue, Queue.id == QueueService.queue_id)
            .where(
                Service.facility_code == queue.facility_code,
                Service.withdrawn_on.is_(None),
                Queue.id != queue.id,
                Queue.is_open,
            )
            .order_by(Service.position, Service.code)
        )
    )


def supersede(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Put a number out of use that never was on paper; its row stays, so that the series shows no gap."""
    ticket.status = TicketStatus.SUPERSEDED
    ticket.superseded_at = now
    session.flush()


def waiting_counts(session: Session, queue_ids: Collection[UUID], *, now: datetime) -> dict[UUID, int]:
    """Return how many wait in each of some queues that has anybody waiting."""
    since = each_live_since(session, queue_ids, at=now)
    rows = session.execute(
        sa.select(Ticket.queue_id, sa.func.count().label("waiting"))
        .where(is_live(Ticket.queue_id, Ticket.local_day, since), Ticket.status == TicketStatus.WAITING)
        .group_by(Ticket.queue_id)
    )
    return {row.queue_id: row.waiting for row in rows}


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
        wait=wait_message(printed_wait(ticket)),
        priority=ticket.priority,
        issued_at=ticket.issued_at,
    )


def printed_wait(ticket: Ticket) -> ExpectedWait | None:
    """Return the wait that was expected when a number was given, as it stands on its paper."""
    if ticket.wait_least_min is None or ticket.wait_most_min is None:
        return None
    return ExpectedWait(ticket.wait_least_min, ticket.wait_most_min)


def wait_message(wait: ExpectedWait | None) -> WaitMessage | None:
    return WaitMessage(least_min=wait.least_min, most_min=wait.most_min) if wait else None


@cache
def _count_up(kind: str) -> Prepared[int]:
    """Return the statement that raises a queue's counter and tells the new number."""
    return Prepared(
        insert(kind, QueueCounter)
        .values(queue_id=sa.bindparam("queue_id"), local_day=sa.bindparam("local_day"), last_number=1)
        .on_conflict_do_update(
            index_elements=[QueueCounter.queue_id, QueueCounter.local_day],
            set_={"last_number": QueueCounter.last_number + 1},
        )
        .returning(QueueCounter.last_number)
    )
