"""What an administrator does with the accounts of their facility; every act stands in the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.limits import USUAL, SessionLimits
from server.accounts.models import StaffPosting, StaffSession, User
from server.accounts.passwords import hash_password, make_password
from server.accounts.roles import Role
from server.accounts.service import keep_an_administrator, note
from server.accounts.sessions import end_sessions, has_ended
from server.errors import NotFound, Refused
from server.facilities.models import Facility


def list_users_of(session: Session, *, facility: str) -> Sequence[User]:
    """Return the facility's accounts: those that are open first, then by user name."""
    return session.scalars(
        sa.select(User).where(User.facility_code == facility).order_by(User.disabled_at.is_not(None), User.username)
    ).all()


def get_user_of(session: Session, user_id: UUID, *, facility: str, to_change: bool = False) -> User:
    """Return an account of the facility, locked when it is ``to_change``; raises NotFound, for another's too."""
    query = sa.select(User).where(User.id == user_id, User.facility_code == facility)
    user = session.scalar(query.with_for_update() if to_change else query)
    if user is None:
        raise NotFound("account.unknown", "the facility has no such account")
    return user


def change_role(session: Session, user: User, role: Role, *, now: datetime, by: str = "system") -> None:
    """Give an account another role and end its sessions: what is open on a screen belongs to the old role.

    Raises Refused for the facility's last administrator.
    """
    if user.role is role:
        return
    keep_an_administrator(session, user)
    old, user.role = user.role, role
    end_sessions(session, user)
    details = {"old": old.value, "new": role.value}
    note(session, "staff.role-changed", user.id, by=by, now=now, details=details)


def move_user(session: Session, user: User, facility: str, *, now: datetime, by: str = "system") -> None:
    """Have an account belong to another facility: closed, without a password, its sessions ended.

    There its administrator opens it and hands over a password: nobody lets people into a hospital that is not theirs.
    What was done before stays with the old facility's auditor. Raises Refused for the facility it has already and for
    the last administrator, NotFound for an unknown facility.
    """
    if session.get(Facility, facility) is None:
        raise NotFound("facility.unknown", f"there is no facility {facility}")
    if facility == user.facility_code:
        raise Refused("account.same_facility", "the account belongs to this facility")
    keep_an_administrator(session, user)
    old, user.facility_code = user.facility_code, facility
    session.add(StaffPosting(user_id=user.id, facility_code=old, ended_at=now))
    user.disabled_at = user.disabled_at or now
    user.password_hash, user.password_changed_at = hash_password(make_password()), now  # nobody has seen it
    end_sessions(session, user)
    note(session, "staff.moved", user.id, by=by, now=now, details={"old": old, "new": facility})


def other_facilities(session: Session, facility: str) -> Sequence[Facility]:
    """Return where an account could move to, by name."""
    return session.scalars(sa.select(Facility).where(Facility.code != facility).order_by(Facility.name)).all()


def enable_user(session: Session, user: User, *, now: datetime, by: str = "system") -> None:
    """Open a closed account again; harmless when it is open."""
    if user.disabled_at is not None:
        user.disabled_at = None
        note(session, "staff.enabled", user.id, by=by, now=now)


def list_sessions(
    session: Session, user_id: UUID, *, now: datetime, limits: SessionLimits = USUAL
) -> Sequence[StaffSession]:
    """Return where an account is signed in now, the latest seen first."""
    rows = session.scalars(
        sa.select(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.awaits_second_factor.is_(False))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id)
    )
    return [row for row in rows if not has_ended(row, now, limits)]


def end_session(session: Session, user: User, session_id: UUID, *, now: datetime, by: str) -> None:
    """Sign an account out of one browser; harmless when it has left already."""
    session.execute(sa.delete(StaffSession).where(StaffSession.id == session_id, StaffSession.user_id == user.id))
    note(session, "staff.session-ended", user.id, by=by, now=now)
