"""A hospital whose visits a simulated information system hears of, over real HTTP."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.serving import BaseWSGIServer

from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.outbound import OutboundState, Verdict
from server.fleet.service import Device
from server.outbox.client import HisClient
from server.outbox.config import SIMULATED_TOKEN, HisSection
from server.outbox.models import OutboundMessage
from server.outbox.simulated import SimulatedHis, serve
from server.outbox.worker import OutboxSender
from server.wiring import connect_log
from tests.server.hospital import FACILITY, add_kiosk, arrival, build_hospital, register
from tests.server.staff import SettableClock


@dataclass
class Line:
    """A hospital, its information system, and what sends from one to the other."""

    database: Database
    kiosk: Device
    his: SimulatedHis
    server: BaseWSGIServer
    clock: SettableClock

    def section(self, **changes: object) -> HisSection:
        fields = {"driver": "simulated", "base_url": f"http://127.0.0.1:{self.server.port}", "facilities": [FACILITY]}
        return HisSection.model_validate({**fields, **changes})

    def sender(self, token: str = SIMULATED_TOKEN, **changes: object) -> OutboxSender:
        client = HisClient(self.section(**changes), token)
        return OutboxSender(self.database, client, now=self.clock.now, jitter=lambda: 1.0)

    def come(self, command: RegisterEncounter | None = None) -> UUID:
        return register(self.database, command or arrival(), self.kiosk, now=self.clock.now()).answer.encounter_id

    def messages(self) -> list[OutboundMessage]:
        with self.database.reading() as session:
            return list(session.scalars(sa.select(OutboundMessage).order_by(OutboundMessage.id)))

    def states(self) -> list[OutboundState]:
        return [message.state for message in self.messages()]

    def send_all(self, sender: OutboxSender | None = None) -> list[Verdict]:
        sender = sender or self.sender()
        verdicts = []
        while (verdict := sender.send_next()) is not None:
            verdicts.append(verdict)
        return verdicts


@pytest.fixture
def line(database: Database, tmp_path: Path) -> Iterator[Line]:
    database = Database(database.url, connections=16)  # with the outbox at work in it
    connect_log(database, tmp_path / "server", told=[FACILITY])
    build_hospital(database)
    his = SimulatedHis(SIMULATED_TOKEN)
    server = serve(his, port=0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Line(database, add_kiosk(database, "K")[0], his, server, SettableClock())
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()
