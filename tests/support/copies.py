"""Copies of a database that was brought to the newest schema once, for a test that wants one of its own.

A file is copied in a millisecond. ``CREATE DATABASE ... TEMPLATE`` takes 0.3 s beside another busy process, eight
hundred times in a run; so a PostgreSQL copy is used again: emptied, filled with the template's own rows, and renamed,
lest a thread that a test left behind finds it.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final, Protocol

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.engine import URL

from tests.support.memory import find_memory

USES: Final = 200
"""How often one copy is used: what is deleted stays in its files and in the way of a full scan."""


class Copies(Protocol):
    def take(self, directory: Path) -> URL:
        """Return the address of a copy nobody else has; what it needs of the disk lies in ``directory``."""
        ...

    def give_back(self, copy: URL) -> None: ...

    def close(self) -> None: ...


class SqliteCopies:
    """In memory, where there is room: every commit waits for the disk, and a shared one takes seconds now and then."""

    def __init__(self, template: URL) -> None:
        self._template = template
        self._numbers = count(1)
        memory = find_memory()
        self._memory = Path(tempfile.mkdtemp(prefix="tpd-sqlite-", dir=memory)) if memory else None

    def take(self, directory: Path) -> URL:
        assert self._template.database is not None
        copy = (self._memory or directory) / f"copy-{next(self._numbers)}.db"
        shutil.copy(self._template.database, copy)
        return self._template.set(database=str(copy))

    def give_back(self, copy: URL) -> None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{copy.database}{ending}").unlink(missing_ok=True)

    def close(self) -> None:
        if self._memory:
            shutil.rmtree(self._memory, ignore_errors=True)


class PostgresCopies:
    """``template``: a database without connections, to the end."""

    def __init__(self, template: URL) -> None:
        self._template = template
        self._numbers = count(1)
        self._clean: str | None = None
        self._uses = 0
        with self._connect(template) as connection:
            self._schema = _schema(connection)
            tables = _filled_tables(connection)
            self._rows = {table: _rows(connection, table) for table in tables}
        self._cluster = _open(template, "postgres")

    def take(self, directory: Path) -> URL:
        name = f"{self._template.database}_{next(self._numbers)}"
        if self._clean is None:
            self._do(SQL("CREATE DATABASE {} TEMPLATE {}"), name, self._template.database or "")
            self._uses = 0
        else:
            self._do(SQL("ALTER DATABASE {} RENAME TO {}"), self._clean, name)
            self._clean = None
        self._uses += 1
        return self._template.set(database=name)

    def give_back(self, copy: URL) -> None:
        assert copy.database is not None
        self._end_connections(copy.database)
        if self._clean is None and self._uses < USES and self._cleaned(copy):
            self._end_connections(copy.database)
            self._clean = copy.database
        else:
            self._do(SQL("DROP DATABASE {}"), copy.database)

    def close(self) -> None:
        self._cluster.close()

    def _cleaned(self, copy: URL) -> bool:
        """Bring the copy back to the template's rows; False when a test changed a table or a trigger."""
        with self._connect(copy) as connection:
            if _schema(connection) != self._schema:
                return False
            connection.execute("SET LOCAL session_replication_role = replica")  # no foreign keys, no triggers
            for table in _filled_tables(connection):
                connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
            for table, rows in self._rows.items():
                with connection.cursor().copy(SQL("COPY {} FROM STDIN").format(Identifier(table))) as into:
                    into.write(rows)
            connection.execute(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        return True

    def _end_connections(self, database: str) -> None:
        """PostgreSQL itself looks every 100 ms whether the last one has gone; this looks every millisecond."""
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        while self._cluster.execute(ended, (database,)).fetchall():
            time.sleep(0.001)

    def _do(self, statement: SQL, *names: str) -> None:
        self._cluster.execute(statement.format(*map(Identifier, names)))

    @contextmanager
    def _connect(self, database: URL) -> Iterator[psycopg.Connection]:
        connection = _open(database, database.database or "", autocommit=False)
        try:
            with connection.transaction():
                yield connection
        finally:
            connection.close()


def _open(url: URL, database: str, *, autocommit: bool = True) -> psycopg.Connection:
    return psycopg.connect(
        host=str(url.query["host"]), user=url.username, dbname=database, autocommit=autocommit
    )  # fmt: skip


_SCHEMA: Final = """
SELECT count(*), sum(xmin::text::bigint) FROM (
    SELECT xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT a.xmin FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT xmin FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT xmin FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT xmin FROM pg_trigger
) AS part
"""


def _schema(connection: psycopg.Connection) -> object:
    """Return what differs as soon as a table, a trigger or a function was made, changed or removed."""
    return connection.execute(_SCHEMA).fetchone()


def _filled_tables(connection: psycopg.Connection) -> list[str]:
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND pg_relation_size(oid) > 0 ORDER BY relname"
    )
    return [name for (name,) in found]


def _rows(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(SQL("COPY {} TO STDOUT").format(Identifier(table))) as out:
        return b"".join(bytes(part) for part in out)
