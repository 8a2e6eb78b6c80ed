"""From the kiosk to the desk: sealed, once, for minutes, and for one hospital."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.accounts.vault import Vault
from server.audit import AuditLine
from server.contract.fleet import HandOver
from server.db import Database
from server.errors import NotFound, Refused
from server.fleet.hand_overs import (
    LIFE,
    Draft,
    close_draft,
    find_hand_over,
    find_of_session,
    open_draft,
    open_hand_overs,
    take_hand_over,
)
from server.fleet.models import HandedOverSession
from server.fleet.service import Device
from server.fleet.state import take_report
from tests.server.fleet.reports import SESSION, handed_over, report
from tests.server.hospital import FACILITY, MORNING, add_kiosk


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys")


def take(database: Database, message: HandOver, kiosk: Device, vault: Vault) -> bool:
    with database.begin() as session:
        return take_hand_over(session, message, device=kiosk, vault=vault, now=MORNING)[1]


def open_it(database: Database, key: UUID, vault: Vault, *, facility: str = FACILITY, after: timedelta) -> Draft:
    with database.begin() as session:
        return open_draft(session, key, facility=facility, vault=vault, by="le.tan", now=MORNING + after)


SOON = timedelta(minutes=2)


def test_the_desk_reads_what_the_kiosk_knew_and_the_reading_is_noted(
    hospital: Database, kiosk: Device, vault: Vault
) -> None:
    message = handed_over()
    assert take(hospital, message, kiosk, vault)
    draft = open_it(hospital, message.key, vault, after=SOON)
    assert (draft.content, draft.kiosk) == (message, "Kiosk K")
    with hospital.reading() as session:
        acts = sa.select(AuditLine).where(AuditLine.subject_type == "hand-over").order_by(AuditLine.sequence)
        lines = session.scalars(acts).all()
    assert [(line.action, line.actor) for line in lines] == [
        ("hand-over.received", f"kiosk:{kiosk.id}"),
        ("hand-over.read", "staff:le.tan"),
    ]
    assert "Nghiệm" not in str([line.details for line in lines])


def test_nothing_of_the_person_stands_in_the_database_in_the_open(
    hospital: Database, kiosk: Device, vault: Vault
) -> None:
    message = handed_over()
    take(hospital, message, kiosk, vault)
    with hospital.reading() as session:
        sealed = session.get_one(HandedOverSession, message.key).sealed
    assert sealed is not None
    assert "Nghiệm".encode() not in sealed
    assert b"034190000017" not in sealed


def test_the_same_hand_over_again_changes_nothing_and_another_kiosks_key_is_refused(
    hospital: Database, kiosk: Device, vault: Vault
) -> None:
    message = handed_over()
    assert take(hospital, message, kiosk, vault)
    assert not take(hospital, message, kiosk, vault)
    other, _ = add_kiosk(hospital, "A")
    with pytest.raises(Refused):
        take(hospital, message, other, vault)


def test_it_is_found_by_the_call_the_order_and_the_persons_stay(
    hospital: Database, kiosk: Device, vault: Vault
) -> None:
    call, command = uuid4(), uuid4()
    message = handed_over(call_key=call, command_id=command)
    take(hospital, message, kiosk, vault)
    with hospital.reading() as session:
        found = [
            find_hand_over(session, facility=FACILITY, now=MORNING, call_key=call),
            find_hand_over(session, facility=FACILITY, now=MORNING, command_id=command),
            find_of_session(session, SESSION, facility=FACILITY, now=MORNING),
            *open_hand_overs(session, facility=FACILITY, now=MORNING),
        ]
        assert [one.id for one in found if one] == [message.key] * 4
        assert find_hand_over(session, facility="79999", now=MORNING, call_key=call) is None
        assert open_hand_overs(session, facility="79999", now=MORNING) == []


def test_another_hospital_finds_nothing(hospital: Database, kiosk: Device, vault: Vault) -> None:
    message = handed_over()
    take(hospital, message, kiosk, vault)
    with pytest.raises(NotFound):
        open_it(hospital, message.key, vault, facility="79999", after=SOON)
    with hospital.begin() as session:
        close_draft(session, message.key, facility="79999", by="noi.khac", now=MORNING)
    assert open_it(hospital, message.key, vault, after=SOON).content == message  # closed by nobody


def test_what_is_registered_is_forgotten(hospital: Database, kiosk: Device, vault: Vault) -> None:
    message = handed_over()
    take(hospital, message, kiosk, vault)
    for _ in range(2):
        with hospital.begin() as session:
            close_draft(session, message.key, facility=FACILITY, by="le.tan", now=MORNING)
    with hospital.reading() as session:
        assert session.get_one(HandedOverSession, message.key).sealed is None
    with pytest.raises(NotFound):
        open_it(hospital, message.key, vault, after=SOON)


def test_what_nobody_came_for_cannot_be_read_and_is_dropped_with_the_next_report(
    hospital: Database, kiosk: Device, vault: Vault
) -> None:
    message = handed_over()
    take(hospital, message, kiosk, vault)
    with pytest.raises(NotFound):
        open_it(hospital, message.key, vault, after=LIFE)
    take_report(hospital, report(), device=kiosk, now=MORNING + LIFE)
    with hospital.reading() as session:
        assert session.get_one(HandedOverSession, message.key).sealed is None
