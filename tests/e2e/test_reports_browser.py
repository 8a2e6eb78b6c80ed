"""Figures of a day, messages to the hospital's system, the audit log and the way in, in a real browser."""

import base64
import threading
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from server.accounts.roles import Role
from server.accounts.sessions import CONFIRMED_FOR
from server.accounts.totp import code_of, step_at
from server.app import create_app
from server.config import ServerSection, ServerSettings
from server.db import Database
from server.demo.day import add_days
from server.demo.seeding import FACILITY, add_hospital
from server.domain.days import VIETNAM
from server.domain.outbound import Verdict
from server.migrations import migrate
from server.outbox.config import HisSection
from server.outbox.service import Outcome, TakenMessage
from server.outbox.worker import OutboxSender
from server.wiring import connect_log
from tests.e2e.eyes import assert_accessible, assert_fits
from tests.e2e.staff_pages import new_page, type_account
from tests.server.hospital import arrival, register
from tests.server.staff import PASSWORD, SettableClock, add_staff

NOW = datetime(2026, 11, 23, 7, 20, tzinfo=VIETNAM)
WORDS = "Patient.birthDate: cần đủ ngày, tháng, năm sinh"


class Refusing:
    """A hospital's system that takes nothing."""

    def send(self, message: TakenMessage) -> Outcome:
        return Outcome(Verdict.REFUSED, "his.status-422", WORDS)


@pytest.fixture(scope="module")
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, clock: SettableClock) -> Iterator[str]:
    """A server at twenty past seven of an invented day, with one refused message."""
    home = tmp_path_factory.mktemp("reports")
    database = Database(f"sqlite:///{home / 'tiepdon.db'}", connections=8)
    migrate(database)
    connect_log(database, home, told=[FACILITY])
    with database.begin() as session:
        add_hospital(session, NOW)
    add_days(database, FACILITY, NOW, data_dir=home, checks_insurance=True)
    register(database, arrival("034190000017"), None, now=NOW)
    OutboxSender(database, Refusing(), now=clock.now).send_next()
    add_staff(database, "truong", Role.RECEPTION_LEAD)
    add_staff(database, "kiem.tra", Role.AUDITOR)
    add_staff(database, "quan.tri", Role.ADMINISTRATOR)
    add_staff(database, "co.khoa", Role.AUDITOR)
    his = HisSection(driver="simulated", base_url="http://127.0.0.1:1", facilities=(FACILITY,))
    app = create_app(ServerSettings(server=ServerSection(data_dir=home, his=his)), database=database, clock=clock)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["live"].stop()
    database.close()


@pytest.fixture
def lead(browser: Browser, address: str) -> Iterator[Page]:
    page = new_page(browser)
    page.goto(f"{address}/sign-in")
    type_account(page, "truong", PASSWORD)
    yield page
    page.context.close()


