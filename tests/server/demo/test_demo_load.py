"""Invented people and arrivals for load: the same each time, registered as real ones are."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import sqlalchemy as sa

from server.audit import AuditLog, read_or_make_key
from server.db import Database
from server.demo.load import add_people, arrivals, card_number, person
from server.demo.past import add_past_days
from server.domain.card_check import CardStatus
from server.domain.encounter import Unverified
from server.domain.identity import PartialDate, born_in, is_personal_number
from server.domain.queue import TicketStatus
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.migrations import migrate
from server.patients.models import Patient, PatientIdentifier
from server.queues.models import Ticket, TicketCall
from server.registration.models import Encounter
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register
from tests.support.postgres import PrivatePostgres

TUESDAY = MORNING + timedelta(days=1)
STORED = ("patient", "patient_identifier", "patient_name_word")


def test_people_are_added_once_and_the_missing_ones_later(database: Database) -> None:
    assert [add_people(database, count, MORNING) for count in (30, 30, 50)] == [30, 0, 20]
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Patient)) == 50
        assert session.scalar(sa.select(sa.func.count()).select_from(PatientIdentifier)) == 100


def test_people_who_have_arrived_before_are_not_added_once_more(hospital: Database) -> None:
    came = add_past_days(hospital, FACILITY, 30, 1, TUESDAY, per_day=20)
    assert came == 24, "on a Monday more than on other days"
    assert add_people(hospital, 40, TUESDAY) == 40 - came
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Patient)) == 40


def test_invented_people_have_numbers_no_living_person_can_have_and_no_two_share() -> None:
    people = [person(index) for index in (*range(500), 1_000_000, 2_345_678)]
    numbers = [one["identifiers"][0]["value"] for one in people]
    assert len(set(numbers)) == len(people)
    for one, number in zip(people, numbers, strict=True):
        assert is_personal_number(number)
        assert number[:3] > "096"  # the largest province code is 096
        assert born_in(number) == PartialDate.parse(one["born_on"]).year
    assert len({card_number(index) for index in range(500)}) == 500


def test_who_came_on_past_days_was_registered_called_and_served_once(hospital: Database, tmp_path: Path) -> None:
    came = [
        add_past_days(hospital, FACILITY, 60, 3, TUESDAY, per_day=20, checks_insurance=True) for _ in ("first", "again")
    ]
    assert came == [8 + 2 + 24, 0], "Saturday, Sunday, Monday"
    with hospital.reading() as session:
        tickets = list(session.scalars(sa.select(Ticket).order_by(Ticket.local_day, Ticket.queue_id, Ticket.number)))
        called = sa.select(TicketCall.ticket_id, TicketCall.called_at, TicketCall.room_id).order_by(
            TicketCall.called_at
        )
        calls = session.execute(called).all()
        checks = list(session.scalars(sa.select(CardCheck)))
        unverified = {one.id: one.unverified for one in session.scalars(sa.select(Encounter))}
        kiosks = set(session.scalars(sa.select(Encounter.kiosk_id)))
        assert AuditLog(read_or_make_key(tmp_path / "server")).verify(session)[1] == []
    assert {ticket.local_day for ticket in tickets} == {DAY - timedelta(days=back) for back in range(3)}
    assert {ticket.status for ticket in tickets} == {TicketStatus.DONE}
    for before, after in pairwise(tickets):
        is_same_series = (before.local_day, before.queue_id) == (after.local_day, after.queue_id)
        assert after.number == (before.number + 1 if is_same_series else 1)
    arrived_at = {ticket.id: ticket.arrived_at for ticket in tickets}
    assert sorted(call.ticket_id for call in calls) == sorted(arrived_at)
    assert all(call.called_at > arrived_at[call.ticket_id] for call in calls)
    assert {check.status for check in checks} >= {CardStatus.ACCEPTED}
    for check in checks:
        assert (check.status is None) == (Unverified.INSURANCE.value in unverified[check.encounter_id])
    assert len(kiosks) == 3, "two kiosks, and the desk"


def test_a_day_that_was_the_demos_today_stays_as_it_was(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000018"), kiosk)
    assert add_past_days(hospital, FACILITY, 60, 2, TUESDAY, per_day=20) == 2, "those of Sunday"
    with hospital.reading() as session:
        days = session.scalars(sa.select(Ticket.local_day).where(Ticket.status == TicketStatus.WAITING)).all()
    assert days == [DAY]


def test_a_days_arrivals_come_in_order_and_mostly_before_nine() -> None:
    found = list(arrivals(FACILITY, ["NOI", "NHI"], 1000, DAY, 200))
    instants = [command.arrived_at for command in found]
    assert instants == sorted(instants)
    assert found == list(arrivals(FACILITY, ["NOI", "NHI"], 1000, DAY, 200))
    assert len({command.request_key for command in found}) == 200


def test_postgresql_knows_at_once_how_many_people_were_added(postgres: PrivatePostgres) -> None:
    database = Database(postgres.create_database())
    migrate(database)
    add_people(database, 300, MORNING)
    with database.reading() as session:
        counted = sa.text("SELECT reltuples, relallvisible > 0 FROM pg_class WHERE oid = CAST(:table AS regclass)")
        found = {table: tuple(session.execute(counted, {"table": table}).one()) for table in STORED}
    assert found.pop("patient_name_word")[0] > 900
    assert found == {"patient": (300, True), "patient_identifier": (600, True)}
    database.close()
