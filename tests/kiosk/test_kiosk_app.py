"""What the kiosk tells machines: whether it lives, whether it may register, and how it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kiosk.app import create_app
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.journal.file import FILE_NAME
from kiosk.journal.store import Journal
from tests.kiosk.kit import NOON, MemoryServer, command, kiosk_settings, wait_until


@dataclass
class Service:
    kiosk: Kiosk
    client: FlaskClient


def serve(data_dir: Path) -> Service:
    settings, clock = kiosk_settings(data_dir), SystemClock()
    kiosk = open_kiosk(settings, devices=Devices(), server=MemoryServer(clock), clock=clock)
    return Service(kiosk, create_app(settings, kiosk).test_client())


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Journal.open(tmp_path, environment={}) as journal:
        visit = command(arrived_at=SystemClock().now())
        journal.record(visit, visit.arrived_at)
        journal.refused(visit.request_key, "service.unknown", NOON)
    made = serve(tmp_path)
    made.kiosk.start()
    wait_until(made.kiosk, lambda view: view.online and view.out_of_service is None)
    yield made
    made.kiosk.close()


def test_a_kiosk_that_can_register_is_alive_and_ready(service: Service) -> None:
    assert service.client.get("/healthz").json == {"status": "ok"}
    ready = service.client.get("/readyz")
    assert (ready.status_code, ready.json) == (200, {"status": "ok", "blocks": []})


def test_a_blocked_kiosk_is_alive_and_says_what_has_to_be_mended(service: Service) -> None:
    service.kiosk.block("kiosk.disk_full")
    assert service.client.get("/healthz").status_code == 200
    ready = service.client.get("/readyz")
    assert (ready.status_code, ready.json) == (503, {"status": "blocked", "blocks": ["kiosk.disk_full"]})


def test_the_status_names_what_waits_for_staff_and_nobodys_data(service: Service) -> None:
    answer = service.client.get("/status.json")
    assert answer.json is not None
    assert answer.json["online"] is True
    assert answer.json["backlog"] == {"visits": 0, "proofs": 0, "staff_calls": 0, "oldest_at": None}
    assert [letter["reason"] for letter in answer.json["dead_letters"]] == ["service.unknown"]
    assert "Nguyễn" not in answer.text
    assert "001090123456" not in answer.text


def test_a_kiosk_without_a_usable_journal_still_answers(tmp_path: Path) -> None:
    Journal.open(tmp_path, environment={}).close()
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 1000)
    service = serve(tmp_path)
    try:
        assert service.client.get("/status.json").json == {"blocks": ["journal.unusable"]}
        assert service.client.get("/readyz").status_code == 503
        assert service.client.get("/").status_code == 200
    finally:
        service.kiosk.close()
