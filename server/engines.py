"""Connections to the two databases: opened with the settings the server rests on, and refused without them.

A measurement decides SQLite's settings: WAL with ``synchronous=NORMAL`` loses acknowledged commits at power loss, WAL
with ``FULL`` lost none of 65 000. So FULL is set on every connection, and read back.
"""

import sqlite3
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

LOOKS_UP: Final = "tiepdon_looks_up"
"""The execution option of a connection that asks one question and needs no transaction for it."""

_IDLE_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.001
_PRAGMAS: Final[Sequence[tuple[str, str, object]]] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
)


class DatabaseUnfit(Exception):
    """The database does not give the guarantees the server rests on; ``code`` is stable."""

    code = "database.unfit"


def driver_of(connection: Connection) -> Any:
    """Return the driver's own connection."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver


def _pool(connections: int, wait_s: float) -> dict[str, Any]:
    return {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": wait_s,
        # The one used last is used next: its caches are warm, and no more are opened than are needed at one moment.
        "pool_use_lifo": True,
        # A failed statement is logged with its error: without names and numbers of patients.
        "hide_parameters": True,
    }


def postgresql_engine(url: URL, connections: int, wait_s: float) -> Engine:
    """Return an engine of ``connections`` at most; one that connects raises DatabaseUnfit for a server unfit for us."""
    # A process frozen in the middle of a transaction must not keep the others out: the server ends it.
    wait_ms = int(wait_s * 1000)
    limits = f"-c lock_timeout={wait_ms} -c statement_timeout=10s -c idle_in_transaction_session_timeout=10s"
    arguments = {"options": f"{limits} -c timezone=UTC", "connect_timeout": 5}
    engine = sa.create_engine(url, connect_args=arguments, **_pool(connections, wait_s))
    event.listen(engine, "connect", _assert_postgresql)
    _replace_broken_connections(engine)
    return engine


def sqlite_engine(url: URL, connections: int, wait_s: float, *, writes: bool) -> Engine:
    """Return an engine of ``connections`` at most that begin as writers or cannot write; raises DatabaseUnfit."""
    if not url.database or url.database == ":memory:":
        raise DatabaseUnfit("SQLite must have a file: a database in memory is lost with the process")
    engine = sa.create_engine(url, connect_args={"timeout": wait_s}, **_pool(connections, wait_s))

    def configure(connection: Any, _: object) -> None:
        # The driver would begin transactions by itself, later than we want and not around DDL.
        connection.isolation_level = None
        for pragma, value, wanted in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}={value}")
            found = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
            if found != wanted:
                raise DatabaseUnfit(f"{url.database}: PRAGMA {pragma} is {found!r}, it must be {wanted!r}")
        # SQLite's own waiting sleeps up to 100 ms between two looks, and the busy process next door takes every gap:
        # with 8 kiosks on two processes the slowest of a hundred waited 780 ms. One thread of each process looks
        # instead, in _begin_writing; who has the lock waits for nothing more.
        connection.execute("PRAGMA busy_timeout=0" if writes else "PRAGMA query_only=ON")

    event.listen(engine, "connect", configure)
    event.listen(engine, "begin", partial(_begin_writing, wait_s=wait_s) if writes else _begin_reading)
    return engine


def _begin_reading(connection: Connection) -> None:
    if not connection.get_execution_options().get(LOOKS_UP, False):
        driver_of(connection).execute("BEGIN")


def _begin_writing(connection: Connection, *, wait_s: float) -> None:
    driver = driver_of(connection)
    deadline_s = time.monotonic() + wait_s
    while time.monotonic() < deadline_s:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_LOOK_EVERY_S)
        else:
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # by the engine, which raises its own error


def _replace_broken_connections(engine: Engine) -> None:
    """Have a connection replaced that broke while it lay idle; asking before every use costs a tenth of the time."""
    driver_error = engine.dialect.loaded_dbapi.Error

    def note_use(_: object, record: ConnectionPoolEntry) -> None:
        record.info["used_s"] = time.monotonic()

    def ask_if_idle(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        now_s = time.monotonic()
        if now_s - record.info.get("used_s", now_s) < _IDLE_S:
            return
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except driver_error as error:
            raise DisconnectionError from error  # the pool throws it away and makes a new one

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", ask_if_idle)


def _assert_postgresql(connection: Any, _: object) -> None:
    if connection.info.server_version < 150000:
        raise DatabaseUnfit(f"PostgreSQL must be 15 or newer, this is {connection.info.server_version // 10000}")
    with connection.cursor() as cursor:
        found = cursor.execute("SHOW synchronous_commit").fetchone()[0]
    connection.rollback()
    if found == "off":
        raise DatabaseUnfit("PostgreSQL: synchronous_commit is off, acknowledged visits would be lost with the power")
