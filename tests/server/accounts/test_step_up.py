"""Acts of weight ask who is there when the last time is long ago, and lose nothing of what was typed."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts import second_factor, service
from server.accounts.access import ACCESS, FILES, STEP_UP
from server.accounts.models import User
from server.accounts.roles import Role
from server.accounts.service import ONE_TIME_LIFE
from server.accounts.sessions import CONFIRMED_FOR
from server.accounts.totp import code_of, step_at
from server.accounts.vault import Vault
from server.db import Database
from tests.server.hospital import MORNING
from tests.server.staff import PASSWORD, Browser, add_staff

NEW = {"username": "moi.den", "full_name": "Nguyễn Mới Đến", "role": "reception"}


@pytest.fixture
def office(browser: Browser, hospital: Database) -> Browser:
    """The administrator's browser, signed in."""
    browser.sign_in(add_staff(hospital, "quan.tri", Role.ADMINISTRATOR))
    return browser


def exists(database: Database, username: str) -> bool:
    with database.reading() as session:
        return service.find_user(session, username) is not None


def test_everything_that_asks_is_in_the_table_and_needs_somebody_signed_in() -> None:
    assert {name for name in STEP_UP if not isinstance(ACCESS.get(name), frozenset)} == set()


def test_soon_after_signing_in_nothing_is_asked(office: Browser, hospital: Database) -> None:
    office.clock.pass_by(CONFIRMED_FOR - timedelta(seconds=1))
    assert office.post("/staff/new", token_from="/staff/new", **NEW).status_code == 201
    assert exists(hospital, "moi.den")


def test_later_the_form_is_kept_until_the_password_shows_that_it_is_still_the_person(
    office: Browser, hospital: Database
) -> None:
    office.clock.pass_by(CONFIRMED_FOR)
    asked = office.post("/staff/new", token_from="/staff/new", **NEW)
    assert asked.status_code == 403
    assert not exists(hospital, "moi.den")
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    assert {name: carried[name] for name in NEW} == NEW
    wrong = office.client.post("/staff/new", data={**carried, "step_up_secret": "không phải mật khẩu"})
    assert wrong.status_code == 422
    assert "Mật khẩu hoặc mã không đúng" in wrong.text
    assert "không phải mật khẩu" not in wrong.text
    assert not exists(hospital, "moi.den")
    assert office.client.post("/staff/new", data={**carried, "step_up_secret": PASSWORD}).status_code == 201
    assert exists(hospital, "moi.den")
    assert office.post("/staff/new", token_from="/staff/new", **{**NEW, "username": "nua"}).status_code == 201


def test_the_apps_code_will_do_once(office: Browser, hospital: Database) -> None:
    vault: Vault = office.app.extensions["vault"]
    with hospital.begin() as session:
        user = service.get_user(session, "quan.tri")
        secret = second_factor.begin(session, user.id, vault=vault)
        code = code_of(secret, step_at(MORNING))
        assert second_factor.confirm(session, user.id, code, vault=vault, by="system", now=MORNING)
    office.clock.pass_by(CONFIRMED_FOR)
    now_code = code_of(secret, step_at(office.clock.now()))
    token = office.token("/staff/new")
    answer = office.client.post("/staff/new", data={"csrf_token": token, "step_up_secret": now_code, **NEW})
    assert answer.status_code == 201
    office.clock.pass_by(CONFIRMED_FOR)
    again = {**NEW, "username": "nua", "csrf_token": token, "step_up_secret": now_code}
    assert office.client.post("/staff/new", data=again).status_code == 422


def test_guessing_is_slowed_down_as_at_sign_in(office: Browser) -> None:
    office.clock.pass_by(CONFIRMED_FOR)
    fields = {"csrf_token": office.token("/staff/new"), "step_up_secret": "sai mật khẩu rồi", **NEW}
    answers = [office.client.post("/staff/new", data=fields).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]


