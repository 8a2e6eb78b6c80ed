"""Noting what is to be told: one row for each visit a transaction changed, written with its commit or not at all.

Whatever tells open pages of a visit's change (``feed.publish``) tells the other systems too: no service needs to think
of them, and none can forget to.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import event, insert
from sqlalchemy.orm import Session, sessionmaker

from server import feed
from server.audit import HEAD_LOCKED, lock_head
from server.domain.outbound import OutboundState
from server.outbox.models import OutboundMessage

TOPIC: Final = "encounter"
_FACILITIES: Final = "outbox.facilities"
_INSERT: Final = insert(OutboundMessage)


def install(factory: sessionmaker[Session], facilities: Collection[str]) -> None:
    """Note the visits of ``facilities``; belongs between the audit log's install and the feed's."""
    factory.configure(info={**factory.kw.get("info", {}), _FACILITIES: frozenset(facilities)})
    event.listen(factory, "before_commit", _write_noted)


def _write_noted(session: Session) -> None:
    facilities: frozenset[str] = session.info[_FACILITIES]
    changes = {
        row["subject_id"]: row
        for row in feed.noted(session)
        if row["topic"] == TOPIC and row["facility_code"] in facilities
    }
    if not changes:
        return
    if not session.info.get(HEAD_LOCKED, False):
        session.flush()
        lock_head(session)  # as for the feed: ids are drawn in the order of commits
        session.info[HEAD_LOCKED] = True
    rows = [
        {
            "key": uuid4(),
            "facility_code": row["facility_code"],
            "encounter_id": UUID(subject),
            "written_at": row["at"],
            "state": OutboundState.WAITING,
            "attempts": 0,
            "tries": 0,
            "next_attempt_at": row["at"],
        }
        for subject, row in changes.items()
    ]
    session.connection().execute(_INSERT, rows)
