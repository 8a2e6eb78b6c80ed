"""Appointments nobody came to, after their day: by the keeper, seen by the desk, made good by whoever comes late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.appointments.models import Appointment
from server.audit import AuditLine
from server.db import Database
from server.domain.appointments import AppointmentStatus
from server.domain.days import day_bounds
from server.fleet.service import Device
from server.queues.keeper import QueueKeeper
from server.registration.corrections import Act, cancel_encounter
from server.registration.models import Encounter
from tests.server.appointments.promises import at, coming, keep_hours, known_patient, promise, stored
from tests.server.hospital import DAY, FACILITY, MORNING, register

_, MIDNIGHT = day_bounds(DAY)
BOOKED, NOSHOW = AppointmentStatus.BOOKED, AppointmentStatus.NOSHOW


def look(database: Database, now: datetime) -> None:
    QueueKeeper(database, now=lambda: now).look()


def status(database: Database, appointment: Appointment) -> AppointmentStatus:
    return stored(database, appointment.id).status


@pytest.mark.parametrize("is_slot", [True, False])
def test_who_has_not_come_by_the_end_of_the_day_did_not_keep_it_and_that_is_written_once(
    hospital: Database, is_slot: bool
) -> None:
    keep_hours(hospital)
    booking: dict[str, Any] = {"starts_at": at(8)} if is_slot else {}
    promised = promise(hospital, known_patient(hospital), **booking)
    look(hospital, MIDNIGHT - timedelta(seconds=1))
    assert status(hospital, promised) is BOOKED
    for minute in range(2):  # the second round finds nothing
        look(hospital, MIDNIGHT + timedelta(minutes=minute))
    assert status(hospital, promised) is NOSHOW
    with hospital.reading() as session:
        [line] = session.scalars(sa.select(AuditLine).where(AuditLine.action == "appointment.no-show")).all()
    assert (line.actor, line.subject_id, line.at) == ("system", str(promised.id), MIDNIGHT)
    assert line.details == {"due_on": "2026-11-23"}


def test_appointments_kept_cancelled_or_still_to_come_stay_what_they_are(hospital: Database, kiosk: Device) -> None:
    kept = promise(hospital, known_patient(hospital))
    register(hospital, coming(kept.code), kiosk)
    tomorrow = promise(hospital, known_patient(hospital, "034190000025"), due_on=DAY + timedelta(days=1))
    look(hospital, MIDNIGHT)
    assert [status(hospital, one) for one in (kept, tomorrow)] == [AppointmentStatus.FULFILLED, BOOKED]


def test_a_server_that_was_off_for_days_closes_all_of_them_in_more_than_one_transaction(
    hospital: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.appointments.no_shows.CLOSED_AT_ONCE", 1)
    many = [promise(hospital, known_patient(hospital, f"03419000002{n}")) for n in range(3)]
    look(hospital, MIDNIGHT + timedelta(days=9))
    assert {status(hospital, one) for one in many} == {NOSHOW}


def test_a_letter_not_kept_still_opens_a_visit_in_its_window_and_is_then_fulfilled(
    hospital: Database, kiosk: Device
) -> None:
    promised = promise(hospital, known_patient(hospital))
    look(hospital, MIDNIGHT)
    later = MORNING + timedelta(days=2)
    visit = register(hospital, coming(promised.code, arrived_at=later), kiosk, now=later).answer.encounter_id
    after = stored(hospital, promised.id)
    assert (after.status, after.encounter_id) == (AppointmentStatus.FULFILLED, visit)


def test_a_visit_of_the_day_that_a_kiosk_uploads_after_midnight_fulfils_its_appointment(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital)
    promised = promise(hospital, known_patient(hospital), starts_at=at(8))
    look(hospital, MIDNIGHT)
    register(hospital, coming(promised.code, arrived_at=at(8)), kiosk, now=MIDNIGHT + timedelta(minutes=5))
    assert status(hospital, promised) is AppointmentStatus.FULFILLED


def test_a_visit_taken_back_leaves_its_appointment_not_kept_once_the_day_is_over(
    hospital: Database, kiosk: Device
) -> None:
    promised = promise(hospital, known_patient(hospital))
    visit = register(hospital, coming(promised.code), kiosk).answer.encounter_id
    with hospital.begin() as session:
        version = session.get_one(Encounter, visit).version
        cancel_encounter(session, visit, Act(FACILITY, "Người bệnh về", version, "le.tan", MORNING))
    assert status(hospital, promised) is BOOKED
    look(hospital, MIDNIGHT)
    assert status(hospital, promised) is NOSHOW
