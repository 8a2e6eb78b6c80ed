"""The server as it runs: gunicorn's processes are killed and stopped while kiosks register, and nothing is lost."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.audit import AuditLog, read_or_make_key
from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.patients.models import Patient
from server.queues.models import Ticket
from server.registration.models import Encounter
from tests.server.hospital import add_kiosk, arrival
from tests.support.ports import free_port

DEADLINE_S = 60.0


@dataclass
class Running:
    """A ``tiepdon-server run`` of its own, and the kiosk's token for it."""

    process: "subprocess.Popen[bytes]"
    port: int
    token: str
    log: Path
    is_stopping: bool = False

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in children.split()]


@pytest.fixture
def running(hospital: Database, tmp_path: Path) -> Iterator[Running]:
    token = add_kiosk(hospital, "K")[1]
    port = free_port()
    config, log = tmp_path / "config.yaml", tmp_path / "server.log"
    config.write_text(
        f"server: {{bind: '127.0.0.1:{port}', data_dir: '{tmp_path / 'server'}', workers: 2, threads: 4}}",
        encoding="utf-8",
    )
    url = hospital.url.render_as_string(hide_password=False)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "tiepdon-server", "run", "--config", config],
            env={**os.environ, "TIEPDON_DATABASE_URL": url},
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    server = Running(process, port, token, log)
    try:
        wait_until_ready(server)
        yield server
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def wait_until_ready(server: Running) -> None:
    deadline_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline_s:
        assert server.process.poll() is None, server.log.read_text(encoding="utf-8")
        try:
            if ask(server, "GET", "/readyz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("the server was not ready in time")


def ask(server: Running, method: str, path: str, command: RegisterEncounter | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    if command is not None:
        headers["Idempotency-Key"] = str(command.request_key)
    try:
        connection.request(method, path, command.model_dump_json().encode() if command else None, headers)
        response = connection.getresponse()
        return response.status, response.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()


@dataclass
class KioskAtWork(threading.Thread):
    """Sends one arrival after the other, each for as long as it takes, as the outbox of a kiosk does."""

    server: Running
    commands: list[RegisterEncounter]
    labels: dict[str, str] = field(default_factory=dict)
    unknown_outcomes: int = 0

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        for command in self.commands:
            label = self.send(command)
            if label is None:
                return
            self.labels[str(command.request_key)] = label

    def send(self, command: RegisterEncounter) -> str | None:
        """Return the number on the slip; None when the server was stopped for good."""
        deadline_s = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline_s:
            try:
                status, body = ask(self.server, "POST", "/api/v1/encounters", command)
            except OSError:
                status, body = 0, b""
                if self.server.is_stopping:
                    return None
            if status in {200, 201}:
                label: str = json.loads(body)["ticket"]["label"]
                return label
            assert status in {0, 409, 500, 502, 503}, body
            self.unknown_outcomes += 1
            time.sleep(0.02)
        raise TimeoutError("the server did not come back")


def kiosks_at_work(server: Running, kiosks: int, arrivals: int) -> list[KioskAtWork]:
    return [
        KioskAtWork(server, [arrival(f"0341900{kiosk:02d}{n:03d}") for n in range(arrivals)]) for kiosk in range(kiosks)
    ]


def assert_nothing_lost_nothing_twice(database: Database, kiosks: list[KioskAtWork], data_dir: Path) -> None:
    answered = {key: label for kiosk in kiosks for key, label in kiosk.labels.items()}
    assert len(answered) == sum(len(kiosk.commands) for kiosk in kiosks)
    assert labels_by_key(database) == answered
    with database.reading() as session:
        numbers = sorted(session.scalars(sa.select(Ticket.number)))
        assert AuditLog(read_or_make_key(data_dir)).verify(session)[1] == []
    assert numbers == list(range(1, len(answered) + 1))


def labels_by_key(database: Database) -> dict[str, str]:
    with database.reading() as session:
        rows = session.execute(
            sa.select(Encounter.request_key, Ticket.label).join(Ticket, Ticket.encounter_id == Encounter.id)
        )
        return {str(row.request_key): row.label for row in rows}


def test_killed_workers_lose_nothing_and_double_nothing(hospital: Database, running: Running, tmp_path: Path) -> None:
    kiosks = kiosks_at_work(running, kiosks=4, arrivals=40)
    chance = random.Random(20261123)
    for kiosk in kiosks:
        kiosk.start()
    kills = 0
    while any(kiosk.is_alive() for kiosk in kiosks):
        time.sleep(chance.uniform(0.05, 0.3))
        if kills < 6 and len(workers := running.workers()) == 2:
            os.kill(chance.choice(workers), signal.SIGKILL)
            kills += 1
    for kiosk in kiosks:
        kiosk.join(DEADLINE_S)
    assert kills > 0
    assert_nothing_lost_nothing_twice(hospital, kiosks, tmp_path / "server")


def test_asked_to_stop_at_work_it_keeps_what_it_answered_and_leaves_with_success(
    hospital: Database, running: Running, tmp_path: Path
) -> None:
    kiosks = kiosks_at_work(running, kiosks=3, arrivals=1000)
    for kiosk in kiosks:
        kiosk.start()
    while sum(len(kiosk.labels) for kiosk in kiosks) < 10:
        time.sleep(0.05)
    running.is_stopping = True
    running.process.terminate()
    assert running.process.wait(30) == 0
    for kiosk in kiosks:
        kiosk.join(DEADLINE_S)
    answered = {key: label for kiosk in kiosks for key, label in kiosk.labels.items()}
    stored = labels_by_key(hospital)
    assert answered.items() <= stored.items()
    assert len(stored) - len(answered) <= len(kiosks)  # at most the one request each had under way
    assert "Traceback" not in running.log.read_text(encoding="utf-8")


def test_twelve_kiosks_at_once_make_one_patient_of_each_new_citizen_while_displays_listen(
    hospital: Database, running: Running
) -> None:
    streams = [http.client.HTTPConnection("127.0.0.1", running.port, timeout=30) for _ in range(20)]
    for stream in streams:  # five for each thread that answers requests
        stream.request("GET", "/board/all/stream")
        assert stream.getresponse().read(5) == b"retry"
    start = threading.Barrier(12)

    def register(command: RegisterEncounter) -> tuple[int, bytes]:
        start.wait(DEADLINE_S)
        deadline_s = time.monotonic() + DEADLINE_S
        status, body = ask(running, "POST", "/api/v1/encounters", command)
        while status == 503 and time.monotonic() < deadline_s:  # a busy machine: sent again with its key, as kiosks do
            time.sleep(0.05)
            status, body = ask(running, "POST", "/api/v1/encounters", command)
        return status, body

    with ThreadPoolExecutor(12) as pool:
        for citizen in range(20):
            answers = list(pool.map(register, [arrival(f"0341900005{citizen:02d}") for _ in range(12)]))
            assert {status for status, _ in answers} <= {200, 201}, answers
            told = [json.loads(body) for _, body in answers]
            assert len({(one["patient_id"], one["encounter_id"], one["ticket"]["label"]) for one in told}) == 1
            assert sum(not one["is_known"] for one in told) == 1
    with hospital.reading() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(kind)) for kind in (Patient, Encounter, Ticket)]
    assert counts == [20, 20, 20]
    for stream in streams:
        stream.close()


def test_request_with_two_lengths_is_refused(running: Running) -> None:
    """Whoever sees two requests in one could smuggle the second past a proxy (OWASP ASVS 5.0, 4.2.1)."""
    head = b"POST /api/v1/encounters HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
    request = head + b"\r\n\r\n0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as connection:
        connection.sendall(request)
        assert connection.recv(100).startswith(b"HTTP/1.1 400")
