"""Which days' numbers a queue still works off: today's, and through a night at work those of the evening before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.domain.catalogue import Hours, first_live_day
from server.facilities.models import OpeningHours
from server.prepared import Prepared
from server.queues.models import Queue, Ticket

_KNOWN: Final = "live_days.hours"

_COLUMNS: Final = (OpeningHours.weekday, OpeningHours.opens_at, OpeningHours.closes_at)
_HOURS_OF_QUEUE: Final = Prepared(
    sa.select(*_COLUMNS)
    .join(Queue, Queue.clinic_id == OpeningHours.clinic_id)
    .where(Queue.id == sa.bindparam("queue_id"))
)


def live_since(session: Session, queue_id: UUID, *, at: datetime) -> date:
    """Return the earliest local day whose numbers a queue calls at an instant; later days are live with it."""
    # Every arrival asks twice, under the lock; a transaction sees the same hours all through.
    known: dict[UUID, list[Hours]] = session.info.setdefault(_KNOWN, {})
    if queue_id not in known:
        known[queue_id] = _hours(_HOURS_OF_QUEUE.all(session, {"queue_id": queue_id}))
    return first_live_day(known[queue_id], at=at)


def is_of_live_day(session: Session, ticket: Ticket, *, at: datetime) -> bool:
    """Whether a number's day is not over yet at its clinic."""
    return ticket.local_day >= live_since(session, ticket.queue_id, at=at)


def each_live_since(session: Session, queue_ids: Collection[UUID], *, at: datetime) -> dict[UUID, date]:
    """Return ``live_since`` of each queue; one statement, however many queues."""
    found: dict[UUID, list[tuple[int, time, time]]] = defaultdict(list)
    rows = session.execute(
        sa.select(Queue.id, *_COLUMNS)
        .join(OpeningHours, OpeningHours.clinic_id == Queue.clinic_id)
        .where(Queue.id.in_(queue_ids))
    )
    for queue_id, weekday, opens_at, closes_at in rows:
        found[queue_id].append((weekday, opens_at, closes_at))
    return {queue_id: first_live_day(_hours(found[queue_id]), at=at) for queue_id in queue_ids}


def is_live(
    queue_id: InstrumentedAttribute[UUID], day: InstrumentedAttribute[date], since: Mapping[UUID, date]
) -> sa.ColumnElement[bool]:
    """Return the condition that a row's day is live in its queue; false of queues that ``since`` does not name."""
    days: dict[date, list[UUID]] = defaultdict(list)
    for one, first in since.items():
        days[first].append(one)
    return sa.or_(sa.false(), *(sa.and_(queue_id.in_(queues), day >= first) for first, queues in sorted(days.items())))


def _hours(rows: Iterable[tuple[int, time, time]]) -> list[Hours]:
    return [Hours(weekday, opens_at, closes_at) for weekday, opens_at, closes_at in rows]
