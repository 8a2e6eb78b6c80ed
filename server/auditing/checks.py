"""When the audit log was last checked, and with what result: each check is a line of the log itself.

So the word "unbroken" is sealed like every other act, and needs no place of its own that somebody could write to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.audit import START, AuditLine, Head, find_head, log_of
from server.audit_faults import Fault, FaultKind
from server.db import Database

ACTION: Final = "audit.checked"
SUBJECT_TYPE: Final = "audit-log"
AT_ONCE: Final = 20_000
"""Lines looked at while somebody waits at a page: 0.9 s measured on PostgreSQL. The backup looks at all of them."""


@dataclass(frozen=True, slots=True)
class Check:
    """Lines ``first`` to ``end.sequence`` were looked at, and so many ``faults`` found."""

    at: datetime
    by: str
    first: int
    end: Head
    faults: int
    first_fault: Fault | None

    @property
    def is_sound(self) -> bool:
        return self.faults == 0

    @property
    def is_whole(self) -> bool:
        return self.first == 1


@dataclass(frozen=True, slots=True)
class Standing:
    """The newest check, the newest one of all lines from the first, and how many lines nobody has checked yet."""

    newest: Check | None
    newest_whole: Check | None
    unchecked: int


def note_check(
    session: Session, *, at: datetime, by: str, end: Head, faults: Sequence[Fault], after: Head = START
) -> None:
    """Write down that the log was checked from the line behind ``after`` up to ``end``."""
    audit.record(
        session, at=at, actor=by, action=ACTION, subject_type=SUBJECT_TYPE, subject_id="chain",
        details={
            "first": after.sequence + 1,
            "end": str(end),
            "faults": len(faults),
            "first_fault": faults[0].kind.value if faults else None,
            "fault_line": faults[0].line if faults else None,
            "fault_other": faults[0].other if faults else None,
        },
    )  # fmt: skip


def standing(session: Session) -> Standing:
    """Return how far the log was checked."""
    checks = _newest_checks(session)
    head = find_head(session) or START
    sound = next((check.end.sequence for check in checks if check.is_sound), 0)
    return Standing(
        newest=checks[0] if checks else None,
        newest_whole=next((check for check in checks if check.is_whole), None),
        unchecked=max(head.sequence - sound, 0),
    )


def check_newest(database: Database, *, by: str, now: datetime, most: int = AT_ONCE) -> Check:
    """Look at the lines behind the last sound check, at most ``most`` of them, and write down what was found."""
    log = log_of(database.session_factory)
    with database.reading() as session:
        after = next((check.end for check in _newest_checks(session) if check.is_sound), START)
        end, faults = log.verify(session, after=after, most=most)
    database.transact(lambda session: note_check(session, at=now, by=by, after=after, end=end, faults=faults))
    return Check(now, by, after.sequence + 1, end, len(faults), faults[0] if faults else None)


def _newest_checks(session: Session) -> list[Check]:
    query = (
        sa.select(AuditLine)
        .where(AuditLine.subject_type == SUBJECT_TYPE, AuditLine.subject_id == "chain", AuditLine.action == ACTION)
        .order_by(AuditLine.sequence.desc())
        .limit(100)
    )
    return [check for line in session.scalars(query) if (check := _check(line)) is not None]


def _check(line: AuditLine) -> Check | None:
    """Return what a line says; None for one that somebody made unreadable, which the next check finds."""
    said = line.details
    try:
        first, faults, end = int(said["first"] or 0), int(said["faults"] or 0), Head.parse(str(said["end"]))
    except (KeyError, ValueError):
        return None
    return Check(line.at, line.actor, first, end, faults, _fault(said))


def _fault(said: Mapping[str, object]) -> Fault | None:
    """Return the first fault that a check's line tells of; None for a sentence, which earlier versions wrote there."""
    kind, line, other = said.get("first_fault"), said.get("fault_line"), said.get("fault_other")
    if not isinstance(kind, str) or kind not in set(FaultKind) or not isinstance(line, int):
        return None
    return Fault(FaultKind(kind), line, other if isinstance(other, int) else None)
