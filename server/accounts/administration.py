"""What an administrator does with the accounts of their facility; every act stands in the audit trail."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import StaffSession, User
from server.accounts.roles import Role
from server.accounts.service import end_sessions, has_ended, keep_an_administrator, note
from server.errors import NotFound


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


def enable_user(session: Session, user: User, *, now: datetime, by: str = "system") -> None:
    """Open a closed account again; harmless when it is open."""
    if user.disabled_at is not None:
        user.disabled_at = None
        note(session, "staff.enabled", user.id, by=by, now=now)


def list_sessions(session: Session, user_id: UUID, *, now: datetime) -> Sequence[StaffSession]:
    """Return where an account is signed in now, the latest seen first."""
    rows = session.scalars(
        sa.select(StaffSession)
        .where(StaffSession.user_id == user_id, StaffSession.awaits_second_factor.is_(False))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.id)
    )
    return [row for row in rows if not has_ended(row, now)]


def end_session(session: Session, user: User, session_id: UUID, *, now: datetime, by: str) -> None:
    """Sign an account out of one browser; harmless when it has left already."""
    session.execute(sa.delete(StaffSession).where(StaffSession.id == session_id, StaffSession.user_id == user.id))
    note(session, "staff.session-ended", user.id, by=by, now=now)
