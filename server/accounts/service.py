"""Accounts of the staff: adding and ending them, signing in and out, whose session a token is."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit
from server.accounts import second_factor
from server.accounts.models import FailedSignIns, FamiliarAddress, StaffSession, User
from server.accounts.passwords import check_new_password, hash_password, is_password, needs_rehash, nobodys_hash
from server.accounts.roles import Role
from server.accounts.throttle import RULES, Scope, failures_after, waits_until
from server.accounts.vault import Vault
from server.db import Database
from server.errors import Conflict, NotFound, Refused
from server.facilities.models import Facility

IDLE_LIMIT: Final = timedelta(minutes=30)
CODE_LIMIT: Final = timedelta(minutes=5)  # between the password and the second factor's code
ABSOLUTE_LIMIT: Final = timedelta(hours=12)  # one long shift
_TOUCH_EVERY: Final = timedelta(minutes=1)  # a session's row is not written more often
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}")


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
    seen_at: datetime = field(compare=False)  # as last noted


@dataclass(frozen=True, slots=True)
class SignedIn:
    """``token`` goes to the browser's cookie and nowhere else.

    With ``awaits_second_factor`` the session opens nothing yet but the question for the code.
    """

    token: str
    staff: Staff
    awaits_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """User name or password is wrong, or the account is disabled: the asker does not learn which."""


@dataclass(frozen=True, slots=True)
class SignInDelayed:
    """Too many wrong passwords; nothing was looked at, the next attempt is listened to from ``until``."""

    until: datetime


def normal_username(text: str) -> str:
    """Return a user name in its only form (small letters); raises Refused when it cannot be one."""
    username = text.strip().casefold()
    if not _USERNAME.fullmatch(username):
        raise Refused("account.username_invalid", "2 to 63 of a-z, 0-9, dot, hyphen, underscore")
    return username


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
) -> User:
    """Store a new account.

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
    )
    session.add(user)
    session.flush()
    _audit(session, "staff.added", user.id, by=by, now=now)
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


def disable_user(session: Session, user: User, *, now: datetime, by: str = "system") -> None:
    """Close an account and end its sessions at once; harmless when repeated."""
    user.disabled_at = user.disabled_at or now
    end_sessions(session, user)
    _audit(session, "staff.disabled", user.id, by=by, now=now)


def set_password(session: Session, user: User, password: str, *, now: datetime, by: str = "system") -> None:
    """Give an account a new password and end its sessions; raises PasswordRefused."""
    check_new_password(password, personal_words=(user.username, user.full_name, user.facility_code))
    user.password_hash = hash_password(password)
    user.password_changed_at = now
    end_sessions(session, user)
    _audit(session, "staff.password-set", user.id, by=by, now=now)


def end_sessions(session: Session, user: User) -> None:
    session.execute(sa.delete(StaffSession).where(StaffSession.user_id == user.id))


def sign_in(
    database: Database, *, username: str, password: str, address: str, now: datetime
) -> SignedIn | SignInRefused | SignInDelayed:
    """Return a new session for the right password."""
    username = username.strip().casefold()[:200]
    user = _check_password(database, username, password, address, now)
    if not isinstance(user, User):
        return user
    renewed_hash = hash_password(password) if needs_rehash(user.password_hash) else None
    return database.transact(lambda session: _open_session(session, username, address, renewed_hash, now))


def change_own_password(
    database: Database, staff: Staff, *, current: str, new: str, address: str, now: datetime
) -> SignInRefused | SignInDelayed | None:
    """Give the signed-in person a new password and end all their sessions; None when done.

    The current password is asked for and throttled as at sign-in: an unattended browser is not the person.
    Raises PasswordRefused.
    """
    user = _check_password(database, staff.username, current, address, now)
    if not isinstance(user, User):
        return user

    def store(session: Session) -> None:
        _take_attempt_back(session, staff.username, address)
        set_password(session, get_user(session, staff.username), new, now=now, by=f"staff:{staff.username}")

    database.transact(store)
    return None


