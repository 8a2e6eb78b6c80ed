"""Registrations per second over HTTP at 1, 8 and 32 kiosks, beside a floor that executes the same SQL directly.

    bench/registrations.py [--rounds 5] [--registrations 120] [--clients 1 8 32] [--databases sqlite postgresql]

A real gunicorn with two workers on each database; the kiosks share the machine with it, so the absolute figures are low
and the ratio is what counts; what they compute is told. Floor and server take turns, over as many connections, so
that whatever else the machine does strikes both. Seven of ten people are known, one request in ten is repeated with its
key. The answers and the database are searched for doubled and missing numbers, for inversions (answered before the
other was asked, and yet the higher number) and for repetitions with another answer. Nothing is put on paper here: slips
are the work of the kiosks' own machines, which here would take it from the server; ``bench/boards.py`` has printers.
"""

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402 - the tests' private PostgreSQL is found from the root only

from bench.registrations_floor import Recorder, Script, floor_per_s  # noqa: E402 - as above
from bench.registrations_kiosks import Answer, register_all, times_sent  # noqa: E402 - as above
from server.commands.options import require_newest_schema  # noqa: E402 - as above
from server.config import ServerSection, ServerSettings  # noqa: E402 - as above
from server.contract.v1 import RegisterEncounter  # noqa: E402 - as above
from server.db import Database  # noqa: E402 - as above
from server.demo.load import add_people, arrivals  # noqa: E402 - as above
from server.demo.seeding import CLINICS, FACILITY, add_hospital  # noqa: E402 - as above
from server.domain.days import local_day  # noqa: E402 - as above
from server.fleet.models import Kiosk  # noqa: E402 - as above
from server.fleet.service import enrol  # noqa: E402 - as above
from server.migrations import migrate  # noqa: E402 - as above
from server.queues.models import Ticket  # noqa: E402 - as above
from server.registration.models import Encounter  # noqa: E402 - as above
from server.wiring import connect_log  # noqa: E402 - as above
from tests.support.postgres import private_postgres  # noqa: E402 - as above

WORKERS: Final = 2
WARM_UP: Final = 200
KNOWN: Final = 0.7
_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    per_s: float
    floor_per_s: float
    ratio: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float | None
    kiosks_cpu_ms: float
    doubled: int
    missing: int
    inversions: int
    other_answers: int


def main() -> int:
    arguments = _arguments()
    print(
        f"{arguments.rounds} rounds of {arguments.registrations} registrations, floor and server in turn; {WORKERS} "
        f"gunicorn workers, {os.cpu_count()} cores\nratio: median of the rounds' own. CPU in ms per request, "
        "PostgreSQL's and the kiosks' own apart. The last four columns must be 0\n"
    )
    print(
        "database    kiosks   req/s  floor/s  ratio   p50 ms   p99 ms   CPU server  CPU db  kiosks   "
        "doubled missing inverted other"
    )
    faults = 0
    for kind in arguments.databases:
        for clients, figures in measure(kind, arguments.clients, arguments.rounds, arguments.registrations):
            database_cpu = "" if figures.database_cpu_ms is None else f"{figures.database_cpu_ms:.2f}"
            print(
                f"{kind:<11} {clients:>6} {figures.per_s:>7.0f} {figures.floor_per_s:>8.0f} {figures.ratio:>6.2f} "
                f"{figures.p50_ms:>8.1f} {figures.p99_ms:>8.1f} {figures.server_cpu_ms:>12.2f} {database_cpu:>7} "
                f"{figures.kiosks_cpu_ms:>7.2f} "
                f"{figures.doubled:>9} {figures.missing:>7} {figures.inversions:>8} {figures.other_answers:>5}",
                flush=True,
            )
            faults += figures.doubled + figures.missing + figures.inversions + figures.other_answers
    return 1 if faults else 0


