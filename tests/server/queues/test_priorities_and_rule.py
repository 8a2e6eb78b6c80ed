"""Who goes before others by law: declared, confirmed or refused, and mixed by a rule that everybody can look up."""

from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.encounter import IssueCode
from server.domain.priority import ClaimState, MixingRule, PriorityGround
from server.domain.waiting import ExpectedWait, PaceBasis
from server.errors import NotFound, Refused, StaleVersion
from server.fleet.service import Device
from server.patients.editing import change_patient
from server.patients.models import Patient
from server.queues.models import Queue, Ticket
from server.queues.priorities import Decision, claims_of, decide
from server.queues.rules import rule_changes, set_rule, set_usual_gap
from server.queues.standing import newcomers, rule_in_force, standing_of
from server.registration.models import EncounterIssue
from tests.server.hospital import FACILITY, MORNING, arrival, register

PREGNANCY, EMERGENCY = PriorityGround.PREGNANCY, PriorityGround.EMERGENCY
SEEN = "Đã xem sổ khám thai"
NOW = MORNING + timedelta(minutes=5)


def ticket_of(database: Database, encounter_id: UUID) -> Ticket:
    with database.reading() as session:
        return session.scalars(sa.select(Ticket).where(Ticket.encounter_id == encounter_id)).one()


def say(
    database: Database, encounter_id: UUID, decision: Decision, ground: PriorityGround = PREGNANCY, *,
    reason: str = SEEN, seen: str = "declared", facility: str = FACILITY,
) -> None:  # fmt: skip
    with database.begin() as session:
        decide(
            session, encounter_id, ground, decision, facility=facility, reason=reason, seen=seen, by="le.tan", now=NOW
        )


def put_rule(
    database: Database, rule: MixingRule, *, seen: UUID | None = None, reason: str = "Nhiều người già", minutes: int = 0
) -> None:
    now = NOW + timedelta(minutes=minutes)
    with database.begin() as session:
        set_rule(session, rule, facility=FACILITY, seen=seen, reason=reason, by="truong", now=now)


@pytest.fixture
def declared(hospital: Database, kiosk: Device) -> UUID:
    """Somebody who declared a pregnancy at the kiosk."""
    command = arrival(declared=("pregnancy",), arrived_at=MORNING + timedelta(minutes=1))
    return register(hospital, command, kiosk).answer.encounter_id


def test_what_is_declared_at_the_kiosk_waits_for_staff_who_are_told(hospital: Database, declared: UUID) -> None:
    with hospital.reading() as session:
        [claim] = claims_of(session, declared)
        issue = session.scalars(sa.select(EncounterIssue)).one()
    assert (claim.ground, claim.state, claim.declared_by) == (PREGNANCY, ClaimState.DECLARED, None)
    assert (issue.code, issue.field, issue.settled_at) == (IssueCode.PRIORITY_DECLARED, "pregnancy", None)
    assert ticket_of(hospital, declared).priority is None


def test_confirmed_priority_goes_before_who_came_earlier_and_settles_what_rang(
    hospital: Database, kiosk: Device, declared: UUID
) -> None:
    register(hospital, arrival("034190000025"), kiosk)
    with hospital.reading() as session:
        before = standing_of(session, ticket_of(hospital, declared), now=NOW)
    say(hospital, declared, "confirmed")
    with hospital.reading() as session:
        after = standing_of(session, ticket_of(hospital, declared), now=NOW)
        issue = session.scalars(sa.select(EncounterIssue)).one()
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "priority.confirmed")).one()
    assert before is not None
    assert after is not None
    assert (before.before, after.before) == (1, 0)
    assert (issue.settled_by, issue.settled_at) == ("le.tan", NOW)
    assert (line.actor, line.details) == ("staff:le.tan", {"ground": "pregnancy"})
    assert ticket_of(hospital, declared).priority is PREGNANCY


def test_a_refusal_says_why_and_can_be_taken_back(hospital: Database, declared: UUID) -> None:
    with pytest.raises(Refused):
        say(hospital, declared, "refused", reason=" ")
    say(hospital, declared, "refused", reason="Không phải")
    with hospital.reading() as session:
        [claim] = claims_of(session, declared)
    assert (claim.state, claim.reason, claim.decided_by) == (ClaimState.REFUSED, "Không phải", "le.tan")
    say(hospital, declared, "confirmed", seen="refused")
    assert ticket_of(hospital, declared).priority is PREGNANCY


def test_the_colleague_who_was_faster_wins(hospital: Database, declared: UUID) -> None:
    say(hospital, declared, "confirmed")
    with pytest.raises(StaleVersion):
        say(hospital, declared, "refused")


