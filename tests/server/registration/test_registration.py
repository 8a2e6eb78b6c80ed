"""One command registers one arrival: once, whatever is repeated, raced or printed meanwhile."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import AuditLine
from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.encounter import IssueCode
from server.domain.queue import TicketStatus
from server.errors import Forbidden, Refused
from server.feed import changes_after
from server.fleet.service import Device
from server.patients.models import Patient, PatientIdentifier
from server.queues.models import Ticket
from server.registration.models import Encounter, EncounterIssue
from server.registration.service import register_encounter
from tests.server.hospital import DAY, MORNING, add_kiosk, arrival, build_hospital, on_paper, register


def count(database: Database, model: type[Any]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def rows(database: Database, model: type[Any], order: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(sa.select(model).order_by(order)))


def issues(database: Database) -> list[tuple[str, str | None, str | None, str | None]]:
    return [(i.code, i.field, i.recorded, i.presented) for i in rows(database, EncounterIssue, EncounterIssue.code)]


def test_new_person_gets_record_encounter_and_first_number(hospital: Database, kiosk: Device) -> None:
    registration = register(hospital, arrival(), kiosk)
    ticket = registration.answer.ticket
    assert registration.is_new
    assert (ticket.label, ticket.number, ticket.local_day, ticket.waiting_before) == ("A001", 1, DAY, 0)
    assert (ticket.clinic_name, ticket.room, ticket.floor) == ("Khám nội", "Phòng 101", "Tầng 1")
    with hospital.reading() as session:
        encounter = session.get_one(Encounter, registration.answer.encounter_id)
        assert encounter.patient.full_name == "Nguyễn Thị Thử Nghiệm"
        assert encounter.patient.folded_name == "nguyen thi thu nghiem"
        assert encounter.kiosk_id == kiosk.id
        assert encounter.unverified == []


def test_registration_leaves_one_audit_line_and_one_change(hospital: Database, kiosk: Device) -> None:
    before = count(hospital, AuditLine)
    answer = register(hospital, arrival(), kiosk).answer
    line = rows(hospital, AuditLine, AuditLine.sequence)[-1]
    assert count(hospital, AuditLine) == before + 1
    assert (line.actor, line.action, line.subject_id) == (
        f"kiosk:{kiosk.id}",
        "encounter.registered",
        str(answer.encounter_id),
    )
    with hospital.reading() as session:
        changes = [(c.topic, c.subject_id, c.facility_code) for c in changes_after(session, 0)]
    assert changes == [("encounter", str(answer.encounter_id), "34999")]


def test_audit_line_holds_no_personal_data(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(insurance={"card_number": "DN4340123456789"}), kiosk)
    line = rows(hospital, AuditLine, AuditLine.sequence)[-1]
    for personal in ("Nguyễn", "Thử", "034190000017", "0123456789", "1990"):
        assert personal not in str(line.details)


def test_same_key_again_gets_the_first_answer_and_changes_nothing(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    first = register(hospital, command, kiosk)
    register(hospital, arrival("034190000025"), kiosk)  # the queue moves on in between
    lines = count(hospital, AuditLine)
    second = register(hospital, command, kiosk, now=MORNING + timedelta(days=3))
    assert second.answer == first.answer
    assert not second.is_new
    assert (count(hospital, Encounter), count(hospital, Ticket), count(hospital, AuditLine)) == (2, 2, lines)


@pytest.mark.parametrize(
    "change",
    [
        {"service": "NHI"},
        {"person": {"full_name": "Trần Văn Khác"}},
        {"arrived_at": MORNING + timedelta(seconds=1)},
    ],
)
def test_same_key_with_another_body_is_refused(hospital: Database, kiosk: Device, change: dict[str, Any]) -> None:
    command = arrival()
    register(hospital, command, kiosk)
    other = arrival(**{"request_key": command.request_key, **change})
    with pytest.raises(Refused) as raised:
        register(hospital, other, kiosk)
    assert raised.value.code == "request.key_reused"


def test_visit_code_of_another_visit_is_refused_and_nothing_stored(hospital: Database, kiosk: Device) -> None:
    first = arrival("034190000101")
    assert register(hospital, first, kiosk).answer.visit_code == first.visit_code
    with pytest.raises(Refused) as raised:
        register(hospital, arrival("034190000102", visit_code=first.visit_code), kiosk)
    assert raised.value.code == "visit_code.taken"
    assert count(hospital, Patient) == 1


def test_second_visit_of_a_known_person_uses_the_same_record(hospital: Database, kiosk: Device) -> None:
    first = register(hospital, arrival(), kiosk).answer
    second = register(hospital, arrival(service="NHI"), kiosk).answer
    assert second.patient_id == first.patient_id
    assert second.ticket.label == "B001"
    assert count(hospital, Patient) == 1


def test_each_arrival_is_told_how_many_wait_before_in_its_queue(hospital: Database, kiosk: Device) -> None:
    waiting = [register(hospital, arrival(f"0341900001{n:02d}"), kiosk).answer.ticket.waiting_before for n in range(3)]
    other_queue = register(hospital, arrival("034190000200", service="NHI"), kiosk).answer.ticket.waiting_before
    assert (waiting, other_queue) == ([0, 1, 2], 0)


def test_failed_registration_leaves_no_gap_in_the_numbers(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000101"), kiosk)

    def fail_at_the_end(session: Session) -> None:
        register_encounter(session, arrival("034190000102"), device=kiosk, actor="x", now=MORNING)
        session.flush()
        raise ConnectionError("the process dies here")

    with pytest.raises(ConnectionError):
        hospital.transact(fail_at_the_end)
    assert register(hospital, arrival("034190000103"), kiosk).answer.ticket.number == 2


@pytest.mark.parametrize(
    ("arrived_at", "day", "number"),
    [
        (datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC), date(2026, 11, 23), 2),  # 23:59:59: still the same day
        (datetime(2026, 11, 23, 17, 0, 0, tzinfo=UTC), date(2026, 11, 24), 1),  # local midnight: a new series
        (datetime(2026, 11, 24, 0, 0, 0, tzinfo=UTC), date(2026, 11, 24), 1),  # 07:00: nothing turns at UTC midnight
        (datetime(2026, 12, 31, 17, 0, 0, tzinfo=UTC), date(2027, 1, 1), 1),  # New Year
        (datetime(2028, 2, 28, 17, 0, 0, tzinfo=UTC), date(2028, 2, 29), 1),  # leap day
    ],
)
def test_series_follows_the_local_day_of_the_arrival(
    hospital: Database, kiosk: Device, arrived_at: datetime, day: date, number: int
) -> None:
    register(hospital, arrival("034190000101"), kiosk)
    late = arrived_at + timedelta(days=9)  # uploaded much later: the day is the arrival's all the same
    ticket = register(hospital, arrival("034190000102", arrived_at=arrived_at), kiosk, now=late).answer.ticket
    assert (ticket.local_day, ticket.number) == (day, number)


def test_arrival_from_the_future_is_dated_by_the_server_and_reported(hospital: Database, kiosk: Device) -> None:
    ahead = MORNING + timedelta(days=400)
    ticket = register(hospital, arrival(arrived_at=ahead), kiosk).answer.ticket
    assert ticket.local_day == DAY
    assert [issue[0] for issue in issues(hospital)] == [IssueCode.CLOCK_AHEAD]


def test_kiosk_of_another_facility_is_refused(hospital: Database) -> None:
    build_hospital(hospital, "34998")
    foreign, _ = add_kiosk(hospital, "Z", "34998")
    with pytest.raises(Forbidden, match=r"facility\.foreign"):
        register(hospital, arrival(), foreign)


def test_unknown_service_is_refused_and_leaves_nothing(hospital: Database, kiosk: Device) -> None:
    with pytest.raises(Refused, match=r"service\.unknown"):
        register(hospital, arrival(service="XXX"), kiosk)
    assert (count(hospital, Patient), count(hospital, Encounter)) == (0, 0)


# What is not certain is carried along


@pytest.mark.parametrize(
    ("assurance", "unverified"),
    [
        ("chip-trusted", []),
        ("staff", []),
        ("chip-consistent", ["identity"]),  # issuer unknown to us
        ("chip-read", ["identity"]),
        ("qr", ["identity"]),  # anybody can print it
        ("typed", ["identity"]),
    ],
)
def test_identity_without_proof_is_marked(
    hospital: Database, kiosk: Device, assurance: str, unverified: list[str]
) -> None:
    answer = register(hospital, arrival(evidence={"assurance": assurance}), kiosk).answer
    with hospital.reading() as session:
        assert session.get_one(Encounter, answer.encounter_id).unverified == unverified
    assert issues(hospital) == []


def test_insurance_is_unverified_until_the_gateway_was_asked(hospital: Database, kiosk: Device) -> None:
    answer = register(hospital, arrival(insurance={"card_number": "0123456789"}), kiosk).answer
    with hospital.reading() as session:
        assert session.get_one(Encounter, answer.encounter_id).unverified == ["insurance"]


def test_contradicting_chip_still_gets_a_number_and_calls_for_staff(hospital: Database, kiosk: Device) -> None:
    ticket = register(hospital, arrival(evidence={"assurance": "chip-contradicted"}), kiosk).answer.ticket
    assert ticket.label == "A001"
    assert [issue[0] for issue in issues(hospital)] == [IssueCode.IDENTITY_CONTRADICTED]


def test_other_name_on_the_card_is_reported_and_overwrites_nothing(hospital: Database, kiosk: Device) -> None:
    first = register(hospital, arrival(), kiosk).answer
    person = {"full_name": "Trần Văn Khác", "born_on": "1991-01-02", "sex": "male"}
    second = register(hospital, arrival(person=person), kiosk).answer
    assert second.patient_id == first.patient_id
    assert issues(hospital) == [
        (IssueCode.PERSON_DIFFERS, "full_name", "Nguyễn Thị Thử Nghiệm", "Trần Văn Khác"),
        (IssueCode.PERSON_DIFFERS, "born_on", "1990-08-15", "1991-01-02"),
        (IssueCode.PERSON_DIFFERS, "sex", "female", "male"),
    ]
    with hospital.reading() as session:
        assert session.get_one(Patient, first.patient_id).full_name == "Nguyễn Thị Thử Nghiệm"


def test_name_written_in_other_case_and_marks_is_the_same_name(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    register(hospital, arrival(person={"full_name": "NGUYEN THI THU NGHIEM"}), kiosk)
    assert issues(hospital) == []


def test_empty_fields_of_a_record_are_filled_from_the_document(hospital: Database, kiosk: Device) -> None:
    bare = {"born_on": "1990", "sex": "unknown", "address": None}
    patient_id = register(hospital, arrival(person=bare), kiosk).answer.patient_id
    register(hospital, arrival(), kiosk)
    with hospital.reading() as session:
        patient = session.get_one(Patient, patient_id)
        assert (patient.born_on, patient.sex, patient.address) == (
            "1990-08-15",
            "female",
            "Thôn Thử, Xã Nghiệm, Tỉnh Mẫu",
        )
    assert issues(hospital) == []


def test_card_of_another_citizen_stays_with_them_and_is_reported(hospital: Database, kiosk: Device) -> None:
    card = {"card_number": "DN4340123456789"}
    first = register(hospital, arrival("034190000017", insurance=card), kiosk).answer
    newer_card = {"card_number": "GD4340123456789"}  # other kind, same holder's number
    stranger = register(hospital, arrival("034085000099", insurance=newer_card), kiosk).answer
    assert stranger.patient_id != first.patient_id
    assert issues(hospital) == [(IssueCode.IDENTIFIER_CONFLICT, "vn-bhyt", None, "0123456789")]
    with hospital.reading() as session:
        holder = session.scalars(sa.select(PatientIdentifier).where(PatientIdentifier.value == "0123456789")).one()
        assert holder.patient_id == first.patient_id


def test_person_without_any_number_gets_a_record_of_their_own_each_time(hospital: Database, kiosk: Device) -> None:
    one = register(hospital, arrival(None), kiosk).answer
    other = register(hospital, arrival(None), kiosk).answer
    assert one.patient_id != other.patient_id


# Many at once


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run all tasks from one start signal, each in a thread of its own; return their results."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        start.wait(20)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_twelve_kiosks_registering_one_new_citizen_make_one_patient_with_one_number(
    hospital: Database, kiosk: Device
) -> None:
    for citizen in range(20):
        commands = [
            arrival(f"0341900005{citizen:02d}", insurance={"card_number": f"01234567{citizen:02d}"}) for _ in range(12)
        ]
        answers = at_once([lambda c=command: register(hospital, c, kiosk).answer for command in commands])  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        assert len({(answer.patient_id, answer.encounter_id, answer.ticket.label) for answer in answers}) == 1
        assert sum(not answer.is_known for answer in answers) == 1
    numbers = [ticket.number for ticket in rows(hospital, Ticket, Ticket.number)]
    assert numbers == list(range(1, 21))
    assert (count(hospital, Patient), count(hospital, PatientIdentifier)) == (20, 40)


def test_one_request_sent_twelve_times_at_once_is_registered_once(hospital: Database, kiosk: Device) -> None:
    for citizen in range(5):
        command = arrival(f"0341900006{citizen:02d}")
        results = at_once([lambda c=command: register(hospital, c, kiosk) for _ in range(12)])  # type: ignore[misc]  # as above
        assert len({result.answer.model_dump_json() for result in results}) == 1
        assert sum(result.is_new for result in results) == 1
    assert (count(hospital, Encounter), count(hospital, Ticket)) == (5, 5)


# The number on paper counts


def test_offline_arrival_keeps_the_number_on_paper(hospital: Database, kiosk: Device) -> None:
    command = on_paper(arrival(), 7)
    ticket = register(hospital, command, kiosk, now=MORNING + timedelta(hours=5)).answer.ticket
    assert (ticket.label, ticket.number, ticket.local_day) == ("A-K007", 7, DAY)
    online = register(hospital, arrival("034190000101"), kiosk).answer.ticket
    assert online.label == "A001"  # the server's own series has no gap from it


def test_number_that_was_never_printed_gives_way_to_the_one_on_paper(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    unseen = register(hospital, command, kiosk).answer  # the answer was lost on its way
    replay = register(hospital, on_paper(command, 3), kiosk, now=MORNING + timedelta(minutes=2))
    assert not replay.is_new
    assert replay.answer.encounter_id == unseen.encounter_id
    assert replay.answer.ticket.label == "A-K003"
    labels = {t.label: (t.status, t.superseded_at is None) for t in rows(hospital, Ticket, Ticket.label)}
    assert labels == {"A001": (TicketStatus.SUPERSEDED, False), "A-K003": (TicketStatus.WAITING, True)}
    assert register(hospital, arrival("034190000101"), kiosk).answer.ticket.label == "A002"


def test_later_replays_with_and_without_the_paper_number_name_the_paper(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    register(hospital, command, kiosk)
    first = register(hospital, on_paper(command, 3), kiosk, now=MORNING + timedelta(minutes=2)).answer
    lines = count(hospital, AuditLine)
    assert register(hospital, on_paper(command, 3), kiosk, now=MORNING + timedelta(hours=2)).answer == first
    assert register(hospital, command, kiosk, now=MORNING + timedelta(hours=3)).answer == first
    assert (count(hospital, Ticket), count(hospital, AuditLine)) == (2, lines)


def test_superseded_number_does_not_wait(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    register(hospital, command, kiosk)
    register(hospital, on_paper(command, 3), kiosk)
    later = arrival("034190000101", arrived_at=MORNING + timedelta(minutes=1))
    assert register(hospital, later, kiosk).answer.ticket.waiting_before == 1


def test_second_number_on_paper_for_one_visit_is_refused(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    register(hospital, on_paper(command, 3), kiosk)
    with pytest.raises(Refused, match=r"ticket\.other_on_paper"):
        register(hospital, on_paper(command, 4), kiosk)


def test_two_slips_with_one_number_are_both_registered_and_reported(hospital: Database, kiosk: Device) -> None:
    register(hospital, on_paper(arrival("034190000101"), 3), kiosk)
    command = on_paper(arrival("034190000102"), 3)  # a copied disk gave the number a second time
    second = register(hospital, command, kiosk).answer
    assert second.ticket.label == "A001"
    expected = [(IssueCode.PAPER_NUMBER_TAKEN, "ticket", "A001", "A-K003")]
    assert issues(hospital) == expected
    assert register(hospital, command, kiosk).answer == second
    assert issues(hospital) == expected


def test_kiosks_own_series_never_meet(hospital: Database, kiosk: Device) -> None:
    other, _ = add_kiosk(hospital, "L")
    one = register(hospital, on_paper(arrival("034190000101"), 1), kiosk).answer.ticket.label
    two = register(hospital, on_paper(arrival("034190000102"), 1, letter="L"), other).answer.ticket.label
    assert (one, two) == ("A-K001", "A-L001")


def test_number_of_another_kiosks_series_is_refused(hospital: Database, kiosk: Device) -> None:
    with pytest.raises(Refused, match=r"ticket\.foreign_letter"):
        register(hospital, on_paper(arrival(), 1, letter="L"), kiosk)


def test_number_taken_after_midnight_keeps_the_day_on_its_paper(hospital: Database, kiosk: Device) -> None:
    before_midnight = datetime(2026, 11, 23, 16, 59, 58, tzinfo=UTC)
    command = on_paper(arrival(arrived_at=before_midnight), 1, day=date(2026, 11, 24))
    ticket = register(hospital, command, kiosk, now=before_midnight + timedelta(hours=1)).answer.ticket
    assert ticket.local_day == date(2026, 11, 24)


def test_number_of_another_week_is_refused(hospital: Database, kiosk: Device) -> None:
    with pytest.raises(Refused, match=r"ticket\.foreign_day"):
        register(hospital, on_paper(arrival(), 1, day=DAY - timedelta(days=7)), kiosk)


def test_offline_ticket_does_not_make_the_command_another_one(hospital: Database, kiosk: Device) -> None:
    command: RegisterEncounter = arrival(request_key=uuid4())
    register(hospital, command, kiosk)
    assert not register(hospital, on_paper(command, 9), kiosk).is_new
