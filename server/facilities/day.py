"""One day of a facility as its planners see it: clinics, rooms, who is on duty, what is closed, what is full."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from server.domain.catalogue import ClinicState, DutySession, Hours
from server.domain.days import day_bounds, local_day
from server.facilities.load import ClinicLoad, clinic_loads, holidays_of
from server.facilities.models import Clinic, Duty, Facility, Practitioner, Room, RoomClosure, Service
from server.facilities.queries import doctors_of
from server.queues.models import Queue


@dataclass(frozen=True, slots=True)
class RoomOfDay:
    """``doctors``: who is on duty in each session; ``closure``: what keeps it closed on the day, None when nothing."""

    room: Room
    doctors: dict[DutySession, list[Practitioner]]
    closure: RoomClosure | None


@dataclass(frozen=True, slots=True)
class ClinicOfDay:
    """``hours``: those that begin on the day, None for a clinic that is open always.

    ``load`` is of this moment, None for another day than today and for a clinic without a queue.
    """

    clinic: Clinic
    letter: str
    rooms: list[RoomOfDay]
    hours: list[Hours] | None
    load: ClinicLoad | None

    @property
    def is_full(self) -> bool:
        return self.load is not None and self.load.state is ClinicState.FULL


@dataclass(frozen=True, slots=True)
class DayPlan:
    day: date
    clinics: list[ClinicOfDay]
    doctors: list[Practitioner]
    visits_per_table: int | None


def plan_of_day(session: Session, facility: str, day: date, *, now: datetime) -> DayPlan:
    """Return what is planned for a day, in the order of the queues' letters."""
    rows = session.execute(
        sa.select(Clinic, Queue)
        .join(Queue, Queue.clinic_id == Clinic.id)
        .where(Clinic.facility_code == facility)
        .order_by(Queue.letter)
        .options(selectinload(Clinic.hours))
    ).all()
    loads = clinic_loads(session, facility, now=now) if day == local_day(now) else {}
    rooms, holidays = _rooms(session, facility, day, now), holidays_of(session, facility)
    return DayPlan(
        day=day,
        clinics=[
            ClinicOfDay(clinic, queue.letter, rooms[clinic.id], _hours(clinic, day, holidays), loads.get(queue.id))
            for clinic, queue in rows
        ],
        doctors=doctors_of(session, facility, day),
        visits_per_table=session.get_one(Facility, facility).visits_per_table,
    )


def _hours(clinic: Clinic, day: date, holidays: Collection[date]) -> list[Hours] | None:
    if not clinic.hours:
        return None
    hours = [Hours(one.weekday, one.opens_at, one.closes_at) for one in clinic.hours]
    return [one for one in hours if one.is_kept_on(day, holidays)]


def services_with_prices(session: Session, facility: str) -> list[Service]:
    """Return every service, withdrawn ones last, each with all its prices of past, present and future."""
    services = session.scalars(
        sa.select(Service)
        .where(Service.facility_code == facility)
        .order_by(Service.withdrawn_on.is_not(None), Service.position, Service.code)
    ).all()
    for service in services:
        service.prices.sort(key=lambda price: (price.payer, price.valid_from))
    return list(services)


def _rooms(session: Session, facility: str, day: date, now: datetime) -> dict[UUID, list[RoomOfDay]]:
    begins, ends = day_bounds(day)
    of_facility = sa.select(Room.id).join(Clinic, Clinic.id == Room.clinic_id).where(Clinic.facility_code == facility)
    doctors: dict[UUID, dict[DutySession, list[Practitioner]]] = defaultdict(lambda: {one: [] for one in DutySession})
    for duty, doctor in session.execute(
        sa.select(Duty, Practitioner)
        .join(Practitioner, Practitioner.id == Duty.practitioner_id)
        .where(Duty.local_day == day, Duty.room_id.in_(of_facility))
        .order_by(Practitioner.full_name)
    ):
        doctors[duty.room_id][duty.session].append(doctor)
    # Of today only what still lasts: a room that was opened again is open.
    since = max(begins, now) if day == local_day(now) else begins
    closures = {
        closure.room_id: closure
        for closure in session.scalars(
            sa.select(RoomClosure).where(
                RoomClosure.room_id.in_(of_facility), RoomClosure.starts_at < ends, RoomClosure.ends_at > since
            )
        )
    }
    found: dict[UUID, list[RoomOfDay]] = defaultdict(list)
    for room in session.scalars(sa.select(Room).where(Room.id.in_(of_facility)).order_by(Room.name)):
        found[room.clinic_id].append(RoomOfDay(room, doctors[room.id], closures.get(room.id)))
    return found
