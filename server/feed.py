"""What changed, for pages that stay open: small rows written in the transaction that made the change.

A reader asks for the rows after the last one it saw. That needs ids in the order of commits. A sequence alone does not
give it: a lower id may be committed later, and would be missed. So ids are drawn under the audit chain's lock, the last
thing a transaction takes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Integer, bindparam, event, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from server.audit import HEAD_LOCKED, lock_head
from server.db import Base, Database
from server.prepared import Prepared

_PENDING: Final = "feed.pending"
_INSTALLED: Final = "feed.installed"


class FeedRow(Base):
    """One change: ``topic`` (e.g. ``"encounter"``, ``"ticket"``, ``"staff-call"``) and the id of what changed."""

    __tablename__ = "feed"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - an id is never used again, even after clearing

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    facility_code: Mapped[str]
    topic: Mapped[str]
    subject_id: Mapped[str]
    at: Mapped[datetime]


_PUBLISHED: Final = ("facility_code", "topic", "subject_id", "at")
_INSERT: Final = Prepared(insert(FeedRow).values({name: bindparam(name) for name in _PUBLISHED}).inline())


@dataclass(frozen=True, slots=True)
class Change:
    id: int
    facility_code: str
    topic: str
    subject_id: str
    at: datetime


def publish(session: Session, *, facility_code: str, topic: str, subject_id: object, at: datetime) -> None:
    """Note one change; it is written with the commit of ``session``, or not at all."""
    if _INSTALLED not in session.info:
        raise RuntimeError("no feed is installed for this session: open pages would not learn of the change")
    row = {"facility_code": facility_code, "topic": topic, "subject_id": str(subject_id), "at": at}
    session.info.setdefault(_PENDING, []).append(row)


def noted(session: Session) -> Sequence[Mapping[str, Any]]:
    """Return the changes noted in a session and not yet written, as rows."""
    rows: Sequence[Mapping[str, Any]] = session.info.get(_PENDING, [])
    return rows


def changes_after(session: Session, last_id: int, limit: int = 500) -> list[Change]:
    """Return the changes after ``last_id``, oldest first, at most ``limit``."""
    rows = session.execute(
        select(FeedRow.id, FeedRow.facility_code, FeedRow.topic, FeedRow.subject_id, FeedRow.at)
        .where(FeedRow.id > last_id)
        .order_by(FeedRow.id)
        .limit(limit)
    )
    return [Change(*row) for row in rows]


_NEWEST: Final = select(func.coalesce(func.max(FeedRow.id), 0))


def newest_id(session: Session) -> int:
    """Return the id of the newest change, 0 when there is none: where a page that opens now begins."""
    return session.connection().execute(_NEWEST).scalar_one()


def find_newest_id(database: Database) -> int:
    """Return what ``newest_id`` does, asked by itself and therefore cheaply."""
    [(found,)] = database.look_up(_NEWEST, {})
    return found


def install(factory: sessionmaker[Session]) -> None:
    """Write the changes noted in every session of ``factory``."""
    factory.configure(info={**factory.kw.get("info", {}), _INSTALLED: True})
    event.listen(factory, "before_commit", _write_noted)
    event.listen(factory, "after_soft_rollback", _forget_noted)


def _write_noted(session: Session) -> None:
    is_locked = session.info.pop(HEAD_LOCKED, False)
    rows = session.info.pop(_PENDING, [])
    if not rows:
        return
    if not is_locked:
        session.flush()
        lock_head(session)
    _INSERT.run(session, *rows)


def _forget_noted(session: Session, _: object) -> None:
    session.info.pop(_PENDING, None)
