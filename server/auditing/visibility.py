"""Which lines of the audit log are one facility's to look at.

A line names no facility. It is a facility's when the one who acted worked there at that time, or, for acts of programs
and of addresses nobody had signed in from, when the record is the facility's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server.accounts.models import ApiToken, StaffPosting, User
from server.audit import AuditLine
from server.facilities.models import Facility
from server.fleet.models import Kiosk

_EVERYBODYS: Final = ("audit-log", "database")
_TOLD_APART_LATER: Final = ("appointment", "encounter")  # too many to name in a query; ``trail`` leaves others' out
_UNKNOWN: Final = "unknown"  # a user name nobody has


@dataclass(frozen=True, slots=True)
class Stay:
    """A time somebody worked at the facility; None is open."""

    user: User
    since: datetime | None
    until: datetime | None


def stays_at(session: Session, facility: str) -> list[Stay]:
    """Return who works or worked at a facility, by name."""
    users = session.scalars(sa.select(User).where(User.facility_code == facility)).all()
    postings = session.scalars(
        sa.select(StaffPosting)
        .order_by(StaffPosting.user_id, StaffPosting.ended_at, StaffPosting.id)
        .options(joinedload(StaffPosting.user))
    )
    stays, came = [], {}
    for user_id, ended in groupby(postings, key=lambda posting: posting.user_id):
        since: datetime | None = None
        for posting in ended:
            if posting.facility_code == facility:
                stays.append(Stay(posting.user, since, posting.ended_at))
            since = posting.ended_at
        came[user_id] = since
    stays += [Stay(user, came.get(user.id), None) for user in users]
    return sorted(stays, key=lambda stay: (stay.user.full_name, stay.user.username, stay.until is None))


def visible(session: Session, facility: str) -> Iterator[sa.ColumnElement[bool]]:
    """Return what narrows lines down to a facility's; nothing where the server has no other one."""
    if session.scalar(sa.select(sa.func.count()).select_from(Facility)) == 1:
        return
    stays = stays_at(session, facility)
    kiosks = [str(one) for one in session.scalars(sa.select(Kiosk.id).where(Kiosk.facility_code == facility))]
    systems = session.scalars(sa.select(ApiToken.id).where(ApiToken.facility_code == facility))
    whole = [f"staff:{stay.user.username}" for stay in stays if stay.since is None and stay.until is None]
    actors = [*whole, *(f"kiosk:{one}" for one in kiosks), *(f"integration:{one}" for one in systems)]
    users = [_UNKNOWN, *(str(stay.user.id) for stay in stays)]
    yield sa.or_(
        AuditLine.actor.in_(actors),
        *(_during(stay) for stay in stays if stay.since is not None or stay.until is not None),
        sa.and_(
            sa.or_(AuditLine.actor == "system", AuditLine.actor.like("address:%")),
            sa.or_(
                AuditLine.subject_type.in_((*_EVERYBODYS, *_TOLD_APART_LATER)),
                *(
                    sa.and_(AuditLine.subject_type == kind, AuditLine.subject_id.in_(ids))
                    for kind, ids in (("facility", [facility]), ("kiosk", kiosks), ("staff-user", users))
                ),
            ),
        ),
    )


def _during(stay: Stay) -> sa.ColumnElement[bool]:
    bounds = []
    if stay.since is not None:
        bounds.append(AuditLine.at >= stay.since)
    if stay.until is not None:
        bounds.append(AuditLine.at < stay.until)
    return sa.and_(AuditLine.actor == f"staff:{stay.user.username}", *bounds)
