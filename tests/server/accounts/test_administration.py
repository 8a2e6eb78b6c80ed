"""The administrator's pages, on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import administration, service, tokens
from server.accounts.models import ApiToken, User
from server.accounts.roles import Role
from server.accounts.tokens import Scope
from server.audit import AuditLine
from server.db import Database
from server.errors import Forbidden, Refused, Unauthenticated
from tests.server.hospital import FACILITY, MORNING, build_hospital
from tests.server.staff import Browser, add_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def office(browser: Browser, hospital: Database) -> Browser:
    """The administrator's browser, signed in."""
    browser.sign_in(add_staff(hospital, "quan.tri", Role.ADMINISTRATOR))
    return browser


def address_of(database: Database, username: str) -> str:
    with database.reading() as session:
        return f"/staff/{session.scalars(sa.select(User.id).where(User.username == username)).one()}"


def actions(database: Database) -> list[str]:
    with database.reading() as session:
        lines = session.scalars(sa.select(AuditLine).order_by(AuditLine.sequence))
        return [line.action for line in lines if line.actor == "staff:quan.tri"]


def test_the_list_shows_the_facilitys_accounts_and_nobody_elses(office: Browser, hospital: Database) -> None:
    add_staff(hospital)
    build_hospital(hospital, "79999")
    add_staff(hospital, "noi.khac", facility="79999")
    page = office.get("/staff").text
    assert "Nhân viên le.tan" in page
    assert "nhân viên tiếp đón" in page
    assert "noi.khac" not in page
    foreign = address_of(hospital, "noi.khac")
    assert office.get(foreign).status_code == 404
    for act in ("role", "password", "second-factor", "disable", "enable", "sessions/end"):
        assert office.post(f"{foreign}/{act}", token_from="/staff/new", role="auditor").status_code == 404, act


def test_a_user_name_that_is_taken_or_impossible_is_said_and_the_fields_are_kept(
    office: Browser, hospital: Database
) -> None:
    add_staff(hospital)
    for username, words in (("le.tan", "đã có"), ("lễ tân", "chữ không dấu")):
        answer = office.post(
            "/staff/new", token_from="/staff/new", username=username, full_name="Trần Lễ", role="reception"
        )
        assert answer.status_code == 422
        assert words in answer.text
        assert 'value="Trần Lễ"' in answer.text


def test_a_new_role_begins_with_a_new_sign_in(office: Browser, hospital: Database) -> None:
    desk = office.another()
    desk.sign_in(add_staff(hospital))
    address = address_of(hospital, "le.tan")
    answer = office.post(f"{address}/role", token_from=address, role="cashier")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}?done=role")
    assert "Đã đổi vai trò" in office.get(answer.headers["Location"]).text
    assert desk.get("/reception").status_code == 302
    desk.sign_in()
    assert desk.get("/reception").status_code == 403
    assert "staff.role-changed" in actions(hospital)
    assert office.post(f"{address}/role", token_from=address, role="king").status_code == 422


def test_a_closed_account_is_signed_out_and_opens_again(office: Browser, hospital: Database) -> None:
    desk = office.another()
    desk.sign_in(add_staff(hospital))
    address = address_of(hospital, "le.tan")
    office.post(f"{address}/disable", token_from=address)
    assert desk.get("/reception").status_code == 302
    assert desk.sign_in().status_code == 422
    assert "đã khóa từ" in office.get("/staff").text
    office.post(f"{address}/enable", token_from=address)
    assert desk.sign_in().status_code == 303


def test_one_browser_is_signed_out_and_the_others_stay(office: Browser, hospital: Database) -> None:
    add_staff(hospital)
    first, second = office.another(), office.another()
    first.sign_in()
    office.clock.pass_by(timedelta(minutes=2))
    second.sign_in()
    address = address_of(hospital, "le.tan")
    latest, earlier = re.findall(r'name="session" value="([^"]+)"', office.get(address).text)
    assert UUID(latest) != UUID(earlier)
    office.post(f"{address}/sessions/end", token_from=address, session=earlier)
    assert (first.get("/reception").status_code, second.get("/reception").status_code) == (302, 200)
    office.post(f"{address}/sessions/end", token_from=address)
    assert second.get("/reception").status_code == 302
    assert "Không đăng nhập ở máy nào" in office.get(address).text


