"""Headers on every answer, and requests that did not come from our own pages."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.accounts.models import StaffSession
from server.accounts.roles import Role
from server.db import Database
from tests.server.staff import Browser, add_staff


@pytest.fixture
def browser(browser: Browser, hospital: Database) -> Browser:
    add_staff(hospital)
    return browser


def assert_hardened(answer: TestResponse) -> None:
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/", 302),
        ("/healthz", 200),
        ("/static/server/page.css", 200),
        ("/no-such-page", 404),
        ("/api/v1/encounters", 401),
        ("/static/../server/app.py", 404),
    ],
)
def test_every_answer_is_hardened(browser: Browser, path: str, status: int) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert_hardened(answer)
    answer.close()


def test_an_answer_to_a_failure_of_ours_is_hardened_and_tells_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in()
    monkeypatch.setattr("server.reception.views.list_clinics", lambda *_, **__: 1 / 0)
    answer = browser.get("/reception")
    assert answer.status_code == 500
    assert_hardened(answer)
    assert "Mã sự cố" in answer.text
    assert "ZeroDivision" not in answer.text


def test_a_mistyped_address_is_a_page_for_people_and_a_problem_document_for_machines(browser: Browser) -> None:
    as_chromium_asks = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = browser.get("/recepton", headers={"Accept": as_chromium_asks})
    assert page.status_code == 404
    assert "Không tìm thấy trang" in page.text
    for accept in ("*/*", "application/json"):
        assert browser.get("/recepton", headers={"Accept": accept}).get_json()["code"] == "http.not_found"


def test_pages_are_never_kept_and_static_files_may_be(browser: Browser) -> None:
    assert browser.get("/sign-in").headers["Cache-Control"] == "no-store"
    browser.sign_in()
    assert browser.get("/reception").headers["Cache-Control"] == "no-store"
    answer = browser.get("/static/server/page.css")
    assert "no-store" not in answer.headers["Cache-Control"]
    answer.close()


def test_over_https_the_cookie_has_all_its_locks_and_the_browser_is_told_to_stay_there(browser: Browser) -> None:
    answer = browser.get("/sign-in", base_url="https://tiepdon.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-tiepdon=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_over_plain_http_the_cookie_works_without_being_secure(browser: Browser) -> None:
    answer = browser.get("/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("tiepdon=")
    assert {"HttpOnly", "Path=/", "SameSite=Strict"} <= set(cookie.split("; "))
    assert "Secure" not in cookie.split("; ")
    assert "Strict-Transport-Security" not in answer.headers


def test_signing_in_gives_a_new_cookie_and_the_old_one_is_nobodys(browser: Browser) -> None:
    before = browser.get("/sign-in").headers["Set-Cookie"].split(";")[0]
    after = browser.sign_in().headers["Set-Cookie"].split(";")[0]
    assert before != after
    stranger = browser.another()
    stranger.client.set_cookie("tiepdon", before.partition("=")[2])
    assert stranger.get("/reception").status_code == 302


def test_signing_out_ends_the_session_on_the_server_too(browser: Browser) -> None:
    cookie = browser.sign_in().headers["Set-Cookie"].split(";")[0].partition("=")[2]
    answer = browser.post("/sign-out", token_from="/reception")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    browser.client.set_cookie("tiepdon", cookie)
    assert browser.get("/reception").status_code == 302


def test_an_idle_browser_must_sign_in_again_and_what_it_fetches_by_itself_does_not_count(browser: Browser) -> None:
    browser.sign_in()
    for _ in range(4):
        browser.clock.pass_by(timedelta(minutes=9))
        answer = browser.get("/reception/calls", headers={"X-Background": "1", "Sec-Fetch-Mode": "cors"})
    assert answer.status_code == 401


def test_a_person_who_works_stays_signed_in(browser: Browser) -> None:
    browser.sign_in()
    for _ in range(4):
        browser.clock.pass_by(timedelta(minutes=9))
        answer = browser.get("/reception")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Origin": "https://evil.example"}, "another site's form"),
        ({"Origin": "null"}, "a sandboxed frame"),
        ({"Origin": "http://localhost:8001"}, "another port of this machine"),
        ({"Sec-Fetch-Site": "cross-site"}, "the browser says so"),
        ({"Sec-Fetch-Site": "same-site"}, "a neighbour below the same domain"),
    ],
)
def test_a_form_sent_from_elsewhere_is_refused_even_with_the_token(
    browser: Browser, headers: dict[str, str], why: str
) -> None:
    browser.sign_in()
    answer = browser.client.post("/sign-out", data={"csrf_token": browser.token("/reception")}, headers=headers)
    assert answer.status_code == 403, why
    assert browser.get("/reception").status_code == 200


def test_a_form_from_our_own_page_is_taken(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/reception")
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post("/sign-out", data={"csrf_token": token}, headers=headers).status_code == 303


def test_without_the_token_or_with_somebody_elses_nothing_happens(browser: Browser) -> None:
    browser.sign_in()
    stranger = browser.another()
    for fields in [{}, {"csrf_token": ""}, {"csrf_token": "é" * 64}, {"csrf_token": stranger.token()}]:
        assert browser.client.post("/sign-out", data=fields).status_code == 403
    assert browser.get("/reception").status_code == 200


def test_a_script_of_ours_may_send_the_token_in_a_header_and_plain_text_cannot_carry_it(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/reception")
    plain = browser.client.post("/sign-out", data=f"csrf_token={token}", content_type="text/plain")
    assert plain.status_code == 403
    assert browser.client.post("/sign-out", headers={"X-CSRF-Token": token}).status_code == 303


def test_the_sign_in_form_itself_cannot_be_sent_from_elsewhere(browser: Browser, hospital: Database) -> None:
    answer = browser.client.post("/sign-in", data={"username": "le.tan", "password": "con ngựa đúng pin ghim"})
    assert answer.status_code == 403
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0


@pytest.mark.parametrize(
    ("wanted", "goes_to"),
    [
        ("/reception/encounters/1", "/reception/encounters/1"),
        ("https://evil.example/", "/reception"),
        ("//evil.example/", "/reception"),
        ("/\\evil.example/", "/reception"),
        ("/\nevil", "/reception"),
        ("reception", "/reception"),
        ("", "/reception"),
    ],
)
def test_after_signing_in_one_lands_on_our_own_pages_only(browser: Browser, wanted: str, goes_to: str) -> None:
    assert browser.sign_in(next=wanted).headers["Location"] == goes_to


def test_wrong_password_shows_the_form_again_in_the_chosen_language(browser: Browser) -> None:
    browser.post("/language", language="en", next="/sign-in")
    answer = browser.sign_in(password="sai mật khẩu rồi")
    assert answer.status_code == 422
    assert "User name or password is not right" in answer.text
    assert "sai mật khẩu rồi" not in answer.text


def test_too_many_mistakes_say_when_to_come_back(browser: Browser) -> None:
    for _ in range(4):
        browser.sign_in(password="sai mật khẩu rồi")
    answer = browser.sign_in()
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"
    assert "2 giây" in answer.text


def test_a_name_made_of_markup_is_shown_as_text(browser: Browser, hospital: Database) -> None:
    answer = browser.sign_in("<script>alert(1)</script>{{7*7}}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in answer.text


def test_an_open_page_learns_how_long_the_session_lasts_and_says_that_somebody_is_there(browser: Browser) -> None:
    browser.sign_in()
    assert re.search(r'id="session-end"[^>]* data-left-s="900.0" data-warned-s="120.0"', browser.get("/reception").text)
    browser.clock.pass_by(timedelta(minutes=14))
    asked = browser.get("/session", headers={"X-Background": "1"})
    assert asked.get_json() == {"left_s": 60.0, "can_go_on": True}
    token = browser.token("/password")  # opening a page is being there, too
    browser.clock.pass_by(timedelta(minutes=14))
    there = browser.client.post("/session", headers={"X-CSRF-Token": token})
    assert there.get_json()["left_s"] == 900.0
    browser.clock.pass_by(timedelta(minutes=15))
    assert browser.get("/session", headers={"Sec-Fetch-Mode": "cors"}).status_code == 401


def test_nothing_puts_off_the_end_of_a_shift(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/password")
    for _ in range(71):
        browser.clock.pass_by(timedelta(minutes=10))
        said = browser.client.post("/session", headers={"X-CSRF-Token": token}).get_json()
    assert said == {"left_s": 600.0, "can_go_on": False}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_lands_on_a_screen_of_its_own(browser: Browser, hospital: Database, role: Role) -> None:
    answer = browser.sign_in(add_staff(hospital, f"vai.{role}", role))
    assert browser.get("/").headers["Location"] == answer.headers["Location"]
    assert browser.get(answer.headers["Location"]).status_code == 200
