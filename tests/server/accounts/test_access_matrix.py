"""Who may reach what: the one table is walked through for every role, endpoint and facility."""

import re
from uuid import uuid4

import pytest
from flask import Flask

from server.accounts.access import ACCESS, Access, Audience, may
from server.accounts.roles import Role
from server.db import Database
from server.fleet.service import Device
from tests.server.hospital import arrival, build_hospital, register
from tests.server.staff import Browser, add_staff

FOREIGN = "79999"
STAFF_ENDPOINTS = sorted(name for name, access in ACCESS.items() if isinstance(access, frozenset))


def address_and_method(app: Flask, endpoint: str) -> tuple[str, str]:
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    address = re.sub(r"<uuid:[^>]+>", str(uuid4()), rule.rule)
    address = re.sub(r"<int:[^>]+>", "1", address)
    address = re.sub(r"<[a-z_]+>", "NOI", address)
    assert "<" not in address
    method = next(iter((rule.methods or set()) & {"GET", "POST"}))
    return address, method


def ask(browser: Browser, endpoint: str, token: str) -> int:
    address, method = address_and_method(browser.app, endpoint)
    if method == "GET":
        answer = browser.client.get(address, headers={"Sec-Fetch-Mode": "cors"})
    else:
        answer = browser.client.post(address, data={"csrf_token": token})
    answer.close()
    return answer.status_code


def test_every_endpoint_of_the_application_stands_in_the_table_and_nothing_else(browser: Browser) -> None:
    endpoints = {rule.endpoint for rule in browser.app.url_map.iter_rules()}
    assert endpoints == set(ACCESS)


def test_an_endpoint_that_nobody_entered_is_closed_for_everybody(browser: Browser) -> None:
    browser.app.add_url_rule("/new-page", "new_page", lambda: "secret")
    browser.sign_in(add_staff(browser.app.extensions["db"], "quan.tri", Role.ADMINISTRATOR))
    assert browser.get("/new-page").status_code == 403
    assert not may(Role.ADMINISTRATOR, "new_page")


def test_nobody_reaches_a_staff_page_without_signing_in(browser: Browser) -> None:
    token = browser.token()
    for endpoint in STAFF_ENDPOINTS:
        assert ask(browser, endpoint, token) == 401, endpoint


@pytest.mark.parametrize("role", list(Role))
def test_a_role_reaches_what_the_table_grants_it_and_is_refused_the_rest(browser: Browser, role: Role) -> None:
    browser.sign_in(add_staff(browser.app.extensions["db"], f"vai.{role}", role))
    token = browser.token("/password")
    for endpoint in STAFF_ENDPOINTS:
        if endpoint == "accounts.sign_out":
            continue  # ends the session this test lives on; asked for below
        is_refused = ask(browser, endpoint, token) == 403
        assert is_refused is (role not in granted(ACCESS[endpoint])), endpoint
    assert ask(browser, "accounts.sign_out", token) == 303


def granted(access: Access) -> frozenset[Role]:
    assert not isinstance(access, Audience)
    return access


def test_a_colleague_of_another_hospital_finds_nothing_of_ours(browser: Browser, kiosk: Device) -> None:
    database: Database = browser.app.extensions["db"]
    encounter_id = register(database, arrival(), kiosk).answer.encounter_id
    build_hospital(database, FOREIGN)
    browser.sign_in(add_staff(database, "noi.khac", Role.RECEPTION_LEAD, facility=FOREIGN))
    ours = f"/reception/encounters/{encounter_id}"
    token = browser.token("/password")
    assert browser.get(ours).status_code == 404
    for action, fields in [
        ("clinic", {"service": "NHI", "reason": "chuyển thử", "version": "1"}),
        ("reprint", {"copy_number": "1"}),
        (f"issues/{uuid4()}", {"decision": "đã xem"}),
    ]:
        answer = browser.client.post(f"{ours}/{action}", data={"csrf_token": token, **fields})
        assert answer.status_code == 404, action
    assert browser.get(f"/reception/rows?id={encounter_id}").get_json()["rows"] == []
    assert "Thử Nghiệm" not in browser.get("/reception").text
