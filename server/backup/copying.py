"""Copying a whole database out and in, of each kind in its own way.

SQLite: its backup interface, one read transaction in which others go on writing. PostgreSQL: ``pg_dump`` on an exported
snapshot, so that what is counted is what is dumped.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from server.db import Database
from server.errors import Refused
from server.planner import refresh_statistics

FILES: Final = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
_PROGRAMS: Final = Path("/usr/lib/postgresql")  # where Debian keeps one directory for each major version


@contextmanager
def copied(database: Database, target: Path) -> Iterator[Session]:
    """Write a copy of ``database`` to ``target`` and run the block on the very data that was copied."""
    if database.kind == "sqlite":
        _copy_sqlite(_sqlite_path(database.url), target)
        copy = Database(f"sqlite:///{target}", connections=1)
        try:
            with copy.reading() as session:
                yield session
        finally:
            copy.close()
        return
    with database.reading() as session:
        # The limits that keep a frozen request from holding others up would cut a long dump off.
        session.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        snapshot: str = session.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        target.touch(mode=0o600)
        _run("pg_dump", database.url, "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        yield session


def is_empty(url: URL) -> bool:
    """Whether a database holds nothing that a restored one would be mixed with."""
    if url.get_backend_name() == "sqlite":
        path = _sqlite_path(url)
        return not path.exists() or path.stat().st_size == 0
    database = Database(url, connections=1)
    try:
        with database.reading() as session:
            return sa.inspect(session.connection()).get_table_names() == []
    finally:
        database.close()


def load(copy: Path, url: URL) -> None:
    """Fill an empty database from a copy, wholly or not at all; raises Refused."""
    if url.get_backend_name() == "postgresql":
        _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", copy)
        database = Database(url, connections=1)
        refresh_statistics(database)  # a copy holds none: the first morning would begin with whole tables read
        database.close()
        return
    path = _sqlite_path(url)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.restoring")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    shutil.copyfile(copy, draft)
    _sync(draft)
    with closing(sqlite3.connect(draft)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        draft.unlink()
        raise Refused("backup.damaged", "SQLite finds the copy damaged")
    draft.replace(path)
    _sync(path.parent)


def empty(url: URL) -> None:
    """Take away what ``load`` brought."""
    if url.get_backend_name() == "sqlite":
        path = _sqlite_path(url)
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            found = sa.MetaData()
            found.reflect(connection)
            found.drop_all(connection)
    finally:
        engine.dispose()


def _copy_sqlite(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)  # all pages in one step: otherwise each commit meanwhile would begin it anew


def _sqlite_path(url: URL) -> Path:
    assert url.database is not None
    return Path(url.database)


def _run(program: str, url: URL, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, where no process list shows it."""
    bare = url.set(drivername="postgresql", password=None).render_as_string()
    environment = dict(os.environ)
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    command = [_find(program), f"--dbname={bare}", "--no-password", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise Refused(f"backup.{program}", f"{program} failed: {reason[:300]}")


def _find(program: str) -> str:
    """Return the newest installed one: an older pg_dump refuses a newer server."""
    installed = sorted(_PROGRAMS.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which(program)
    if found is None:
        raise Refused(f"backup.{program}", f"{program} is not installed (Debian package postgresql-client)")
    return found


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
