"""Registrations per second over HTTP at 1, 8 and 32 kiosks, beside a floor that executes the same SQL directly.

    bench/registrations.py [--registrations 600] [--clients 1 8 32] [--databases sqlite postgresql]

A real gunicorn with two workers on each database; the kiosks are threads of one process that share the machine with it,
so the absolute figures are low and the ratio is what counts. Seven of ten people are known, one request in ten is
repeated with its key. After each run the answers and the database are searched for doubled and missing numbers, for
inversions (answered before the other was asked, and yet the higher number) and for repetitions with another answer.
"""

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402 - the tests' private PostgreSQL is found from the root only

from bench.registrations_floor import floor_per_s  # noqa: E402 - as above
from server.commands.options import require_newest_schema  # noqa: E402 - as above
from server.config import ServerSection, ServerSettings  # noqa: E402 - as above
from server.contract.v1 import IDEMPOTENCY_HEADER, RegisterEncounter  # noqa: E402 - as above
from server.db import Database  # noqa: E402 - as above
from server.demo import CLINICS, FACILITY, add_hospital  # noqa: E402 - as above
from server.demo_load import add_people, arrivals  # noqa: E402 - as above
from server.domain.days import local_day  # noqa: E402 - as above
from server.fleet.models import Kiosk  # noqa: E402 - as above
from server.fleet.service import enrol  # noqa: E402 - as above
from server.migrations import migrate  # noqa: E402 - as above
from server.queues.models import Ticket  # noqa: E402 - as above
from server.registration.models import Encounter  # noqa: E402 - as above
from server.wiring import connect_log  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

