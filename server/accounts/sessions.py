"""Who is signed in: whose session a token is, how long it lasts, and how it begins and ends."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from server.accounts import second_factor
from server.accounts.limits import USUAL, SessionLimits
from server.accounts.models import StaffSession, User
from server.accounts.roles import Role
from server.db import Database

CODE_LIMIT: Final = timedelta(minutes=5)  # between the password and the second factor's code
CONFIRMED_FOR: Final = timedelta(minutes=10)  # how long "it is still me" holds for acts of weight
_TOUCH_EVERY: Final = timedelta(minutes=1)  # a session's row is not written more often


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is signed in, as one request sees them."""

    user_id: UUID
    session_id: UUID
    username: str
    full_name: str
    role: Role
    facility: str
    signed_in_at: datetime
    has_second_factor: bool
    must_change_password: bool
    confirmed_at: datetime  # when the person last showed that it is them, at sign-in or since
    seen_at: datetime = field(compare=False)  # as last noted
    limits: SessionLimits

    @property
    def last_end(self) -> datetime:
        """When the session ends whatever the person does."""
        return self.limits.last_end(self.signed_in_at)

    @property
    def ends_at(self) -> datetime:
        """When the session ends if the person does nothing more."""
        return min(self.limits.idle_end(self.role, self.seen_at), self.last_end)

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the person showed recently enough, for an act of weight, that it is still them."""
        return now - self.confirmed_at < CONFIRMED_FOR


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``token`` goes to the browser's cookie and nowhere else.

    With ``awaits_second_factor`` the session opens nothing yet but the question for the code.
    """

    token: str
    staff: Staff
    awaits_second_factor: bool = False


def add_session(session: Session, user: User, address: str, now: datetime, *, awaits_second_factor: bool) -> SignedIn:
    """Store a new session of an account and return its token, which is nowhere else."""
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        token_hash=_token_hash(token),
        user=user,
        address=address,
        created_at=now,
        last_seen_at=now,
        awaits_second_factor=awaits_second_factor,
    )
    session.add(row)
    session.flush()
    return SignedIn(token, _staff(session, row, USUAL), awaits_second_factor)


def end_sessions(session: Session, user: User, *, but: UUID | None = None) -> None:
    """Sign an account out everywhere, or everywhere ``but`` in one browser."""
    ended = sa.delete(StaffSession).where(StaffSession.user_id == user.id)
    session.execute(ended if but is None else ended.where(StaffSession.id != but))


def find_staff(session: Session, token: str, *, now: datetime, limits: SessionLimits = USUAL) -> Staff | None:
    """Return whose session the token is; None when there is none, it has ended, or the account is disabled."""
    row = _find_session(session, token, now, limits)
    return None if row is None or row.awaits_second_factor else _staff(session, row, limits)


def find_open(session: Session, session_ids: Collection[UUID], *, now: datetime, limits: SessionLimits) -> set[UUID]:
    """Return which of the sessions have not ended, by whatever end, and belong to an account that is open."""
    rows = session.scalars(
        sa.select(StaffSession)
        .join(StaffSession.user)
        .where(StaffSession.id.in_(session_ids), User.disabled_at.is_(None))
        .options(contains_eager(StaffSession.user))
    )
    return {row.id for row in rows if not has_ended(row, now, limits)}


def find_owner(session: Session, token: str) -> UUID | None:
    """Return whose session the token is or was, as long as its row is kept; None for a closed account."""
    row = _row_of(session, token)
    return None if row is None or row.awaits_second_factor or row.user.disabled_at is not None else row.user_id


def find_awaiting(session: Session, token: str, *, now: datetime) -> Staff | None:
    """Return who has given the password and not yet the second factor's code; None after five minutes."""
    row = _find_session(session, token, now, USUAL)  # five minutes: no configuration's limits are shorter
    if row is None or not row.awaits_second_factor or now - row.created_at >= CODE_LIMIT:
        return None
    return _staff(session, row, USUAL)


def touch(database: Database, staff: Staff, *, now: datetime) -> Staff:
    """Note that the person is still there, at most once a minute; return them as they were seen now."""
    if now - staff.seen_at < _TOUCH_EVERY:
        return staff
    with database.begin() as session:
        session.execute(sa.update(StaffSession).where(StaffSession.id == staff.session_id).values(last_seen_at=now))
    return replace(staff, seen_at=now)


def has_ended(row: StaffSession, now: datetime, limits: SessionLimits) -> bool:
    return now >= min(limits.idle_end(row.user.role, row.last_seen_at), limits.last_end(row.created_at))


def _row_of(session: Session, token: str) -> StaffSession | None:
    return session.scalar(
        sa.select(StaffSession)
        .where(StaffSession.token_hash == _token_hash(token))
        .options(joinedload(StaffSession.user))
    )


def _find_session(session: Session, token: str, now: datetime, limits: SessionLimits) -> StaffSession | None:
    row = _row_of(session, token)
    return None if row is None or row.user.disabled_at is not None or has_ended(row, now, limits) else row


def _staff(session: Session, row: StaffSession, limits: SessionLimits) -> Staff:
    user = row.user
    return Staff(
        user_id=user.id,
        session_id=row.id,
        username=user.username,
        full_name=user.full_name,
        role=user.role,
        facility=user.facility_code,
        signed_in_at=row.created_at,
        has_second_factor=second_factor.is_enrolled(session, user.id),
        must_change_password=user.must_change_password,
        confirmed_at=row.confirmed_at or row.created_at,
        seen_at=row.last_seen_at,
        limits=limits,
    )


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
