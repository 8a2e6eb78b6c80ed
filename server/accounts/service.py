"""Accounts of the staff: adding and ending them, signing in and out, whose session a token is."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit
from server.accounts import second_factor
from server.accounts.attempts import count_attempt, take_attempt_back
from server.accounts.limits import LONGEST_OF_ALL, USUAL, SessionLimits
from server.accounts.models import FailedSignIns, FamiliarAddress, StaffSession, User
from server.accounts.passwords import check_new_password, hash_password, is_password, needs_rehash, nobodys_hash
from server.accounts.roles import Role
from server.accounts.throttle import RULES
from server.accounts.vault import Vault
from server.db import Database
from server.errors import Conflict, NotFound, Refused
from server.facilities.models import Facility

CODE_LIMIT: Final = timedelta(minutes=5)  # between the password and the second factor's code
CONFIRMED_FOR: Final = timedelta(minutes=10)  # how long "it is still me" holds for acts of weight
ONE_TIME_LIFE: Final = timedelta(hours=72)  # of a password somebody else made: over a weekend, not for ever
_TOUCH_EVERY: Final = timedelta(minutes=1)  # a session's row is not written more often
_CODE: Final = re.compile(r"[0-9]{6}")
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


def end_sessions(session: Session, user: User, *, but: UUID | None = None) -> None:
    """Sign an account out everywhere, or everywhere ``but`` in one browser."""
    ended = sa.delete(StaffSession).where(StaffSession.user_id == user.id)
    session.execute(ended if but is None else ended.where(StaffSession.id != but))


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
        take_attempt_back(session, staff.username, address)
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
    delayed_until = database.transact(lambda session: count_attempt(session, username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)
    with database.reading() as session:
        user = find_user(session, username)
    is_right = is_password(user.password_hash if user else nobodys_hash(), password)
    if user is None or not is_right or user.disabled_at is not None or _has_lapsed(user, now):
        database.transact(lambda session: _note_refusal(session, user, address, now))
        return SignInRefused()
    return user


def find_staff(session: Session, token: str, *, now: datetime, limits: SessionLimits = USUAL) -> Staff | None:
    """Return whose session the token is; None when there is none, it has ended, or the account is disabled."""
    row = _find_session(session, token, now, limits)
    return None if row is None or row.awaits_second_factor else _staff(session, row, limits)


def find_owner(session: Session, token: str) -> UUID | None:
    """Return whose session the token is or was, as long as its row is kept; None for a closed account."""
    row = session.scalar(
        sa.select(StaffSession)
        .where(StaffSession.token_hash == _token_hash(token))
        .options(joinedload(StaffSession.user))
    )
    return None if row is None or row.awaits_second_factor or row.user.disabled_at is not None else row.user_id


def find_awaiting(session: Session, token: str, *, now: datetime) -> Staff | None:
    """Return who has given the password and not yet the second factor's code; None after five minutes."""
    row = _find_session(session, token, now, USUAL)  # five minutes: no configuration's limits are shorter
    if row is None or not row.awaits_second_factor or now - row.created_at >= CODE_LIMIT:
        return None
    return _staff(session, row, USUAL)


