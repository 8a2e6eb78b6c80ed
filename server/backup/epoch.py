"""A new life of the database after it went back to a backup: kiosks are told, and no number is given twice.

What was given after the backup stands on paper in people's hands, and the restored counters do not know of it. So they
skip more numbers than any queue gives between two backups; what kiosks send again takes its own number back.
"""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.backup.models import ServerEpoch
from server.db import insert
from server.domain.days import local_day
from server.queues.models import Queue, QueueCounter

SKIPPED: Final = 100
"""Numbers left out in each queue. A backup is made each quarter of an hour, a busy queue gives five in a minute."""


def current_epoch(session: Session) -> UUID:
    return session.scalars(sa.select(ServerEpoch.epoch)).one()


def begin_epoch(session: Session, *, now: datetime) -> None:
    """Begin a new epoch, and have every queue go on ``SKIPPED`` numbers later today."""
    session.execute(sa.update(ServerEpoch).values(epoch=uuid4(), began_at=now))
    day = local_day(now)
    skip = insert(session.get_bind().dialect.name, QueueCounter).on_conflict_do_update(
        index_elements=[QueueCounter.queue_id, QueueCounter.local_day],
        set_={"last_number": QueueCounter.last_number + SKIPPED},
    )
    for queue_id in session.scalars(sa.select(Queue.id).order_by(Queue.id)).all():
        session.execute(skip.values(queue_id=queue_id, local_day=day, last_number=SKIPPED))
