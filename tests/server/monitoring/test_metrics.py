"""``/metrics``, read as a monitor reads it."""

import os
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from server.accounts.tokens import Scope, create_token
from server.auditing.checks import check_newest
from server.contract.v1 import CallStaff
from server.db import Database
from server.fleet.service import Device, call_staff
from server.migrations import migrate
from server.monitoring.api import TOKEN_FILE, TOKEN_VARIABLE, metrics_token
from server.monitoring.gauges import DatabaseGauges
from server.monitoring.metrics import Metrics
from tests.server.hospital import FACILITY, MORNING, arrival, build_hospital, on_paper, register
from tests.server.staff import Browser
from tests.support.ports import free_port

TOKEN = "mat-ma-cua-may-theo-doi"
Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(page: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def sample(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


@pytest.fixture
def browser(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Browser:
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    return browser


def ask(browser: Browser, token: str = TOKEN) -> Samples:
    answer = browser.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    return samples(answer.text)


STRANGERS: list[dict[str, str]] = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": "Bearer "},
    {"X-Forwarded-For": "127.0.0.1"},  # an address is no proof
]


def test_without_the_monitors_token_nothing_is_told(browser: Browser) -> None:
    for headers in STRANGERS:
        answer = browser.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert "tiepdon_" not in answer.text


def test_the_hospitals_state_stands_there_in_numbers(browser: Browser, hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000017"), kiosk)
    register(hospital, arrival("034190000018", service="NHI"), None)
    register(hospital, on_paper(arrival("034190000019", person={"full_name": "Trần Thị Hoà"}), 1), kiosk)
    with hospital.begin() as session:
        call = CallStaff(request_key=arrival().request_key, step="problem", called_at=MORNING)
        call_staff(session, call, device=kiosk, now=MORNING)
    browser.clock.pass_by(timedelta(seconds=90))
    found = ask(browser)
    assert sample(found, "tiepdon_database_up") == 1
    assert sample(found, "tiepdon_visits_today", facility="34999", source="K") == 2
    assert sample(found, "tiepdon_visits_today", facility="34999", source="desk") == 1
    assert sample(found, "tiepdon_queue_tickets", facility="34999", queue="NOI", status="waiting") == 2
    assert sample(found, "tiepdon_kiosk_seen_seconds", facility="34999", kiosk="K") == 90
    assert sample(found, "tiepdon_staff_calls_open", facility="34999") == 1
    assert sample(found, "tiepdon_audit_lines") >= 4


def test_a_log_somebody_tampered_with_rings_at_the_monitor(browser: Browser, hospital: Database, kiosk: Device) -> None:
    register(hospital, arrival("034190000017"), kiosk)
    assert ("tiepdon_audit_faults", ()) not in ask(browser), "nobody has looked yet: no figure, rather than a good one"
    check_newest(hospital, by="system", now=MORNING)
    browser.clock.pass_by(timedelta(seconds=90))
    found = ask(browser)
    assert sample(found, "tiepdon_audit_faults") == 0
    assert sample(found, "tiepdon_audit_check_age_seconds") == 90
    with hospital.begin() as session:
        session.execute(sa.text("UPDATE audit_line SET actor = 'staff:khac' WHERE action = 'audit.checked'"))
    check_newest(hospital, by="system", now=browser.clock.now())
    assert sample(ask(browser), "tiepdon_audit_faults") == 1


def test_a_hospitals_own_monitor_sees_its_own_figures(browser: Browser, hospital: Database, kiosk: Device) -> None:
    build_hospital(hospital, "79999")
    register(hospital, arrival("034190000017"), kiosk)
    register(hospital, arrival("034190000018", facility="79999"), None)
    with hospital.begin() as session:
        rights = {scope: scope.value for scope in (Scope.METRICS_READ, Scope.ENCOUNTERS_READ)}
        tokens = {
            scope: create_token(session, facility=FACILITY, name=name, scopes=[scope], by="quan.tri", now=MORNING)[1]
            for scope, name in rights.items()
        }
    found = ask(browser, tokens[Scope.METRICS_READ])
    assert {dict(labels)["facility"] for name, labels in found if name == "tiepdon_visits_today"} == {FACILITY}
    refused = browser.get("/metrics", headers={"Authorization": f"Bearer {tokens[Scope.ENCOUNTERS_READ]}"})
    assert refused.status_code == 403


def test_requests_are_counted_by_endpoint_never_by_address(browser: Browser) -> None:
    browser.get("/t/0123456789ABCDEFGHJK")
    browser.get("/healthz")
    browser.get("/healthz")
    browser.client.open("/healthz", method="PERSONAL")
    found = ask(browser)
    assert sample(found, "tiepdon_http_requests_total", endpoint="health.alive", method="GET", status="200") == 2
    assert sample(found, "tiepdon_http_request_seconds_count", endpoint="portal.standing") == 1
    text = str(found)
    assert "0123456789ABCDEFGHJK" not in text
    assert "PERSONAL" not in text


def test_a_database_that_is_away_is_a_figure_and_no_failure() -> None:
    away = Database("postgresql+psycopg://nobody@/none?host=/nonexistent")
    found = samples(Metrics().page(DatabaseGauges(away, MORNING)).decode())
    away.close()
    assert sample(found, "tiepdon_database_up") == 0
    assert not [name for name, _ in found if name.startswith("tiepdon_queue")]


def test_the_token_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    first = metrics_token(tmp_path / "server")
    assert metrics_token(tmp_path / "server") == first
    assert len(first) > 40
    assert stat.S_IMODE((tmp_path / "server" / TOKEN_FILE).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "server").iterdir()] == [TOKEN_FILE]


def test_two_worker_processes_count_together(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tiepdon.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    port = free_port()
    config = tmp_path / "config.yaml"
    config.write_text(
        f"server: {{bind: '127.0.0.1:{port}', data_dir: '{tmp_path / 'server'}', workers: 2, threads: 2}}",
        encoding="utf-8",
    )
    environment = {
        **os.environ, TOKEN_VARIABLE: TOKEN, "TIEPDON_DATABASE_URL": url,
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "tiepdon-server"), "run", "--config", str(config)]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        asked = 0
        deadline_s = time.monotonic() + 100
        counters = tmp_path / "server" / "metrics"
        # Which process takes a connection is the kernel's affair: ask until each has taken one.
        while asked < 40 or len(list(counters.glob("counter_*.db"))) < 2:
            assert server.poll() is None, (tmp_path / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline_s
            try:
                asked += get(port, "/healthz")[0] == 200
            except urllib.error.URLError:
                time.sleep(0.05)
        for _ in range(4):  # whichever worker answers
            found = samples(get(port, "/metrics")[1])
            name = "tiepdon_http_requests_total"
            assert sample(found, name, endpoint="health.alive", method="GET", status="200") == asked
    finally:
        server.terminate()
        server.wait(30)


def get(port: int, path: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status, answer.read().decode()