def measure(kind: str, clients: Sequence[int], rounds: int, count: int) -> Iterator[tuple[int, Figures]]:
    """Yield each number of kiosks with its figures; a round is the floor's turn and then the server's, side by side."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tiepdon-bench-")))
        cluster = stack.enter_context(private_postgres(durable=True)) if kind == "postgresql" else None
        commands = iter(todays_commands(WARM_UP + len(clients) * rounds * count))
        known = int(KNOWN * (WARM_UP + len(clients) * rounds * count))

        def fresh(name: str) -> tuple[Database, str]:
            url = cluster.create_database() if cluster else f"sqlite:///{directory / name}.db"
            database, token = prepared(url, directory / "data", known)
            stack.callback(database.close)
            return database, token

        recorded, token = fresh("recorded")
        recorder = Recorder(recorded, token)
        floor, _ = fresh("floor")
        give_same_kiosk(recorded, floor)
        floor.close()  # nothing may be open in it when the floor's processes are forked
        served, token = fresh("served")
        address, pid = stack.enter_context(serving(served, directory))
        measured = Measured(pid, postmaster_pid(served) if cluster else None)
        warm_up = list(islice(commands, WARM_UP))
        register_all(address, token, warm_up, max(clients))  # connections are opened, statements prepared
        floor_per_s(_address(floor), _scripts(recorder, warm_up), connections=1, processes=1)
        for kiosks in clients:
            rates, answers, sent = [], [], []
            kiosks_cpu_s = 0.0
            measured.clear()
            for _ in range(rounds):
                chunk = list(islice(commands, count))
                scripts = _scripts(recorder, chunk)
                floor_rate = floor_per_s(_address(floor), scripts, connections=kiosks, processes=WORKERS)
                with measured:
                    run = register_all(address, token, chunk, kiosks)
                rates.append((len(run.answers) / run.spent_s, floor_rate))
                answers += run.answers
                kiosks_cpu_s += run.cpu_s
                sent += chunk
            yield kiosks, judged(served, answers, sent, rates, measured, kiosks_cpu_s)


class Measured:
    """The CPU time the server, and PostgreSQL if there is one, spend while the block runs; added up."""

    def __init__(self, server_pid: int, database_pid: int | None) -> None:
        self._pids = [server_pid] if database_pid is None else [server_pid, database_pid]
        self.clear()

    def clear(self) -> None:
        self.spent_s = [0.0 for _ in self._pids]

    def __enter__(self) -> None:
        self._before_s = [cpu_s(pid) for pid in self._pids]

    def __exit__(self, *_: object) -> None:
        for n, (pid, before_s) in enumerate(zip(self._pids, self._before_s, strict=True)):
            self.spent_s[n] += cpu_s(pid) - before_s


def _scripts(recorder: Recorder, commands: Sequence[RegisterEncounter]) -> list[Script]:
    """Return the statements of every request the kiosks send for ``commands``, repetitions included."""
    return [recorder.record(command) for n, command in enumerate(commands) for _ in range(times_sent(n))]


def _address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def prepared(url: str, data_dir: Path, known: int) -> tuple[Database, str]:
    """Return a migrated database with hospital, people and one kiosk, and the kiosk's token."""
    database = Database(url, connections=40)
    migrate(database)
    connect_log(database, data_dir)
    require_newest_schema(database)
    now = datetime.now(UTC)
    with database.begin() as session:
        add_hospital(session, now)
    add_people(database, known, now)
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


def todays_commands(count: int) -> list[RegisterEncounter]:
    """Return the arrivals of ``count`` people at this moment; those before ``KNOWN`` of them have a record."""
    now = datetime.now(UTC)
    found = arrivals(FACILITY, [clinic.code for clinic in CLINICS], count, local_day(now), count)
    return [
        one.model_copy(update={"arrived_at": now, "evidence": one.evidence.model_copy(update={"read_at": now})})
        for one in found
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


def judged(
    database: Database, answers: Sequence[Answer], commands: Sequence[RegisterEncounter],
    rates: Sequence[tuple[float, float]], measured: Measured, kiosks_cpu_s: float,
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
        per_s=statistics.median(own for own, _ in rates),
        floor_per_s=statistics.median(floor for _, floor in rates),
        ratio=statistics.median(own / floor for own, floor in rates),
        p50_ms=statistics.median(latencies_ms),
        p99_ms=statistics.quantiles(latencies_ms, n=100)[98],
        server_cpu_ms=measured.spent_s[0] * 1000 / len(answers),
        database_cpu_ms=measured.spent_s[1] * 1000 / len(answers) if len(measured.spent_s) > 1 else None,
        kiosks_cpu_ms=kiosks_cpu_s * 1000 / len(answers),
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
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has just ended: its parent has its time now
    own = sum(int(ticks) for ticks in fields[11:15]) / _TICKS_PER_S
    return own + sum(cpu_s(int(child)) for child in children)


def postmaster_pid(database: Database) -> int:
    with database.reading() as session:
        backend = session.scalar(sa.select(sa.func.pg_backend_pid()))
    return int(Path(f"/proc/{backend}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--registrations", type=int, default=120)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--databases", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