def test_what_a_script_fetches_is_refused_rather_than_asked(office: Browser) -> None:
    token = office.token("/staff/new")
    office.clock.pass_by(CONFIRMED_FOR)
    answer = office.client.post("/staff/new", data={"csrf_token": token, **NEW}, headers={"X-Fragment": "1"})
    assert answer.status_code == 403
    assert "step_up_secret" not in answer.text


@pytest.fixture
def newcomer(office: Browser, hospital: Database) -> tuple[Browser, str]:
    """A second browser, and the password for one use that the administrator handed over."""
    page = office.post("/staff/new", token_from="/staff/new", **NEW).text
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found
    return office.another(), found[1]


def test_a_password_for_one_use_opens_only_the_page_to_make_ones_own(newcomer: tuple[Browser, str]) -> None:
    browser, password = newcomer
    assert browser.sign_in("moi.den", password).status_code == 303
    for path in ("/reception", "/second-factor"):
        assert browser.get(path).headers["Location"] == "/password"
    assert "chỉ dùng một lần" in browser.get("/password").text
    own = "bốn con mèo leo cây"
    done = browser.post("/password", token_from="/password", current=password, new=own, again=own)
    assert done.status_code == 303
    assert browser.sign_in("moi.den", own).headers["Location"] == "/reception"
    assert browser.get("/reception").status_code == 200


def test_a_password_for_one_use_that_lay_about_opens_nothing(newcomer: tuple[Browser, str], office: Browser) -> None:
    browser, password = newcomer
    browser.clock.pass_by(ONE_TIME_LIFE)
    late = browser.sign_in("moi.den", password)
    assert late.status_code == 422
    assert "đã quá 3 ngày và hết hạn" in late.text
    office.sign_in("quan.tri")
    assert "mật khẩu dùng một lần đã hết hạn" in office.get("/staff").text


def user_id(database: Database, username: str) -> UUID:
    with database.reading() as session:
        return session.scalars(sa.select(User.id).where(User.username == username)).one()


def test_a_new_password_by_the_administrator_ends_the_persons_sessions(office: Browser, hospital: Database) -> None:
    desk = office.another()
    desk.sign_in(add_staff(hospital))
    address = f"/staff/{user_id(hospital, 'le.tan')}"
    page = office.post(f"{address}/password", token_from=address)
    assert "chỉ dùng" in page.text or "dùng một lần" in page.text
    assert desk.get("/reception").status_code == 302
    assert desk.sign_in().status_code == 422  # the old one


def test_a_file_that_waited_for_the_password_leaves_the_browser_on_a_page_that_leads_back(
    office: Browser, hospital: Database
) -> None:
    office.clock.pass_by(CONFIRMED_FOR)
    wanted, page = {"day": "2026-11-23", "table": "hours"}, "/reports?day=2026-11-23"
    fields = {"csrf_token": office.token("/reports"), **wanted}
    asked = office.client.post("/reports/csv", data=fields, headers={"Referer": f"http://localhost{page}"})
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', asked.text))
    assert carried["step_up_back"] == page
    confirmed = office.client.post("/reports/csv", data={**carried, "step_up_secret": PASSWORD})
    assert confirmed.mimetype == "text/html"
    assert f'href="{page}"' in confirmed.text
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', confirmed.text))
    assert {name: carried[name] for name in wanted} == wanted
    assert not {"step_up_secret", "step_up_back"} & set(carried)
    assert office.client.post("/reports/csv", data=carried).mimetype == "text/csv"


@pytest.mark.parametrize(
    "referrer",
    [
        "https://example.org/reports",  # a foreign page
        "http://localhost//example.org/",  # a path that browsers take for a host
        "",
    ],
)
def test_the_way_back_leads_to_no_foreign_page(office: Browser, referrer: str) -> None:
    office.clock.pass_by(CONFIRMED_FOR)
    fields = {"csrf_token": office.token("/reports"), "table": "hours"}
    asked = office.client.post("/reports/csv", data=fields, headers={"Referer": referrer} if referrer else {})
    assert 'name="step_up_back" value="/"' in asked.text


def test_what_answers_with_a_file_is_among_what_asks() -> None:
    assert FILES <= STEP_UP
