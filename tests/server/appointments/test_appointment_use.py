"""An appointment is used once, in the transaction that registers the visit; a bad one leaves an ordinary visit."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.appointments.models import Appointment
from server.appointments.service import cancel, find_by_code
from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.appointments import AppointmentStatus
from server.domain.encounter import IssueCode
from server.errors import Refused
from server.fleet.service import Device
from server.registration.models import Encounter, EncounterIssue
from server.registration.service import fingerprint_of
from tests.server.appointments.promises import coming, known_patient, promise, stored
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, on_paper, register

LETTER_ONLY = {"evidence": {"assurance": "qr", "method": "appointment", "access": None}}


def fields(database: Database) -> list[str | None]:
    with database.reading() as session:
        rows = session.execute(sa.select(EncounterIssue.code, EncounterIssue.field).order_by(EncounterIssue.raised_at))
        return [row.field for row in rows if row.code is IssueCode.APPOINTMENT_NOT_USED]


def test_the_visit_uses_the_appointment_it_was_made_for(hospital: Database, kiosk: Device) -> None:
    patient_id = known_patient(hospital)
    appointment = promise(hospital, patient_id)
    answer = register(hospital, coming(appointment.code), kiosk).answer
    used = stored(hospital, appointment.id)
    assert (used.status, used.encounter_id, used.used_at) == (AppointmentStatus.FULFILLED, answer.encounter_id, MORNING)
    assert answer.patient_id == patient_id
    assert fields(hospital) == []


def test_the_letters_short_code_uses_it_as_the_square_one_does(hospital: Database, kiosk: Device) -> None:
    patient_id = known_patient(hospital)
    appointment = promise(hospital, patient_id)
    build_hospital(hospital, "79999")
    with hospital.begin() as session:  # a short code is a facility's own
        elsewhere = find_by_code(session, appointment.short_code or "", facility="79999")
    answer = register(hospital, on_paper(coming(appointment.short_code), 7), kiosk).answer
    assert elsewhere is None
    assert (answer.patient_id, answer.ticket.label) == (patient_id, "A-K007")
    assert stored(hospital, appointment.id).encounter_id == answer.encounter_id
    assert fields(hospital) == []


def test_the_command_sent_again_uses_it_no_second_time_and_gets_the_first_answer(
    hospital: Database, kiosk: Device
) -> None:
    command = coming(promise(hospital, known_patient(hospital)).code)
    first = register(hospital, command, kiosk)
    assert register(hospital, command, kiosk, now=MORNING + timedelta(days=1)).answer == first.answer
    assert fields(hospital) == []


def test_two_kiosks_with_one_letter_make_one_use(hospital: Database, kiosk: Device) -> None:
    other, _ = add_kiosk(hospital, "L")
    for round_ in range(5):
        number = f"0341900002{round_:02d}"
        patient_id = known_patient(hospital, number)
        appointment = promise(hospital, patient_id)
        together = threading.Barrier(2)

        def come(device: Device, service: str, together: threading.Barrier = together, code: str = appointment.code,
                 number: str = number) -> None:  # fmt: skip
            command = coming(code, number, service=service)
            together.wait()
            register(hospital, command, device)

        with ThreadPoolExecutor(2) as pool:
            # Two queues: in one queue the second number would be the first one shown again.
            for done in [pool.submit(come, kiosk, "NOI"), pool.submit(come, other, "NHI")]:
                done.result()
        with hospital.reading() as session:
            used = session.get_one(Appointment, appointment.id)
            visits = session.scalars(
                sa.select(Encounter.id).where(Encounter.patient_id == patient_id, Encounter.local_day == DAY)
            ).all()
        assert used.encounter_id in visits
        assert len(visits) == 2  # nobody was turned away
    assert fields(hospital) == ["appointment.used"] * 5


def test_who_comes_back_to_the_same_queue_gets_the_same_number_and_no_complaint_of_the_letter(
    hospital: Database, kiosk: Device
) -> None:
    appointment = promise(hospital, known_patient(hospital))
    first = register(hospital, coming(None), kiosk).answer  # by card, and the letter found in the bag afterwards
    again = register(hospital, coming(appointment.code), kiosk)
    assert (again.answer.ticket.label, again.is_new) == (first.ticket.label, False)
    assert stored(hospital, appointment.id).encounter_id == first.encounter_id
    assert fields(hospital) == []


def test_a_letter_alone_is_enough_for_the_person_it_was_given_to(hospital: Database, kiosk: Device) -> None:
    patient_id = known_patient(hospital)
    appointment = promise(hospital, patient_id)
    command = coming(appointment.code, None, **LETTER_ONLY)
    answer = register(hospital, command, kiosk).answer
    assert answer.patient_id == patient_id
    with hospital.reading() as session:
        assert session.get_one(Encounter, answer.encounter_id).unverified == ["identity"]


def test_a_code_that_names_nobody_names_no_new_person_either(hospital: Database, kiosk: Device) -> None:
    with pytest.raises(Refused, match=r"appointment\.unknown"):
        register(hospital, coming("0" * 20, None, **LETTER_ONLY), kiosk)


@pytest.mark.parametrize(
    ("letter", "field"),
    [
        ("early", "appointment.too-early"),
        ("late", "appointment.too-late"),
        ("cancelled", "appointment.cancelled"),
        ("somebody else's", "appointment.wrong-person"),
        ("unknown", "appointment.unknown"),
        ("another hospital's", "appointment.wrong-facility"),
    ],
)
def test_a_letter_that_does_not_count_leaves_an_ordinary_visit_and_a_word_for_staff(
    hospital: Database, kiosk: Device, letter: str, field: str
) -> None:
    patient_id = known_patient(hospital)
    code = _letter(hospital, letter, patient_id)
    answer = register(hospital, coming(code), kiosk).answer
    assert answer.ticket.label == "A001"
    assert fields(hospital) == [field]
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Appointment.encounter_id))) == 0


def _letter(hospital: Database, letter: str, patient_id: UUID) -> str:
    if letter == "unknown":
        return "0" * 20
    if letter == "somebody else's":
        return promise(hospital, known_patient(hospital, "034190000025")).code
    days = {"early": 3, "late": -30}.get(letter, 0)
    now = MORNING + timedelta(days=min(days, 0))
    appointment = promise(hospital, patient_id, due_on=DAY + timedelta(days=days), now=now)
    if letter == "cancelled":
        with hospital.begin() as session:
            cancel(session, appointment.id, facility=FACILITY, reason="bận việc", by="staff:thu", now=MORNING)
    if letter == "another hospital's":
        build_hospital(hospital, "79999")
        with hospital.begin() as session:
            session.execute(sa.update(Appointment).values(facility_code="79999"))
    return appointment.code


def test_a_letter_shown_while_the_server_was_away_is_linked_when_the_visit_arrives(
    hospital: Database, kiosk: Device
) -> None:
    appointment = promise(hospital, known_patient(hospital))
    late = MORNING + timedelta(days=2)
    paper = on_paper(coming(appointment.code), 7)
    answer = register(hospital, paper, kiosk, now=late).answer
    assert answer.ticket.label == "A-K007"
    used = stored(hospital, appointment.id)
    assert (used.encounter_id, used.used_at) == (answer.encounter_id, late)
    assert fields(hospital) == []  # judged by when the patient came, not by when the line was mended


def test_who_came_by_card_while_the_server_was_away_has_the_days_appointment_used(
    hospital: Database, kiosk: Device
) -> None:
    """The kiosk could not ask; the one of the printed service goes before another one, an earlier day's is left."""
    patient_id = known_patient(hospital)
    promise(hospital, patient_id, due_on=DAY - timedelta(days=2), now=MORNING - timedelta(days=3))
    promise(hospital, patient_id, service="NHI")
    meant = promise(hospital, patient_id)
    answer = register(hospital, on_paper(coming(None), 7), kiosk, now=MORNING + timedelta(days=1)).answer
    with hospital.reading() as session:
        used = session.execute(
            sa.select(Appointment.id, Appointment.encounter_id).where(Appointment.encounter_id.is_not(None))
        ).all()
        assert session.scalars(sa.select(EncounterIssue.code)).all() == []
    assert [tuple(row) for row in used] == [(meant.id, answer.encounter_id)]


