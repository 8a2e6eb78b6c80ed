"""Two desks at once: the last place of a time goes to one of them, and one person gets one promise."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from server.appointments.models import Appointment
from server.db import Database
from server.errors import Refused
from tests.server.appointments.promises import at, keep_hours, known_patient, promise


def together(database: Database, bookings: list[tuple[UUID, dict[str, Any]]]) -> list[str]:
    """Book all at the same moment; return what became of each: its id or the refusal's code."""
    start = threading.Barrier(len(bookings))

    def one(patient_id: UUID, booking: dict[str, Any]) -> str:
        start.wait()
        try:
            return str(promise(database, patient_id, **booking).id)
        except Refused as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(bookings)) as pool:
        return [done.result() for done in [pool.submit(one, *booking) for booking in bookings]]


def test_the_last_place_goes_to_one_of_two_desks(hospital: Database) -> None:
    keep_hours(hospital)
    for minute in (20, 40):
        people = [known_patient(hospital, f"0341900{minute}0{n}7") for n in range(2)]
        became = together(hospital, [(person, {"starts_at": at(7, minute)}) for person in people])
        assert became.count("appointment.slot_full") == 1
    with hospital.reading() as session:
        times = session.scalars(sa.select(Appointment.starts_at).order_by(Appointment.starts_at)).all()
    assert times == [at(7, 20), at(7, 40)]


def test_one_person_at_two_desks_gets_one_promise_of_the_day(hospital: Database) -> None:
    patient_id = known_patient(hospital)
    became = together(hospital, [(patient_id, {}), (patient_id, {})])
    assert became.count("appointment.booked_already") == 1


def test_one_request_sent_twice_at_once_makes_one_appointment(hospital: Database) -> None:
    patient_id, key = known_patient(hospital), uuid4()
    became = together(hospital, [(patient_id, {"request_key": key}), (patient_id, {"request_key": key})])
    assert len(set(became)) == 1
