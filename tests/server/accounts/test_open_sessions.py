"""Which sessions have not ended: what decides how long an open page is told of changes."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.limits import USUAL
from server.accounts.models import StaffSession, User
from server.accounts.roles import Role
from server.accounts.sessions import add_session, end_sessions, find_open
from server.db import Database
from tests.server.hospital import MORNING, build_hospital
from tests.server.staff import add_staff


@pytest.fixture
def staff(database: Database) -> Database:
    build_hospital(database)
    add_staff(database)
    add_staff(database, "bac.si", Role.CLINICIAN)
    return database


def account(session: Session, username: str = "le.tan") -> User:
    return session.scalars(sa.select(User).where(User.username == username)).one()


def signed_in(database: Database, username: str = "le.tan") -> UUID:
    with database.begin() as session:
        added = add_session(session, account(session, username), "10.0.0.1", MORNING, awaits_second_factor=False)
        return added.staff.session_id


def open_after(database: Database, *session_ids: UUID, minutes: int = 0) -> set[UUID]:
    with database.reading() as session:
        return find_open(session, session_ids, now=MORNING + timedelta(minutes=minutes), limits=USUAL)


def test_a_session_stays_open_until_nobody_was_there_for_the_time_of_its_role(staff: Database) -> None:
    desk, clinic = signed_in(staff), signed_in(staff, "bac.si")
    assert open_after(staff, desk, clinic, minutes=14) == {desk, clinic}
    assert open_after(staff, desk, clinic, minutes=15) == {clinic}
    assert open_after(staff, desk, clinic, minutes=30) == set()


def seen_all_the_time(session: Session) -> None:
    session.execute(sa.update(StaffSession).values(last_seen_at=MORNING + timedelta(hours=12)))


def disabled(session: Session) -> None:
    account(session).disabled_at = MORNING


def signed_out_everywhere(session: Session) -> None:
    end_sessions(session, account(session))


@pytest.mark.parametrize(
    ("happens", "minutes"),
    [
        (seen_all_the_time, 12 * 60),  # a shift is over at some time
        (disabled, 0),  # by an administrator, whatever became of the session's row
        (signed_out_everywhere, 0),
    ],
)
def test_a_session_also_ends_with(staff: Database, happens: Callable[[Session], None], minutes: int) -> None:
    other, ended = signed_in(staff, "bac.si"), signed_in(staff)
    with staff.begin() as session:
        happens(session)
    found = open_after(staff, ended, other, uuid4(), minutes=minutes)
    assert found == (set() if happens is seen_all_the_time else {other})
