"""The journal: every method is one transaction, durable when it returns."""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from pydantic import ValidationError

from kiosk.journal.calls import Calls
from kiosk.journal.file import JournalFile, text_of
from kiosk.journal.papers import RESTARTED, Copies, Papers
from kiosk.journal.proofs import Proofs
from kiosk.journal.records import (
    Backlog,
    DeadLetter,
    InterruptedVisit,
    OwnNumber,
    PrintStep,
    SentVisit,
    UnsentVisit,
)
from server.contract.v1 import (
    EncounterRegistered,
    FacilityServices,
    OfflineTicket,
    PrintedTicket,
    RegisterEncounter,
)
from server.domain.catalogue import REFUSALS

_SERVICES: Final = "facility-services"
_EPOCH: Final = "server-epoch"
_ANSWER: Final = "SELECT COALESCE(recalled.answer, outcome.answer) FROM outcome LEFT JOIN recalled USING (request_key)"
_CLOSED: Final = json.dumps(sorted(REFUSALS))


class Journal:
    """One kiosk's journal; safe to use from any thread of one process."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file
        self.papers = Papers(file)
        self.copies = Copies(file)
        self.proofs = Proofs(file)
        self.calls = Calls(file)

    @classmethod
    def open(cls, data_dir: Path, *, environment: Mapping[str, str] = os.environ) -> Self:
        """Open or make the journal in ``data_dir``; raises JournalUnusable with a sentence for the technician."""
        return cls(JournalFile.open(data_dir, environment=environment))

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
        self._file.close()

    # A visit, from the promise to the server's answer

    def record(self, command: RegisterEncounter, now: datetime) -> None:
        """Keep a visit before anything is sent or printed; raises JournalFull, JournalUnusable."""
        key = str(command.request_key)
        box = self._file.seal(command.model_dump_json(), f"visit:{key}")
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO visit (request_key, recorded_at, command) VALUES (?, ?, ?)", (key, text_of(now), box)
            )

    def give_own_number(
        self, request_key: UUID, *, queue: str, local_day: date, kiosk_letter: str, now: datetime
    ) -> OwnNumber:
        """Return the visit's number of the kiosk's own series for (queue, day); the same one when asked again."""
        key = str(request_key)
        with self._file.transaction() as run:
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
                (key, text_of(now), queue, local_day.isoformat(), kiosk_letter, last + 1),
            )
            return OwnNumber(queue, local_day, kiosk_letter, last + 1)

    def registered(self, request_key: UUID, answer: EncounterRegistered, now: datetime) -> None:
        """Keep the server's answer; harmless when it is kept already."""
        key = str(request_key)
        box = self._file.seal(answer.model_dump_json(), f"answer:{key}")
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO outcome (request_key, at, kind, answer) VALUES (?, ?, 'registered', ?)"
                " ON CONFLICT (request_key) DO NOTHING",
                (key, text_of(now), box),
            )
            run.execute(
                "UPDATE recalled SET settled_at = ?, answer = ? WHERE request_key = ? AND settled_at IS NULL",
                (text_of(now), box, key),
            )

    def refused(self, request_key: UUID, reason: str, now: datetime) -> None:
        """Keep that the server will never take this visit; it becomes a dead letter, visible to staff."""
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO outcome (request_key, at, kind, reason) VALUES (?, ?, 'refused', ?)"
                " ON CONFLICT (request_key) DO NOTHING",
                (str(request_key), text_of(now), reason),
            )
            run.execute(
                "UPDATE recalled SET settled_at = ?, reason = ? WHERE request_key = ? AND settled_at IS NULL",
                (text_of(now), reason, str(request_key)),
            )

    def meet_epoch(self, epoch: UUID) -> int:
        """Have all that was sent go out again when the server's epoch is a new one; return how many visits.

        It went back to a backup, and nobody knows what is in it. It knows a key again, and gives back a number that is
        on paper.
        """
        with self._file.transaction() as run:
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
                "INSERT INTO recalled (request_key, epoch) SELECT request_key, ? FROM outcome"
                " LEFT JOIN recalled AS earlier USING (request_key)"
                " WHERE kind = 'registered' OR earlier.answer IS NOT NULL"
                " ON CONFLICT (request_key) DO UPDATE SET epoch = excluded.epoch, settled_at = NULL, reason = NULL",
                (str(epoch),),
            ).rowcount

    def unsent_keys(self) -> list[UUID]:
        """Return the keys of the visits without an outcome, oldest first."""
        with self._file.reading() as run:
            rows = run.execute("SELECT request_key FROM unsent ORDER BY seq").fetchall()
        return [UUID(key) for (key,) in rows]

    def unsent_visit(self, request_key: UUID) -> UnsentVisit | None:
        """Return a visit that still waits for the server, as it has to be sent now; None when it has an outcome."""
        with self._file.reading() as run:
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
        with self._file.reading() as run:
            row = run.execute(f"{_ANSWER} WHERE outcome.request_key = ?", (key,)).fetchone()
        return self._answer(key, row[0]) if row and row[0] else None

    def sent_since(self, since: datetime) -> Iterator[SentVisit]:
        """Yield the visits the server has acknowledged, newest first."""
        with self._file.reading() as run:
            rows = run.execute(
                "SELECT visit.request_key, command, COALESCE(recalled.answer, outcome.answer) FROM visit"
                " JOIN outcome USING (request_key) LEFT JOIN recalled USING (request_key)"
                " WHERE COALESCE(recalled.answer, outcome.answer) IS NOT NULL AND recorded_at >= ?"
                " ORDER BY visit.seq DESC",
                (text_of(since),),
            ).fetchall()
            for key, box, answer in rows:
                yield SentVisit(self._command(run, key, box), self._answer(key, answer))

    # Paper

    def interrupted_visits(self, since: datetime) -> list[InterruptedVisit]:
        """Return the visits whose paper a restart cut, newest first; a refused one is not among them."""
        with self._file.reading() as run:
            rows = run.execute(
                "SELECT request_key, command, state FROM paper JOIN visit USING (request_key)"
                " LEFT JOIN outcome USING (request_key) WHERE paper.recorded_at >= ? AND code = ?"
                " AND COALESCE(kind, 'registered') = 'registered' ORDER BY paper.seq DESC",
                (text_of(since), RESTARTED),
            ).fetchall()
            return [InterruptedVisit(self._command(run, key, box), PrintStep(state)) for key, box, state in rows]

    # For the hours without a server

    def keep_services(self, services: FacilityServices) -> None:
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO reference (name, body, fetched_at) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET body = excluded.body, fetched_at = excluded.fetched_at",
                (_SERVICES, services.model_dump_json(), text_of(services.as_of)),
            )

    def kept_services(self) -> FacilityServices | None:
        """Return what the facility offered last; None before the first contact, or when an older form was kept."""
        with self._file.reading() as run:
            row = run.execute("SELECT body FROM reference WHERE name = ?", (_SERVICES,)).fetchone()
        try:
            return FacilityServices.of_answer(row[0]) if row else None
        except ValidationError:
            return None

    # Housekeeping

    def backlog(self) -> Backlog:
        with self._file.reading() as run:
            visits, oldest = run.execute("SELECT COUNT(*), MIN(recorded_at) FROM unsent").fetchone()
            (calls,) = run.execute("SELECT COUNT(*) FROM staff_call WHERE sent_at IS NULL").fetchone()
            (proofs,) = run.execute(
                "SELECT COUNT(*) FROM proof WHERE seq NOT IN (SELECT seq FROM proof_outcome)"
            ).fetchone()
        return Backlog(visits, calls, proofs, datetime.fromisoformat(oldest) if oldest else None)

    def dead_letters(self) -> list[DeadLetter]:
        """Return what the server refused and staff must settle; a clinic that had closed is none, see below."""
        with self._file.reading() as run:
            rows = run.execute(
                "SELECT request_key, recorded_at, reason, number, what FROM ("
                "SELECT request_key, recorded_at, reason, 'visit' AS what FROM visit JOIN outcome USING (request_key)"
                # Of a closed clinic the person was told at once, and chose another one.
                " WHERE kind = 'refused' AND reason NOT IN (SELECT value FROM json_each(?))"
                " AND request_key NOT IN (SELECT request_key FROM recalled)"
                " UNION ALL SELECT request_key, recorded_at, reason, 'proof' FROM proof"
                " JOIN proof_outcome ON proof_outcome.seq = proof.seq WHERE kind = 'refused'"
                " UNION ALL SELECT request_key, recorded_at, reason, 'visit' FROM visit"
                " JOIN recalled USING (request_key) WHERE reason IS NOT NULL) LEFT JOIN own_number USING (request_key)"
                " WHERE request_key NOT IN (SELECT request_key FROM settled) ORDER BY recorded_at",
                (_CLOSED,),
            ).fetchall()
        return [
            DeadLetter(UUID(key), datetime.fromisoformat(at), reason, number, is_proof=what == "proof")
            for key, at, reason, number, what in rows
        ]

    def refused_visit(self, request_key: UUID) -> RegisterEncounter | None:
        """Return a visit that is a dead letter; None for any other one."""
        if not any(one.request_key == request_key and not one.is_proof for one in self.dead_letters()):
            return None
        key = str(request_key)
        with self._file.reading() as run:
            (box,) = run.execute("SELECT command FROM visit WHERE request_key = ?", (key,)).fetchone()
            return self._command(run, key, box)

    def send_again(self, request_key: UUID) -> None:
        """Have a visit that the server refused go out once more; harmless for any that is no dead letter."""
        if self.refused_visit(request_key) is None:
            return
        with self._file.transaction() as run:
            run.execute(
                "INSERT INTO recalled (request_key, epoch) VALUES (?, 'desk')"
                " ON CONFLICT (request_key) DO UPDATE SET settled_at = NULL, reason = NULL",
                (str(request_key),),
            )

    def settle_refused(self, request_key: UUID, now: datetime) -> None:
        """Keep that staff have dealt with what was refused of a visit; harmless for any that is no dead letter."""
        if any(one.request_key == request_key for one in self.dead_letters()):
            with self._file.transaction() as run:
                run.execute(
                    "INSERT INTO settled (request_key, at) VALUES (?, ?) ON CONFLICT (request_key) DO NOTHING",
                    (str(request_key), text_of(now)),
                )

    def last_recorded_at(self) -> datetime | None:
        with self._file.reading() as run:
            (last,) = run.execute("SELECT MAX(recorded_at) FROM visit").fetchone()
        return datetime.fromisoformat(last) if last else None

    def purge(self, *, keep_days: int, now: datetime) -> int:
        """Forget visits the server has had, or staff have settled, for ``keep_days``; return how many.

        Unsent and refused ones stay, and a visit of which a proof is unsent or refused.
        """
        limit = text_of(now - timedelta(days=keep_days))
        with self._file.transaction() as run:
            run.execute("DELETE FROM staff_call WHERE sent_at < ?", (limit,))
            run.execute("DELETE FROM copy_step WHERE at < ?", (limit,))
            return run.execute(
                "DELETE FROM visit WHERE recorded_at < :limit AND (EXISTS (SELECT 1 FROM settled"
                " WHERE settled.request_key = visit.request_key AND settled.at < :limit)"
                " OR (EXISTS (SELECT 1 FROM outcome LEFT JOIN recalled USING (request_key)"
                " WHERE outcome.request_key = visit.request_key AND outcome.at < :limit"
                " AND (kind = 'registered' OR recalled.answer IS NOT NULL))"
                " AND NOT EXISTS (SELECT 1 FROM proof LEFT JOIN proof_outcome USING (seq)"
                " WHERE proof.request_key = visit.request_key AND COALESCE(kind, 'unsent') != 'taken')"
                " AND NOT EXISTS (SELECT 1 FROM recalled WHERE recalled.request_key = visit.request_key"
                " AND (settled_at IS NULL OR reason IS NOT NULL))))",
                {"limit": limit},
            ).rowcount

    # Inside

    def _own_number(self, run: sqlite3.Connection, key: str) -> OwnNumber | None:
        row = run.execute(
            "SELECT queue, local_day, kiosk_letter, number FROM own_number WHERE request_key = ?", (key,)
        ).fetchone()
        return OwnNumber(row[0], date.fromisoformat(row[1]), row[2], row[3]) if row else None

    def _command(self, run: sqlite3.Connection, key: str, box: bytes) -> RegisterEncounter:
        command = RegisterEncounter.model_validate_json(self._file.unseal(box, f"visit:{key}"))
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
        if row is None or row[0] is None:  # None: it was refused, and goes out again at the desk's word
            return command
        ticket = self._answer(key, row[0]).ticket
        printed = PrintedTicket(queue=ticket.queue, number=ticket.number, local_day=ticket.local_day)
        return command.model_copy(update={"printed_ticket": printed})

    def _answer(self, key: str, box: bytes) -> EncounterRegistered:
        return EncounterRegistered.of_answer(self._file.unseal(box, f"answer:{key}"))