def test_an_account_moves_closed_to_another_hospital_whose_administrator_opens_it(
    office: Browser, hospital: Database
) -> None:
    build_hospital(hospital, "79999")
    add_staff(hospital)
    desk = office.another()
    desk.sign_in()
    address = address_of(hospital, "le.tan")
    assert "79999" in office.get(address).text
    done = office.post(f"{address}/facility", token_from=address, facility="79999")
    assert "Đã chuyển tài khoản le.tan" in office.get(done.headers["Location"]).text
    assert desk.get("/reception").status_code == 302, "what is open on a screen belongs to the old hospital"
    assert office.get(address).status_code == 404
    there = office.another()
    there.sign_in(add_staff(hospital, "quan.tri.khac", Role.ADMINISTRATOR, facility="79999"))
    assert "đã khóa" in there.get(address).text
    there.send(f"{address}/enable")
    assert desk.sign_in().status_code == 422, "the old hospital's password opens nothing at the new one"
    password = re.search(r"<code>([^<]+)</code>", there.send(f"{address}/password").text)
    assert password
    assert desk.sign_in("le.tan", password[1]).status_code == 303
    with hospital.reading() as session:
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "staff.moved")).one()
    assert line.details == {"old": FACILITY, "new": "79999"}


@pytest.mark.parametrize(
    ("username", "facility", "status"),
    [
        ("le.tan", FACILITY, 422),  # is there already
        ("le.tan", "00000", 404),  # no such hospital
        ("le.tan", "", 422),
        ("quan.tri", "79999", 422),  # oneself
    ],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(
    office: Browser, hospital: Database, username: str, facility: str, status: int
) -> None:
    build_hospital(hospital, "79999")
    add_staff(hospital)
    address = address_of(hospital, username)
    assert office.post(f"{address}/facility", token_from="/staff/new", facility=facility).status_code == status
    with hospital.reading() as session:
        assert service.get_user(session, username).facility_code == FACILITY


def test_a_hospitals_last_administrator_does_not_move_away(hospital: Database) -> None:
    build_hospital(hospital, "79999")
    add_staff(hospital, "quan.tri", Role.ADMINISTRATOR)
    with hospital.begin() as session, pytest.raises(Refused, match="last_administrator"):
        administration.move_user(session, service.get_user(session, "quan.tri"), "79999", now=MORNING)


def test_ones_own_account_is_not_changed_here(office: Browser, hospital: Database) -> None:
    address = address_of(hospital, "quan.tri")
    page = office.get(address).text
    assert "Đây là tài khoản của anh/chị" in page
    assert "/disable" not in page
    for act in ("role", "disable", "second-factor", "sessions/end"):
        answer = office.post(f"{address}/{act}", token_from="/staff/new", role="auditor")
        assert answer.status_code == 422, act


def test_the_last_administrator_stays_also_when_two_demote_each_other_at_once(hospital: Database) -> None:
    names = [add_staff(hospital, f"quan.tri.{number}", Role.ADMINISTRATOR) for number in range(2)]

    def demote(username: str) -> str:
        def work_on(session: Session) -> str:
            user = service.get_user(session, username)
            administration.change_role(session, user, Role.AUDITOR, now=MORNING)
            return "done"

        try:
            return hospital.transact(work_on)
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demote, names)) == ["account.last_administrator", "done"]
    with hospital.begin() as session:
        left = session.scalars(sa.select(User).where(User.role == Role.ADMINISTRATOR)).one()
        with pytest.raises(Refused, match="last_administrator"):
            service.disable_user(session, left, now=MORNING)


# Tokens of other systems


