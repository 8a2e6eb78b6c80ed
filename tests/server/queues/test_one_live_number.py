"""One live number for each person, queue and day: whoever comes again keeps it, and staff decide on a second one."""

from datetime import timedelta

import sqlalchemy as sa

from server.db import Database
from server.domain.encounter import IssueCode
from server.domain.queue import TicketStatus
from server.fleet.service import Device
from server.queues.models import Ticket
from server.registration.known import SecondNumber
from server.registration.models import Encounter, EncounterIssue, EncounterRepeat, Override
from server.registration.service import register_encounter
from tests.server.hospital import MORNING, arrival, on_paper, register

LATER = MORNING + timedelta(minutes=40)


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def end(database: Database, label: str, status: TicketStatus) -> None:
    with database.begin() as session:
        session.scalars(sa.select(Ticket).where(Ticket.label == label)).one().status = status


def test_who_comes_again_is_shown_the_number_they_have(hospital: Database, kiosk: Device) -> None:
    first = register(hospital, arrival(), kiosk).answer
    again = register(hospital, arrival(arrived_at=LATER), kiosk, now=LATER)
    assert (again.answer.is_known, again.is_new) == (True, False)
    assert again.answer == first.model_copy(update={"is_known": True})
    assert (count(hospital, Encounter), count(hospital, Ticket), count(hospital, EncounterRepeat)) == (1, 1, 1)


def test_a_replay_finds_the_same_number_though_its_person_was_seen_meanwhile(hospital: Database, kiosk: Device) -> None:
    first = register(hospital, arrival(), kiosk).answer
    command = arrival(arrived_at=LATER)
    register(hospital, command, kiosk, now=LATER)
    end(hospital, "A001", TicketStatus.DONE)
    replay = register(hospital, command, kiosk, now=LATER).answer
    assert (replay.ticket.label, replay.encounter_id) == ("A001", first.encounter_id)
    assert count(hospital, Ticket) == 1


def test_another_queue_another_day_and_after_the_visit_are_visits_of_their_own(
    hospital: Database, kiosk: Device
) -> None:
    register(hospital, arrival(), kiosk)
    elsewhere = register(hospital, arrival(service="NHI"), kiosk).answer
    tomorrow = MORNING + timedelta(days=1)
    next_day = register(hospital, arrival(arrived_at=tomorrow), kiosk, now=tomorrow).answer
    end(hospital, "B001", TicketStatus.DONE)
    afterwards = register(hospital, arrival(service="NHI", arrived_at=LATER), kiosk, now=LATER).answer
    assert [one.ticket.label for one in (elsewhere, next_day, afterwards)] == ["B001", "A001", "B002"]
    assert not any(one.is_known for one in (elsewhere, next_day, afterwards))


def test_who_missed_the_call_or_is_held_still_has_the_number(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    for status in (TicketStatus.HELD, TicketStatus.MISSED, TicketStatus.CALLED, TicketStatus.SERVING):
        end(hospital, "A001", status)
        assert register(hospital, arrival(arrived_at=LATER), kiosk, now=LATER).answer.ticket.label == "A001"


def test_who_missed_the_call_and_comes_to_a_kiosk_again_waits_again(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    for n in range(4):
        register(hospital, arrival(f"0341900007{n:02d}", arrived_at=LATER), kiosk, now=LATER)
    end(hospital, "A001", TicketStatus.MISSED)
    again = register(hospital, arrival(arrived_at=LATER), kiosk, now=LATER).answer
    assert (again.ticket.label, again.ticket.waiting_before) == ("A001", 3)
    with hospital.reading() as session:
        assert session.scalars(sa.select(Ticket.status).where(Ticket.label == "A001")).one() is TicketStatus.WAITING


def test_a_second_number_given_out_of_reach_stands_and_staff_see_both(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    second = register(hospital, on_paper(arrival(arrived_at=LATER), 4), kiosk, now=LATER).answer
    assert (second.ticket.label, second.is_known) == ("A-K004", False)
    with hospital.reading() as session:
        issue = session.scalars(sa.select(EncounterIssue)).one()
    assert (issue.encounter_id, issue.code) == (second.encounter_id, IssueCode.SECOND_NUMBER)
    assert (issue.recorded, issue.presented) == ("A001", "A-K004")


def test_a_kiosk_that_never_had_the_answer_keeps_the_number_it_printed(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    command = arrival(arrived_at=LATER)
    register(hospital, command, kiosk, now=LATER)  # the answer is lost on its way
    printed = register(hospital, on_paper(command, 4), kiosk, now=LATER).answer
    assert printed.ticket.label == "A-K004"
    assert count(hospital, EncounterRepeat) == 0
    assert register(hospital, on_paper(command, 4), kiosk, now=LATER).answer == printed


def test_staff_give_a_second_number_with_a_reason(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival(), kiosk)
    by_staff = SecondNumber("Khám thêm cho con", by="le.tan")
    second = hospital.transact(
        lambda session: register_encounter(
            session, arrival(arrived_at=LATER), device=None, actor="staff:le.tan", now=LATER, second_number=by_staff
        )
    )
    assert (second.answer.ticket.label, second.is_new) == ("A002", True)
    with hospital.reading() as session:
        override = session.scalars(sa.select(Override)).one()
        assert session.scalars(sa.select(EncounterIssue)).all() == []
    assert (override.field, override.old_value, override.new_value) == ("second-number", "A001", "A002")
    assert (override.reason, override.by) == ("Khám thêm cho con", "le.tan")


def test_who_comes_again_and_declares_something_is_heard(hospital: Database, kiosk: Device) -> None:
    first = register(hospital, arrival(), kiosk).answer
    register(hospital, arrival(declared=("merit",), arrived_at=LATER), kiosk, now=LATER)
    with hospital.reading() as session:
        issue = session.scalars(sa.select(EncounterIssue)).one()
    assert (issue.encounter_id, issue.code, issue.field) == (first.encounter_id, IssueCode.PRIORITY_DECLARED, "merit")


def test_a_card_with_the_same_number_and_another_name_is_reported_and_not_registered_twice(
    hospital: Database, kiosk: Device
) -> None:
    first = register(hospital, arrival(), kiosk).answer
    register(hospital, arrival(person={"full_name": "Trần Văn Khác"}, arrived_at=LATER), kiosk, now=LATER)
    with hospital.reading() as session:
        issue = session.scalars(sa.select(EncounterIssue)).one()
    assert (issue.encounter_id, issue.code, issue.field) == (
        first.encounter_id, IssueCode.PERSON_DIFFERS, "full_name",
    )  # fmt: skip