def assert_good(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    assert_accessible(page)
    assert_fits(page)


def test_the_days_figures_are_there_in_both_languages_and_can_be_taken_away(
    lead: Page, address: str, screenshots: Path, tmp_path: Path
) -> None:
    lead.get_by_role("link", name="Báo cáo").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("23/11/2026")
    expect(lead.get_by_role("img", name="Biểu đồ lượt đăng ký theo giờ đến")).to_be_visible()
    assert_good(lead, screenshots / "report-vi.png")
    with lead.expect_download() as waiting:
        lead.get_by_role("button", name="Tất cả bảng (Excel)").click()
    assert waiting.value.suggested_filename == "tiepdon-34999-2026-11-23-all.xlsx"
    book = tmp_path / "book.xlsx"
    waiting.value.save_as(book)
    assert zipfile.ZipFile(book).testzip() is None
    with lead.expect_download() as waiting:
        lead.get_by_role("button", name="Tải bảng “Theo phòng khám” (CSV)").click()
    table = tmp_path / "table.csv"
    waiting.value.save_as(table)
    assert table.read_text(encoding="utf-8-sig").startswith("Phòng khám;Lượt;")
    lead.get_by_role("button", name="English").click()
    expect(lead.get_by_role("heading", name="By clinic")).to_be_visible()
    assert_good(lead, screenshots / "report-en.png")


def test_a_refused_message_is_shown_with_its_reason_and_sent_again_by_a_button(
    lead: Page, address: str, screenshots: Path
) -> None:
    lead.get_by_role("link", name="Gửi HIS").click()
    expect(lead.get_by_text(WORDS)).to_be_visible()
    assert_good(lead, screenshots / "outbox-vi.png")
    lead.get_by_role("button", name="Gửi lại thư của số").click()
    expect(lead.get_by_role("status")).to_have_text("Sẽ gửi lại ngay.")
    expect(lead.get_by_text("Không có thư nào bị từ chối.")).to_be_visible()
    lead.get_by_role("button", name="English").click()
    expect(lead.get_by_text("No message was refused.")).to_be_visible()
    assert_good(lead, screenshots / "outbox-en.png")


def test_the_auditor_takes_the_log_away_after_the_password_and_is_warned_before_the_session_ends(
    browser: Browser, address: str, clock: SettableClock, screenshots: Path, tmp_path: Path
) -> None:
    page = new_page(browser)
    page.goto(f"{address}/sign-in")
    type_account(page, "kiem.tra", PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nhật ký hệ thống")
    page.get_by_role("button", name="Kiểm tra các dòng mới").click()
    expect(page.get_by_text("Nguyên vẹn: dòng 1–")).to_be_visible()
    assert_good(page, screenshots / "audit-vi.png")
    clock.pass_by(timedelta(minutes=11))
    page.get_by_role("button", name="Tải về CSV").click()
    page.get_by_label("Mật khẩu của anh/chị").fill(PASSWORD)
    with page.expect_download() as waiting:  # begins by itself, on a page that leads back
        page.keyboard.press("Enter")
    file = tmp_path / "log.csv"
    waiting.value.save_as(file)
    assert file.read_text(encoding="utf-8-sig").startswith("Dòng;Thời gian;Ai;")
    page.get_by_role("link", name="Về trang trước").click()
    number = page.get_by_label("Số của người bệnh")
    number.fill("034190")
    page.wait_for_load_state()  # the page's script has looked at the clock
    passes = timedelta(minutes=13, seconds=30)
    clock.pass_by(passes)
    page.evaluate("ms => { const now = Date.now; Date.now = () => now() + ms; }", passes.total_seconds() * 1000)
    warning = page.get_by_role("dialog", name="Sắp đăng xuất")
    expect(warning).to_be_visible()
    assert_good(page, screenshots / "session-ends-vi.png")
    warning.get_by_role("button").click()  # the one there is: to continue
    expect(warning).to_be_hidden()
    expect(number).to_have_value("034190")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
    assert_good(page, screenshots / "audit-en.png")
    page.context.close()


def test_what_was_typed_when_the_session_ended_stands_there_again_after_signing_in(
    browser: Browser, address: str, clock: SettableClock
) -> None:
    page = new_page(browser)
    page.goto(f"{address}/sign-in?next=/staff/new")
    type_account(page, "quan.tri", PASSWORD)
    name, role = page.get_by_label("Họ và tên"), page.get_by_label("Vai trò")
    name.press_sequentially("Nguyễn Thị Thử")
    role.select_option("clinician")
    page.wait_for_load_state()  # the page's script has looked at the clock
    away = timedelta(minutes=20)
    clock.pass_by(away)
    page.evaluate("ms => { const now = Date.now; Date.now = () => now() + ms; }", away.total_seconds() * 1000)
    expect(page.get_by_role("status")).to_contain_text("Phiên làm việc đã kết thúc")
    assert "Nguyễn" not in page.content()
    kept = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "Nguyễn" not in kept
    type_account(page, "quan.tri", PASSWORD)
    expect(page.get_by_role("status")).to_contain_text("Đã điền lại những gì anh/chị nhập")
    expect(name).to_have_value("Nguyễn Thị Thử")
    expect(role).to_have_value("clinician")
    assert page.evaluate("sessionStorage.length") == 0
    page.context.close()


def plug_in_a_key(page: Page) -> None:
    """Give the browser a security key with a PIN, of Chromium's own making."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip


def test_a_security_key_is_added_beside_the_app_signs_in_confirms_and_is_removed(
    browser: Browser, address: str, clock: SettableClock, screenshots: Path
) -> None:
    here = address.replace("127.0.0.1", "localhost")  # browsers offer keys for names alone
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN")
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    plug_in_a_key(page)

    def give_password() -> None:
        page.goto(f"{here}/sign-in?next=/second-factor")
        page.locator("#username").fill("co.khoa")
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")

    give_password()
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Bắt đầu thiết lập").click()
    secret = base64.b32decode(page.locator("main code").inner_text().replace(" ", ""))
    page.locator("#code").fill(code_of(secret, step_at(clock.now())))
    page.get_by_role("button", name="Hoàn tất").click()
    page.get_by_role("heading", name="Mã dự phòng").wait_for()

    page.goto(f"{here}/second-factor")
    page.get_by_label("Đặt tên cho khóa").fill("khóa USB xanh")
    page.get_by_role("button", name="Thêm khóa").click()
    expect(page.get_by_role("button", name="Bắt đầu")).to_be_focused()
    assert_good(page, screenshots / "key-begin-vi.png")
    page.get_by_role("button", name="Bắt đầu").click()
    expect(page.get_by_text("Đã thêm khóa bảo mật.")).to_be_visible()
    assert_good(page, screenshots / "keys-vi.png")

    page.get_by_role("button", name="Đăng xuất").click()
    give_password()
    expect(page.get_by_role("button", name="Dùng khóa bảo mật")).to_be_focused()
    assert_good(page, screenshots / "key-sign-in-vi.png")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Khóa bảo mật").wait_for()
    expect(page.get_by_role("row", name="khóa USB xanh")).not_to_contain_text("chưa dùng")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Security keys")).to_be_visible()
    assert_good(page, screenshots / "keys-en.png")

    clock.pass_by(CONFIRMED_FOR)
    page.get_by_role("button", name="Remove the key khóa USB xanh").click()
    page.get_by_role("button", name="Confirm with a security key").wait_for()
    assert_good(page, screenshots / "key-step-up-en.png")
    page.get_by_role("button", name="Confirm with a security key").click()
    expect(page.get_by_text("The security key was removed.")).to_be_visible()
    context.close()
