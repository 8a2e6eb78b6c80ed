"""What was typed when a session ended comes back to who typed it, and to nobody else."""

from datetime import timedelta

from werkzeug.test import TestResponse

from server.accounts import service
from server.accounts.limits import LONGEST_OF_ALL
from server.db import Database
from tests.server.hospital import MORNING
from tests.server.staff import Browser, add_staff

TYPED = '{"page": "/desk", "values": [["full_name", "Nguyễn Thị Thử"]]}'
ENDED = timedelta(hours=1)  # longer than anybody may be away


def send(browser: Browser, path: str, token: str, **body: str) -> TestResponse:
    return browser.client.post(path, json=body, headers={"X-CSRF-Token": token})


def keep(browser: Browser) -> str:
    """Let the session end, and return what the page was given for what it had noted."""
    token = browser.token("/account")
    browser.clock.pass_by(ENDED)
    assert browser.get("/account").status_code == 302
    kept = send(browser, "/session/typed", token, text=TYPED)
    assert kept.status_code == 200
    sealed: str = kept.get_json()["sealed"]
    return sealed


def test_what_was_typed_is_sealed_though_the_session_has_ended_and_opens_for_the_same_person(desk: Browser) -> None:
    sealed = keep(desk)
    assert "Nguy" not in sealed
    desk.sign_in()
    opened = send(desk, "/session/typed/open", desk.token("/account"), sealed=sealed)
    assert opened.get_json() == {"text": TYPED}


def test_a_colleague_at_the_same_desk_does_not_find_it(desk: Browser, hospital: Database) -> None:
    sealed = keep(desk)
    desk.sign_in(add_staff(hospital, "dong.nghiep"))
    token = desk.token("/account")
    assert send(desk, "/session/typed/open", token, sealed=sealed).status_code == 404
    for nothing in ("", "không phải", "QUJD", sealed[:-8]):
        assert send(desk, "/session/typed/open", token, sealed=nothing).status_code == 404


def test_after_a_day_it_is_gone(desk: Browser) -> None:
    sealed = keep(desk)
    desk.clock.pass_by(LONGEST_OF_ALL)
    desk.sign_in()
    assert send(desk, "/session/typed/open", desk.token("/account"), sealed=sealed).status_code == 404


def test_nothing_is_sealed_for_who_has_no_session_or_another_sites_page(desk: Browser, hospital: Database) -> None:
    token = desk.token("/account")
    assert send(desk, "/session/typed", "0" * 64, text=TYPED).status_code == 403
    stranger = desk.another()
    stranger_token = stranger.token("/sign-in")
    assert send(stranger, "/session/typed", stranger_token, text=TYPED).status_code == 401
    with hospital.begin() as session:
        service.disable_user(session, service.get_user(session, "le.tan"), now=MORNING)
    assert send(desk, "/session/typed", token, text=TYPED).status_code == 401


def test_more_than_any_form_holds_is_refused(desk: Browser) -> None:
    token = desk.token("/account")
    assert send(desk, "/session/typed", token, text="x" * 32_000).status_code == 200
    assert send(desk, "/session/typed", token, text="x" * 32_001).status_code == 422
