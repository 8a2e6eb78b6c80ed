"""The journal's file: every method is one transaction, durable when it returns.

WAL with synchronous=FULL: with NORMAL, the usual advice, acknowledged visits were lost at power loss.
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from pydantic import ValidationError

from kiosk.journal import schema
from kiosk.journal.errors import JournalBusy, JournalError, JournalFull, JournalUnusable
from kiosk.journal.records import (
    Backlog,
    CopyState,
    DeadLetter,
    InterruptedVisit,
    OwnNumber,
    PrintStep,
    SentVisit,
    UncertainPaper,
    UnsentProof,
    UnsentVisit,
)
from kiosk.journal.sealing import Seal, load_key
from server.contract.v1 import (
    CallStaff,
    EncounterRegistered,
    FacilityServices,
    IdentityProved,
    OfflineTicket,
    PrintedTicket,
    RegisterEncounter,
)
from server.domain.catalogue import REFUSALS

FILE_NAME: Final = "journal.db"
KEY_NAME: Final = "journal.key"
RESTARTED: Final = "kiosk.restarted"
"""Code of the print step that settles a paper after a restart."""

_SERVICES: Final = "facility-services"
_EPOCH: Final = "server-epoch"
_ANSWER: Final = "SELECT COALESCE(recalled.answer, outcome.answer) FROM outcome LEFT JOIN recalled USING (request_key)"
_CLOSED: Final = json.dumps(sorted(REFUSALS))


class Journal:
    """One kiosk's journal; safe to use from any thread of one process."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self._seal = seal
        self._lock = threading.RLock()
        self._is_broken = False
        self._connection = _connect(path)
        try:
            schema.migrate(self._connection)
            self._check_seal()
        except BaseException:
            self._connection.close()
            raise

    @classmethod
    def open(cls, data_dir: Path, *, environment: Mapping[str, str] = os.environ) -> Self:
        """Open or make the journal in ``data_dir``; raises JournalUnusable with a sentence for the technician."""
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = data_dir / FILE_NAME
        key = load_key(data_dir / KEY_NAME, environment=environment, may_create=not path.exists())
        try:
            return cls(path, Seal(key))
        except sqlite3.DatabaseError as error:
            raise JournalUnusable(f"{path} cannot be used: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Nothing to start: it stands first among what runs beside the kiosk, so that it ends last."""

    def stop(self) -> None:
        """Nothing to interrupt."""

    def join(self) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    # A visit, from the promise to the server's answer

    def record(self, command: RegisterEncounter, now: datetime) -> None:
        """Keep a visit before anything is sent or printed; raises JournalFull, JournalUnusable."""
        key = str(command.request_key)
        box = self._close(command.model_dump_json(), f"visit:{key}")
        with self._transaction() as run:
            run.execute(
                "INSERT INTO visit (request_key, recorded_at, command) VALUES (?, ?, ?)", (key, _text(now), box)
            )

    def give_own_number(
        self, request_key: UUID, *, queue: str, local_day: date, kiosk_letter: str, now: datetime
    ) -> OwnNumber:
        """Return the visit's number of the kiosk's own series for (queue, day); the same one when asked again."""
        key = str(request_key)
        with self._transaction() as run:
            given = self._own_number(run, key)
            if given is not None:
                return given
            (last,) = run.execute(
                "SELECT COALESCE(MAX(number), 0) FROM own_number WHERE queue = ? AND local_day = ?",
                (queue, local_day.isoformat()),
            ).fetchone()
            run.execute(
                "INSERT INTO own_number (request_key, given_at, queue, local_day, kiosk_letter, number)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (key, _text(now), queue, local_day.isoformat(), kiosk_letter, last + 1),
            )
            return OwnNumber(queue, local_day, kiosk_letter, last + 1)

    def registered(self, request_key: UUID, answer: EncounterRegistered, now: datetime) -> None:
        """Keep the server's answer; harmless when it is kept already."""
        key = str(request_key)
        box = self._close(answer.model_dump_json(), f"answer:{key}")
        with self._transaction() as run:
            run.execute(
                "INSERT INTO outcome (request_key, at, kind, answer) VALUES (?, ?, 'registered', ?)"
                " ON CONFLICT (request_key) DO NOTHING",
                (key, _text(now), box),
            )
            run.execute(
                "UPDATE recalled SET settled_at = ?, answer = ? WHERE request_key = ? AND settled_at IS NULL",
                (_text(now), box, key),
            )

    def refused(self, request_key: UUID, reason: str, now: datetime) -> None:
        """Keep that the server will never take this visit; it becomes a dead letter, visible to staff."""
        with self._transaction() as run:
            run.execute(
                "INSERT INTO outcome (request_key, at, kind, reason) VALUES (?, ?, 'refused', ?)"
                " ON CONFLICT (request_key) DO NOTHING",
                (str(request_key), _text(now), reason),
            )
            run.execute(
                "UPDATE recalled SET settled_at = ?, reason = ? WHERE request_key = ? AND settled_at IS NULL",
                (_text(now), reason, str(request_key)),
            )

    def meet_epoch(self, epoch: UUID) -> int:
        """Have all that was sent go out again when the server's epoch is a new one; return how many visits.

        It went back to a backup, and nobody knows what is in it. It knows a key again, and gives back a number that is
        on paper.
        """
        with self._transaction() as run:
            known = run.execute("SELECT body FROM reference WHERE name = ?", (_EPOCH,)).fetchone()
            if known is not None and known[0] == str(epoch):
                return 0
            run.execute(
                "INSERT INTO reference (name, body, fetched_at) VALUES (?, ?, '')"
                " ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                (_EPOCH, str(epoch)),
            )
            if known is None:
                return 0
            run.execute(
                "INSERT OR REPLACE INTO recalled_proof (seq) SELECT seq FROM proof_outcome WHERE kind = 'taken'"
            )
            # An answer that came later than the outcome's stays, until the next one comes.
            return run.execute(
                "INSERT INTO recalled (request_key, epoch) SELECT request_key, ? FROM outcome WHERE kind = 'registered'"
                " ON CONFLICT (request_key) DO UPDATE SET epoch = excluded.epoch, settled_at = NULL, reason = NULL",
                (str(epoch),),
            ).rowcount

    def unsent_keys(self) -> list[UUID]:
        """Return the keys of the visits without an outcome, oldest first."""
        with self._reading() as run:
            rows = run.execute("SELECT request_key FROM unsent ORDER BY seq").fetchall()
        return [UUID(key) for (key,) in rows]

    def unsent_visit(self, request_key: UUID) -> UnsentVisit | None:
        """Return a visit that still waits for the server, as it has to be sent now; None when it has an outcome."""
        with self._reading() as run:
            row = run.execute(
                "SELECT request_key, recorded_at, command FROM unsent WHERE request_key = ?",
                (str(request_key),),
            ).fetchone()
            if row is None:
                return None
            key, recorded_at, box = row
            return UnsentVisit(self._command(run, key, box), datetime.fromisoformat(recorded_at))

    def answer_to(self, request_key: UUID) -> EncounterRegistered | None:
        """Return what the server answered; None while it has not."""
        key = str(request_key)
        with self._reading() as run:
            row = run.execute(f"{_ANSWER} WHERE outcome.request_key = ?", (key,)).fetchone()
        return self._answer(key, row[0]) if row and row[0] else None

    def sent_since(self, since: datetime) -> Iterator[SentVisit]:
        """Yield the visits the server has acknowledged, newest first."""
        with self._reading() as run:
            rows = run.execute(
                "SELECT visit.request_key, command, COALESCE(recalled.answer, outcome.answer) FROM visit"
                " JOIN outcome USING (request_key) LEFT JOIN recalled USING (request_key)"
                " WHERE kind = 'registered' AND recorded_at >= ? ORDER BY visit.seq DESC",
                (_text(since),),
            ).fetchall()
            for key, box, answer in rows:
                yield SentVisit(self._command(run, key, box), self._answer(key, answer))

    # Proof that comes after its visit

    def record_proof(self, message: IdentityProved, now: datetime) -> None:
        """Keep what a chip's proof said later; nothing is kept for a visit that is not here or that was refused."""
        key = str(message.request_key)
        box = self._close(message.model_dump_json(), f"proof:{key}")
        with self._transaction() as run:
            run.execute(
                "INSERT INTO proof (request_key, recorded_at, message) SELECT request_key, ?, ? FROM visit"
                " LEFT JOIN outcome USING (request_key)"
                " WHERE request_key = ? AND COALESCE(kind, 'registered') = 'registered'",
                (_text(now), box, key),
            )

    def unsent_proofs(self) -> list[UnsentProof]:
        """Return the proofs that wait for the server and whose visit it has, oldest first."""
        with self._reading() as run:
            rows = run.execute(
                "SELECT seq, request_key, message FROM proof JOIN outcome USING (request_key)"
                " WHERE outcome.kind = 'registered'"
                " AND (NOT EXISTS (SELECT 1 FROM proof_outcome WHERE proof_outcome.seq = proof.seq)"
                " OR EXISTS (SELECT 1 FROM recalled_proof WHERE recalled_proof.seq = proof.seq AND taken_at IS NULL))"
                " ORDER BY seq"
            ).fetchall()
        return [
            UnsentProof(seq, IdentityProved.model_validate_json(self._seal.open(box, f"proof:{key}")))
            for seq, key, box in rows
        ]

    def proof_taken(self, seq: int, now: datetime) -> None:
        self._settle_proof(seq, now, "taken", None)

    def proof_refused(self, seq: int, reason: str, now: datetime) -> None:
        """Keep that the server will never take this proof; it becomes a dead letter, visible to staff."""
        self._settle_proof(seq, now, "refused", reason)

    # Paper

    def print_step(self, request_key: UUID, step: PrintStep, now: datetime, code: str = "ok") -> None:
        with self._transaction() as run:
            self._add_print_step(run, str(request_key), step, now, code)

    def settle_interrupted_prints(self, now: datetime) -> int:
        """Settle the papers of a process that died; return how many patients may stand there without one.

        What was being sent becomes UNSURE, what was not begun FAILED. Neither is printed by itself: the person before
        the kiosk may be another one by now.
        """
        with self._transaction() as run:
            rows = run.execute(
                "SELECT request_key, state FROM paper WHERE COALESCE(state, 'none') IN ('none', 'waiting', 'sending')"
                " AND NOT EXISTS (SELECT 1 FROM outcome"
                " WHERE outcome.request_key = paper.request_key AND kind = 'refused')"
            ).fetchall()
            for key, state in rows:
                step = PrintStep.UNSURE if state == "sending" else PrintStep.FAILED
                self._add_print_step(run, key, step, now, RESTARTED)
            return len(rows)

    def uncertain_papers(self, since: datetime) -> list[UncertainPaper]:
        """Return visits whose patient may hold no ticket: printing never began, never ended, or ended unsure."""
        with self._reading() as run:
            rows = run.execute(
                "SELECT request_key, recorded_at, state, code FROM paper"
                " WHERE recorded_at >= ? AND COALESCE(state, 'none') NOT IN ('printed', 'given-by-hand') ORDER BY seq",
                (_text(since),),
            ).fetchall()
        return [
            UncertainPaper(
                UUID(key), datetime.fromisoformat(recorded_at), PrintStep(state) if state else None, code or ""
            )
            for key, recorded_at, state, code in rows
        ]

    def interrupted_visits(self, since: datetime) -> list[InterruptedVisit]:
        """Return the visits whose paper a restart cut, newest first; a refused one is not among them."""
        with self._reading() as run:
            rows = run.execute(
                "SELECT request_key, command, state FROM paper JOIN visit USING (request_key)"
                " LEFT JOIN outcome USING (request_key) WHERE paper.recorded_at >= ? AND code = ?"
                " AND COALESCE(kind, 'registered') = 'registered' ORDER BY paper.seq DESC",
                (_text(since), RESTARTED),
            ).fetchall()
            return [InterruptedVisit(self._command(run, key, box), PrintStep(state)) for key, box, state in rows]

    def paper_state(self, request_key: UUID) -> PrintStep | None:
        """Return how far the paper of a visit got; None when printing never began."""
        with self._reading() as run:
            row = run.execute("SELECT state FROM paper WHERE request_key = ?", (str(request_key),)).fetchone()
        return PrintStep(row[0]) if row and row[0] else None

    def settle_by_hand(self, request_key: UUID, now: datetime, code: str) -> None:
        """Keep that the patient of a visit has a paper from elsewhere; nothing where no paper was uncertain."""
        key = str(request_key)
        with self._transaction() as run:
            row = run.execute("SELECT state FROM paper WHERE request_key = ?", (key,)).fetchone()
            if row is not None and row[0] in {PrintStep.UNSURE, PrintStep.FAILED}:
                self._add_print_step(run, key, PrintStep.GIVEN_BY_HAND, now, code)

    # Copies that the desk orders

    def copy_step(self, order: UUID, step: PrintStep, now: datetime, code: str = "ok") -> None:
        with self._transaction() as run:
            self._add_copy_step(run, str(order), step, now, code)

    def copy_state(self, order: UUID) -> CopyState | None:
        """Return how far the copy of an order got; None when it was never begun here."""
        with self._reading() as run:
            row = run.execute(
                "SELECT state, code FROM copy_step WHERE order_id = ? ORDER BY seq DESC LIMIT 1", (str(order),)
            ).fetchone()
        return CopyState(PrintStep(row[0]), row[1]) if row else None

    def settle_interrupted_copies(self, now: datetime) -> None:
        """Settle the copies of a process that died, as ``settle_interrupted_prints`` does with tickets."""
        with self._transaction() as run:
            rows = run.execute(
                "SELECT order_id, state FROM copy_step AS last WHERE state IN ('waiting', 'sending')"
                " AND seq = (SELECT MAX(seq) FROM copy_step WHERE order_id = last.order_id)"
            ).fetchall()
            for order, state in rows:
                step = PrintStep.UNSURE if state == "sending" else PrintStep.FAILED
                self._add_copy_step(run, order, step, now, RESTARTED)

    # Calls for help

    def record_call(self, call: CallStaff) -> None:
        with self._transaction() as run:
            run.execute(
                "INSERT INTO staff_call (request_key, call) VALUES (?, ?) ON CONFLICT (request_key) DO NOTHING",
                (str(call.request_key), call.model_dump_json()),
            )

    def unsent_calls(self) -> list[CallStaff]:
        with self._reading() as run:
            rows = run.execute("SELECT call FROM staff_call WHERE sent_at IS NULL ORDER BY seq").fetchall()
        return [CallStaff.model_validate_json(text) for (text,) in rows]

    def call_sent(self, request_key: UUID, now: datetime) -> None:
        with self._transaction() as run:
            run.execute("UPDATE staff_call SET sent_at = ? WHERE request_key = ?", (_text(now), str(request_key)))

    # For the hours without a server

    def keep_services(self, services: FacilityServices) -> None:
        with self._transaction() as run:
            run.execute(
                "INSERT INTO reference (name, body, fetched_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at",
                (_SERVICES, services.model_dump_json(), _text(services.as_of)),
            )

    def kept_services(self) -> FacilityServices | None:
        """Return what the facility offered last; None before the first contact, or when an older form was kept."""
        with self._reading() as run:
            row = run.execute("SELECT body FROM reference WHERE name = ?", (_SERVICES,)).fetchone()
        try:
            return FacilityServices.model_validate_json(row[0]) if row else None
        except ValidationError:
            return None

    # Housekeeping

    def backlog(self) -> Backlog:
        with self._reading() as run:
            visits, oldest = run.execute("SELECT COUNT(*), MIN(recorded_at) FROM unsent").fetchone()
            (calls,) = run.execute("SELECT COUNT(*) FROM staff_call WHERE sent_at IS NULL").fetchone()
            (proofs,) = run.execute(
                "SELECT COUNT(*) FROM proof WHERE seq NOT IN (SELECT seq FROM proof_outcome)"
            ).fetchone()
        return Backlog(visits, calls, proofs, datetime.fromisoformat(oldest) if oldest else None)

    def dead_letters(self) -> list[DeadLetter]:
        """Return what the server refused and staff must settle; a clinic that had closed is none, see below."""
        with self._reading() as run:
            rows = run.execute(
                "SELECT request_key, recorded_at, reason, number FROM visit JOIN outcome USING (request_key)"
                # Of a closed clinic the person was told at once, and chose another one.
                " LEFT JOIN own_number USING (request_key)"
                " WHERE kind = 'refused' AND reason NOT IN (SELECT value FROM json_each(?))"
                " UNION ALL SELECT request_key, recorded_at, reason, number FROM proof"
                " JOIN proof_outcome ON proof_outcome.seq = proof.seq LEFT JOIN own_number USING (request_key)"
                " WHERE kind = 'refused'"
                " UNION ALL SELECT request_key, recorded_at, reason, number FROM visit"
                " JOIN recalled USING (request_key) LEFT JOIN own_number USING (request_key)"
                " WHERE reason IS NOT NULL ORDER BY recorded_at",
                (_CLOSED,),
            ).fetchall()
        return [DeadLetter(UUID(key), datetime.fromisoformat(at), reason, number) for key, at, reason, number in rows]

    def last_recorded_at(self) -> datetime | None:
        with self._reading() as run:
            (last,) = run.execute("SELECT MAX(recorded_at) FROM visit").fetchone()
        return datetime.fromisoformat(last) if last else None

    def purge(self, *, keep_days: int, now: datetime) -> int:
        """Forget visits the server has had for ``keep_days``; return how many. Unsent and refused ones stay.

        A visit stays too while one of its proofs is unsent or refused.
        """
        limit = _text(now - timedelta(days=keep_days))
        with self._transaction() as run:
            run.execute("DELETE FROM staff_call WHERE sent_at < ?", (limit,))
            run.execute("DELETE FROM copy_step WHERE at < ?", (limit,))
            return run.execute(
                "DELETE FROM visit WHERE recorded_at < ? AND EXISTS (SELECT 1 FROM outcome"
                " WHERE outcome.request_key = visit.request_key AND kind = 'registered' AND outcome.at < ?)"
                " AND NOT EXISTS (SELECT 1 FROM proof LEFT JOIN proof_outcome USING (seq)"
                " WHERE proof.request_key = visit.request_key AND COALESCE(kind, 'unsent') != 'taken')"
                " AND NOT EXISTS (SELECT 1 FROM recalled WHERE recalled.request_key = visit.request_key"
                " AND (settled_at IS NULL OR reason IS NOT NULL))",
                (limit, limit),
            ).rowcount

    # Inside

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._is_broken:
                raise JournalUnusable("an earlier write failed; restart the kiosk after the disk was looked at")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.OperationalError as error:
                raise self._translated(error) from error

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
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
        with self._transaction() as run:
            row = run.execute("SELECT box FROM seal_check").fetchone()
            if row is None:
                run.execute("INSERT INTO seal_check (id, box) VALUES (1, ?)", (self._close("tiepdon", "seal"),))
            else:
                self._seal.open(row[0], "seal")

    def _settle_proof(self, seq: int, now: datetime, kind: str, reason: str | None) -> None:
        with self._transaction() as run:
            run.execute(
                "INSERT INTO proof_outcome (seq, at, kind, reason) VALUES (?, ?, ?, ?) ON CONFLICT (seq) DO NOTHING",
                (seq, _text(now), kind, reason),
            )
            run.execute("UPDATE recalled_proof SET taken_at = ? WHERE seq = ?", (_text(now), seq))

    def _add_print_step(self, run: sqlite3.Connection, key: str, step: PrintStep, now: datetime, code: str) -> None:
        run.execute(
            "INSERT INTO print_step (request_key, at, state, code) VALUES (?, ?, ?, ?)",
            (key, _text(now), step.value, code),
        )

    def _add_copy_step(self, run: sqlite3.Connection, order: str, step: PrintStep, now: datetime, code: str) -> None:
        run.execute(
            "INSERT INTO copy_step (order_id, at, state, code) VALUES (?, ?, ?, ?)",
            (order, _text(now), step.value, code),
        )

    def _own_number(self, run: sqlite3.Connection, key: str) -> OwnNumber | None:
        row = run.execute(
            "SELECT queue, local_day, kiosk_letter, number FROM own_number WHERE request_key = ?", (key,)
        ).fetchone()
        return OwnNumber(row[0], date.fromisoformat(row[1]), row[2], row[3]) if row else None

    def _command(self, run: sqlite3.Connection, key: str, box: bytes) -> RegisterEncounter:
        command = RegisterEncounter.model_validate_json(self._seal.open(box, f"visit:{key}"))
        own = self._own_number(run, key)
        if own is None:
            return self._with_printed_number(run, key, command)
        ticket = OfflineTicket(kiosk_letter=own.kiosk_letter, number=own.number, local_day=own.local_day)
        return command.model_copy(update={"offline_ticket": ticket})

    def _with_printed_number(self, run: sqlite3.Connection, key: str, command: RegisterEncounter) -> RegisterEncounter:
        """Return a visit the server may have lost with the number it gave, which is on paper."""
        row = run.execute(
            f"{_ANSWER} WHERE outcome.request_key = ? AND recalled.settled_at IS NULL AND epoch IS NOT NULL", (key,)
        ).fetchone()
        if row is None:
            return command
        ticket = self._answer(key, row[0]).ticket
        printed = PrintedTicket(queue=ticket.queue, number=ticket.number, local_day=ticket.local_day)
        return command.model_copy(update={"printed_ticket": printed})

    def _answer(self, key: str, box: bytes) -> EncounterRegistered:
        return EncounterRegistered.model_validate_json(self._seal.open(box, f"answer:{key}"))

    def _close(self, text: str, place: str) -> bytes:
        return self._seal.close(text.encode(), place)


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


def _text(instant: datetime) -> str:
    """ISO 8601 in UTC with a fixed width, so that text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
