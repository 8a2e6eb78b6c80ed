"""The floor under the registrations' bench: the very statements of real registrations, executed by the bare driver.

They are recorded while the server's application registers, then executed with the same values on a second database that
began alike, by as many processes and threads as serve the kiosks. No HTTP, no ORM, no rule: nothing can be faster
without changing the SQL.
"""

import contextlib
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Connection

from server.app import create_app
from server.config import ServerSettings
from server.contract.v1 import IDEMPOTENCY_HEADER, RegisterEncounter
from server.db import WRITES, Database

COMMIT: Final = "COMMIT"
Statement = tuple[str, Any]


def floor_per_s(
    recorded: Database,
    copy: Database,
    commands: Sequence[RegisterEncounter],
    token: str,
    *,
    processes: int,
    threads: int,
) -> float:
    """Return how many registrations per second the database takes from bare drivers."""
    scripts = list(_record(recorded, commands, token))
    url = copy.engine.url.render_as_string(hide_password=False)
    copy.close()
    context = multiprocessing.get_context("fork")
    start = context.Barrier(processes + 1)
    shares = [scripts[n::processes] for n in range(processes)]
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


def _record(database: Database, commands: Sequence[RegisterEncounter], token: str) -> Iterator[list[Statement]]:
    """Yield the statements of each registration, asking who the kiosk is included."""
    script: list[Statement] = []

    def note(_: Connection, __: object, statement: str, values: Any, ___: object, many: bool) -> None:
        script.extend((statement, one) for one in values) if many else script.append((statement, values))

    def note_begin(connection: Connection) -> None:
        # SQLite's is said to the driver directly; psycopg begins by itself.
        if database.kind == "sqlite":
            script.append(("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN", ()))

    def note_commit(_: Connection) -> None:
        script.append((COMMIT, None))

    event.listen(database.engine, "before_cursor_execute", note)
    event.listen(database.engine, "begin", note_begin)
    event.listen(database.engine, "commit", note_commit)
    event.listen(database.engine, "rollback", note_commit)
    app: Flask = create_app(ServerSettings(), database=database)
    client = app.test_client()
    for command in commands:
        script.clear()
        answer = client.post(
            "/api/v1/encounters",
            json=json.loads(command.model_dump_json()),
            headers={"Authorization": f"Bearer {token}", IDEMPOTENCY_HEADER: str(command.request_key)},
        )
        if answer.status_code != 201:
            raise RuntimeError(answer.text)
        yield list(script)


def _run_process(url: str, scripts: list[list[Statement]], threads: int, start: Any) -> None:
    writer = threading.Lock() if url.startswith("sqlite") else contextlib.nullcontext()  # as server.db has it
    failed: list[BaseException] = []

    def run(share: list[list[Statement]]) -> None:
        try:
            with _connected(url) as connection:
                ready.wait()
                for script in share:
                    with writer:
                        _execute(connection, script)
        except BaseException as error:
            failed.append(error)
            raise

    ready = threading.Barrier(threads + 1)
    running = [threading.Thread(target=run, args=(scripts[n::threads],)) for n in range(threads)]
    for thread in running:
        thread.start()
    ready.wait()
    start.wait()
    for thread in running:
        thread.join()
    raise SystemExit(1 if failed else 0)


def _execute(connection: Any, script: list[Statement]) -> None:
    for statement, values in script:
        if statement == COMMIT:
            connection.commit()
        else:
            cursor = connection.execute(statement, values)
            if cursor.description is not None:
                cursor.fetchall()


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Any]:
    """Yield a bare driver's connection, configured as the server's own are."""
    database = Database(url, connections=1, wait_s=60)
    pooled = database.engine.raw_connection()
    try:
        yield pooled.driver_connection
    finally:
        pooled.close()
        database.close()