def _check_password(
    database: Database, username: str, password: str, address: str, now: datetime
) -> User | SignInRefused | SignInDelayed:
    """Return the account when the password is right.

    The attempt is counted as failed before the password is looked at, and taken back by the caller when it was right:
    otherwise a thousand guesses sent at once would all be looked at before the first is counted.
    """
    delayed_until = database.transact(lambda session: _count_attempt(session, username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)
    with database.reading() as session:
        user = find_user(session, username)
    is_right = is_password(user.password_hash if user else nobodys_hash(), password)
    if user is None or not is_right or user.disabled_at is not None:
        database.transact(lambda session: _note_refusal(session, user, address, now))
        return SignInRefused()
    return user


def find_staff(session: Session, token: str, *, now: datetime) -> Staff | None:
    """Return whose session the token is; None when there is none, it has ended, or the account is disabled."""
    row = _find_session(session, token, now)
    return None if row is None or row.awaits_second_factor else _staff(session, row)


def find_awaiting(session: Session, token: str, *, now: datetime) -> Staff | None:
    """Return who has given the password and not yet the second factor's code; None after five minutes."""
    row = _find_session(session, token, now)
    if row is None or not row.awaits_second_factor or now - row.created_at >= CODE_LIMIT:
        return None
    return _staff(session, row)


def give_code(
    database: Database, staff: Staff, *, code: str, address: str, vault: Vault, now: datetime
) -> SignedIn | SignInRefused | SignInDelayed:
    """Return a full session, under a new token, for the right code of who has given the password."""
    delayed_until = database.transact(lambda session: _count_attempt(session, staff.username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)

    def complete(session: Session) -> SignedIn | SignInRefused:
        actor = f"staff:{staff.username}"
        if not second_factor.is_right(session, staff.user_id, code, vault=vault, by=actor, now=now):
            _audit(session, "staff.second-factor-refused", staff.user_id, by=f"address:{address}", now=now)
            return SignInRefused()
        session.execute(sa.delete(StaffSession).where(StaffSession.id == staff.session_id))
        return _enter(session, get_user(session, staff.username), address, now)

    return database.transact(complete)


def is_own_password(
    database: Database, staff: Staff, *, password: str, address: str, now: datetime
) -> bool | SignInDelayed:
    """Whether the signed-in person knows the password, asked before acts of weight; throttled as at sign-in."""
    user = _check_password(database, staff.username, password, address, now)
    if isinstance(user, SignInDelayed):
        return user
    if isinstance(user, SignInRefused):
        return False
    database.transact(lambda session: _take_attempt_back(session, staff.username, address))
    return True


def touch(database: Database, staff: Staff, *, now: datetime) -> None:
    """Note that the person is still there, at most once a minute."""
    if now - staff.seen_at >= _TOUCH_EVERY:
        with database.begin() as session:
            session.execute(sa.update(StaffSession).where(StaffSession.id == staff.session_id).values(last_seen_at=now))


def sign_out(session: Session, staff: Staff, *, now: datetime) -> None:
    session.execute(sa.delete(StaffSession).where(StaffSession.id == staff.session_id))
    _audit(session, "staff.signed-out", staff.user_id, by=f"staff:{staff.username}", now=now)


def _has_ended(row: StaffSession, now: datetime) -> bool:
    return now - row.last_seen_at >= IDLE_LIMIT or now - row.created_at >= ABSOLUTE_LIMIT


def _find_session(session: Session, token: str, now: datetime) -> StaffSession | None:
    row = session.scalar(
        sa.select(StaffSession)
        .where(StaffSession.token_hash == _token_hash(token))
        .options(joinedload(StaffSession.user))
    )
    return None if row is None or row.user.disabled_at is not None or _has_ended(row, now) else row


def _staff(session: Session, row: StaffSession) -> Staff:
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
        seen_at=row.last_seen_at,
    )


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _subjects(session: Session, username: str, address: str) -> dict[Scope, str]:
    """Return what is counted for one attempt."""
    subjects = {Scope.ACCOUNT_AT_ADDRESS: f"{username}\n{address}", Scope.ADDRESS: address}
    is_familiar = session.scalar(
        sa.select(FamiliarAddress.address)
        .join(User, User.id == FamiliarAddress.user_id)
        .where(User.username == username, FamiliarAddress.address == address)
    )
    if is_familiar is None:
        subjects[Scope.ACCOUNT] = username
    return {scope: hashlib.sha256(subject.encode()).hexdigest() for scope, subject in subjects.items()}


def _counts(session: Session, subjects: dict[Scope, str]) -> dict[Scope, FailedSignIns]:
    rows = session.scalars(
        sa.select(FailedSignIns)
        .where(sa.tuple_(FailedSignIns.scope, FailedSignIns.subject).in_([(s.value, h) for s, h in subjects.items()]))
        .order_by(FailedSignIns.scope)  # locked in one order by everybody
        .with_for_update()
    )
    return {Scope(row.scope): row for row in rows}


def _count_attempt(session: Session, username: str, address: str, now: datetime) -> datetime | None:
    """Count one more failure; return until when to wait instead if the last ones were too many."""
    subjects = _subjects(session, username, address)
    counts = _counts(session, subjects)
    until = max(
        (waits_until(scope, row.failures, last_failed_at=row.last_failed_at) for scope, row in counts.items()),
        default=now,
    )
    if until > now:
        return until
    for scope, subject in subjects.items():
        if row := counts.get(scope):
            row.failures = failures_after(scope, row.failures, last_failed_at=row.last_failed_at, now=now)
            row.last_failed_at = now
        else:
            session.add(FailedSignIns(scope=scope.value, subject=subject, failures=1, last_failed_at=now))
    return None


def _open_session(
    session: Session, username: str, address: str, renewed_hash: str | None, now: datetime
) -> SignedIn | SignInRefused:
    user = find_user(session, username)
    if user is None or user.disabled_at is not None:  # closed while the password was being looked at
        return SignInRefused()
    if renewed_hash is not None:
        user.password_hash = renewed_hash
    _forget_the_past(session, now)
    if second_factor.is_enrolled(session, user.id):
        # The attempt stays counted until the code is right: the password must not buy free guesses at codes.
        return _add_session(session, user, address, now, awaits_second_factor=True)
    return _enter(session, user, address, now)


def _enter(session: Session, user: User, address: str, now: datetime) -> SignedIn:
    _take_attempt_back(session, user.username, address)
    _remember_address(session, user, address, now)
    _audit(session, "staff.signed-in", user.id, by=f"staff:{user.username}", now=now)
    return _add_session(session, user, address, now, awaits_second_factor=False)


def _add_session(session: Session, user: User, address: str, now: datetime, *, awaits_second_factor: bool) -> SignedIn:
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
    return SignedIn(token, _staff(session, row), awaits_second_factor)


def _take_attempt_back(session: Session, username: str, address: str) -> None:
    for scope, row in _counts(session, _subjects(session, username, address)).items():
        row.failures = 0 if scope is Scope.ACCOUNT_AT_ADDRESS else max(row.failures - 1, 0)


def _remember_address(session: Session, user: User, address: str, now: datetime) -> None:
    session.merge(FamiliarAddress(user_id=user.id, address=address, last_used_at=now))


def _forget_the_past(session: Session, now: datetime) -> None:
    """Remove what no longer has any effect, so that these tables stay small without a job of their own."""
    ended = (StaffSession.last_seen_at <= now - IDLE_LIMIT) | (StaffSession.created_at <= now - ABSOLUTE_LIMIT)
    session.execute(sa.delete(StaffSession).where(ended))
    longest = max(rule.forget_after for rule in RULES.values())
    session.execute(sa.delete(FailedSignIns).where(FailedSignIns.last_failed_at <= now - longest))
    session.execute(sa.delete(FamiliarAddress).where(FamiliarAddress.last_used_at <= now - timedelta(days=90)))


def _note_refusal(session: Session, user: User | None, address: str, now: datetime) -> None:
    _audit(session, "staff.sign-in-refused", user.id if user else "unknown", by=f"address:{address}", now=now)


def _audit(session: Session, action: str, subject: UUID | str, *, by: str, now: datetime) -> None:
    audit.record(session, at=now, actor=by, action=action, subject_type="staff-user", subject_id=subject)