@pytest.mark.parametrize("was_registered", [False, True], ids=["first upload", "answer lost, then an own number"])
def test_an_appointment_of_another_clinic_is_used_the_paper_stays_and_staff_are_told(
    hospital: Database, kiosk: Device, was_registered: bool
) -> None:
    promised = promise(hospital, known_patient(hospital), service="NHI")
    command = coming(None)
    if was_registered:
        register(hospital, command, kiosk)
    paper = on_paper(command, 7)
    for _ in range(2):  # and sent again
        answer = register(hospital, paper, kiosk, now=MORNING + timedelta(hours=2)).answer
    assert answer.ticket.label == "A-K007"
    assert stored(hospital, promised.id).encounter_id == answer.encounter_id
    with hospital.reading() as session:
        (issue,) = session.scalars(sa.select(EncounterIssue)).all()
    assert (issue.code, issue.recorded, issue.presented) == (IssueCode.APPOINTMENT_ELSEWHERE, "Khám nhi", "Khám nội")


def test_online_an_appointment_that_was_not_shown_is_left_alone(hospital: Database, kiosk: Device) -> None:
    promised = promise(hospital, known_patient(hospital))
    register(hospital, coming(None), kiosk)  # the kiosk asked, and the person chose otherwise
    assert stored(hospital, promised.id).status is AppointmentStatus.BOOKED


def test_a_field_added_by_a_later_version_leaves_the_fingerprint_of_a_waiting_visit() -> None:
    command = arrival(request_key=uuid4())
    old = command.model_dump(mode="json", exclude={"payer", "appointment_code"})
    assert fingerprint_of(RegisterEncounter.model_validate(old)) == fingerprint_of(command)
