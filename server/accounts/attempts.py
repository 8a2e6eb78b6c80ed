"""Counting wrong passwords, so that ``throttle`` can say how long to wait; never how to get in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import FailedSignIns, FamiliarAddress, User
from server.accounts.throttle import RULES, Scope, failures_after, waits_until


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is counted for one attempt, and whether the account has signed in from there before."""

    subjects: Mapping[Scope, str]
    is_familiar: bool


def count_attempt(session: Session, username: str, address: str, now: datetime) -> datetime | None:
    """Count one more failure; return until when to wait instead if the last ones were too many."""
    attempt = _attempt(session, username, address)
    counts = _counts(session, attempt)
    until = max(
        (
            waits_until(scope, row.failures, last_failed_at=row.last_failed_at)
            for scope, row in counts.items()
            if scope is Scope.ACCOUNT_AT_ADDRESS or not attempt.is_familiar
        ),
        default=now,
    )
    if until > now:
        return until
    for scope, subject in attempt.subjects.items():
        if row := counts.get(scope):
            row.failures = failures_after(scope, row.failures, last_failed_at=row.last_failed_at, now=now)
            row.last_failed_at = now
        else:
            session.add(FailedSignIns(scope=scope.value, subject=subject, failures=1, last_failed_at=now))
    return None


def take_attempt_back(session: Session, username: str, address: str) -> None:
    for scope, row in _counts(session, _attempt(session, username, address)).items():
        row.failures = 0 if scope is Scope.ACCOUNT_AT_ADDRESS else max(row.failures - 1, 0)


def excuse_attempt(session: Session, username: str, address: str, now: datetime) -> None:
    """Let the right password neither count nor cause a wait, while the code behind it is still asked for.

    What was counted before stays, so it buys no free guesses at codes; but somebody who mistyped often enough would
    else wait longer for the code than the question for it lasts, and never get in.
    """
    for scope, row in _counts(session, _attempt(session, username, address)).items():
        row.failures = max(row.failures - 1, 0)
        row.last_failed_at = now - RULES[scope].delay(row.failures)


def _attempt(session: Session, username: str, address: str) -> _Attempt:
    """Return what to count: wrong guesses at a password say nothing of the next one, so a new one ends the wait."""
    known = session.execute(
        sa.select(User.password_changed_at, FamiliarAddress.address)
        .outerjoin(FamiliarAddress, sa.and_(FamiliarAddress.user_id == User.id, FamiliarAddress.address == address))
        .where(User.username == username)
    ).one_or_none()
    account = f"{username}\n{known.password_changed_at.timestamp()}" if known else username
    is_familiar = known is not None and known.address is not None
    subjects = {Scope.ACCOUNT_AT_ADDRESS: f"{account}\n{address}", Scope.ADDRESS: address}
    if not is_familiar:
        subjects[Scope.ACCOUNT] = account
    hashed = {scope: hashlib.sha256(subject.encode()).hexdigest() for scope, subject in subjects.items()}
    return _Attempt(hashed, is_familiar)


def _counts(session: Session, attempt: _Attempt) -> dict[Scope, FailedSignIns]:
    sought = [(scope.value, subject) for scope, subject in attempt.subjects.items()]
    rows = session.scalars(
        sa.select(FailedSignIns)
        .where(sa.tuple_(FailedSignIns.scope, FailedSignIns.subject).in_(sought))
        .order_by(FailedSignIns.scope)  # locked in one order by everybody
        .with_for_update()
    )
    return {Scope(row.scope): row for row in rows}
