"""The file a journal is kept in: durable when a transaction ends, sealed where it names people.

WAL with synchronous=FULL: with NORMAL, the usual advice, acknowledged visits were lost at power loss.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from kiosk.journal import schema
from kiosk.journal.errors import JournalBusy, JournalError, JournalFull, JournalUnusable
from kiosk.journal.sealing import Seal, load_key

FILE_NAME: Final = "journal.db"
KEY_NAME: Final = "journal.key"


class JournalFile:
    """One open file; safe to use from any thread of one process."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self._seal = seal
        self._lock = threading.RLock()
        self._is_broken = False
        self.connection = _connect(path)
        try:
            schema.migrate(self.connection)
            self._check_seal()
        except BaseException:
            self.connection.close()
            raise

    @classmethod
    def open(cls, data_dir: Path, *, environment: Mapping[str, str] = os.environ) -> Self:
        """Open or make the file in ``data_dir``; raises JournalUnusable with a sentence for the technician."""
        path = data_dir / FILE_NAME
        try:
            data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = load_key(data_dir / KEY_NAME, environment=environment, may_create=not path.exists())
            return cls(path, Seal(key))
        except OSError as error:
            raise JournalUnusable(f"{error.filename or path} cannot be used: {error.strerror}") from error
        except sqlite3.DatabaseError as error:
            raise JournalUnusable(f"{path} cannot be used: {error}") from error

    def close(self) -> None:
        with self._lock:
            self.connection.close()

    def seal(self, text: str, place: str) -> bytes:
        """Return ``text`` in a box that opens at its own ``place`` only, ``visit:<key>``."""
        return self._seal.close(text.encode(), place)

    def unseal(self, box: bytes, place: str) -> bytes:
        return self._seal.open(box, place)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit what is done inside, or nothing of it; raises JournalFull, JournalBusy, JournalUnusable."""
        with self._lock:
            if self._is_broken:
                raise JournalUnusable("an earlier write failed; restart the kiosk after the disk was looked at")
            try:
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self.connection
                    self.connection.execute("COMMIT")
                except BaseException:
                    if self.connection.in_transaction:
                        self.connection.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise self._translated(error) from error

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Raises JournalUnusable."""
        with self._lock:
            try:
                yield self.connection
            except sqlite3.DatabaseError as error:
                raise JournalUnusable(f"the journal cannot be read: {error}") from error

    def _translated(self, error: sqlite3.OperationalError) -> JournalError:
        match error.sqlite_errorcode & 0xFF:
            case sqlite3.SQLITE_FULL:
                return JournalFull("the disk is full")
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return JournalBusy("another program keeps the journal locked")
        # After a failed write or sync nobody knows what the disk holds: the kernel may drop the pages and report
        # the next sync as done. Only a new process reads it anew.
        self._is_broken = True
        return JournalUnusable(f"the journal cannot be written: {error}")

    def _check_seal(self) -> None:
        with self.transaction() as run:
            row = run.execute("SELECT box FROM seal_check").fetchone()
            if row is None:
                run.execute("INSERT INTO seal_check (id, box) VALUES (1, ?)", (self.seal("tiepdon", "seal"),))
            else:
                self.unseal(row[0], "seal")


def _connect(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    connection.execute("PRAGMA foreign_keys = ON")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    reasons = [
        f"journal_mode is {mode}" if mode != "wal" else None,
        f"synchronous is {synchronous}" if synchronous != 2 else None,
        f"quick_check says {verdict}" if verdict != "ok" else None,
    ]
    if any(reasons):
        connection.close()
        raise JournalUnusable(f"{path} cannot be trusted: " + ", ".join(one for one in reasons if one))
    return connection


def text_of(instant: datetime) -> str:
    """Return ISO 8601 in UTC with a fixed width, so that text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
