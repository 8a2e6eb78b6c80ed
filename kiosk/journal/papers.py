"""What became of paper: tickets of visits, copies that the desk orders. Steps are added; the last one counts."""

import sqlite3
from datetime import datetime
from typing import Final
from uuid import UUID

from kiosk.journal.file import JournalFile, text_of
from kiosk.journal.records import CopyState, PrintStep, UncertainPaper

RESTARTED: Final = "kiosk.restarted"
"""Code of the step that settles a paper after a restart."""


class Papers:
    """The tickets of this kiosk's visits."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def step(self, request_key: UUID, step: PrintStep, now: datetime, code: str = "ok") -> None:
        with self._file.transaction() as run:
            self._add(run, str(request_key), step, now, code)

    def settle_interrupted(self, now: datetime) -> int:
        """Settle the papers of a process that died; return how many patients may stand there without one.

        What was being sent becomes UNSURE, what was not begun FAILED. Neither is printed by itself: the person before
        the kiosk may be another one by now.
        """
        with self._file.transaction() as run:
            rows = run.execute(
                "SELECT request_key, state FROM paper WHERE COALESCE(state, 'none') IN ('none', 'waiting', 'sending')"
                " AND NOT EXISTS (SELECT 1 FROM outcome"
                " WHERE outcome.request_key = paper.request_key AND kind = 'refused')"
            ).fetchall()
            for key, state in rows:
                step = PrintStep.UNSURE if state == "sending" else PrintStep.FAILED
                self._add(run, key, step, now, RESTARTED)
            return len(rows)

    def uncertain(self, since: datetime) -> list[UncertainPaper]:
        """Return visits whose patient may hold no ticket: printing never began, never ended, or ended unsure."""
        with self._file.reading() as run:
            rows = run.execute(
                "SELECT request_key, recorded_at, state, code FROM paper"
                " WHERE recorded_at >= ? AND COALESCE(state, 'none') NOT IN ('printed', 'given-by-hand') ORDER BY seq",
                (text_of(since),),
            ).fetchall()
        return [
            UncertainPaper(
                UUID(key), datetime.fromisoformat(recorded_at), PrintStep(state) if state else None, code or ""
            )
            for key, recorded_at, state, code in rows
        ]

    def state(self, request_key: UUID) -> PrintStep | None:
        """Return how far the paper of a visit got; None when printing never began."""
        with self._file.reading() as run:
            row = run.execute("SELECT state FROM paper WHERE request_key = ?", (str(request_key),)).fetchone()
        return PrintStep(row[0]) if row and row[0] else None

    def settle_by_hand(self, request_key: UUID, now: datetime, code: str) -> None:
        """Keep that the patient of a visit has a paper from elsewhere; nothing where no paper was uncertain."""
        key = str(request_key)
        with self._file.transaction() as run:
            row = run.execute("SELECT state FROM paper WHERE request_key = ?", (key,)).fetchone()
            if row is not None and row[0] in {PrintStep.UNSURE, PrintStep.FAILED}:
                self._add(run, key, PrintStep.GIVEN_BY_HAND, now, code)

    def _add(self, run: sqlite3.Connection, key: str, step: PrintStep, now: datetime, code: str) -> None:
        run.execute(
            "INSERT INTO print_step (request_key, at, state, code) VALUES (?, ?, ?, ?)",
            (key, text_of(now), step.value, code),
        )


class Copies:
    """The copies of any visit's ticket that were ordered from this kiosk's printer."""

    def __init__(self, file: JournalFile) -> None:
        self._file = file

    def step(self, order: UUID, step: PrintStep, now: datetime, code: str = "ok") -> None:
        with self._file.transaction() as run:
            self._add(run, str(order), step, now, code)

    def state(self, order: UUID) -> CopyState | None:
        """Return how far the copy of an order got; None when it was never begun here."""
        with self._file.reading() as run:
            row = run.execute(
                "SELECT state, code FROM copy_step WHERE order_id = ? ORDER BY seq DESC LIMIT 1", (str(order),)
            ).fetchone()
        return CopyState(PrintStep(row[0]), row[1]) if row else None

    def settle_interrupted(self, now: datetime) -> None:
        """Settle the copies of a process that died, as ``Papers`` does with tickets."""
        with self._file.transaction() as run:
            rows = run.execute(
                "SELECT order_id, state FROM copy_step AS last WHERE state IN ('waiting', 'sending')"
                " AND seq = (SELECT MAX(seq) FROM copy_step WHERE order_id = last.order_id)"
            ).fetchall()
            for order, state in rows:
                step = PrintStep.UNSURE if state == "sending" else PrintStep.FAILED
                self._add(run, order, step, now, RESTARTED)

    def _add(self, run: sqlite3.Connection, order: str, step: PrintStep, now: datetime, code: str) -> None:
        run.execute(
            "INSERT INTO copy_step (order_id, at, state, code) VALUES (?, ?, ?, ?)",
            (order, text_of(now), step.value, code),
        )