def give_code(
    database: Database, staff: Staff, *, code: str, address: str, vault: Vault, now: datetime
) -> SignedIn | SignInRefused | SignInDelayed:
    """Return a full session, under a new token, for the right code of who has given the password."""
    delayed_until = database.transact(lambda session: count_attempt(session, staff.username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)

    def complete(session: Session) -> SignedIn | SignInRefused:
        actor = f"staff:{staff.username}"
        if not second_factor.is_right(session, staff.user_id, code, vault=vault, by=actor, now=now):
            note(session, "staff.second-factor-refused", staff.user_id, by=f"address:{address}", now=now)
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
    database.transact(lambda session: take_attempt_back(session, staff.username, address))
    return True


def confirm(
    database: Database, staff: Staff, *, secret: str, address: str, vault: Vault, now: datetime
) -> bool | SignInDelayed:
    """Whether ``secret``, the password or the second factor's code, shows that it is still the person; noted if so.

    Throttled as at sign-in. Either will do: both were asked for when the session began, and this guards against the
    browser left alone, not against a stolen password.
    """
    is_code = staff.has_second_factor and _CODE.fullmatch("".join(secret.split())) is not None
    if is_code:
        delayed_until = database.transact(lambda session: count_attempt(session, staff.username, address, now))
        if delayed_until is not None:
            return SignInDelayed(delayed_until)
    else:
        outcome = _check_password(database, staff.username, secret, address, now)
        if not isinstance(outcome, User):
            return outcome if isinstance(outcome, SignInDelayed) else False

    def store(session: Session) -> bool:
        actor = f"staff:{staff.username}"
        if is_code and not second_factor.is_right(session, staff.user_id, secret, vault=vault, by=actor, now=now):
            note(session, "staff.confirmation-refused", staff.user_id, by=f"address:{address}", now=now)
            return False
        take_attempt_back(session, staff.username, address)
        session.execute(sa.update(StaffSession).where(StaffSession.id == staff.session_id).values(confirmed_at=now))
        note(session, "staff.confirmed", staff.user_id, by=actor, now=now)
        return True

    return database.transact(store)


def touch(database: Database, staff: Staff, *, now: datetime) -> Staff:
    """Note that the person is still there, at most once a minute; return them as they were seen now."""
    if now - staff.seen_at < _TOUCH_EVERY:
        return staff
    with database.begin() as session:
        session.execute(sa.update(StaffSession).where(StaffSession.id == staff.session_id).values(last_seen_at=now))
    return replace(staff, seen_at=now)


def sign_out(session: Session, staff: Staff, *, now: datetime) -> None:
    session.execute(sa.delete(StaffSession).where(StaffSession.id == staff.session_id))
    note(session, "staff.signed-out", staff.user_id, by=f"staff:{staff.username}", now=now)


def _has_lapsed(user: User, now: datetime) -> bool:
    """Whether a password made by somebody else lay unused for too long."""
    return user.must_change_password and now - user.password_changed_at >= ONE_TIME_LIFE


def has_ended(row: StaffSession, now: datetime, limits: SessionLimits) -> bool:
    return now >= min(limits.idle_end(row.user.role, row.last_seen_at), limits.last_end(row.created_at))


def _find_session(session: Session, token: str, now: datetime, limits: SessionLimits) -> StaffSession | None:
    row = session.scalar(
        sa.select(StaffSession)
        .where(StaffSession.token_hash == _token_hash(token))
        .options(joinedload(StaffSession.user))
    )
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
    take_attempt_back(session, user.username, address)
    _remember_address(session, user, address, now)
    note(session, "staff.signed-in", user.id, by=f"staff:{user.username}", now=now)
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
    return SignedIn(token, _staff(session, row, USUAL), awaits_second_factor)


def _remember_address(session: Session, user: User, address: str, now: datetime) -> None:
    session.merge(FamiliarAddress(user_id=user.id, address=address, last_used_at=now))


def _forget_the_past(session: Session, now: datetime) -> None:
    """Remove what no longer has any effect, so that these tables stay small without a job of their own."""
    session.execute(sa.delete(StaffSession).where(StaffSession.created_at <= now - LONGEST_OF_ALL))
    longest = max(rule.forget_after for rule in RULES.values())
    session.execute(sa.delete(FailedSignIns).where(FailedSignIns.last_failed_at <= now - longest))
    session.execute(sa.delete(FamiliarAddress).where(FamiliarAddress.last_used_at <= now - timedelta(days=90)))


def _note_refusal(session: Session, user: User | None, address: str, now: datetime) -> None:
    note(session, "staff.sign-in-refused", user.id if user else "unknown", by=f"address:{address}", now=now)


def note(
    session: Session, action: str, subject: UUID | str, *, by: str, now: datetime, details: audit.Details | None = None
) -> None:
    audit.record(
        session, at=now, actor=by, action=action, subject_type="staff-user", subject_id=subject, details=details
    )
