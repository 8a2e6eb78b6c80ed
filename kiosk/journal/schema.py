"""The journal's tables, as steps; ``PRAGMA user_version`` says how many were taken.

Facts are added and never changed: triggers refuse it. A visit leaves only after the server has it.
"""

import sqlite3
from typing import Final

from kiosk.journal.errors import JournalUnusable

STEPS: Final[tuple[str, ...]] = (
    """
    CREATE TABLE visit (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        request_key TEXT NOT NULL UNIQUE,
        recorded_at TEXT NOT NULL,
        command BLOB NOT NULL                -- sealed RegisterEncounter, as it was first sent
    ) STRICT;
    CREATE TABLE own_number (
        request_key TEXT PRIMARY KEY REFERENCES visit (request_key) ON DELETE CASCADE,
        given_at TEXT NOT NULL,
        queue TEXT NOT NULL,
        local_day TEXT NOT NULL,
        kiosk_letter TEXT NOT NULL,
        number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
        UNIQUE (queue, local_day, number)
    ) STRICT;
    CREATE TABLE outcome (
        request_key TEXT PRIMARY KEY REFERENCES visit (request_key) ON DELETE CASCADE,
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('registered', 'refused')),
        reason TEXT,                         -- a stable code, for 'refused'
        answer BLOB                          -- sealed EncounterRegistered, for 'registered'
    ) STRICT;
    CREATE TABLE print_step (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        request_key TEXT NOT NULL REFERENCES visit (request_key) ON DELETE CASCADE,
        at TEXT NOT NULL,
        state TEXT NOT NULL
            CHECK (state IN ('waiting', 'sending', 'printed', 'unsure', 'failed', 'given-by-hand')),
        code TEXT NOT NULL
    ) STRICT;
    CREATE INDEX print_step_of ON print_step (request_key, seq);
    CREATE VIEW paper AS
        SELECT visit.seq, visit.request_key, visit.recorded_at, print_step.state, print_step.code
        FROM visit LEFT JOIN print_step
        ON print_step.seq = (SELECT MAX(seq) FROM print_step WHERE request_key = visit.request_key);
    CREATE VIEW unsent AS
        SELECT seq, request_key, recorded_at, command FROM visit
        WHERE NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.request_key = visit.request_key);
    CREATE TABLE staff_call (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        request_key TEXT NOT NULL UNIQUE,
        call TEXT NOT NULL,                  -- CallStaff holds no personal data
        sent_at TEXT
    ) STRICT;
    CREATE TABLE reference (
        name TEXT PRIMARY KEY,
        body TEXT NOT NULL,
        fetched_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE seal_check (id INTEGER PRIMARY KEY CHECK (id = 1), box BLOB NOT NULL) STRICT;

    CREATE TRIGGER visit_stays BEFORE UPDATE ON visit
        BEGIN SELECT RAISE(ABORT, 'a recorded visit is never changed'); END;
    CREATE TRIGGER own_number_stays BEFORE UPDATE ON own_number
        BEGIN SELECT RAISE(ABORT, 'a number that was given is never changed'); END;
    CREATE TRIGGER outcome_stays BEFORE UPDATE ON outcome
        BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END;
    CREATE TRIGGER print_step_stays BEFORE UPDATE ON print_step
        BEGIN SELECT RAISE(ABORT, 'a print step is never changed'); END;
    CREATE TRIGGER visit_leaves_when_sent BEFORE DELETE ON visit
        WHEN NOT EXISTS (SELECT 1 FROM outcome WHERE request_key = OLD.request_key AND kind = 'registered')
        BEGIN SELECT RAISE(ABORT, 'the server does not have this visit'); END;
    """,
    """
    CREATE TABLE proof (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        request_key TEXT NOT NULL REFERENCES visit (request_key) ON DELETE CASCADE,
        recorded_at TEXT NOT NULL,
        message BLOB NOT NULL                -- sealed IdentityProved
    ) STRICT;
    CREATE INDEX proof_of ON proof (request_key);
    CREATE TABLE proof_outcome (
        seq INTEGER PRIMARY KEY REFERENCES proof (seq) ON DELETE CASCADE,
        at TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('taken', 'refused')),
        reason TEXT                          -- a stable code, for 'refused'
    ) STRICT;
    CREATE TRIGGER proof_stays BEFORE UPDATE ON proof
        BEGIN SELECT RAISE(ABORT, 'a recorded proof is never changed'); END;
    CREATE TRIGGER proof_outcome_stays BEFORE UPDATE ON proof_outcome
        BEGIN SELECT RAISE(ABORT, 'an outcome is never changed'); END;
    CREATE TRIGGER visit_leaves_with_its_proofs BEFORE DELETE ON visit
        WHEN EXISTS (SELECT 1 FROM proof LEFT JOIN proof_outcome USING (seq)
                     WHERE request_key = OLD.request_key AND COALESCE(kind, 'unsent') != 'taken')
        BEGIN SELECT RAISE(ABORT, 'the server does not have the proof of this visit'); END;
    """,
    """
    CREATE TABLE copy_step (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL,              -- the desk's order; the copy may be of another kiosk's visit
        at TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'sending', 'printed', 'unsure', 'failed')),
        code TEXT NOT NULL
    ) STRICT;
    CREATE INDEX copy_step_of ON copy_step (order_id, seq);
    CREATE TRIGGER copy_step_stays BEFORE UPDATE ON copy_step
        BEGIN SELECT RAISE(ABORT, 'a print step is never changed'); END;
    """,
    """
    CREATE TABLE recalled (                  -- visits the server may have lost with a disk, or refused: sent once more
        request_key TEXT PRIMARY KEY REFERENCES visit (request_key) ON DELETE CASCADE,
        epoch TEXT NOT NULL,
        settled_at TEXT,
        reason TEXT,                         -- a stable code, where the server would not take it back
        answer BLOB                          -- sealed EncounterRegistered, in the place of the outcome's
    ) STRICT;
    CREATE TABLE recalled_proof (
        seq INTEGER PRIMARY KEY REFERENCES proof (seq) ON DELETE CASCADE,
        taken_at TEXT
    ) STRICT;
    DROP VIEW unsent;
    CREATE VIEW unsent AS
        SELECT seq, request_key, recorded_at, command FROM visit
        WHERE NOT EXISTS (SELECT 1 FROM outcome WHERE outcome.request_key = visit.request_key)
        OR EXISTS (SELECT 1 FROM recalled WHERE recalled.request_key = visit.request_key AND settled_at IS NULL);
    CREATE TRIGGER visit_leaves_when_sent_again BEFORE DELETE ON visit
        WHEN EXISTS (SELECT 1 FROM recalled
                     WHERE request_key = OLD.request_key AND (settled_at IS NULL OR reason IS NOT NULL))
        BEGIN SELECT RAISE(ABORT, 'the server does not have this visit any more'); END;
    """,
    """
    CREATE TABLE settled (                   -- visits of which something was refused, and staff have dealt with it
        request_key TEXT PRIMARY KEY REFERENCES visit (request_key) ON DELETE CASCADE,
        at TEXT NOT NULL
    ) STRICT;
    DROP TRIGGER visit_leaves_when_sent;
    CREATE TRIGGER visit_leaves_when_sent BEFORE DELETE ON visit
        WHEN NOT EXISTS (SELECT 1 FROM outcome WHERE request_key = OLD.request_key AND kind = 'registered')
        AND NOT EXISTS (SELECT 1 FROM recalled WHERE request_key = OLD.request_key AND answer IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM settled WHERE request_key = OLD.request_key)
        BEGIN SELECT RAISE(ABORT, 'the server does not have this visit'); END;
    DROP TRIGGER visit_leaves_when_sent_again;
    CREATE TRIGGER visit_leaves_when_sent_again BEFORE DELETE ON visit
        WHEN EXISTS (SELECT 1 FROM recalled
                     WHERE request_key = OLD.request_key AND (settled_at IS NULL OR reason IS NOT NULL))
        AND NOT EXISTS (SELECT 1 FROM settled WHERE request_key = OLD.request_key)
        BEGIN SELECT RAISE(ABORT, 'the server does not have this visit any more'); END;
    DROP TRIGGER visit_leaves_with_its_proofs;
    CREATE TRIGGER visit_leaves_with_its_proofs BEFORE DELETE ON visit
        WHEN EXISTS (SELECT 1 FROM proof LEFT JOIN proof_outcome USING (seq)
                     WHERE request_key = OLD.request_key AND COALESCE(kind, 'unsent') != 'taken')
        AND NOT EXISTS (SELECT 1 FROM settled WHERE request_key = OLD.request_key)
        BEGIN SELECT RAISE(ABORT, 'the server does not have the proof of this visit'); END;
    """,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Take the steps that are missing, each in one transaction; raises JournalUnusable for a newer journal."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(STEPS):
        raise JournalUnusable(f"the journal was written by a newer version (schema {version}, known {len(STEPS)})")
    for number, step in enumerate(STEPS[version:], version + 1):
        # executescript would commit first; statement by statement keeps the step in its transaction.
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(step):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _statements(script: str) -> list[str]:
    statements, begun = [], ""
    for line in script.splitlines():
        begun += line + "\n"
        if sqlite3.complete_statement(begun):
            statements.append(begun)
            begun = ""
    return statements
