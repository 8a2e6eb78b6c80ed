"""Databases full of invented people, made once and kept below var/ for the next run.

A million take minutes to store. Rows go in without the indexes that a search uses, which are made at the end in one
sweep each; a database left half done is made anew. The schema of a kept one is brought to the newest at its next use.
"""

import hashlib
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.db import Base, Database
from server.demo.load import add_people, person
from server.migrations import migrate
from tests.support.postgres import kept_postgres

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / "var" / "bench"
_BUILD_CACHE_KIB: Final = 1 << 20
_BLOCK_BYTES: Final = 1 << 20


@contextmanager
def filled_databases(kind: str, counts: Sequence[int]) -> Iterator[dict[int, Database]]:
    """Yield, for each of ``counts``, a database with so many people, fresh statistics, its files in memory.

    ``kind``: sqlite or postgresql, which runs as long as the block, durable as in production.
    """
    place = _place(kind) / f"people-{_edition()}"
    place.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        cluster = stack.enter_context(kept_postgres(place / "postgresql")) if kind == "postgresql" else None
        filled = {}
        for people in sorted(counts):
            name, done = f"people_{people}", place / f"{kind}-{people}.revision"
            if not done.exists():
                print(f"{kind}: storing {people} people, kept in {place}", file=sys.stderr)
                if cluster:
                    cluster.drop_database(name)
                for leftover in () if cluster else place.glob(f"{name}.db*"):
                    leftover.unlink()
            url = cluster.open_database(name) if cluster else f"sqlite:///{place / name}.db"
            _bring_up_to_date(url, people, done)
            filled[people] = Database(url)
            stack.callback(filled[people].close)
        _read_once(place)
        yield filled


def _place(kind: str) -> Path:
    """Return where databases are kept: below var/, but for PostgreSQL where its own user could not get there."""
    is_open = all(folder.stat().st_mode & stat.S_IXOTH for folder in (ROOT, *ROOT.parents))
    # PostgreSQL does not run as root; a check-out below /root is closed to the user it runs as instead.
    return KEPT if kind == "sqlite" or os.geteuid() != 0 or is_open else Path("/var/tmp/tiepdon-bench")


def _edition() -> str:
    """Return what changes when other people are invented."""
    return hashlib.sha256(repr([person(index) for index in range(100)]).encode()).hexdigest()[:8]


def _bring_up_to_date(url: str, people: int, done: Path) -> None:
    database = Database(url)
    sa.event.listen(database.engine, "connect", _take_time_and_memory)
    try:
        revision = migrate(database)
        if done.exists() and done.read_text() == revision:
            return
        if not done.exists():
            _fill(database, people)
        with _at_work(database) as connection:  # the state autovacuum brings it to by itself
            connection.exec_driver_sql("VACUUM ANALYZE" if database.kind == "postgresql" else "ANALYZE")
        done.write_text(revision)
    finally:
        database.close()


def _take_time_and_memory(connection: Any, _: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA cache_size=-{_BUILD_CACHE_KIB}")
    else:
        connection.execute("SET statement_timeout = 0")
        connection.commit()


def _fill(database: Database, people: int) -> None:
    # Of the identifiers' indexes the one by value stays: it tells add_people who is there already.
    tables = [Base.metadata.tables[name] for name in ("patient", "patient_identifier")]
    late = [index for table in tables for index in table.indexes if index.name != "ix_patient_identifier_value"]
    with _at_work(database) as connection:
        for index in late:
            index.drop(connection)
    add_people(database, people, datetime.now(UTC))
    with _at_work(database) as connection:
        for index in late:
            index.create(connection)


@contextmanager
def _at_work(database: Database) -> Iterator[Connection]:
    """Run the block on a connection whose statements are a transaction each on PostgreSQL, where VACUUM wants that."""
    options = {"isolation_level": "AUTOCOMMIT"} if database.kind == "postgresql" else {}
    with database.engine.execution_options(**options).connect() as connection:
        yield connection
        connection.commit()


def _read_once(place: Path) -> None:
    for path in place.rglob("*"):
        if path.is_file() and (path.suffix == ".db" or path.name[:1].isdigit()):  # PostgreSQL's have numbers
            with path.open("rb", buffering=0) as file:
                while file.read(_BLOCK_BYTES):
                    pass
