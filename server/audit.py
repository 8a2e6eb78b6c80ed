"""The audit log: append-only, each line bound to the one before it by HMAC-SHA-256.

``record`` notes a line; it is written when the transaction commits, as its last act, under the lock of the one row that
holds the chain's head. So the lock is held for the shortest time, and the order of the lines is the order of commits.
Without the key nobody can change, remove, insert or reorder a line unseen. Cutting off the newest lines is seen by the
head row and, when the head was put back too, by a witness: a head noted earlier outside the database.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from sqlalchemy import JSON, BigInteger, Index, bindparam, event, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from server import secret_files
from server.audit_faults import Fault, FaultKind
from server.db import Base
from server.errors import Refused
from server.prepared import Prepared

KEY_FILE: Final = "audit.key"
WITNESS_FILE: Final = "audit.witness"
GENESIS: Final = "0" * 64
_PENDING: Final = "audit.pending"
_INSTALLED: Final = "audit.installed"
HEAD_LOCKED: Final = "audit.head-locked"
_KEY_BYTES: Final = 32
"""Set in a session's info when this commit holds the head's lock already; whoever reads it takes it away."""


Details = Mapping[str, str | int | bool | None]


class AuditLine(Base):
    """One act: who, with which device, did what to which record. ``details`` hold codes, no personal data."""

    __tablename__ = "audit_line"
    __table_args__ = (
        Index("ix_audit_line_subject", "subject_type", "subject_id"),  # one record's trail
        Index("ix_audit_line_at", "at", "sequence"),  # a day's
    )

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str]  # "kiosk:<id>", "staff:<username>", "system"
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    details: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSON)
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditHead(Base):
    """The chain's end; its single row is locked by every transaction that appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]


