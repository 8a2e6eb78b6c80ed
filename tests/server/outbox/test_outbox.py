"""Messages about visits: written with the visit, sent in order, taken once, never lost and never dropped."""

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import AuditLine
from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.outbound import TRIES, OutboundState, Verdict
from server.errors import NotFound, Refused, StaleVersion
from server.monitoring.gauges import DatabaseGauges
from server.monitoring.metrics import Metrics
from server.outbox.models import OutboundMessage
from server.outbox.service import LEASE, Outcome, TakenMessage, dead_messages, standing_of, take_due, try_again
from server.outbox.worker import OutboxSender
from server.registration.overrides import change_service
from server.registration.service import register_encounter
from tests.server.hospital import FACILITY, arrival, build_hospital, register
from tests.server.outbox.conftest import Line

WAITING, SENDING, SENT, DEAD = OutboundState.WAITING, OutboundState.SENDING, OutboundState.SENT, OutboundState.DEAD


def move(line: Line, encounter_id: UUID, service: str, version: int) -> None:
    with line.database.begin() as session:
        change_service(
            session, encounter_id=encounter_id, facility=FACILITY, service=service, reason="chuyển phòng khám",
            version=version, by="le.tan", now=line.clock.now(),
        )  # fmt: skip


def test_a_visit_reaches_the_other_system_as_fhir_resources(line: Line) -> None:
    insured = arrival(
        insurance={"card_number": "GD4340123456789", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    )
    encounter_id = line.come(insured)
    assert line.send_all() == [Verdict.TAKEN]
    (received,) = line.his.taken
    patient, encounter, coverage = (received.resource(kind) for kind in ("Patient", "Encounter", "Coverage"))
    assert patient["name"] == [{"use": "official", "text": "Nguyễn Thị Thử Nghiệm"}]
    assert patient["birthDate"] == "1990-08-15"
    assert {"system": "urn:tiepdon:vn-personal-number", "value": "034190000017"} in patient["identifier"]
    assert encounter["id"] == str(encounter_id)
    assert encounter["status"] == "arrived"
    assert encounter["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert encounter["period"] == {"start": "2026-11-23T00:15:00Z"}
    assert {"system": "urn:tiepdon:ticket", "value": "A001"} in encounter["identifier"]
    assert encounter["serviceType"]["coding"][0]["code"] == "NOI"
    assert (coverage["status"], coverage["period"]) == ("draft", {"start": "2026-01-01", "end": "2026-12-31"})
    assert insured.visit_code not in str(received.body), "the slip's code opens the visit's page"
    (message,) = line.messages()
    assert (message.state, message.body) == (SENT, None), "a patient's data stay no longer than they must"


def test_a_visit_that_is_not_stored_is_not_told(line: Line) -> None:
    def register_and_fail(session: Session) -> None:
        register_encounter(session, arrival(), device=line.kiosk, actor="kiosk:k", now=line.clock.now())
        raise Refused("test", "the transaction ends here")

    with pytest.raises(Refused):
        line.database.transact(register_and_fail)
    assert line.messages() == []


def test_only_the_configured_hospitals_visits_are_told(line: Line) -> None:
    build_hospital(line.database, "79999")
    register(line.database, arrival("034190000018", facility="79999"), None)
    line.come()
    assert [message.facility_code for message in line.messages()] == [FACILITY]


def test_a_repeated_registration_is_told_once(line: Line) -> None:
    command = arrival()
    assert line.come(command) == line.come(command)
    assert line.send_all() == [Verdict.TAKEN]


def test_changes_of_a_visit_arrive_in_their_order(line: Line) -> None:
    encounter_id = line.come()
    line.send_all()
    move(line, encounter_id, "NHI", version=1)
    move(line, encounter_id, "NOI", version=2)
    assert line.send_all() == [Verdict.TAKEN] * 2
    assert line.his.resources[f"Encounter/{encounter_id}"]["serviceType"]["coding"][0]["code"] == "NOI"
    assert len({one.key for one in line.his.taken}) == 3


def test_a_line_cut_before_or_after_the_message_was_taken_gives_one_visit_there(line: Line) -> None:
    line.come()
    line.his.behaviour.next_faults.extend(["reset", "lost"])
    for wait_s in (2, 4):
        assert line.sender().send_next() is Verdict.UNREACHABLE
        line.clock.pass_by(timedelta(seconds=wait_s))
    assert line.send_all() == [Verdict.TAKEN]
    assert (len(line.his.taken), line.his.repeated) == (1, 1)


def test_what_it_cannot_do_now_is_tried_again_and_what_it_refuses_is_shown_to_staff(line: Line) -> None:
    line.come(arrival("034190000017"))
    line.his.behaviour.next_faults.extend([500, 503, 429, 401])
    for seconds in (0, 2, 4, 8):
        line.clock.pass_by(timedelta(seconds=seconds))
        assert len(line.send_all()) == 1
    assert line.states() == [WAITING]
    line.clock.pass_by(timedelta(seconds=16))
    assert line.send_all() == [Verdict.TAKEN]
    year_only = arrival("034190000018", person={"born_on": "1951"})
    line.come(year_only)
    assert line.send_all() == [Verdict.REFUSED]
    line.clock.pass_by(timedelta(days=1))
    assert line.send_all() == [], "nobody asks again by himself"
    with line.database.reading() as session:
        (dead,) = dead_messages(session, facility=FACILITY)
        assert dead_messages(session, facility="79999") == []
    assert (dead.label, dead.error, dead.answer) == (
        "A002", "his.status-422", "Patient.birthDate: cần đủ ngày, tháng, năm sinh",
    )  # fmt: skip


def test_a_dead_message_holds_up_what_follows_about_its_visit_and_nothing_else(line: Line) -> None:
    stuck = line.come(arrival("034190000018", person={"born_on": "1951"}))
    line.send_all()
    move(line, stuck, "NHI", version=1)
    other = line.come(arrival("034190000019"))
    assert line.send_all() == [Verdict.TAKEN]
    assert f"Encounter/{other}" in line.his.resources
    with line.database.reading() as session:
        (dead,) = dead_messages(session, facility=FACILITY)
    assert dead.held_up == 1
    line.his.behaviour.wants_whole_birth_dates = False  # the other system was mended
    with line.database.begin() as session:
        try_again(session, dead.id, facility=FACILITY, attempts=dead.attempts, by="truong", now=line.clock.now())
    assert line.send_all() == [Verdict.TAKEN] * 2
    assert line.his.resources[f"Encounter/{stuck}"]["serviceType"]["coding"][0]["code"] == "NHI"
    with line.database.reading() as session:
        acts = session.scalars(sa.select(AuditLine.actor).where(AuditLine.action == "outbox.tried-again")).all()
    assert acts == ["staff:truong"]


def test_trying_again_twice_or_elsewhere_is_refused(line: Line) -> None:
    line.come(arrival("034190000018", person={"born_on": "1951"}))
    line.send_all()
    (message,) = line.messages()
    for facility, attempts, error in [("79999", 1, NotFound), (FACILITY, 0, StaleVersion)]:
        with pytest.raises(error), line.database.begin() as session:
            try_again(
                session, message.id, facility=facility, attempts=attempts, by="truong", now=line.clock.now()
            )  # fmt: skip
    with line.database.begin() as session:
        try_again(session, message.id, facility=FACILITY, attempts=1, by="truong", now=line.clock.now())
    with pytest.raises(StaleVersion), line.database.begin() as session:
        try_again(session, message.id, facility=FACILITY, attempts=1, by="truong", now=line.clock.now())


def test_hours_of_failures_end_at_a_persons_desk(line: Line) -> None:
    line.come()
    line.his.behaviour.next_faults.extend([500] * TRIES)
    for _ in range(TRIES):
        assert line.send_all() == [Verdict.FAILED]
        line.clock.pass_by(timedelta(minutes=15))
    assert line.states() == [DEAD]


def test_a_worker_that_dies_on_the_way_loses_and_doubles_nothing(line: Line) -> None:
    line.come()

    class Died(BaseException):
        pass

    class Dying:
        """Sends, and dies before the outcome is stored."""

        def __init__(self, line: Line) -> None:
            self._client = line.sender()._receiver

        def send(self, message: TakenMessage) -> Outcome:
            self._client.send(message)
            raise Died

    dying = OutboxSender(line.database, Dying(line), now=line.clock.now)
    with pytest.raises(Died):
        dying.send_next()
    assert line.states() == [SENDING]
    assert line.send_all() == [], "its lease holds"
    line.clock.pass_by(LEASE)
    assert line.send_all() == [Verdict.TAKEN]
    assert (len(line.his.taken), line.his.repeated) == (1, 1), "the other system knew the key"


def test_an_outcome_that_comes_after_the_lease_changes_nothing(line: Line) -> None:
    line.come()

    class Slow:
        def send(self, message: TakenMessage) -> Outcome:
            line.clock.pass_by(LEASE)
            assert line.send_all() == [Verdict.TAKEN]  # another process took over
            return Outcome(Verdict.REFUSED, "his.status-422")

    OutboxSender(line.database, Slow(), now=line.clock.now).send_next()
    assert line.states() == [SENT]


def test_two_processes_at_once_send_each_message_once_and_each_visits_in_order(line: Line) -> None:
    visits = [line.come(arrival(f"0341900000{n}")) for n in range(10, 22)]
    for encounter_id in visits:
        move(line, encounter_id, "NHI", version=1)
    failures: list[Exception] = []

    def work(database: Database) -> None:
        sender = line.sender()
        sender._database = database
        try:
            while SENT in (states := set(line.states())) or WAITING in states:
                if states == {SENT}:
                    return
                sender.send_next()
        except Exception as error:  # noqa: BLE001 - told by the test itself
            failures.append(error)

    databases = [Database(line.database.url, connections=2) for _ in range(2)]
    threads = [threading.Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for database in databases:
        database.close()
    assert failures == []
    assert (len(line.his.taken), line.his.repeated) == (24, 0)
    for encounter_id in visits:
        codes = [
            one.resource("Encounter")["serviceType"]["coding"][0]["code"]
            for one in line.his.taken
            if one.resource("Encounter")["id"] == str(encounter_id)
        ]
        assert codes[-1] == "NHI"
    assert len({one.key for one in line.his.taken}) == 24


def test_attempts_at_one_message_say_the_same_though_the_visit_went_on(line: Line) -> None:
    encounter_id = line.come()
    line.his.behaviour.next_faults.append("lost")
    line.sender().send_next()
    move(line, encounter_id, "NHI", version=1)
    line.clock.pass_by(timedelta(seconds=2))
    assert line.send_all() == [Verdict.TAKEN] * 2, "another text under one key would be refused"


def test_a_slow_answer_is_given_up(line: Line) -> None:
    line.come()
    line.his.behaviour.next_faults.append("slow")
    line.his.behaviour.delay_s = 1.0
    assert line.sender(read_s=0.1).send_next() is Verdict.UNREACHABLE
    (message,) = line.messages()
    assert message.error == "his.timeout"


def test_a_system_that_is_away_or_does_not_know_us_costs_no_message(line: Line) -> None:
    line.come()
    assert line.sender(base_url="http://127.0.0.1:1").send_next() is Verdict.UNREACHABLE
    line.clock.pass_by(timedelta(minutes=15))
    assert line.sender(token="wrong").send_next() is Verdict.UNREACHABLE
    line.clock.pass_by(timedelta(minutes=15))
    assert line.sender(path="/elsewhere").send_next() is Verdict.UNREACHABLE
    with line.database.reading() as session:
        standing = standing_of(session, facility=FACILITY)
    assert (dict(standing.counts), standing.last_error) == ({WAITING: 1}, "his.status-404")
    line.clock.pass_by(timedelta(minutes=15))
    assert line.send_all() == [Verdict.TAKEN]


def test_a_monitor_sees_what_waits_and_what_was_refused(line: Line) -> None:
    line.come(arrival("034190000018", person={"born_on": "1951"}))
    line.send_all()
    line.come()
    line.clock.pass_by(timedelta(seconds=40))
    page = Metrics().page(DatabaseGauges(line.database, line.clock.now())).decode()
    assert 'tiepdon_outbox_messages{facility="34999",state="dead"} 1.0' in page
    assert 'tiepdon_outbox_oldest_seconds{facility="34999",state="waiting"} 40.0' in page


def test_messages_are_numbered_in_the_order_of_commits(line: Line) -> None:
    def come(command: RegisterEncounter) -> None:
        line.come(command)

    threads = [threading.Thread(target=come, args=(arrival(f"0341900001{n}"),)) for n in range(10, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with line.database.reading() as session:
        told = session.scalars(sa.select(OutboundMessage.encounter_id).order_by(OutboundMessage.id)).all()
        registered = session.scalars(
            sa.select(AuditLine.subject_id)
            .where(AuditLine.action == "encounter.registered")
            .order_by(AuditLine.sequence)
        ).all()
    assert [str(encounter_id) for encounter_id in told] == registered


def test_nothing_is_taken_where_nothing_is_due(line: Line) -> None:
    with line.database.begin() as session:
        assert take_due(session, now=line.clock.now()) is None
        with pytest.raises(NotFound):
            try_again(session, 1, facility=FACILITY, attempts=0, by=str(uuid4()), now=line.clock.now())
