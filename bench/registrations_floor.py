"""The floor under the registrations' bench: the very statements of real requests, executed by the bare driver.

They are recorded while the server's application answers, then executed with the same values on a second database that
began alike, over as many connections as there are kiosks. No HTTP, no ORM, no rule: nothing can be faster without
changing the SQL, except by committing several registrations at once.
"""

import contextlib
import json
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, Self

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect

from server.app import create_app
from server.config import ServerSettings
from server.contract.v1 import IDEMPOTENCY_HEADER, RegisterEncounter
from server.db import Database

BEGIN: Final = "BEGIN"
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
COMMIT: Final = "COMMIT"
Statement = tuple[str, Any]
Script = list[Statement]
Note = Callable[[str, Any], None]
_LOOK_EVERY_S: Final = 0.001  # as server.engines has it


class _NotingPostgresCursor(psycopg.Cursor[Any]):
    def __init__(self, *arguments: Any, note: Note, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._note_statement = note

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        self._note_statement(query, params)
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        for params in params_seq:
            self._note_statement(query, params)
        super().executemany(query, params_seq, **options)


class _NotingSqliteCursor(sqlite3.Cursor):
    note: Note

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        self.note(sql, parameters)
        return super().execute(sql, parameters)

    def executemany(self, sql: str, seq_of_parameters: Any, /) -> Self:
        for parameters in seq_of_parameters:
            self.note(sql, parameters)
        return super().executemany(sql, seq_of_parameters)


class _NotingSqliteConnection(sqlite3.Connection):
    """Notes what is executed by cursors; the server's PRAGMAs and BEGINs are executed without one."""

    def __init__(self, *arguments: Any, note: Note, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._note_statement = note

    def cursor(self, factory: Any = None) -> Any:
        cursor = super().cursor(_NotingSqliteCursor)
        cursor.note = self._note_statement
        return cursor


class Recorder:
    """The application on a database of its own; what it executes for a request is written down."""

    def __init__(self, database: Database, token: str) -> None:
        self._token = token
        self._is_sqlite = database.kind == "sqlite"
        self._script: Script = []
        database.close()  # its connections were made before anybody listened
        for engine in database.engines:
            event.listen(engine, "do_connect", self._listen)
            begin = BEGIN_WRITING if engine is database.engine else BEGIN
            event.listen(engine, "begin", partial(self._note_begin, begin))
            event.listen(engine, "commit", self._note_end)
            event.listen(engine, "rollback", self._note_end)
        self._client: FlaskClient = create_app(ServerSettings(), database=database).test_client()

    def record(self, command: RegisterEncounter) -> Script:
        """Return the statements of one request, asking who the kiosk is included."""
        self._script = []
        answer = self._client.post(
            "/api/v1/encounters",
            json=json.loads(command.model_dump_json()),
            headers={"Authorization": f"Bearer {self._token}", IDEMPOTENCY_HEADER: str(command.request_key)},
        )
        if answer.status_code not in {200, 201}:
            raise RuntimeError(answer.text)
        return self._script

    def _listen(self, _: Dialect, __: object, ___: object, arguments: dict[str, Any]) -> None:
        """Have the driver write down what reaches it: the server hands some statements to it without SQLAlchemy."""
        if self._is_sqlite:
            arguments["factory"] = partial(_NotingSqliteConnection, note=self._note)
        else:
            arguments["cursor_factory"] = partial(_NotingPostgresCursor, note=self._note)

    def _note(self, statement: str, values: Any) -> None:
        self._script.append((statement, values))

    def _note_begin(self, statement: str, _: Connection) -> None:
        # SQLite's is said to the driver directly; psycopg begins by itself.
        if self._is_sqlite:
            self._script.append((statement, ()))

    def _note_end(self, _: Connection) -> None:
        self._script.append((COMMIT, None))


def floor_per_s(url: str, scripts: Sequence[Script], *, connections: int, processes: int) -> float:
    """Return how many requests per second the database takes from bare drivers."""
    processes = min(processes, connections)
    context = multiprocessing.get_context("fork")
    start = context.Barrier(processes + 1)
    shares = [scripts[n::processes] for n in range(processes)]
    threads = connections // processes
    workers = [context.Process(target=_run_process, args=(url, share, threads, start)) for share in shares]
    for worker in workers:
        worker.start()
    start.wait()
    began_s = time.monotonic()
    for worker in workers:
        worker.join()
    if any(worker.exitcode != 0 for worker in workers):
        raise RuntimeError("a statement of the floor failed")
    return len(scripts) / (time.monotonic() - began_s)


def _run_process(url: str, scripts: Sequence[Script], threads: int, start: Any) -> None:
    writer = threading.Lock() if url.startswith("sqlite") else contextlib.nullcontext()  # as server.db has it
    failed: list[BaseException] = []
    ready = threading.Barrier(threads + 1)

    def run(share: Sequence[Script]) -> None:
        try:
            with connected(url) as connection:
                ready.wait()
                for script in share:
                    with writer:
                        execute(connection, script)
        except BaseException as error:
            failed.append(error)
            raise

    running = [threading.Thread(target=run, args=(scripts[n::threads],)) for n in range(threads)]
    for thread in running:
        thread.start()
    ready.wait()
    start.wait()
    for thread in running:
        thread.join()
    raise SystemExit(1 if failed else 0)


def execute(connection: Any, script: Script) -> None:
    """Execute the statements of one request."""
    for statement, values in script:
        if statement == COMMIT:
            connection.commit()
        elif statement == BEGIN_WRITING:
            _begin_writing(connection)
        else:
            cursor = connection.execute(statement, values)
            if cursor.description is not None:
                cursor.fetchall()


def _begin_writing(connection: sqlite3.Connection) -> None:
    while True:
        try:
            connection.execute(BEGIN_WRITING)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(_LOOK_EVERY_S)
        else:
            return


@contextlib.contextmanager
def connected(url: str) -> Iterator[Any]:
    """Yield a bare driver's connection, configured as the server's own are."""
    database = Database(url, connections=1, wait_s=60)
    pooled = database.engine.raw_connection()
    try:
        if database.kind == "sqlite":
            pooled.driver_connection.execute("PRAGMA busy_timeout=0")  # type: ignore[union-attr]  # just made
        yield pooled.driver_connection
    finally:
        pooled.close()
        database.close()
