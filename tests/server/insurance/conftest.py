"""The simulated gateway on a free port, and the real client that asks it over HTTP."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.insurance.config import SIMULATED_PASSWORD, InsuranceSection, read_credentials
from server.insurance.gateway import BhxhGateway
from server.insurance.simulated import SimulatedGateway, serve
from tests.server.hospital import FACILITY, MORNING

OFFICER = {"username": "34999_BV", "officer_name": "Lê Thị Cán Bộ", "officer_number": "034185000999"}


@dataclass
class Time:
    """The day's time and the monotonic one, moved by hand together."""

    now: datetime = MORNING
    monotonic: float = 1000.0

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.monotonic += seconds


@dataclass
class Site:
    """A running simulated gateway. ``waits`` scales its delays, so that a test needs not wait for them."""

    gateway: SimulatedGateway
    url: str
    time: Time
    opened: list[BhxhGateway] = field(default_factory=list)

    def section(self, **changes: Any) -> InsuranceSection:
        content = {"driver": "simulated", "base_url": self.url, "facilities": {FACILITY: OFFICER}, **changes}
        return InsuranceSection.model_validate(content)

    def client(self, **changes: Any) -> BhxhGateway:
        section = self.section(**changes)
        client = BhxhGateway(
            section,
            read_credentials(section, data_dir=None, environment={}),  # type: ignore[arg-type]  # simulated: no file is read
            now=lambda: self.time.now,
            monotonic=lambda: self.time.monotonic,
        )
        self.opened.append(client)
        return client


@pytest.fixture
def site() -> Iterator[Site]:
    moment = Time()
    section = InsuranceSection.model_validate({"driver": "simulated", "facilities": {FACILITY: OFFICER}})
    gateway = SimulatedGateway(
        section.facilities, SIMULATED_PASSWORD, now=lambda: moment.now, sleep=lambda delay_s: time.sleep(delay_s / 15)
    )
    server = serve(gateway, port=0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    site = Site(gateway, f"http://127.0.0.1:{server.port}", moment)
    yield site
    for client in site.opened:
        client.close()
    server.shutdown()
    thread.join()
    server.server_close()
