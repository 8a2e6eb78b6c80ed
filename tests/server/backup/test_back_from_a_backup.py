"""Visits a restored server gets back from kiosks: each with the number on paper, and no number twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from server.backup.epoch import SKIPPED, begin_epoch, current_epoch
from server.backup.service import make_backup, restore
from server.config import ServerSection, ServerSettings
from server.contract.v1 import PrintedTicket, RegisterEncounter
from server.db import Database
from server.domain.encounter import IssueCode
from server.fleet.service import Device
from server.migrations import migrate
from server.queues.models import Ticket
from server.registration.models import EncounterIssue
from server.wiring import open_database
from tests.server.hospital import DAY, FACILITY, MORNING, add_kiosk, arrival, build_hospital, register
from tests.server.staff import Browser


def with_paper(command: RegisterEncounter, number: int, queue: str = "NOI") -> RegisterEncounter:
    """Return a visit as a kiosk sends it again: with the number that is on paper."""
    return command.model_copy(update={"printed_ticket": PrintedTicket(queue=queue, number=number, local_day=DAY)})


def issues(database: Database) -> list[tuple[IssueCode, str | None, str | None]]:
    with database.reading() as session:
        rows = session.execute(sa.select(EncounterIssue.code, EncounterIssue.recorded, EncounterIssue.presented))
        return [(code, recorded, presented) for code, recorded, presented in rows]


def test_a_number_on_paper_is_given_back_and_the_series_goes_on_behind_it(hospital: Database, kiosk: Device) -> None:
    again = with_paper(arrival("034190000017"), 7)
    assert register(hospital, again, kiosk).answer.ticket.label == "A007"
    assert register(hospital, arrival("034190000018"), kiosk).answer.ticket.label == "A008"
    late = with_paper(arrival("034190000019"), 3)
    assert register(hospital, late, kiosk).answer.ticket.label == "A003"
    assert register(hospital, arrival("034190000020"), kiosk).answer.ticket.label == "A009"
    assert issues(hospital) == []


def test_a_visit_the_backup_still_has_is_answered_as_the_first_time(hospital: Database, kiosk: Device) -> None:
    command = arrival()
    first = register(hospital, command, kiosk)
    again = register(hospital, with_paper(command, first.answer.ticket.number), kiosk)
    assert (again.answer, again.is_new) == (first.answer, False)


def test_a_number_somebody_else_got_meanwhile_is_for_staff_to_look_at(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000017"), kiosk)
    second = register(hospital, with_paper(arrival("034190000018"), 1), kiosk)
    assert second.answer.ticket.label == "A002"
    assert issues(hospital) == [(IssueCode.PAPER_NUMBER_TAKEN, "A002", "A001")]


def test_a_number_of_a_queue_that_no_longer_serves_the_clinic_is_for_staff_too(
    hospital: Database, kiosk: Device
) -> None:
    found = register(hospital, with_paper(arrival(), 5, queue="OLD"), kiosk)
    assert found.answer.ticket.label == "A001"
    assert [code for code, _, _ in issues(hospital)] == [IssueCode.PAPER_NUMBER_TAKEN]


def test_who_was_registered_at_the_desk_meanwhile_keeps_the_paper_and_staff_look(
    hospital: Database, kiosk: Device
) -> None:
    desk = register(hospital, arrival("034190000017"), None)
    again = register(hospital, with_paper(arrival("034190000017"), 40), kiosk)
    assert (desk.answer.ticket.label, again.answer.ticket.label) == ("A001", "A040")
    assert [code for code, _, _ in issues(hospital)] == [IssueCode.SECOND_NUMBER]


def test_each_queue_skips_the_numbers_that_may_be_on_paper(hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000017"), kiosk)
    with hospital.begin() as session:
        before = current_epoch(session)
        begin_epoch(session, now=MORNING)
    with hospital.reading() as session:
        assert current_epoch(session) != before
    assert register(hospital, arrival("034190000018"), kiosk).answer.ticket.number == 1 + SKIPPED + 1
    assert register(hospital, arrival("034190000019", service="NHI"), kiosk).answer.ticket.number == SKIPPED + 1


def test_kiosks_learn_the_epoch_with_what_is_offered(browser: Browser, hospital: Database) -> None:
    token = add_kiosk(hospital, "K")[1]
    headers = {"Authorization": f"Bearer {token}"}

    def epoch() -> str:
        found: str = browser.get(f"/api/v1/facilities/{FACILITY}/services", headers=headers).get_json()["epoch"]
        return found

    before = epoch()
    assert epoch() == before
    with hospital.begin() as session:
        begin_epoch(session, now=MORNING)
    assert epoch() != before


def test_after_a_disk_died_every_number_on_paper_is_one_persons(
    make_database_url: Callable[[], str], tmp_path: Path
) -> None:
    """Twelve people, a backup after the fifth, the disk dies after the twelfth; the kiosk sends all twelve again."""

    def settings(url: str) -> ServerSettings:
        section = ServerSection(data_dir=tmp_path / "server", database_url=url, threads=4)
        return ServerSettings(server=section)

    here = settings(make_database_url())
    database = open_database(here)
    migrate(database)
    build_hospital(database)
    kiosk = add_kiosk(database, "K")[0]
    commands = [arrival(f"0341900001{n}") for n in range(10, 22)]
    paper: dict[str, str] = {}
    for n, command in enumerate(commands):
        if n == 5:
            backup = make_backup(here, database, tmp_path / "backups", now=MORNING)
        ticket = register(database, command, kiosk, now=MORNING).answer.ticket
        paper[str(command.request_key)] = ticket.label
    database.close()
    there = settings(make_database_url())
    restore(there, backup.directory, now=MORNING + timedelta(minutes=20))
    database = open_database(there)
    newcomer = arrival("034190000199")
    paper[str(newcomer.request_key)] = register(database, newcomer, kiosk).answer.ticket.label
    for n, command in reversed(list(enumerate(commands, start=1))):  # in whatever order
        answer = register(database, with_paper(command, n), kiosk).answer
        assert answer.ticket.label == paper[str(command.request_key)]
    with database.reading() as session:
        labels = session.scalars(sa.select(Ticket.label)).all()
    assert sorted(labels) == sorted(paper.values())
    assert len(set(labels)) == 13
    assert issues(database) == []
    database.close()
