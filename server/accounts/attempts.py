"""Counting wrong passwords, so that ``throttle`` can say how long to wait; never how to get in."""

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import FailedSignIns, FamiliarAddress, User
from server.accounts.throttle import RULES, Scope, failures_after, waits_until


def count_attempt(session: Session, username: str, address: str, now: datetime) -> datetime | None:
    """Count one more failure; return until when to wait instead if the last ones were too many."""
    is_familiar = _is_familiar(session, username, address)
    subjects = _subjects(username, address, is_familiar=is_familiar)
    counts = _counts(session, subjects)
    until = max(
        (
            waits_until(scope, row.failures, last_failed_at=row.last_failed_at)
            for scope, row in counts.items()
            if not is_familiar or scope is Scope.ACCOUNT_AT_ADDRESS
        ),
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


def take_attempt_back(session: Session, username: str, address: str) -> None:
    for scope, row in _counts_of(session, username, address).items():
        row.failures = 0 if scope is Scope.ACCOUNT_AT_ADDRESS else max(row.failures - 1, 0)


def excuse_attempt(session: Session, username: str, address: str, now: datetime) -> None:
    """Let the right password neither count nor cause a wait, while the code behind it is still asked for.

    What was counted before stays, so a right password buys no free guesses at codes. Only the wait is lifted: who had
    mistyped often would otherwise wait longer than the question for the code lasts, and never get in.
    """
    for scope, row in _counts_of(session, username, address).items():
        row.failures = max(row.failures - 1, 0)
        row.last_failed_at = now - RULES[scope].delay(row.failures)


def _is_familiar(session: Session, username: str, address: str) -> bool:
    found = session.scalar(
        sa.select(FamiliarAddress.address)
        .join(User, User.id == FamiliarAddress.user_id)
        .where(User.username == username, FamiliarAddress.address == address)
    )
    return found is not None


def _subjects(username: str, address: str, *, is_familiar: bool) -> dict[Scope, str]:
    """Return what is counted for one attempt."""
    subjects = {Scope.ACCOUNT_AT_ADDRESS: f"{username}\n{address}", Scope.ADDRESS: address}
    if not is_familiar:
        subjects[Scope.ACCOUNT] = username
    return {scope: hashlib.sha256(subject.encode()).hexdigest() for scope, subject in subjects.items()}


def _counts_of(session: Session, username: str, address: str) -> dict[Scope, FailedSignIns]:
    is_familiar = _is_familiar(session, username, address)
    return _counts(session, _subjects(username, address, is_familiar=is_familiar))


def _counts(session: Session, subjects: dict[Scope, str]) -> dict[Scope, FailedSignIns]:
    rows = session.scalars(
        sa.select(FailedSignIns)
        .where(sa.tuple_(FailedSignIns.scope, FailedSignIns.subject).in_([(s.value, h) for s, h in subjects.items()]))
        .order_by(FailedSignIns.scope)  # locked in one order by everybody
        .with_for_update()
    )
    return {Scope(row.scope): row for row in rows}
