"""Security keys beside the app: added, asked for, used once, suspected, removed; on pages where keys can work."""

import html
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.accounts import second_factor, service
from server.accounts.models import SecurityKey
from server.accounts.relying_party import RelyingParty
from server.accounts.roles import Role
from server.accounts.security_keys import CHALLENGE_LIFE, MOST_KEYS
from server.accounts.sessions import CONFIRMED_FOR, SignedIn, find_awaiting
from server.accounts.signing_in import give_key
from server.accounts.totp import code_of, step_at
from server.accounts.vault import Vault
from server.audit import AuditLine
from server.config import ServerSection
from server.db import Database
from tests.server.accounts.authenticator import PRESENT, Authenticator
from tests.server.hospital import MORNING
from tests.server.staff import PASSWORD, Browser, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")

HERE = "http://localhost"  # what the test client asks


def enrol_app(database: Database, vault: Vault, username: str) -> None:
    with database.begin() as session:
        user = service.get_user(session, username)
        secret = second_factor.begin(session, user.id, vault=vault)
        code = code_of(secret, step_at(MORNING))
        assert second_factor.confirm(session, user.id, code, vault=vault, by=f"staff:{username}", now=MORNING)


@pytest.fixture
def browser(browser: Browser, hospital: Database) -> Browser:
    """Of le.tan, who has the app set up and is signed in since just now."""
    browser.sign_in(add_staff(hospital, "le.tan", Role.RECEPTION_LEAD))
    enrol_app(hospital, browser.app.extensions["vault"], "le.tan")
    return browser


def asked_of_new_key(page: TestResponse) -> Any:
    found = re.search(r'data-new-key="([^"]+)"', page.text)
    assert found, page.text
    return json.loads(html.unescape(found[1]))


def add_key(
    browser: Browser, authenticator: Authenticator, name: str = "khóa xanh", **differently: Any
) -> TestResponse:
    asked = asked_of_new_key(browser.send("/second-factor/keys/new", name=name))
    return browser.send("/second-factor/keys", name=name, key_answer=authenticator.create(asked, **differently))


def options(browser: Browser, page: str = "/sign-in/code") -> TestResponse:
    return browser.client.post("/sign-in/key/options", headers={"X-CSRF-Token": browser.token(page)})


def give(browser: Browser, answer: str, **fields: str) -> TestResponse:
    return browser.post("/sign-in/key", token_from="/sign-in/code", key_answer=answer, **fields)


def keep_keys(database: Database, count: int, *, rp_id: str) -> None:
    """Have le.tan own so many keys that nobody holds."""
    with database.begin() as session:
        user_id = service.get_user(session, "le.tan").id
        session.add_all(
            SecurityKey(
                user_id=user_id, name=f"khóa {number}", rp_id=rp_id, credential_id=bytes([number]), credential=b"",
                transports=[], verifies_person=True, sign_count=0, added_at=MORNING,
            )
            for number in range(count)
        )  # fmt: skip


def acts(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(sa.select(AuditLine.action).order_by(AuditLine.sequence)))


@pytest.fixture
def key(browser: Browser) -> Authenticator:
    """A key that le.tan has added."""
    key = Authenticator(HERE)
    assert add_key(browser, key).headers["Location"] == "/second-factor?notice=key.added"
    return key


