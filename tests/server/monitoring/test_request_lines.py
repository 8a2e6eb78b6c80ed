"""The log of a whole application at work: one line for each request, and nothing in it of the people who were there."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from server.accounts.roles import Role
from server.contract.logs import JsonLines
from server.contract.v1 import IDEMPOTENCY_HEADER
from server.db import Database
from server.snapshots import KEPT_FOR
from tests.server.hospital import add_kiosk, arrival
from tests.server.staff import PASSWORD, Browser, add_staff

NAME, NUMBER, CARD = "Quách Thị Nghiệm Thu", "034190000017", "GD4340123456789"
ADDRESS = "Thôn Bí Mật, Xã Kín"


class Lines(logging.Handler):
    """Everything any logger of the process says, as it would stand in the journal."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self._text = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        self._text.write(self.format(record) + "\n")

    @property
    def text(self) -> str:
        return self._text.getvalue()

    def requests(self, endpoint: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["event"] == "request" and line["endpoint"] == endpoint]


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def test_one_line_for_each_request_tells_who_by_role_and_what_by_endpoint(
    browser: Browser, hospital: Database, lines: Lines
) -> None:
    browser.sign_in(add_staff(hospital, "le.tan", Role.RECEPTION))
    answer = browser.get("/reception")
    (line,) = lines.requests("reception.arrivals")
    assert line["request"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["status"], line["role"], line["facility"]) == ("GET", 200, "reception", "34999")
    assert line["duration_ms"] > 0
    assert "le.tan" not in lines.text
    browser.get("/healthz")
    assert lines.requests("health.alive") == [], "what a monitor asks every second is counted only"


def test_whatever_people_show_type_or_break_nothing_of_them_stands_in_the_log(
    browser: Browser, hospital: Database, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = add_kiosk(hospital, "K")[1]
    command = arrival(
        NUMBER, person={"full_name": NAME, "address": ADDRESS}, insurance={"card_number": CARD}
    )  # fmt: skip
    visit = command.model_dump_json()
    headers = {"Authorization": f"Bearer {token}", IDEMPOTENCY_HEADER: str(command.request_key)}

    def send(body: str) -> int:
        answer = browser.client.post("/api/v1/encounters", data=body, content_type="application/json", headers=headers)
        return answer.status_code

    assert send(visit) == 201
    assert send(visit) == 200
    assert send(visit.replace(NUMBER, f"{NUMBER} {NAME}")) == 422  # not a number's form
    assert send(visit[:-40]) == 400  # cut off
    assert send(visit.replace(NAME, f"{NAME} Hai")) == 422  # the key was used for somebody else
    browser.get(f"/t/{command.visit_code}")
    browser.get(f"/no/such/page/{NUMBER}?name={NAME}")
    browser.get("/reception", headers={"Cookie": f"tiepdon={NUMBER}", "User-Agent": NAME})
    browser.sign_in(add_staff(hospital))
    browser.post("/sign-in", username=NAME, password=CARD)
    browser.post("/reception/search", token_from="/password", text=NAME)
    browser.post("/reception/search", token_from="/password", text=NUMBER)

    def fail(*_: object, **__: object) -> None:
        raise ValueError(f"{NAME} {NUMBER} {CARD}")

    monkeypatch.setattr("server.reception.views.list_clinics", fail)
    browser.clock.pass_by(KEPT_FOR)  # what was read for the desk is read anew
    assert browser.get("/reception").status_code == 500
    assert lines.requests("registration_api.create_encounter")[0]["role"] == "kiosk"
    assert lines.requests("unknown")[0]["status"] == 404
    assert '"builtins.ValueError"' in lines.text, "the failure itself is there"
    given = (NAME, NUMBER, CARD, ADDRESS, command.visit_code, token, PASSWORD, "Nghiệm", "le.tan", NUMBER[-6:])
    assert [secret for secret in given if secret in lines.text] == []
