"""What staff put right: the fact, the number, the place in line, and the colleague who was faster."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.encounter import IssueCode
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Service
from server.feed import FeedRow
from server.fleet.service import Device
from server.queues.models import Ticket, TicketReprint
from server.registration.models import Encounter, EncounterIssue, Override
from server.registration.overrides import change_service, reprint_ticket, settle_issue
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, on_paper, register

NOW = MORNING + timedelta(minutes=10)
REASON = "Bệnh nhân là trẻ em"


@pytest.fixture
def encounter_id(hospital: Database, kiosk: Device) -> UUID:
    return register(hospital, arrival(), kiosk).answer.encounter_id


def move(
    database: Database, encounter_id: UUID, service: str = "NHI", *, reason: str = REASON, version: int = 1,
    by: str = "le.tan", facility: str = FACILITY,
) -> Ticket:  # fmt: skip
    with database.begin() as session:
        return change_service(
            session, encounter_id=encounter_id, facility=facility, service=service, reason=reason, version=version,
            by=by, now=NOW,
        )  # fmt: skip


def tickets(database: Database, encounter_id: UUID) -> list[Ticket]:
    with database.reading() as session:
        query = sa.select(Ticket).where(Ticket.encounter_id == encounter_id).order_by(Ticket.issued_at, Ticket.label)
        return list(session.scalars(query))


def test_a_change_of_clinic_gives_a_number_there_and_keeps_the_place_by_arrival(
    hospital: Database, kiosk: Device, encounter_id: UUID
) -> None:
    register(hospital, arrival("034190000025", service="NHI", arrived_at=MORNING + timedelta(minutes=5)), kiosk)
    moved = move(hospital, encounter_id)
    assert moved.label == "B002"
    assert moved.waiting_before == 0  # arrived before the one who has B001
    old, new = tickets(hospital, encounter_id)
    assert (old.label, old.status, old.superseded_at) == ("A001", TicketStatus.TRANSFERRED, NOW)
    assert (new.label, new.status, new.superseded_at) == ("B002", TicketStatus.WAITING, None)
    assert new.arrived_at == MORNING


def test_the_change_is_a_fact_with_its_reason_in_the_trail_and_on_open_pages(
    hospital: Database, encounter_id: UUID
) -> None:
    move(hospital, encounter_id, reason="  Bệnh nhân \n là trẻ em ")
    with hospital.reading() as session:
        override = session.scalars(sa.select(Override)).one()
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "encounter.service-changed")).one()
        service = session.get_one(Service, session.get_one(Encounter, encounter_id).service_id).code
        published = session.scalars(sa.select(FeedRow.subject_id).order_by(FeedRow.id.desc())).first()
    assert (override.field, override.old_value, override.new_value) == ("service", "NOI", "NHI")
    assert (override.reason, override.by, override.at) == (REASON, "le.tan", NOW)
    assert line.actor == "staff:le.tan"
    assert REASON not in str(line.details)  # free text may name people; the log keeps codes
    assert service == "NHI"
    assert published == str(encounter_id)


def test_of_two_who_change_one_encounter_at_once_one_wins_and_the_other_learns_it(
    hospital: Database, encounter_id: UUID
) -> None:
    def attempt(by: str) -> str:
        try:
            return move(hospital, encounter_id, by=by).label
        except StaleVersion:
            return "conflict"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, [f"nhan.vien.{number}" for number in range(8)]))
    assert sorted(outcomes) == ["B001", *["conflict"] * 7]
    assert [ticket.label for ticket in tickets(hospital, encounter_id)] == ["A001", "B001"]


def test_one_may_move_again_after_having_looked_again(hospital: Database, encounter_id: UUID) -> None:
    move(hospital, encounter_id)
    with pytest.raises(StaleVersion):
        move(hospital, encounter_id, "NOI")
    assert move(hospital, encounter_id, "NOI", version=2).label == "A002"


def test_a_number_given_offline_is_replaced_by_one_of_the_other_queue(hospital: Database, kiosk: Device) -> None:
    encounter_id = register(hospital, on_paper(arrival(), 7), kiosk).answer.encounter_id
    moved = move(hospital, encounter_id)
    assert (moved.label, moved.kiosk_letter) == ("B001", None)
    assert tickets(hospital, encounter_id)[0].label == "A-K007"


def test_the_same_kiosk_repeating_its_command_gets_the_number_that_counts_now(
    hospital: Database, kiosk: Device
) -> None:
    command = arrival()
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    move(hospital, encounter_id)
    repeated = register(hospital, command, kiosk, NOW)
    assert not repeated.is_new
    assert repeated.answer.ticket.label == "B001"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "override.reason_missing"),
        ({"reason": "  ."}, "override.reason_missing"),
        ({"reason": "123 456"}, "override.reason_missing"),  # no word in it
        ({"reason": "à" * 501}, "override.reason_missing"),
        ({"service": "NOI"}, "override.same"),
        ({"service": ""}, "service.unknown"),
        ({"service": "RANG"}, "service.unknown"),
    ],
)
def test_a_change_without_sense_is_refused_and_nothing_happens(
    hospital: Database, encounter_id: UUID, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(Refused) as caught:
        move(hospital, encounter_id, changes.get("service", "NHI"), reason=changes.get("reason", REASON))
    assert caught.value.code == code
    assert [ticket.status for ticket in tickets(hospital, encounter_id)] == [TicketStatus.WAITING]


def test_a_withdrawn_service_takes_nobody_more(hospital: Database, encounter_id: UUID) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Service).where(Service.code == "NHI").values(withdrawn_on=DAY))
    with pytest.raises(Refused, match="withdrawn"):
        move(hospital, encounter_id)


@pytest.mark.parametrize("status", [TicketStatus.SERVING, TicketStatus.DONE, TicketStatus.CANCELLED])
def test_who_is_being_served_or_done_is_not_moved(hospital: Database, encounter_id: UUID, status: TicketStatus) -> None:
    with hospital.begin() as session:
        session.execute(sa.update(Ticket).values(status=status))
    with pytest.raises(Refused, match="under_way"):
        move(hospital, encounter_id)


def test_yesterdays_visit_is_not_moved(hospital: Database, kiosk: Device) -> None:
    command = arrival(arrived_at=MORNING - timedelta(days=1))
    encounter_id = register(hospital, command, kiosk).answer.encounter_id
    with pytest.raises(Refused, match="past"):
        move(hospital, encounter_id)


def test_another_hospitals_encounter_does_not_exist_for_us(hospital: Database, encounter_id: UUID) -> None:
    with pytest.raises(NotFound):
        move(hospital, encounter_id, facility="79999")
    with pytest.raises(NotFound):
        move(hospital, uuid4())


class TestReprint:
    def ask(self, database: Database, encounter_id: UUID, copy: int, by: str = "le.tan") -> tuple[UUID, int]:
        with database.begin() as session:
            return reprint_ticket(
                session, encounter_id=encounter_id, facility=FACILITY, copy=copy, by=by, now=NOW
            )  # fmt: skip

    def test_each_paper_is_counted_and_the_number_stays(self, hospital: Database, encounter_id: UUID) -> None:
        (ticket,) = tickets(hospital, encounter_id)
        assert self.ask(hospital, encounter_id, 1) == (ticket.id, 1)
        assert self.ask(hospital, encounter_id, 2) == (ticket.id, 2)
        assert [t.label for t in tickets(hospital, encounter_id)] == ["A001"]
        with hospital.reading() as session:
            copies = sa.select(AuditLine).where(AuditLine.action == "ticket.reprinted").order_by(AuditLine.sequence)
            lines = session.scalars(copies).all()
        assert [line.details["copy"] for line in lines] == [1, 2]

    def test_pressing_the_button_twice_makes_one_paper(self, hospital: Database, encounter_id: UUID) -> None:
        assert self.ask(hospital, encounter_id, 1) == self.ask(hospital, encounter_id, 1)
        with hospital.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(TicketReprint)) == 1

    def test_two_desks_at_once_do_not_both_print_the_first_copy(self, hospital: Database, encounter_id: UUID) -> None:
        self.ask(hospital, encounter_id, 1, by="le.tan")
        with pytest.raises(StaleVersion):
            self.ask(hospital, encounter_id, 1, by="dong.nghiep")

    def test_copies_are_not_skipped(self, hospital: Database, encounter_id: UUID) -> None:
        with pytest.raises(StaleVersion):
            self.ask(hospital, encounter_id, 2)


class TestDiscrepancy:
    @pytest.fixture
    def issue(self, hospital: Database, kiosk: Device) -> EncounterIssue:
        register(hospital, arrival(), kiosk)
        register(hospital, arrival(person={"born_on": "1990-08-16"}), kiosk)
        with hospital.reading() as session:
            return session.scalars(sa.select(EncounterIssue)).one()

    def settle(self, database: Database, issue: EncounterIssue, decision: str = "Đã xem thẻ gốc") -> None:
        with database.begin() as session:
            settle_issue(
                session, encounter_id=issue.encounter_id, issue_id=issue.id, facility=FACILITY, decision=decision,
                by="le.tan", now=NOW,
            )  # fmt: skip

    def test_a_decision_is_kept_with_who_and_when(self, hospital: Database, issue: EncounterIssue) -> None:
        assert issue.code is IssueCode.PERSON_DIFFERS
        self.settle(hospital, issue)
        with hospital.reading() as session:
            settled = session.get_one(EncounterIssue, issue.id)
        assert (settled.decision, settled.settled_by, settled.settled_at) == ("Đã xem thẻ gốc", "le.tan", NOW)

    def test_the_first_decision_stands(self, hospital: Database, issue: EncounterIssue) -> None:
        self.settle(hospital, issue)
        with pytest.raises(StaleVersion):
            self.settle(hospital, issue, "Khác")

    def test_a_decision_needs_words(self, hospital: Database, issue: EncounterIssue) -> None:
        with pytest.raises(Refused):
            self.settle(hospital, issue, " ")

    def test_declared_priority_is_not_closed_by_a_remark(self, hospital: Database, kiosk: Device) -> None:
        register(hospital, arrival("034190000034", declared=["pregnancy"]), kiosk)
        with hospital.reading() as session:
            declared = session.scalars(sa.select(EncounterIssue)).one()
        with pytest.raises(Refused, match="confirmed or refused"):
            self.settle(hospital, declared)

    def test_an_issue_belongs_to_its_encounter(self, hospital: Database, kiosk: Device, issue: EncounterIssue) -> None:
        other = register(hospital, arrival("034190000033"), kiosk).answer.encounter_id
        with pytest.raises(NotFound), hospital.begin() as session:
            settle_issue(
                session, encounter_id=other, issue_id=issue.id, facility=FACILITY, decision="Đã xem", by="le.tan",
                now=NOW,
            )  # fmt: skip