def test_the_password_and_a_touch_sign_in_and_the_page_says_when_the_key_was_used(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    assert "chưa dùng" in browser.get("/second-factor").text
    key.flags = PRESENT  # no PIN is asked for right behind the password
    other = browser.another()
    assert other.sign_in(next="/counter").headers["Location"] == "/sign-in/code?next=/counter"
    asked = options(other).get_json()
    assert asked["publicKey"]["userVerification"] == "discouraged"
    before = other.client.get_cookie("tiepdon")
    assert give(other, key.get(asked), next="/counter").headers["Location"] == "/counter"
    after = other.client.get_cookie("tiepdon")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert "07:" in other.get("/second-factor").text
    assert "chưa dùng" not in other.get("/second-factor").text
    assert "staff.key-added" in acts(hospital)


def test_an_answer_opens_once_and_in_its_own_session_only(browser: Browser, key: Authenticator) -> None:
    first, second = browser.another(), browser.another()
    first.sign_in()
    second.sign_in()
    answer = key.get(options(first).get_json())
    options(second)
    assert give(second, answer).status_code == 422
    assert give(first, answer).status_code == 303
    again = browser.another()
    again.sign_in()
    assert give(again, answer).status_code == 422


def test_one_answer_sent_many_times_at_once_opens_one_session(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    other = browser.another()
    other.sign_in()
    answer = key.get(options(other).get_json())
    cookie = other.client.get_cookie("tiepdon")
    assert cookie is not None
    with hospital.reading() as session:
        staff = find_awaiting(session, cookie.value, now=MORNING)
    assert staff is not None
    start = threading.Barrier(3)

    def send(_: int) -> bool:
        start.wait(30)
        outcome = give_key(
            hospital, staff, answer=answer, party=RelyingParty("localhost", HERE), address="1", now=MORNING
        )
        return isinstance(outcome, SignedIn)

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(send, range(3))) == [False, False, True]


def test_an_answer_that_was_refused_is_used_up(browser: Browser, key: Authenticator) -> None:
    other = browser.another()
    other.sign_in()
    asked = options(other).get_json()
    assert give(other, key.get(asked, origin="https://tiepdon.example")).status_code == 422
    assert give(other, key.get(asked)).status_code == 422
    assert give(other, key.get(options(other).get_json())).status_code == 303


def test_a_key_that_is_asked_late_opens_nothing(browser: Browser, hospital: Database, key: Authenticator) -> None:
    browser.clock.pass_by(CONFIRMED_FOR)
    asked = options(browser, "/password").get_json()
    browser.clock.pass_by(CHALLENGE_LIFE)
    assert browser.send("/staff/x", key_answer=key.get(asked)).status_code == 404
    refused = browser.send("/second-factor/keys/new", name="hai", key_answer=key.get(asked))
    assert refused.status_code == 422
    assert acts(hospital)[-1] == "staff.confirmation-refused"


def test_acts_of_weight_take_a_key_with_its_pin_and_carry_on_with_the_form(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    browser.clock.pass_by(CONFIRMED_FOR)
    page = browser.send("/second-factor/keys/new", name="khóa thứ hai")
    assert page.status_code == 403
    assert "Xác nhận bằng khóa bảo mật" in page.text
    asked = options(browser, "/password").get_json()
    assert asked["publicKey"]["userVerification"] == "required"
    key.flags = PRESENT  # somebody touches the key that was left in the desk
    touched = browser.send("/second-factor/keys/new", name="khóa thứ hai", key_answer=key.get(asked))
    assert touched.status_code == 422
    assert key.get(asked) not in touched.text
    key.flags = Authenticator(HERE).flags
    asked = options(browser, "/password").get_json()
    done = browser.send("/second-factor/keys/new", name="khóa thứ hai", key_answer=key.get(asked))
    assert "khóa thứ hai" in done.text
    assert asked_of_new_key(done)
    assert acts(hospital)[-2:] == ["staff.confirmation-refused", "staff.confirmed"]


def test_a_key_without_a_pin_signs_in_and_does_not_stand_for_the_password(browser: Browser) -> None:
    key = Authenticator(HERE, has_pin=False)
    add_key(browser, key)
    assert "chỉ dùng khi đăng nhập" in browser.get("/second-factor").text
    browser.clock.pass_by(CONFIRMED_FOR)
    page = browser.send("/second-factor/keys/new", name="khóa thứ hai")
    assert page.status_code == 403
    assert "Xác nhận bằng khóa bảo mật" not in page.text
    assert options(browser, "/password").status_code == 404
    other = browser.another()
    other.sign_in()
    assert give(other, key.get(options(other).get_json())).status_code == 303


def test_a_counter_that_went_back_stops_the_key_and_is_audited(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    key.counter -= 1  # the copy signs what the key signed before
    other = browser.another()
    other.sign_in()
    assert give(other, key.get(options(other).get_json())).status_code == 422
    assert acts(hospital)[-2:] == ["staff.key-copy-refused", "staff.second-factor-refused"]
    key.counter += 100
    assert options(other).status_code == 404  # not even with a higher one: who knows which of the two it is
    assert "Dùng khóa bảo mật" not in other.get("/sign-in/code").text
    assert "dấu hiệu khóa bị sao chép" in browser.get("/second-factor").text


def test_a_key_that_never_counts_is_no_copy(browser: Browser) -> None:
    key = Authenticator(HERE, counts=False)
    add_key(browser, key)
    for _ in range(2):
        other = browser.another()
        other.sign_in()
        assert give(other, key.get(options(other).get_json())).status_code == 303


def test_a_key_is_added_once_with_a_name_and_beside_the_app_only(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    asked = asked_of_new_key(browser.send("/second-factor/keys/new", name="lại"))
    assert len(asked["publicKey"]["excludeCredentials"]) == 1  # the browser refuses it by itself
    assert browser.send("/second-factor/keys", name="lại", key_answer=key.create(asked)).status_code == 422
    assert browser.send("/second-factor/keys/new", name="  ").status_code == 422
    with hospital.reading() as session:
        assert session.scalars(sa.select(SecurityKey.name)).all() == ["khóa xanh"]
    browser.post("/second-factor/remove", token_from="/password", password=PASSWORD)
    with hospital.reading() as session:
        assert session.scalars(sa.select(SecurityKey)).all() == []
    refused = browser.send("/second-factor/keys/new", name="một mình")
    assert refused.status_code == 422
    assert "Xin thiết lập ứng dụng xác thực trước" in refused.text


def test_an_account_has_so_many_keys_and_no_more(browser: Browser, hospital: Database) -> None:
    keep_keys(hospital, MOST_KEYS, rp_id="localhost")
    assert browser.send("/second-factor/keys/new", name="nữa").status_code == 422
    assert f"Đã đủ {MOST_KEYS} khóa" in browser.get("/second-factor").text


def test_one_s_own_key_is_removed_after_confirming_and_nobody_removes_another_s(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    with hospital.reading() as session:
        key_id = session.scalars(sa.select(SecurityKey.id)).one()
    add_staff(hospital, "nguoi.khac", Role.RECEPTION)
    other = browser.another()
    other.sign_in("nguoi.khac")
    assert other.send(f"/second-factor/keys/{key_id}/remove").status_code == 404
    browser.clock.pass_by(CONFIRMED_FOR)
    assert browser.send(f"/second-factor/keys/{key_id}/remove").status_code == 403
    gone = browser.send(f"/second-factor/keys/{key_id}/remove", step_up_secret=PASSWORD)
    assert gone.headers["Location"] == "/second-factor?notice=key.removed"
    assert acts(hospital)[-1] == "staff.key-removed"


def test_an_administrator_takes_a_lost_key_away_and_the_app_goes_on(
    browser: Browser, hospital: Database, key: Authenticator
) -> None:
    office = browser.another()
    office.sign_in(add_staff(hospital, "quan.tri", Role.ADMINISTRATOR))
    with hospital.reading() as session:
        one = session.scalars(sa.select(SecurityKey)).one()
        user_id = service.get_user(session, "le.tan").id
    assert "khóa xanh" in office.get(f"/staff/{user_id}").text
    done = office.send(f"/staff/{user_id}/keys/{one.id}/remove")
    assert done.headers["Location"] == f"/staff/{user_id}?done=key"
    assert browser.get("/reception").status_code == 302  # signed out: whose hands was it in?
    assert browser.sign_in().headers["Location"] == "/sign-in/code"
    assert options(browser).status_code == 404


@pytest.mark.parametrize(
    ("staff_url", "base_url", "at_sign_in", "in_settings"),
    [
        (None, "http://192.168.1.10:8000", "Mở ứng dụng", "Bệnh viện chưa khai báo địa chỉ này"),
        (
            "https://tiepdon.benhvien.vn", "http://192.168.1.10:8000",
            "xin đăng nhập tại https://tiepdon.benhvien.vn", "mở trang này tại https://tiepdon.benhvien.vn",
        ),
        ("https://tiepdon.benhvien.vn", "https://tiepdon.benhvien.vn", "Dùng khóa bảo mật", "Đặt tên cho khóa"),
    ],
)  # fmt: skip
def test_a_page_where_no_key_can_work_says_where_one_can(
    hospital: Database, tmp_path: Path, staff_url: str | None, base_url: str, at_sign_in: str, in_settings: str
) -> None:
    browser = Browser(hospital, section=ServerSection(data_dir=tmp_path, staff_url=staff_url))
    add_staff(hospital)
    enrol_app(hospital, browser.app.extensions["vault"], "le.tan")
    keep_keys(hospital, 1, rp_id="tiepdon.benhvien.vn")
    page = browser.app.test_client()
    token = re.search(r'name="csrf_token" value="(\w+)"', page.get("/sign-in", base_url=base_url).text)
    assert token
    page.post(
        "/sign-in", base_url=base_url, data={"csrf_token": token[1], "username": "le.tan", "password": PASSWORD}
    )  # fmt: skip
    assert at_sign_in in page.get("/sign-in/code", base_url=base_url).text
    with hospital.begin() as session:
        session.execute(sa.text("UPDATE staff_session SET awaits_second_factor = false"))
    assert in_settings in page.get("/second-factor", base_url=base_url).text
    browser.close()


def test_signing_in_by_key_is_slowed_like_by_code(browser: Browser, key: Authenticator) -> None:
    for _ in range(4):
        other = browser.another()
        other.sign_in()
        assert give(other, key.get(options(other).get_json(), origin="https://xyz.vn")).status_code == 422
    assert browser.another().sign_in().status_code == 429
    browser.clock.pass_by(timedelta(seconds=2))
    other = browser.another()
    other.sign_in()
    assert give(other, key.get(options(other).get_json())).status_code == 303
