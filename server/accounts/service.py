"""Accounts of the staff: opening, closing and finding them, and giving them passwords."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.accounts.models import User
from server.accounts.passwords import check_new_password, hash_password
from server.accounts.roles import Role
from server.accounts.sessions import end_sessions
from server.errors import Conflict, NotFound, Refused
from server.facilities.models import Facility

ONE_TIME_LIFE: Final = timedelta(hours=72)  # of a password somebody else made: over a weekend, not for ever
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


def normal_username(text: str) -> str:
    """Return a user name in its only form (small letters); raises Refused when it cannot be one."""
    username = text.strip().casefold()
    if not _USERNAME.fullmatch(username):
        raise Refused("account.username_invalid", "2 to 63 of a-z, 0-9, dot, hyphen, underscore")
    return username


def has_lapsed(user: User, now: datetime) -> bool:
    """Whether a password made by somebody else lay unused for too long; it opens nothing any more."""
    return user.must_change_password and now - user.password_changed_at >= ONE_TIME_LIFE


def add_user(
    session: Session,
    *,
    username: str,
    full_name: str,
    role: Role,
    password: str,
    facility: str,
    now: datetime,
    by: str = "system",
    one_time: bool = False,
) -> User:
    """Store a new account; see ``set_password`` for ``one_time``.

    Raises Refused, PasswordRefused, NotFound for an unknown facility, Conflict when the user name is taken. ``by`` is
    the audit trail's actor, e.g. ``staff:quan.tri``.
    """
    username = normal_username(username)
    if find_user(session, username):
        raise Conflict("account.username_taken", "user names are unique, also among disabled accounts")
    if session.get(Facility, facility) is None:
        raise NotFound("facility.unknown", f"there is no facility {facility}")
    check_new_password(password, personal_words=(username, full_name, facility))
    user = User(
        username=username,
        full_name=" ".join(full_name.split()),
        role=role,
        facility_code=facility,
        password_hash=hash_password(password),
        password_changed_at=now,
        created_at=now,
        must_change_password=one_time,
    )
    session.add(user)
    session.flush()
    note(session, "staff.added", user.id, by=by, now=now)
    return user


def find_user(session: Session, username: str) -> User | None:
    return session.scalar(sa.select(User).where(User.username == username.strip().casefold()))


def get_user(session: Session, username: str) -> User:
    """Return the account; raises NotFound."""
    if user := find_user(session, username):
        return user
    raise NotFound("account.unknown", "no account has this user name")


def list_users(session: Session) -> Sequence[User]:
    return session.scalars(sa.select(User).order_by(User.facility_code, User.username)).all()


def keep_an_administrator(session: Session, user: User) -> None:
    """Raise Refused when nobody could open accounts any more without ``user``."""
    if user.role is not Role.ADMINISTRATOR:
        return
    # All of them are locked in one order: two who demote each other at once must not both find the other one left.
    administrators = session.scalars(
        sa.select(User.id)
        .where(User.facility_code == user.facility_code, User.role == Role.ADMINISTRATOR, User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update()
    ).all()
    if set(administrators) <= {user.id}:
        raise Refused("account.last_administrator", "the facility would be left without an administrator")


def disable_user(session: Session, user: User, *, now: datetime, by: str = "system") -> None:
    """Close an account and end its sessions at once; harmless when repeated.

    Raises Refused for the facility's last administrator.
    """
    keep_an_administrator(session, user)
    user.disabled_at = user.disabled_at or now
    end_sessions(session, user)
    note(session, "staff.disabled", user.id, by=by, now=now)


def set_password(
    session: Session, user: User, password: str, *, now: datetime, by: str = "system", one_time: bool = False
) -> None:
    """Give an account a new password and end its sessions; raises PasswordRefused.

    A ``one_time`` password opens for three days, and only the page where the person makes a password of their own.
    """
    check_new_password(password, personal_words=(user.username, user.full_name, user.facility_code))
    user.password_hash = hash_password(password)
    user.password_changed_at = now
    user.must_change_password = one_time
    end_sessions(session, user)
    note(session, "staff.password-set", user.id, by=by, now=now)


def note(
    session: Session, action: str, subject: UUID | str, *, by: str, now: datetime, details: audit.Details | None = None
) -> None:
    audit.record(
        session, at=now, actor=by, action=action, subject_type="staff-user", subject_id=subject, details=details
    )
