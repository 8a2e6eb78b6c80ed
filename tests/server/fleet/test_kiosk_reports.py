"""A kiosk's word: kept when it says something new, and answered with what it is to do."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.contract.fleet import CommandKind, CommandResult
from server.db import Database
from server.domain.kiosk_care import Finding
from server.errors import Conflict, NotFound
from server.feed import FeedRow
from server.fleet.commands import EXPIRED, get_command, give_command, outcome
from server.fleet.models import Command, KioskState
from server.fleet.service import Device, revoke
from server.fleet.state import list_fleet, take_report
from tests.server.fleet.reports import SESSION, VERSION, report
from tests.server.hospital import FACILITY, MORNING, add_kiosk, build_hospital

PAPER_OUT = {"kind": "printer", "state": "unavailable", "code": "printer.paper_out", "since": MORNING}


def published(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(FeedRow.topic).order_by(FeedRow.id)))


def state_of(database: Database, kiosk: Device) -> KioskState:
    with database.reading() as session:
        return session.get_one(KioskState, kiosk.id)


def order(database: Database, kiosk: Device, kind: CommandKind = CommandKind.END_SESSION) -> Command:
    with database.begin() as session:
        return give_command(session, kiosk_id=kiosk.id, facility=FACILITY, kind=kind, by="le.tan", now=MORNING)


def test_a_report_that_says_nothing_new_is_written_every_ten_seconds_and_told_to_nobody(
    hospital: Database, kiosk: Device
) -> None:
    for second in range(0, 25, 5):
        now = MORNING + timedelta(seconds=second)
        take_report(hospital, report(reported_at=now), device=kiosk, now=now)
    assert published(hospital) == ["kiosk"]  # the first word
    assert state_of(hospital, kiosk).received_at == MORNING + timedelta(seconds=20)


def test_a_new_step_and_a_device_in_trouble_are_told_to_open_pages_at_once(hospital: Database, kiosk: Device) -> None:
    take_report(hospital, report(), device=kiosk, now=MORNING)
    take_report(hospital, report(step="choosing", session=SESSION), device=kiosk, now=MORNING)
    changed = report(step="choosing", session=SESSION, devices=[PAPER_OUT])
    take_report(hospital, changed, device=kiosk, now=MORNING)
    assert published(hospital) == ["kiosk"] * 3
    assert state_of(hospital, kiosk).devices == [
        {"kind": "printer", "state": "unavailable", "code": "printer.paper_out"}
    ]


def test_how_long_somebody_stands_on_a_page_is_told_by_the_servers_clock(hospital: Database, kiosk: Device) -> None:
    ahead = timedelta(minutes=3)
    began = report(
        reported_at=MORNING + ahead, since=MORNING + ahead - timedelta(seconds=12), step="choosing", session=SESSION
    )
    take_report(hospital, began, device=kiosk, now=MORNING)
    state = state_of(hospital, kiosk)
    assert state.since == MORNING - timedelta(seconds=12)
    assert state.clock_ahead_s == 180.0


def test_the_desk_sees_who_needs_somebody_first(hospital: Database, kiosk: Device) -> None:
    other, _ = add_kiosk(hospital, "A")
    silent, _ = add_kiosk(hospital, "B")
    now = MORNING + timedelta(minutes=1)
    take_report(hospital, report(reported_at=now, since=now), device=other, now=now)
    take_report(hospital, report(), device=silent, now=MORNING)
    take_report(hospital, report(reported_at=now, step="problem", session=SESSION, failures=2), device=kiosk, now=now)
    with hospital.reading() as session:
        entries = list_fleet(session, facility=FACILITY, now=now, server_version=VERSION)
    assert [(entry.name, [care.finding for care in entry.care]) for entry in entries] == [
        ("Kiosk B", [Finding.SILENT]),
        ("Kiosk K", [Finding.FAILED_REPEATEDLY]),
        ("Kiosk A", []),
    ]


def test_a_kiosk_that_never_spoke_is_listed_and_one_that_was_revoked_is_not(hospital: Database, kiosk: Device) -> None:
    gone, _ = add_kiosk(hospital, "A")
    with hospital.begin() as session:
        revoke(session, facility=FACILITY, name=gone.name, now=MORNING)
        (entry,) = list_fleet(session, facility=FACILITY, now=MORNING, server_version=VERSION)
    assert (entry.kiosk_id, entry.state, entry.care) == (kiosk.id, None, [])


def test_an_order_is_asked_for_until_the_kiosk_says_what_became_of_it(hospital: Database, kiosk: Device) -> None:
    command = order(hospital, kiosk)
    for _ in range(2):
        answer = take_report(hospital, report(), device=kiosk, now=MORNING)
        assert [(one.id, one.kind) for one in answer.commands] == [(command.id, "end-session")]
    result = CommandResult(command_id=command.id, result="done")
    assert take_report(hospital, report(results=[result]), device=kiosk, now=MORNING).commands == ()
    with hospital.reading() as session:
        stored = get_command(session, command.id, facility=FACILITY)
        actions = list(session.scalars(sa.select(AuditLine.action).where(AuditLine.subject_id == str(kiosk.id))))
    assert (outcome(stored, now=MORNING), stored.done_at) == ("done", MORNING)
    assert actions == ["kiosk.enrolled", "kiosk.commanded", "kiosk.command-done"]
    assert "kiosk-command" in published(hospital)


def test_the_first_word_about_an_order_stands_and_another_kiosks_word_counts_nothing(
    hospital: Database, kiosk: Device
) -> None:
    other, _ = add_kiosk(hospital, "A")
    command = order(hospital, kiosk)
    for sender, result in ((other, "done"), (kiosk, "session.gone"), (kiosk, "done")):
        told = report(results=[CommandResult(command_id=command.id, result=result)])
        take_report(hospital, told, device=sender, now=MORNING)
    with hospital.reading() as session:
        assert get_command(session, command.id, facility=FACILITY).result == "session.gone"


def test_the_same_order_pressed_twice_is_one_and_one_that_nobody_fetched_expires(
    hospital: Database, kiosk: Device
) -> None:
    command = order(hospital, kiosk)
    assert order(hospital, kiosk).id == command.id
    later = MORNING + timedelta(seconds=30)
    assert take_report(hospital, report(), device=kiosk, now=later).commands == ()
    assert outcome(command, now=later) == EXPIRED


def test_nobody_orders_a_kiosk_of_another_hospital_or_one_that_was_revoked(hospital: Database, kiosk: Device) -> None:
    build_hospital(hospital, "79999")
    kind = CommandKind.HAND_OVER
    with pytest.raises(NotFound), hospital.begin() as session:
        give_command(session, kiosk_id=kiosk.id, facility="79999", kind=kind, by="noi.khac", now=MORNING)
    with pytest.raises(NotFound), hospital.begin() as session:
        give_command(session, kiosk_id=uuid4(), facility=FACILITY, kind=kind, by="le.tan", now=MORNING)
    with hospital.begin() as session:
        revoke(session, facility=FACILITY, name=kiosk.name, now=MORNING)
    with pytest.raises(Conflict), hospital.begin() as session:
        give_command(session, kiosk_id=kiosk.id, facility=FACILITY, kind=kind, by="le.tan", now=MORNING)
