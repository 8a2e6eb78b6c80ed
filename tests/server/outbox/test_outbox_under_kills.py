"""The server as it runs, its workers killed while it sends: the other system hears of every visit, of each once."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.db import Database
from server.domain.outbound import OutboundState
from server.migrations import migrate
from server.outbox.config import SIMULATED_TOKEN
from server.outbox.models import OutboundMessage
from server.outbox.simulated import SimulatedHis, serve
from server.registration.models import Encounter
from server.wiring import connect_log
from tests.server.hospital import FACILITY, add_kiosk, arrival, build_hospital
from tests.support.ports import free_port

pytestmark = pytest.mark.timeout(240)  # several interpreters start and are killed, on a busy machine too

VISITS = 16
LIMIT_S = 180.0


@dataclass
class Running:
    """A ``tiepdon-server run`` that tells a simulated information system of its visits."""

    process: "subprocess.Popen[bytes]"
    port: int
    token: str
    database: Database
    his: SimulatedHis

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [int(pid) for pid in children.split()]

    def ask(self, method: str, path: str, body: bytes | None = None, key: str = "") -> int:
        """Return the status, 0 when no answer came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection.request(method, path, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    database = Database(f"sqlite:///{tmp_path / 'tiepdon.db'}")
    migrate(database)
    connect_log(database, tmp_path / "server")
    build_hospital(database)
    his = SimulatedHis(SIMULATED_TOKEN)
    other = serve(his, port=0)
    thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    port = free_port()
    config = tmp_path / "config.yaml"
    config.write_text(
        f"""
server:
  bind: 127.0.0.1:{port}
  data_dir: {tmp_path / "server"}
  database_url: {database.url}
  workers: 2
  threads: 4
  his: {{driver: simulated, base_url: 'http://127.0.0.1:{other.port}', facilities: ['{FACILITY}']}}
""",
        encoding="utf-8",
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIEPDON_")}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "tiepdon-server"), "run", "--config", str(config)],
            env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        yield Running(process, port, add_kiosk(database, "K")[1], database, his)
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # its workers with it: how it ends is tested elsewhere
        process.wait(30)
        other.shutdown()
        thread.join()
        other.server_close()
        database.close()


def test_workers_killed_while_they_send_lose_and_double_nothing(running: Running) -> None:
    deadline_s = time.monotonic() + LIMIT_S
    kills = 0
    for n in range(VISITS):
        command = arrival(f"0341900{n:05d}")
        body = command.model_dump_json().encode()
        while running.ask("POST", "/api/v1/encounters", body, str(command.request_key)) not in {200, 201}:
            assert time.monotonic() < deadline_s
            assert running.process.poll() is None
            time.sleep(0.05)
        if n % 5 == 4:
            for worker in running.workers():
                os.kill(worker, signal.SIGKILL)  # both: whichever sends is cut off
                kills += 1
    while states(running.database) != {OutboundState.SENT}:
        assert time.monotonic() < deadline_s, running.his.taken
        with running.database.begin() as session:  # what a dead worker held is due when its lease is over
            session.execute(
                sa.update(OutboundMessage)
                .where(OutboundMessage.state == OutboundState.SENDING)
                .values(next_attempt_at=OutboundMessage.written_at)
            )
        time.sleep(0.5)
    with running.database.reading() as session:
        visits = {str(one) for one in session.scalars(sa.select(Encounter.id))}
    assert kills >= 3
    assert len(visits) == VISITS
    assert {one.resource("Encounter")["id"] for one in running.his.taken} == visits
    assert len(running.his.taken) == VISITS, "each of them once"


def states(database: Database) -> set[OutboundState]:
    with database.reading() as session:
        return set(session.scalars(sa.select(OutboundMessage.state)))