_LOCK_HEAD: Final = Prepared(select(AuditHead.sequence, AuditHead.hash).with_for_update())
_MOVE_HEAD: Final = Prepared(update(AuditHead).values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash")))
_APPEND: Final = Prepared(insert(AuditLine))
_SEALED: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain at one moment: the number of lines and the last line's hash."""

    sequence: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``SEQUENCE:HASH``; raises ValueError."""
        sequence, _, line_hash = text.strip().partition(":")
        if not (sequence.isascii() and sequence.isdecimal() and len(line_hash) == len(GENESIS)):
            raise ValueError("a head is written SEQUENCE:HASH")
        return cls(int(sequence), line_hash)

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash}"


START: Final = Head(0, GENESIS)
"""Before the first line."""


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: str
    details: Details


def record(
    session: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject_type: str,
    subject_id: object,
    details: Details | None = None,
) -> None:
    """Note one act; it is written with the commit of ``session``, or not at all."""
    if _INSTALLED not in session.info:
        raise RuntimeError("no audit log is installed for this session: the act would go unrecorded")
    act = Act(at, actor, action, subject_type, str(subject_id), dict(details or {}))
    session.info.setdefault(_PENDING, []).append(act)


def is_noted(
    session: Session, *, actor: str, actions: Collection[str], subject_type: str, subject_id: object, after: datetime
) -> bool:
    """Whether ``actor`` did one of ``actions`` to a record after an instant, what this commit will write included."""
    sought = (actor, subject_type, str(subject_id))
    pending: list[Act] = session.info.get(_PENDING, [])
    if any((one.actor, one.subject_type, one.subject_id) == sought and one.action in actions for one in pending):
        return True
    found = session.scalar(
        select(AuditLine.sequence)
        .where(
            AuditLine.subject_type == subject_type,
            AuditLine.subject_id == str(subject_id),
            AuditLine.actor == actor,
            AuditLine.action.in_(actions),
            AuditLine.at > after,
        )
        .limit(1)
    )
    return found is not None


class AuditLog:
    """Writes the lines noted in every session of a factory, and verifies the chain."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("an audit key has at least 32 bytes")
        self._key = key

    def install(self, factory: sessionmaker[Session]) -> None:
        factory.configure(info={**factory.kw.get("info", {}), _INSTALLED: self})
        event.listen(factory, "before_commit", self._append_noted)
        event.listen(factory, "after_soft_rollback", _forget_noted)

    def _append_noted(self, session: Session) -> None:
        acts: list[Act] = session.info.pop(_PENDING, [])
        if not acts:
            return
        session.flush()
        head = lock_head(session)
        session.info[HEAD_LOCKED] = True
        lines = []
        for act in acts:
            line_hash = self._hash(head.sequence + 1, act, head.hash)
            lines.append(
                {
                    "sequence": head.sequence + 1,
                    "at": act.at,
                    "actor": act.actor,
                    "action": act.action,
                    "subject_type": act.subject_type,
                    "subject_id": act.subject_id,
                    "details": dict(act.details),
                    "previous_hash": head.hash,
                    "hash": line_hash,
                }
            )
            head = Head(head.sequence + 1, line_hash)
        _APPEND.run(session, *lines)
        _MOVE_HEAD.run(session, {"new_sequence": head.sequence, "new_hash": head.hash})

    def verify(
        self, session: Session, witnesses: Iterable[Head] = (), *, after: Head = START, most: int | None = None
    ) -> tuple[Head, list[Fault]]:
        """Return the end of what was looked at and every fault; none means that nothing was tampered with.

        ``witnesses`` are heads noted earlier outside the database; the chain must still hold each of them. It goes on
        from ``after``, an end that was found sound earlier, and looks at ``most`` lines; all without them.
        """
        expected = {witness.sequence: witness.hash for witness in witnesses if witness.sequence > after.sequence}
        faults = _faults_at(session, after)
        end, looked_at = after, 0
        for line in _lines(session, after.sequence, most):
            looked_at += 1
            if line.sequence != end.sequence + 1:
                faults.append(Fault(FaultKind.MISSING, end.sequence + 1, line.sequence))
            elif line.previous_hash != end.hash:
                faults.append(Fault(FaultKind.LINK, line.sequence, end.sequence))
            act = Act(line.at, line.actor, line.action, line.subject_type, line.subject_id, line.details)
            if not hmac.compare_digest(self._hash(line.sequence, act, line.previous_hash), line.hash):
                faults.append(Fault(FaultKind.CONTENT, line.sequence))
            if expected.pop(line.sequence, line.hash) != line.hash:
                faults.append(Fault(FaultKind.REPLACED, line.sequence))
            end = Head(line.sequence, line.hash)
        if most is None or looked_at < most:
            faults += _faults_of_end(session, end)
            faults += [Fault(FaultKind.GONE, sequence) for sequence in sorted(expected)]
        return end, faults

    def _hash(self, sequence: int, act: Act, previous_hash: str) -> str:
        # JSON keeps the fields apart: no two acts have the same text.
        sealed = _SEALED.encode(
            [
                sequence,
                act.at.astimezone(UTC).isoformat(),
                act.actor,
                act.action,
                act.subject_type,
                act.subject_id,
                dict(act.details),
                previous_hash,
            ]
        )
        return hmac.new(self._key, sealed.encode(), hashlib.sha256).hexdigest()


def log_of(factory: sessionmaker[Session]) -> AuditLog:
    """Return the log that writes what the sessions of ``factory`` note."""
    log: AuditLog = factory.kw["info"][_INSTALLED]
    return log


def find_head(session: Session) -> Head | None:
    """Return the chain's end as the database says it is; None when somebody took its row away."""
    row = session.execute(select(AuditHead.sequence, AuditHead.hash)).one_or_none()
    return None if row is None else Head(*row)


def lock_head(session: Session) -> Head:
    """Return the chain's end and keep every other committing transaction waiting until this one is done."""
    [(sequence, line_hash)] = _LOCK_HEAD.all(session, {})
    return Head(sequence, line_hash)


def read_or_make_key(data_dir: Path, name: str = KEY_FILE) -> bytes:
    """Return the key of a name in ``data_dir``, made at the first call; raises Refused for a file without one."""
    path = data_dir / name
    key = secret_files.read_or_make(path, lambda: os.urandom(_KEY_BYTES))
    if len(key) != _KEY_BYTES:
        raise Refused("key.damaged", f"{path} does not hold a key of {_KEY_BYTES} bytes; bring back the copy of it")
    return key


def write_witness(data_dir: Path, head: Head) -> None:
    """Note the end of a sound log beside the key: it must still be in it at the next check."""
    path = data_dir / WITNESS_FILE
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{head}\n")
    draft.replace(path)


def _lines(session: Session, after: int, most: int | None) -> Iterator[AuditLine]:
    query = select(AuditLine).where(AuditLine.sequence > after).order_by(AuditLine.sequence).limit(most)
    for line in session.scalars(query.execution_options(yield_per=1000)):
        yield line
        session.expunge(line)


def _faults_at(session: Session, noted: Head) -> list[Fault]:
    if noted == START:
        return []
    found = session.scalar(select(AuditLine.hash).where(AuditLine.sequence == noted.sequence))
    if found is None:
        return [Fault(FaultKind.GONE, noted.sequence)]
    return [] if found == noted.hash else [Fault(FaultKind.REPLACED, noted.sequence)]


def _faults_of_end(session: Session, end: Head) -> list[Fault]:
    head = find_head(session)
    if head == end:
        return []
    if head is None:
        return [Fault(FaultKind.HEADLESS, end.sequence)]
    return [Fault(FaultKind.END, end.sequence, head.sequence)]


def _forget_noted(session: Session, _: object) -> None:
    session.info.pop(_PENDING, None)
    session.info.pop(HEAD_LOCKED, None)
