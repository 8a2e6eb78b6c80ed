"""Appointments of the invented hospital, and the person who comes to them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from server.appointments.models import Appointment
from server.appointments.service import Booking, book
from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.days import VIETNAM
from server.facilities.models import Clinic, Holiday, OpeningHours
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register

NUMBER = "034190000017"


def known_patient(database: Database, number: str = NUMBER) -> UUID:
    """Return a person who was here ten days ago."""
    earlier = MORNING - timedelta(days=10)
    return register(database, arrival(number, arrived_at=earlier), None, now=earlier).answer.patient_id


def keep_hours(database: Database, clinic: str = "NOI", *, slot_min: int = 20, places: int = 1) -> None:
    """Give a clinic Monday's hours from 7:00 to 9:00 and slots to book."""
    with database.begin() as session:
        found = session.scalars(sa.select(Clinic).filter_by(facility_code=FACILITY, code=clinic)).one()
        found.slot_min, found.slot_places = slot_min, places
        session.add(OpeningHours(clinic_id=found.id, weekday=1, opens_at=time(7), closes_at=time(9)))


def add_holiday(database: Database, day: date) -> None:
    with database.begin() as session:
        session.add(Holiday(facility_code=FACILITY, day=day, name="Ngày nghỉ thử"))


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    """Return a local time of the tests' Monday as an aware instant."""
    return datetime.combine(day, time(hour, minute), VIETNAM)


def promise(
    database: Database, patient_id: UUID, *, facility: str = FACILITY, now: Any = MORNING, **booking: Any
) -> Appointment:
    """Book a letter for the tests' day, or what ``booking`` says."""
    when = {} if "starts_at" in booking else {"due_on": DAY}
    wanted = Booking(**{"request_key": uuid4(), "service": "NOI", **when, **booking})
    return database.transact(
        lambda session: book(session, wanted, patient_id=patient_id, facility=facility, by="staff:thu", now=now)
    )


def stored(database: Database, appointment_id: UUID) -> Appointment:
    with database.reading() as session:
        return session.get_one(Appointment, appointment_id)


def coming(code: str | None, number: str | None = NUMBER, **changes: Any) -> RegisterEncounter:
    return arrival(number, appointment_code=code, **changes)
