"""How the clinics of a facility stand at one moment: open or why not, how many they have seen and may see."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.catalogue import (
    ACCEPTING,
    ClinicState,
    DutySession,
    Hours,
    RoomDay,
    capacity,
    clinic_state,
    opening,
    session_at,
)
from server.domain.days import local_day
from server.domain.queue import TicketStatus
from server.facilities.models import Clinic, Duty, Facility, Holiday, OpeningHours, Room, RoomClosure
from server.queues.models import Queue, Ticket

NOT_A_VISIT = (TicketStatus.CANCELLED, TicketStatus.SUPERSEDED, TicketStatus.TRANSFERRED)
"""Numbers that use up no place of the day's cap: the visit is counted where it went on, or nowhere."""


@dataclass(frozen=True, slots=True)
class ClinicLoad:
    """One queue's clinic. ``opens`` is the next opening today where it is closed now."""

    queue_id: UUID
    state: ClinicState
    opens: time | None
    hours: tuple[Hours, ...]
    visits: int
    capacity: int | None  # None: nobody keeps a cap

    @property
    def accepts(self) -> bool:
        return self.state in ACCEPTING

    @property
    def places_left(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.visits)


def clinic_loads(session: Session, facility: str, *, now: datetime) -> dict[UUID, ClinicLoad]:
    """Return the load of each queue's clinic, by the queue's id; six statements, however many clinics."""
    day = local_day(now)
    hours = _hours(session, facility)
    holidays = holidays_of(session, facility)
    rooms = room_days(session, facility, now=now)
    visits = _visits(session, facility, day)
    found = {}
    for queue_id, clinic_id, is_open in session.execute(
        sa.select(Queue.id, Queue.clinic_id, Queue.is_open).where(Queue.facility_code == facility)
    ):
        spans = tuple(hours[clinic_id])
        at_present = opening(spans, at=now, holidays=holidays)
        theirs = list(rooms[clinic_id].values())
        state = clinic_state(
            at_present, theirs, visits=visits[queue_id], is_queue_open=is_open, session=session_at(now)
        )
        opens = at_present.opens if state is ClinicState.LATER else None
        found[queue_id] = ClinicLoad(queue_id, state, opens, spans, visits[queue_id], capacity(theirs))
    return found


def room_days(session: Session, facility: str, *, now: datetime) -> Mapping[UUID, dict[UUID, RoomDay]]:
    """Return each room as it stands, by its clinic and its own id.

    A clinic for which the roster has nobody on the day keeps none: its rooms count as manned.
    """
    day = local_day(now)
    closed = set(
        session.scalars(sa.select(RoomClosure.room_id).where(RoomClosure.starts_at <= now, RoomClosure.ends_at > now))
    )
    doctors: dict[UUID, dict[DutySession, int]] = defaultdict(dict)
    for room_id, on_duty, count in session.execute(
        sa.select(Duty.room_id, Duty.session, sa.func.count())
        .where(Duty.local_day == day)
        .group_by(Duty.room_id, Duty.session)
    ):
        doctors[room_id][on_duty] = count
    rows = session.execute(
        sa.select(Room, Facility.visits_per_table)
        .join(Clinic, Clinic.id == Room.clinic_id)
        .join(Facility, Facility.code == Clinic.facility_code)
        .where(Clinic.facility_code == facility)
    ).all()
    keeping_rosters = {room.clinic_id for room, _ in rows if room.id in doctors}
    found: dict[UUID, dict[UUID, RoomDay]] = defaultdict(dict)
    for room, usual_visits in rows:
        found[room.clinic_id][room.id] = RoomDay(
            tables=room.tables,
            visits_per_table=usual_visits if room.visits_per_table is None else room.visits_per_table,
            is_closed=room.id in closed,
            doctors=doctors[room.id] if room.clinic_id in keeping_rosters else None,
        )
    return found


def holidays_of(session: Session, facility: str) -> frozenset[date]:
    return frozenset(session.scalars(sa.select(Holiday.day).where(Holiday.facility_code == facility)))


def _hours(session: Session, facility: str) -> Mapping[UUID, list[Hours]]:
    found: dict[UUID, list[Hours]] = defaultdict(list)
    for row in session.scalars(
        sa.select(OpeningHours)
        .join(Clinic, Clinic.id == OpeningHours.clinic_id)
        .where(Clinic.facility_code == facility)
        .order_by(OpeningHours.weekday, OpeningHours.opens_at)
    ):
        found[row.clinic_id].append(Hours(row.weekday, row.opens_at, row.closes_at))
    return found


def _visits(session: Session, facility: str, day: date) -> Mapping[UUID, int]:
    rows = session.execute(
        sa.select(Ticket.queue_id, sa.func.count().label("visits"))
        .join(Queue, Queue.id == Ticket.queue_id)
        .where(Queue.facility_code == facility, Ticket.local_day == day, Ticket.status.not_in(NOT_A_VISIT))
        .group_by(Ticket.queue_id)
    )
    return defaultdict(int, {row.queue_id: row.visits for row in rows})
