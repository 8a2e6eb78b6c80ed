"""Appointments as other systems book them, and what a kiosk learns of the person before it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from server.accounts.tokens import Scope, create_token
from server.app import create_app
from server.appointments.models import Appointment
from server.audit import AuditLine
from server.config import ServerSettings
from server.contract.appointments import AppointmentState, SlotsOfDay, VisitorFound
from server.contract.v1 import Problem
from server.db import Database
from server.domain.appointments import AppointmentStatus, CheckIn
from server.domain.codes import short_code_from
from tests.server.appointments.promises import NUMBER, add_holiday, at, keep_hours, known_patient, promise
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, build_hospital
from tests.server.staff import SettableClock

PERSON = {
    "full_name": "Nguyễn Thị Thử Nghiệm", "born_on": "1990-08-15",
    "identifiers": [{"system": "vn-personal-number", "value": NUMBER}],
}  # fmt: skip

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"due_on": str(DAY - timedelta(days=1))}, "appointment.past"),
    ({"due_on": str(DAY + timedelta(days=401))}, "appointment.too_far"),
    ({"due_on": str(DAY + timedelta(days=3))}, "appointment.holiday"),
    ({"service": "RHM"}, "service.unknown"),
    ({"doctor": "BS99"}, "doctor.unknown"),
    ({"from_encounter": str(uuid4())}, "appointment.foreign_visit"),
    ({"starts_at": at(7, 30)}, "appointment.no_slot"),  # between two slots
    ({"starts_at": at(7, 0)}, "appointment.past"),
    ({"starts_at": at(7, 20), "due_on": str(DAY)}, "message.invalid"),
    ({"person": {**PERSON, "identifiers": []}}, "person.no_number"),
]


@pytest.fixture
def http(hospital: Database) -> FlaskClient:
    return create_app(ServerSettings(), database=hospital, clock=SettableClock()).test_client()


def system(database: Database, *scopes: Scope, facility: str = FACILITY) -> dict[str, str]:
    """Return the headers of another system with a token of these scopes."""
    with database.begin() as session:
        _, token = create_token(
            session, facility=facility, name=f"HIS {uuid4()}", scopes=scopes, by="quan.tri", now=MORNING
        )
    return {"Authorization": f"Bearer {token}"}


def book(http: FlaskClient, headers: dict[str, str], **fields: Any) -> TestResponse:
    body = {"request_key": str(uuid4()), "person": PERSON, "service": "NOI", **fields}
    if "starts_at" in body:
        body["starts_at"] = body["starts_at"].isoformat()
    elif "due_on" not in body:
        body["due_on"] = str(DAY + timedelta(days=1))
    return http.post("/api/v1/appointments", json=body, headers={**headers, "Idempotency-Key": body["request_key"]})


def code_of(answer: TestResponse) -> str:
    return Problem.model_validate_json(answer.data).code


def ask(http: FlaskClient, token: str, **asked: Any) -> VisitorFound:
    answer = http.post("/api/v1/visitors/find", json=asked, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.data
    return VisitorFound.model_validate_json(answer.data)


NUMBERS = [{"system": "vn-personal-number", "value": NUMBER}]


class TestOtherSystems:
    def test_a_time_is_looked_up_booked_read_and_cancelled(self, http: FlaskClient, hospital: Database) -> None:
        keep_hours(hospital)
        headers = system(hospital, Scope.APPOINTMENTS_READ, Scope.APPOINTMENTS_WRITE)
        slots = http.get(f"/api/v1/appointments/slots?service=NOI&day={DAY}", headers=headers)
        times = SlotsOfDay.model_validate_json(slots.data).slots
        assert [(one.starts_at, one.places_left) for one in times][1:3] == [(at(7, 20), 1), (at(7, 40), 1)]
        answer = book(http, headers, starts_at=at(7, 40))
        booked = AppointmentState.model_validate_json(answer.data)
        assert (answer.status_code, booked.starts_at, booked.valid_from, booked.valid_to) == (201, at(7, 40), DAY, DAY)
        path = f"/api/v1/appointments/{booked.id}"
        assert AppointmentState.model_validate_json(http.get(path, headers=headers).data) == booked
        for _ in range(2):  # safe to repeat
            cancelled = http.post(f"{path}/cancel", json={"reason": "người bệnh bận"}, headers=headers)
            assert AppointmentState.model_validate_json(cancelled.data).status is AppointmentStatus.CANCELLED
        slots = http.get(f"/api/v1/appointments/slots?service=NOI&day={DAY}", headers=headers)
        assert SlotsOfDay.model_validate_json(slots.data).slots == times  # the place is free again

    def test_the_same_key_again_gets_the_same_appointment(self, http: FlaskClient, hospital: Database) -> None:
        headers, key = system(hospital, Scope.APPOINTMENTS_WRITE), str(uuid4())
        answers = [book(http, headers, request_key=key) for _ in range(2)]
        assert answers[0].data == answers[1].data
        other = book(http, headers, request_key=key, due_on=str(DAY + timedelta(days=2)))
        assert (other.status_code, code_of(other)) == (422, "request.key_reused")

    def test_what_cannot_be_promised_is_refused_with_its_code(self, http: FlaskClient, hospital: Database) -> None:
        keep_hours(hospital)
        add_holiday(hospital, DAY + timedelta(days=3))
        headers = system(hospital, Scope.APPOINTMENTS_WRITE)
        for fields, code in REFUSED:
            assert code_of(book(http, headers, **fields)) == code
        with hospital.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Appointment)) == 0

    def test_one_promise_of_a_service_and_day_for_one_person(self, http: FlaskClient, hospital: Database) -> None:
        headers = system(hospital, Scope.APPOINTMENTS_WRITE)
        assert book(http, headers).status_code == 201
        assert code_of(book(http, headers)) == "appointment.booked_already"
        assert book(http, headers, service="NHI").status_code == 201

    def test_a_token_does_what_its_scopes_say_and_in_its_own_hospital(
        self, http: FlaskClient, hospital: Database
    ) -> None:
        reader = system(hospital, Scope.APPOINTMENTS_READ)
        assert book(http, reader).status_code == 403
        assert book(http, {}).status_code == 401
        _, token = add_kiosk(hospital, "K")
        assert book(http, {"Authorization": f"Bearer {token}"}).status_code == 401  # a kiosk books nothing
        ours = promise(hospital, known_patient(hospital))
        build_hospital(hospital, "79999")
        foreign = system(hospital, Scope.APPOINTMENTS_READ, Scope.APPOINTMENTS_WRITE, facility="79999")
        assert http.get(f"/api/v1/appointments/{ours.id}", headers=foreign).status_code == 404
        path = f"/api/v1/appointments/{ours.id}/cancel"
        assert http.post(path, json={"reason": "x"}, headers=foreign).status_code == 404


class TestVisitors:
    def test_a_kiosk_learns_appointment_and_last_clinic_and_no_name(
        self, http: FlaskClient, hospital: Database
    ) -> None:
        appointment = promise(hospital, known_patient(hospital))
        found = ask(http, add_kiosk(hospital, "K")[1], identifiers=NUMBERS)
        (offer,) = found.appointments
        assert (offer.code, offer.check_in, offer.room) == (appointment.code, CheckIn.ON_TIME, "Phòng 101")
        assert (found.last_service, found.last_visit_on) == ("NOI", DAY - timedelta(days=10))
        assert found.holder is None
        assert "Thử Nghiệm" not in found.model_dump_json()

    def test_a_stranger_is_an_empty_answer(self, http: FlaskClient, hospital: Database) -> None:
        stranger = [{"system": "vn-personal-number", "value": "034190000099"}]
        assert ask(http, add_kiosk(hospital, "K")[1], identifiers=stranger) == VisitorFound()
        assert ask(http, add_kiosk(hospital, "L")[1], code="0" * 20) == VisitorFound()

    def test_a_letter_names_what_stands_on_it_and_the_reading_is_recorded(
        self, http: FlaskClient, hospital: Database
    ) -> None:
        appointment = promise(hospital, known_patient(hospital))
        device, token = add_kiosk(hospital, "K")
        found = ask(http, token, code=appointment.code)
        assert found.holder is not None
        assert (found.holder.full_name, found.holder.birth_year) == ("Nguyễn Thị Thử Nghiệm", 1990)
        assert NUMBER not in found.model_dump_json()
        with hospital.reading() as session:
            line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "appointment.read")).one()
        assert (line.actor, line.subject_id) == (device.actor, str(appointment.id))

    def test_a_typed_code_names_the_same_letter(self, http: FlaskClient, hospital: Database) -> None:
        appointment = promise(hospital, known_patient(hospital))
        token = add_kiosk(hospital, "K")[1]
        typed, scanned = (ask(http, token, code=code) for code in (appointment.short_code, appointment.code))
        assert typed == scanned
        assert typed.appointments[0].short_code == appointment.short_code
        assert ask(http, token, code=short_code_from(0)) == VisitorFound()

    @pytest.mark.parametrize(
        ("status", "days", "names"),
        [
            (AppointmentStatus.BOOKED, 0, True),
            (AppointmentStatus.FULFILLED, 0, True),  # typed twice: it is said to be used
            (AppointmentStatus.BOOKED, 20, True),  # too early, and told when
            (AppointmentStatus.NOSHOW, -60, True),
            (AppointmentStatus.BOOKED, -61, False),
            (AppointmentStatus.FULFILLED, -1, False),
            (AppointmentStatus.CANCELLED, 20, False),
        ],
    )
    def test_years_of_old_letters_are_no_names_to_be_guessed(
        self, http: FlaskClient, hospital: Database, status: AppointmentStatus, days: int, names: bool
    ) -> None:
        appointment = promise(hospital, known_patient(hospital))
        with hospital.begin() as session:
            session.execute(sa.update(Appointment).values(status=status, due_on=DAY + timedelta(days=days)))
        token = add_kiosk(hospital, "K")[1]
        assert (ask(http, token, code=appointment.short_code).holder is not None) is names
        assert ask(http, token, code=appointment.code).holder is not None  # the QR has 100 random bits

    def test_a_letter_with_somebody_elses_card_is_said_to_be_so(self, http: FlaskClient, hospital: Database) -> None:
        appointment = promise(hospital, known_patient(hospital, "034190000025"))
        known_patient(hospital)
        token = add_kiosk(hospital, "K")[1]
        for number in (NUMBER, "034190000099"):  # somebody known, and somebody who was never here
            numbers = [{"system": "vn-personal-number", "value": number}]
            found = ask(http, token, code=appointment.code, identifiers=numbers)
            assert [one.check_in for one in found.appointments] == [CheckIn.WRONG_PERSON]
            assert found.holder is None

    def test_another_hospitals_kiosk_learns_nothing_from_our_letter(
        self, http: FlaskClient, hospital: Database
    ) -> None:
        appointment = promise(hospital, known_patient(hospital))
        build_hospital(hospital, "79999")
        token = add_kiosk(hospital, "Z", "79999")[1]
        assert ask(http, token, code=appointment.code) == VisitorFound()
        assert ask(http, token, identifiers=NUMBERS).appointments == ()

    def test_a_question_about_nobody_is_refused(self, http: FlaskClient, hospital: Database) -> None:
        token = add_kiosk(hospital, "K")[1]
        answer = http.post("/api/v1/visitors/find", json={}, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 422