def give(
    database: Database, *scopes: Scope, name: str = "HIS", expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    with database.begin() as session:
        return tokens.create_token(
            session, facility=FACILITY, name=name, scopes=scopes, by="quan.tri", now=MORNING, expires_at=expires_at
        )


def test_a_system_may_do_what_its_scopes_name_and_no_more(hospital: Database) -> None:
    row, token = give(hospital, Scope.APPOINTMENTS_READ)
    system = tokens.authenticate_system(hospital, token, scope=Scope.APPOINTMENTS_READ, now=MORNING)
    assert (system.name, system.facility, system.actor) == ("HIS", FACILITY, f"integration:{row.id}")
    with pytest.raises(Forbidden, match=r"token\.scope"):
        tokens.authenticate_system(hospital, token, scope=Scope.APPOINTMENTS_WRITE, now=MORNING)
    with pytest.raises(Unauthenticated):
        tokens.authenticate_system(hospital, token + "x", scope=Scope.APPOINTMENTS_READ, now=MORNING)
    assert token not in row.token_hash


def test_a_token_ends_when_it_expires_or_is_revoked(hospital: Database) -> None:
    _, short = give(hospital, Scope.METRICS_READ, expires_at=MORNING + timedelta(days=1))
    row, revoked = give(hospital, Scope.METRICS_READ, name="Theo dõi")
    for _ in range(2):
        with hospital.begin() as session:
            tokens.revoke_token(session, row.id, facility=FACILITY, by="quan.tri", now=MORNING)
    assert tokens.authenticate_system(hospital, short, scope=Scope.METRICS_READ, now=MORNING)
    for token, now in ((short, MORNING + timedelta(days=1)), (revoked, MORNING)):
        with pytest.raises(Forbidden, match=r"token\.ended"):
            tokens.authenticate_system(hospital, token, scope=Scope.METRICS_READ, now=now)


def test_a_token_is_shown_once_and_listed_without_its_secret(office: Browser, hospital: Database) -> None:
    fields = {"name": "Phần mềm HIS", "scopes": ["encounters:read", "appointments:write"], "lives_days": "90"}
    token = office.token("/staff/systems")
    shown = office.client.post("/staff/systems", data={"csrf_token": token, **fields})
    assert shown.status_code == 201
    secret = re.search(r"<code>(tdi_[^<]+)</code>", shown.text)
    assert secret
    page = office.get("/staff/systems").text
    assert secret[1] not in page
    assert "đặt và hủy lịch hẹn, xem lượt khám" in page
    assert tokens.authenticate_system(hospital, secret[1], scope=Scope.ENCOUNTERS_READ, now=MORNING)
    assert office.client.post("/staff/systems", data={"csrf_token": token, **fields}).status_code == 422  # the name
    without = {"csrf_token": token, "name": "Không quyền"}
    assert "ít nhất một quyền" in office.client.post("/staff/systems", data=without).text
    address = re.search(r'action="(/staff/systems/[^"]+/revoke)"', page)
    assert address
    assert office.post(address[1], token_from="/staff/systems").status_code == 303
    assert "đã thu hồi" in office.get("/staff/systems").text
    assert actions(hospital)[-2:] == ["token.created", "token.revoked"]


def test_a_displays_key_is_shown_as_the_address_to_open(office: Browser) -> None:
    fields = {"name": "Màn hình sảnh", "scopes": "calls:speak", "lives_days": "365"}
    shown = office.client.post("/staff/systems", data={"csrf_token": office.token("/staff/systems"), **fields}).text
    assert re.search(rf"<code>http://localhost/board/all\?facility={FACILITY}#key=tdi_[\w-]{{43}}</code>", shown)


def test_ones_own_page_tells_where_one_is_signed_in_and_signs_out_everywhere_else(
    office: Browser, hospital: Database
) -> None:
    add_staff(hospital)
    here, elsewhere = office.another(), office.another()
    here.sign_in()
    elsewhere.sign_in()
    page = here.get("/account").text
    assert page.count("127.0.0.1") == 2
    assert page.count("(máy này)") == 1
    done = here.post("/account/sessions/end", token_from="/account")
    assert "Đã đăng xuất khỏi các máy khác" in here.get(done.headers["Location"]).text
    assert (here.get("/reception").status_code, elsewhere.get("/reception").status_code) == (200, 302)
