"""The reception desk in a real browser, in front of a real server process: live, by keyboard, and readable for all."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.arrivals import Kiosk
from tests.e2e.eyes import assert_accessible
from tests.e2e.hospital import LIVE_LIMIT_MS, Hospital
from tests.e2e.staff_pages import account, open_page

SIZES: Final[dict[str, ViewportSize]] = {
    "1280x800": {"width": 1280, "height": 800},
    "1920x1080": {"width": 1920, "height": 1080},
}


@pytest.fixture
def desk(browser: Browser, server: Hospital) -> Iterator[Page]:
    page = open_page(browser, server, "reception", "/reception", size=SIZES["1280x800"])
    yield page
    page.context.close()


def row_of(page: Page, label: str) -> Any:
    return page.locator("#rows tr", has=page.get_by_role("rowheader").get_by_text(label, exact=True))


def test_an_arrival_appears_on_the_open_page_without_a_reload(desk: Page, kiosk: Kiosk) -> None:
    expect(desk.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
    desk.evaluate("window.isTheSamePage = true")
    label = kiosk.register("Trần Thị Ánh Tuyết")
    row = row_of(desk, label)
    expect(row).to_be_visible(timeout=LIVE_LIMIT_MS)
    expect(row).to_contain_text("Trần Thị Ánh Tuyết")
    expect(row).to_contain_text("Chip, chưa xác thực")
    expect(row).to_contain_text("Chưa kiểm tra")
    expect(desk.locator("#rows tr").first).to_contain_text(label)
    assert desk.evaluate("window.isTheSamePage")


def test_a_call_rings_on_every_desk_until_somebody_goes_also_where_somebody_is_being_registered(
    desk: Page, browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    other = open_page(browser, server, "reception", "/desk")
    other.locator("#full_name").fill("Người Đang Đăng Ký")
    kiosk.call_staff()
    for page in (desk, other):
        expect(page.locator(".calls-card.ringing")).to_contain_text(
            "đang xác nhận danh tính", timeout=LIVE_LIMIT_MS
        )  # fmt: skip
        expect(page).to_have_title(re.compile(r"^\(1\) "))
    other.screenshot(path=screenshots / "desk-ringing.png")
    assert_accessible(other)
    other.keyboard.press("F9")  # the cursor is in a field
    expect(other.locator("#calls-line")).to_be_hidden()
    expect(desk.locator(".calls")).to_contain_text("Không có ai đang gọi", timeout=LIVE_LIMIT_MS)
    expect(desk.locator(".calls-card.ringing")).to_have_count(0)
    expect(other.locator("#full_name")).to_have_value("Người Đang Đăng Ký")
    kiosk.call_staff()
    for page in (desk, other):
        expect(page.locator(".calls-card.ringing")).to_have_count(1, timeout=LIVE_LIMIT_MS)
    desk.locator(".calls .button").first.press("Enter")
    expect(other.locator("#calls-line")).to_be_hidden(timeout=LIVE_LIMIT_MS)
    other.context.close()


def test_the_page_shows_that_the_server_is_gone_and_recovers_what_it_missed(
    desk: Page, server: Hospital, kiosk: Kiosk
) -> None:
    expect(desk.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
    server.stop("tiepdon-server")
    expect(desk.locator("#contact")).to_contain_text("Mất liên lạc với máy chủ từ", timeout=LIVE_LIMIT_MS)
    server.start("tiepdon-server")
    label = kiosk.register("Lê Hoàng Nam")
    expect(row_of(desk, label)).to_be_visible(timeout=LIVE_LIMIT_MS)
    expect(desk.locator("#contact")).to_have_attribute("data-state", "live", timeout=40_000)


def test_where_no_stream_gets_through_the_page_asks_by_itself(desk: Page, kiosk: Kiosk) -> None:
    desk.route("**/reception/stream", lambda route: route.fulfill(status=503))
    desk.reload()
    expect(desk.locator("#contact")).to_have_attribute("data-state", "polling", timeout=LIVE_LIMIT_MS)
    label = kiosk.register("Phạm Ngọc Diệp")
    expect(row_of(desk, label)).to_be_visible(timeout=LIVE_LIMIT_MS)


def test_the_filter_answers_while_one_types_and_keeps_to_itself_what_it_does_not_want(desk: Page, kiosk: Kiosk) -> None:
    wanted = kiosk.register("Đặng Thị Thu Hà")
    expect(row_of(desk, wanted)).to_be_visible(timeout=LIVE_LIMIT_MS)
    desk.keyboard.press("/")
    desk.keyboard.type("dang thu ha")
    expect(desk.locator("#rows tr")).to_have_count(1, timeout=LIVE_LIMIT_MS)
    kiosk.register("Vũ Quốc Khánh")
    same = kiosk.register("Đặng Thu Hà")
    expect(row_of(desk, same)).to_be_visible(timeout=LIVE_LIMIT_MS)
    expect(desk.locator("#rows tr")).to_have_count(2)
    assert "thu" not in desk.url
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text(f"Lượt khám {wanted}")


def test_a_slip_is_printed_again_with_its_number_and_four_keys(desk: Page, kiosk: Kiosk) -> None:
    label = kiosk.register("Ngô Thị Mất Phiếu")
    desk.keyboard.press("F2")
    desk.keyboard.type(label)
    desk.keyboard.press("Enter")  # the only one that fits
    expect(desk.locator("h1")).to_contain_text(f"Lượt khám {label}")
    desk.wait_for_load_state()  # the page's script listens
    desk.keyboard.press("p")
    desk.keyboard.press("Enter")
    expect(desk.locator(".slip-mark")).to_have_text("IN LẠI lần 1")
    expect(desk.locator("#print")).to_be_focused()
    desk.evaluate("() => { window.print = () => dispatchEvent(new Event('afterprint')); }")  # there is no printer
    desk.keyboard.press("Enter")
    expect(desk.locator("#next")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#rows a:focus")).to_have_text(label)


def test_a_change_of_clinic_by_keyboard_shows_on_the_other_desk_and_the_slower_editor_learns_it(
    desk: Page, browser: Browser, server: Hospital, kiosk: Kiosk
) -> None:
    label = kiosk.register("Hoàng Thị Yến Nhi")
    row_of(desk, label).get_by_role("link").click()
    slower = open_page(browser, server, "reception", "/reception", size=SIZES["1280x800"])
    row_of(slower, label).get_by_role("link").click()
    for page in (desk, slower):
        page.locator("#service").focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        page.keyboard.type("Nhầm khoa lúc chọn")
        page.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator(".notice[role=status]")).to_contain_text("Đã chuyển. Số mới:")
    slower.keyboard.press("Enter")
    expect(desk.get_by_text(f"Số cũ {label}")).to_be_visible()
    expect(slower.get_by_role("alert")).to_contain_text("Đồng nghiệp vừa sửa lượt khám này")
    expect(slower.get_by_role("alert")).to_contain_text("Nhầm khoa lúc chọn")  # what the colleague did, and why
    assert_accessible(slower)
    slower.context.close()


def test_a_session_that_ended_leaves_no_patient_on_the_screen(desk: Page, kiosk: Kiosk) -> None:
    kiosk.register("Bùi Minh Châu")
    expect(desk.get_by_text("Bùi Minh Châu")).to_be_visible(timeout=LIVE_LIMIT_MS)
    desk.context.clear_cookies()
    kiosk.call_staff()  # something to fetch
    expect(desk.locator("#username")).to_be_visible(timeout=LIVE_LIMIT_MS)
    expect(desk.get_by_role("status")).to_contain_text("Phiên làm việc đã kết thúc")
    expect(desk.get_by_text("Bùi Minh Châu")).to_have_count(0)


@pytest.mark.parametrize(("language", "size"), [("vi", "1280x800"), ("en", "1280x800"), ("vi", "1920x1080")])
def test_every_page_passes_the_accessibility_check_and_leaves_a_picture(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path, language: str, size: str
) -> None:
    kiosk.register("Nguyễn Văn Đức", assurance="chip-contradicted", reasons=["pa.csca_unknown"])
    label = kiosk.register("Nguyễn Thị Thanh Huyền", assurance="qr", method="qr", access=None)
    kiosk.call_staff()
    page = open_page(browser, server, "reception", "/reception", size=SIZES[size], language=language)

    def check(name: str) -> None:
        page.screenshot(path=screenshots / f"reception-{name}-{language}-{size}.png", full_page=True)
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the screen"

    expect(page.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
    check("list")
    row_of(page, label).get_by_role("link").click()
    check("encounter")
    page.locator("form[action$=reprint] button").click()
    page.wait_for_selector(".slip")
    check("slip")
    page.goto(f"{server.server_url}/password")
    check("password")
    page.goto(f"{server.server_url}/second-factor")
    page.locator("#password").fill(account(server, "reception")[1])
    page.keyboard.press("Enter")
    page.wait_for_selector(".picture svg")
    check("second-factor")
    page.goto(f"{server.server_url}/reception/encounters/{uuid4()}")
    check("missing")
    page.locator(".frame form[action$=sign-out] button").click()
    page.wait_for_selector("#username")
    check("sign-in")
    page.context.close()


def test_the_row_in_hand_stays_in_place_and_itself_while_others_come_in(desk: Page, kiosk: Kiosk) -> None:
    labels = [kiosk.register(f"Ngô Thị Lượt {n}") for n in range(12)]
    row = row_of(desk, labels[4])
    expect(row_of(desk, labels[-1])).to_be_visible(timeout=LIVE_LIMIT_MS)
    row.hover()
    row.evaluate("row => { window.inHand = row; }")
    left, top = row.bounding_box()["x"], row.bounding_box()["y"]
    newcomer = row_of(desk, kiosk.register("Ngô Thị Đến Sau"))
    for step in range(LIVE_LIMIT_MS // 50):  # a hand on its way: one that rests for long lets the list go
        if newcomer.count():
            break
        desk.mouse.move(left + 30 + step % 2, top + 10)
        desk.wait_for_timeout(50)
    expect(newcomer).to_have_count(1)
    assert abs(row.bounding_box()["y"] - top) < 2
    assert row.evaluate("row => row === window.inHand")
    # By keyboard the same, and back from the visit to its row.
    row.get_by_role("link").focus()
    top = row.bounding_box()["y"]
    expect(row_of(desk, kiosk.register("Ngô Thị Sau Cùng"))).to_have_count(1, timeout=LIVE_LIMIT_MS)
    assert abs(row.bounding_box()["y"] - top) < 2
    desk.keyboard.press("Enter")
    expect(desk.locator("h1")).to_contain_text(f"Lượt khám {labels[4]}")
    desk.wait_for_load_state()  # the page's script listens
    desk.keyboard.press("g")
    expect(desk.locator("#transfer-number")).to_be_focused()
    desk.locator("h1").click()
    desk.keyboard.press("b")
    expect(row_of(desk, labels[4]).get_by_role("link")).to_be_focused()