WORKERS: Final = 2
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answered request; instants are of the monotonic clock."""

    key: str
    queue: str
    number: int
    asked_s: float
    answered_s: float


@dataclass(frozen=True, slots=True)
class Figures:
    per_s: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float | None
    doubled: int
    missing: int
    inversions: int
    other_answers: int


def main() -> int:
    arguments = _arguments()
    print(f"{arguments.registrations} registrations each, {WORKERS} gunicorn workers, {os.cpu_count()} cores")
    print("CPU in ms per request, PostgreSQL's own apart; the last four columns must be 0\n")
    print(
        "database    kiosks   reg/s  floor/s  ratio   p50 ms   p99 ms   CPU server  CPU db   "
        "doubled missing inverted other"
    )
    faults = 0
    for kind in arguments.databases:
        for clients in arguments.clients:
            floor, figures = measure(kind, clients, arguments.registrations)
            database_cpu = "" if figures.database_cpu_ms is None else f"{figures.database_cpu_ms:.2f}"
            print(
                f"{kind:<11} {clients:>6} {figures.per_s:>7.0f} {floor:>8.0f} {figures.per_s / floor:>6.2f} "
                f"{figures.p50_ms:>8.1f} {figures.p99_ms:>8.1f} {figures.server_cpu_ms:>12.2f} {database_cpu:>7} "
                f"{figures.doubled:>9} {figures.missing:>7} {figures.inversions:>8} {figures.other_answers:>5}",
                flush=True,
            )
            faults += figures.doubled + figures.missing + figures.inversions + figures.other_answers
    return 1 if faults else 0


def measure(kind: str, clients: int, count: int) -> tuple[float, Figures]:
    """Return the floor in registrations per second, and the server's figures."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
        cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None

        def fresh(name: str) -> tuple[Database, str]:
            url = cluster.create_database() if cluster else f"sqlite:///{directory / name}.db"
            return prepared(url, directory / "data")

        recorded, token = fresh("recorded")
        copy, _ = fresh("floor")
        give_same_kiosk(recorded, copy)
        commands = todays_commands(count)
        floor = floor_per_s(recorded, copy, commands, token, processes=WORKERS, threads=max(clients // WORKERS, 1))
        served, token = fresh("served")
        postmaster = postmaster_pid(served) if cluster else None
        with serving(served, directory) as (address, pid):
            register_all(address, token, todays_commands(20 + clients, offset=count)[:20], 1)  # the first ones import
            before, database_before = cpu_s(pid), cpu_s(postmaster) if postmaster else 0.0
            answers, spent_s = register_all(address, token, commands, clients)
            server_cpu, database_cpu = (
                cpu_s(pid) - before,
                (cpu_s(postmaster) - database_before if postmaster else None),
            )
        figures = judged(served, answers, commands, spent_s, server_cpu, database_cpu)
        for database in (recorded, copy, served):
            database.close()
    return floor, figures


def prepared(url: str, data_dir: Path) -> tuple[Database, str]:
    """Return a migrated database with hospital, people and one kiosk, and the kiosk's token."""
    database = Database(url, connections=40)
    migrate(database)
    connect_log(database, data_dir)
    require_newest_schema(database)
    now = datetime.now(UTC)
    with database.begin() as session:
        add_hospital(session, now)
    add_people(database, 1400, now)
    token = database.transact(
        lambda session: enrol(session, facility=FACILITY, name="Kiosk 1", letter="K", rotate=True, now=now)
    )
    return database, token


def give_same_kiosk(source: Database, target: Database) -> None:
    """Make the kiosk's row of ``target`` that of ``source``: the only one whose key is random."""
    with source.reading() as session:
        kiosk = session.scalars(sa.select(Kiosk)).one()
    with target.begin() as session:
        session.execute(sa.update(Kiosk).values(id=kiosk.id, token_hash=kiosk.token_hash))


def todays_commands(count: int, offset: int = 0) -> list[RegisterEncounter]:
    """Return arrivals of this moment: seven of ten by people who are known."""
    now = datetime.now(UTC)
    services = [clinic.code for clinic in CLINICS]
    found = list(arrivals(FACILITY, services, 2000, local_day(now), offset + count))[offset:]
    evidence = [one.evidence.model_copy(update={"read_at": now}) for one in found]
    return [
        one.model_copy(update={"arrived_at": now, "evidence": proof})
        for one, proof in zip(found, evidence, strict=True)
    ]


@contextmanager
def serving(database: Database, directory: Path) -> Iterator[tuple[tuple[str, int], int]]:
    """Run ``tiepdon-server`` on the database; yield its address and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    section = ServerSection(bind=f"127.0.0.1:{port}", data_dir=directory / "data", workers=WORKERS)
    settings = ServerSettings(server=section)
    config = directory / "config.yaml"
    config.write_text(settings.model_dump_json(), encoding="utf-8")  # JSON is YAML
    url = database.url.render_as_string(hide_password=False)
    with (directory / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "tiepdon-server", "run", "--config", config],
            env={**os.environ, "TIEPDON_DATABASE_URL": url},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until_ready(("127.0.0.1", port), process, directory / "server.log")
        yield ("127.0.0.1", port), process.pid
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(address: tuple[str, int], process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
        try:
            connection = http.client.HTTPConnection(*address, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the server was not ready within 60 s")


def register_all(
    address: tuple[str, int], token: str, commands: Sequence[RegisterEncounter], clients: int
) -> tuple[list[Answer], float]:
    """Send all commands from ``clients`` threads, every tenth one twice; return the answers and the time spent."""
    bodies = [(str(command.request_key), command.model_dump_json().encode()) for command in commands]
    shares = [bodies[n::clients] for n in range(clients)]
    answers: list[Answer] = []
    start = threading.Barrier(clients + 1)

    def kiosk(share: list[tuple[str, bytes]]) -> None:
        connection = http.client.HTTPConnection(*address, timeout=30)
        connection.connect()
        start.wait()
        for n, (key, body) in enumerate(share):
            for _ in range(2 if n % 10 == 9 else 1):
                answers.append(ask(connection, token, key, body))
        connection.close()

    threads = [threading.Thread(target=kiosk, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    start.wait()
    began_s = time.monotonic()
    for thread in threads:
        thread.join()
    return answers, time.monotonic() - began_s


def ask(connection: http.client.HTTPConnection, token: str, key: str, body: bytes) -> Answer:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", IDEMPOTENCY_HEADER: key}
    asked_s = time.monotonic()
    connection.request("POST", "/api/v1/encounters", body, headers)
    response = connection.getresponse()
    content = response.read()
    answered_s = time.monotonic()
    if response.status not in {200, 201}:
        raise RuntimeError(f"{response.status}: {content.decode()}")
    ticket = json.loads(content)["ticket"]
    return Answer(key, ticket["queue"], ticket["number"], asked_s, answered_s)


def judged(
    database: Database, answers: Sequence[Answer], commands: Sequence[RegisterEncounter], spent_s: float,
    server_cpu_s: float, database_cpu_s: float | None,
) -> Figures:  # fmt: skip
    latencies_ms = [(answer.answered_s - answer.asked_s) * 1000 for answer in answers]
    by_key: dict[str, set[tuple[str, int]]] = defaultdict(set)
    first: dict[str, Answer] = {}
    for answer in answers:
        by_key[answer.key].add((answer.queue, answer.number))
        first.setdefault(answer.key, answer)
    with database.reading() as session:
        keys = [str(key) for key in session.scalars(sa.select(Encounter.request_key))]
        series: dict[object, list[int]] = defaultdict(list)
        for queue_id, number in session.execute(sa.select(Ticket.queue_id, Ticket.number)):
            series[queue_id].append(number)
    sent = {str(command.request_key) for command in commands}
    lost = len(sent - set(keys))
    gaps = sum(max(numbers) - len(set(numbers)) for numbers in series.values())
    doubled = len(keys) - len(set(keys)) + sum(len(numbers) - len(set(numbers)) for numbers in series.values())
    return Figures(
        per_s=len(answers) / spent_s,
        p50_ms=statistics.median(latencies_ms),
        p99_ms=statistics.quantiles(latencies_ms, n=100)[98],
        server_cpu_ms=server_cpu_s * 1000 / len(answers),
        database_cpu_ms=None if database_cpu_s is None else database_cpu_s * 1000 / len(answers),
        doubled=doubled,
        missing=lost + gaps,
        inversions=inversions(list(first.values())),
        other_answers=sum(len(found) - 1 for found in by_key.values()),
    )


def inversions(answers: Sequence[Answer]) -> int:
    """Return how many numbers are higher than one that was asked for only after they had been answered."""
    queues: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        queues[answer.queue].append(answer)
    return sum(
        earlier.asked_s > later.answered_s
        for queue in queues.values()
        for earlier, later in pairwise(sorted(queue, key=lambda answer: answer.number))
    )


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and all below it, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + sum(cpu_s(int(child)) for child in children)


def postmaster_pid(database: Database) -> int:
    with database.reading() as session:
        backend = session.scalar(sa.select(sa.func.pg_backend_pid()))
    return int(Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--registrations", type=int, default=600)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