def test_staff_declare_an_emergency_themselves_and_it_goes_before_everybody(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034151000025", person={"born_on": "1940-01-01"}), kiosk)
    late = register(hospital, arrival("034190000025", arrived_at=NOW), kiosk).answer.encounter_id
    with pytest.raises(Refused):
        say(hospital, late, "confirmed", EMERGENCY, seen="", reason="")
    say(hospital, late, "confirmed", EMERGENCY, seen="", reason="Khó thở")
    with hospital.reading() as session:
        standing = standing_of(session, ticket_of(hospital, late), now=NOW)
    assert standing is not None
    assert standing.before == 0


@pytest.mark.parametrize("ground", [PriorityGround.CHILD, PriorityGround.ELDERLY])
def test_age_is_the_documents_to_prove(hospital: Database, declared: UUID, ground: PriorityGround) -> None:
    with pytest.raises(Refused):
        say(hospital, declared, "confirmed", ground, seen="")


def test_another_hospitals_patient_is_not_found(hospital: Database, declared: UUID) -> None:
    with pytest.raises(NotFound):
        say(hospital, declared, "confirmed", facility="79999")


def test_age_on_the_chip_gives_priority_and_stands_on_the_slip(hospital: Database, kiosk: Device) -> None:
    old = register(hospital, arrival(person={"born_on": "1951"}), kiosk).answer.ticket
    young = register(hospital, arrival("034124000025", person={"born_on": "2021-01-01"}), kiosk).answer.ticket
    assert (old.priority, young.priority) == (PriorityGround.ELDERLY, PriorityGround.CHILD)


def test_a_birth_date_put_right_moves_the_person_to_the_line_it_gives(hospital: Database, kiosk: Device) -> None:
    answer = register(hospital, arrival(evidence={"assurance": "qr", "method": "qr"}), kiosk).answer
    with hospital.reading() as session:
        version = session.get_one(Patient, answer.patient_id).version
    hospital.transact(
        lambda session: change_patient(
            session, answer.patient_id, {"born_on": "1950-08-15"}, reason="Đọc nhầm năm sinh", version=version,
            facility=FACILITY, by="le.tan", now=NOW,
        )
    )  # fmt: skip
    assert ticket_of(hospital, answer.encounter_id).priority is PriorityGround.ELDERLY


class TestRule:
    def test_one_to_two_holds_until_somebody_sets_another(self, hospital: Database) -> None:
        with hospital.reading() as session:
            assert rule_in_force(session, FACILITY).rule == MixingRule(1, 2)
        put_rule(hospital, MixingRule(2, 1))
        with hospital.reading() as session:
            in_force = rule_in_force(session, FACILITY)
            [change] = rule_changes(session, FACILITY)
            line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "queue.rule-set")).one()
        assert (in_force.rule, in_force.since) == (MixingRule(2, 1), NOW)
        assert (change.by, change.reason) == ("truong", "Nhiều người già")
        assert line.details == {"old": "1:2, booked 1:2", "new": "2:1, booked 1:2"}

    def test_a_change_needs_a_reason_a_difference_and_a_look_at_the_rule_in_force(self, hospital: Database) -> None:
        with pytest.raises(Refused):
            put_rule(hospital, MixingRule(2, 1), reason="")
        with pytest.raises(Refused):
            put_rule(hospital, MixingRule(1, 2))
        put_rule(hospital, MixingRule(2, 1))
        with pytest.raises(StaleVersion):
            put_rule(hospital, MixingRule(3, 1))

    def test_declared_grounds_count_at_once_where_the_hospital_wants_it(
        self, hospital: Database, declared: UUID
    ) -> None:
        put_rule(hospital, MixingRule(1, 2, counts_declared=True))
        assert ticket_of(hospital, declared).priority is PREGNANCY
        with hospital.reading() as session:
            in_force = rule_in_force(session, FACILITY)
        put_rule(hospital, MixingRule(1, 2), seen=in_force.id, minutes=1)
        assert ticket_of(hospital, declared).priority is None

    def test_a_usual_pace_speaks_before_the_day_has_one(self, hospital: Database, kiosk: Device) -> None:
        first = register(hospital, arrival(), kiosk).answer.ticket
        assert first.wait is None
        with hospital.reading() as session:
            queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        with hospital.begin() as session:
            set_usual_gap(session, facility=FACILITY, queue_id=queue.id, minutes=4, by="truong", now=NOW)
        second = register(hospital, arrival("034190000025", arrived_at=NOW), kiosk).answer.ticket
        assert second.wait is not None
        assert (second.wait.least_min, second.wait.most_min) == (3, 12)
        with hospital.reading() as session:
            found = newcomers(session, [queue.id], facility=FACILITY, now=NOW)[queue.id]
        assert (found.before, found.wait) == (2, ExpectedWait(6, 18, PaceBasis.USUAL))
        with pytest.raises(Refused), hospital.begin() as session:
            set_usual_gap(session, facility=FACILITY, queue_id=queue.id, minutes=0, by="truong", now=NOW)
