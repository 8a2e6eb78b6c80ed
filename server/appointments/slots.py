"""The times of a day that a clinic books, and how many places are left in each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.domain.appointments import USUAL_HOURS, AppointmentStatus, slot_times
from server.domain.catalogue import Hours
from server.domain.days import day_bounds, local_day
from server.errors import Refused
from server.facilities.load import holidays_of
from server.facilities.models import Clinic, OpeningHours, Service


@dataclass(frozen=True, slots=True)
class Slot:
    """A bookable time and how many places are left in it."""

    starts_at: datetime
    places_left: int


def slots_of_day(session: Session, facility: str, service: str, day: date) -> tuple[Slot, ...]:
    """Return the times of a service's clinic on a day with the places left; none where it books no times.

    Raises Refused for a service the facility does not offer.
    """
    found = session.scalar(sa.select(Service).filter_by(facility_code=facility, code=service))
    if found is None:
        raise Refused("service.unknown", "the facility does not offer this service")
    return _slots(session, found, day, holidays_of(session, facility))


def check_slot(session: Session, service: Service, starts_at: datetime) -> None:
    """Raise Refused unless the service's clinic books that time and a place of it is left."""
    slots = {slot.starts_at: slot for slot in _slots(session, service, local_day(starts_at), ())}
    slot = slots.get(starts_at)
    if slot is None:
        raise Refused("appointment.no_slot", "the clinic books no such time")
    if slot.places_left == 0:
        raise Refused("appointment.slot_full", "all places of this time are taken")


def _slots(session: Session, service: Service, day: date, holidays: Collection[date]) -> tuple[Slot, ...]:
    clinic = session.get_one(Clinic, service.clinic_id)
    if clinic.slot_min is None or day in holidays:
        return ()
    hours = [
        Hours(row.weekday, row.opens_at, row.closes_at)
        for row in session.scalars(sa.select(OpeningHours).where(OpeningHours.clinic_id == clinic.id))
    ]
    start, end = day_bounds(day)
    taken: dict[datetime, int] = {}
    for row in session.execute(
        sa.select(Appointment.starts_at, sa.func.count().label("count"))
        .join(Service, Service.id == Appointment.service_id)
        .where(
            Service.clinic_id == clinic.id,
            Appointment.starts_at >= start,
            Appointment.starts_at < end,
            Appointment.status != AppointmentStatus.CANCELLED,
        )
        .group_by(Appointment.starts_at)
    ):
        taken[row.starts_at] = int(row[1])
    return tuple(
        Slot(one, max(0, clinic.slot_places - taken.get(one, 0)))
        for one in slot_times(hours or USUAL_HOURS, day, clinic.slot_min)
    )
