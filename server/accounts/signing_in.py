"""Showing who one is: by the password, by a code or key of the second factor, and again before acts of weight."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import second_factor, security_keys
from server.accounts.attempts import count_attempt, excuse_attempt, take_attempt_back
from server.accounts.limits import LONGEST_OF_ALL
from server.accounts.models import FailedSignIns, FamiliarAddress, StaffSession, User
from server.accounts.passwords import hash_password, is_password, needs_rehash, nobodys_hash
from server.accounts.relying_party import RelyingParty
from server.accounts.security_keys import Purpose
from server.accounts.service import find_user, get_user, has_lapsed, note, set_password
from server.accounts.sessions import SignedIn, Staff, add_session
from server.accounts.throttle import RULES
from server.accounts.vault import Vault
from server.db import Database

_CODE: Final = re.compile(r"[0-9]{6}")


class Closed(StrEnum):
    """Why the right password opens nothing; somebody else must act."""

    ACCOUNT = "account"
    ONE_TIME_PASSWORD = "one-time-password"  # noqa: S105 - a code, no password; it lay unused for too long


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """User name, password or code is wrong: the asker does not learn which.

    Only whoever gave the right password is told that it is ``closed``; they would else type it again until they wait.
    """

    closed: Closed | None = None


@dataclass(frozen=True, slots=True)
class SignInDelayed:
    """Too many wrong passwords; nothing was looked at, the next attempt is listened to from ``until``."""

    until: datetime


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

    The attempt is counted as failed before the password is looked at; the caller takes the count back when it was
    right. Otherwise a thousand guesses sent at once would all be checked before the first is counted.
    """
    delayed_until = database.transact(lambda session: count_attempt(session, username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)
    with database.reading() as session:
        user = find_user(session, username)
    is_right = is_password(user.password_hash if user else nobodys_hash(), password)
    closed = _closed(user, now) if user is not None and is_right else None
    if user is None or not is_right or closed is not None:
        database.transact(lambda session: _note_refusal(session, user, address, now, closed))
        return SignInRefused(closed)
    return user


def give_code(
    database: Database, staff: Staff, *, code: str, address: str, vault: Vault, now: datetime
) -> SignedIn | SignInRefused | SignInDelayed:
    """Return a full session, under a new token, for the right code of somebody who has given the password."""
    by = f"staff:{staff.username}"

    def is_right(session: Session) -> bool:
        return second_factor.is_right(session, staff.user_id, code, vault=vault, by=by, now=now)

    return _complete(database, staff, is_right, second_step="code", address=address, now=now)


def give_key(
    database: Database, staff: Staff, *, answer: str, party: RelyingParty, address: str, now: datetime
) -> SignedIn | SignInRefused | SignInDelayed:
    """Return a full session, under a new token, for the answer of a security key; see ``give_code``."""
    by = f"address:{address}"

    def is_right(session: Session) -> bool:
        return security_keys.is_right(session, staff, answer, purpose=Purpose.SIGN_IN, party=party, by=by, now=now)

    return _complete(database, staff, is_right, second_step="key", address=address, now=now)


def _complete(
    database: Database,
    staff: Staff,
    is_right: Callable[[Session], bool],
    *,
    second_step: str,
    address: str,
    now: datetime,
) -> SignedIn | SignInRefused | SignInDelayed:
    delayed_until = database.transact(lambda session: count_attempt(session, staff.username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)

    def complete(session: Session) -> SignedIn | SignInRefused:
        if not is_right(session):
            note(session, "staff.second-factor-refused", staff.user_id, by=f"address:{address}", now=now)
            return SignInRefused()
        session.execute(sa.delete(StaffSession).where(StaffSession.id == staff.session_id))
        return _enter(session, get_user(session, staff.username), address, now, second_step=second_step)

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

    def is_right(session: Session) -> bool:
        by = f"staff:{staff.username}"
        return not is_code or second_factor.is_right(session, staff.user_id, secret, vault=vault, by=by, now=now)

    return _note_confirmed(database, staff, is_right, address=address, now=now)


def confirm_with_key(
    database: Database, staff: Staff, *, answer: str, party: RelyingParty, address: str, now: datetime
) -> bool | SignInDelayed:
    """Whether a security key's answer, given with its PIN or a finger, shows that it is still the person."""
    delayed_until = database.transact(lambda session: count_attempt(session, staff.username, address, now))
    if delayed_until is not None:
        return SignInDelayed(delayed_until)
    by = f"staff:{staff.username}"

    def is_right(session: Session) -> bool:
        return security_keys.is_right(session, staff, answer, purpose=Purpose.CONFIRM, party=party, by=by, now=now)

    return _note_confirmed(database, staff, is_right, address=address, now=now)


def _note_confirmed(
    database: Database, staff: Staff, is_right: Callable[[Session], bool], *, address: str, now: datetime
) -> bool:
    def store(session: Session) -> bool:
        if not is_right(session):
            note(session, "staff.confirmation-refused", staff.user_id, by=f"address:{address}", now=now)
            return False
        take_attempt_back(session, staff.username, address)
        session.execute(sa.update(StaffSession).where(StaffSession.id == staff.session_id).values(confirmed_at=now))
        note(session, "staff.confirmed", staff.user_id, by=f"staff:{staff.username}", now=now)
        return True

    return database.transact(store)


def sign_out(session: Session, staff: Staff, *, now: datetime) -> None:
    session.execute(sa.delete(StaffSession).where(StaffSession.id == staff.session_id))
    note(session, "staff.signed-out", staff.user_id, by=f"staff:{staff.username}", now=now)


def _closed(user: User, now: datetime) -> Closed | None:
    """Return why nobody gets in with the account's password; None when it opens."""
    if user.disabled_at is not None:
        return Closed.ACCOUNT
    return Closed.ONE_TIME_PASSWORD if has_lapsed(user, now) else None


def _open_session(
    session: Session, username: str, address: str, renewed_hash: str | None, now: datetime
) -> SignedIn | SignInRefused:
    user = find_user(session, username)
    if user is None or user.disabled_at is not None:  # closed while the password was being looked at
        return SignInRefused(Closed.ACCOUNT)
    if renewed_hash is not None:
        user.password_hash = renewed_hash
    _forget_the_past(session, now)
    if second_factor.is_enrolled(session, user.id):
        excuse_attempt(session, username, address, now)
        return add_session(session, user, address, now, awaits_second_factor=True)
    return _enter(session, user, address, now)


def _enter(session: Session, user: User, address: str, now: datetime, *, second_step: str | None = None) -> SignedIn:
    take_attempt_back(session, user.username, address)
    _remember_address(session, user, address, now)
    details = {"second_step": second_step} if second_step else None
    note(session, "staff.signed-in", user.id, by=f"staff:{user.username}", now=now, details=details)
    return add_session(session, user, address, now, awaits_second_factor=False)


def _remember_address(session: Session, user: User, address: str, now: datetime) -> None:
    session.merge(FamiliarAddress(user_id=user.id, address=address, last_used_at=now))


def _forget_the_past(session: Session, now: datetime) -> None:
    """Remove what no longer has any effect, so that these tables stay small without a job of their own."""
    session.execute(sa.delete(StaffSession).where(StaffSession.created_at <= now - LONGEST_OF_ALL))
    longest = max(rule.forget_after for rule in RULES.values())
    session.execute(sa.delete(FailedSignIns).where(FailedSignIns.last_failed_at <= now - longest))
    session.execute(sa.delete(FamiliarAddress).where(FamiliarAddress.last_used_at <= now - timedelta(days=90)))


def _note_refusal(
    session: Session, user: User | None, address: str, now: datetime, closed: Closed | None = None
) -> None:
    subject, details = (user.id if user else "unknown"), ({"closed": closed.value} if closed else None)
    note(session, "staff.sign-in-refused", subject, by=f"address:{address}", now=now, details=details)
