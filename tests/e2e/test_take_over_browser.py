"""Somebody is stuck at a kiosk, and the desk takes over: two browsers, a real kiosk and a real server between them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.eyes import assert_accessible
from tests.e2e.hands import Hands, at, start_over, tap_action
from tests.e2e.hospital import LIVE_LIMIT_MS, Hospital
from tests.e2e.staff_pages import open_page


@pytest.fixture
def desk(browser: Browser, hospital: Hospital) -> Iterator[Page]:
    page = open_page(browser, hospital, "reception", "/reception")
    yield page
    page.context.close()


@pytest.fixture
def kiosk(browser: Browser, hospital: Hospital) -> Iterator[tuple[Page, Hands]]:
    """The kiosk's own browser, with its screen left at the welcome page."""
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, has_touch=True, locale="vi-VN")
    page = context.new_page()
    page.goto(hospital.kiosk_url)
    at(page, "welcome")
    yield page, Hands(context, hospital.kiosk_url)
    start_over(page)
    context.close()


def test_who_failed_twice_is_seen_at_the_desk_and_taken_over_with_nothing_typed_again(
    desk: Page, kiosk: tuple[Page, Hands], screenshots: Path
) -> None:
    page, hands = kiosk
    for _ in range(2):
        hands.show_card_code("duc")
        at(page, "confirming")
        tap_action(page, "reject")
        at(page, "problem")
        tap_action(page, "start-over")
        at(page, "welcome")
    hands.show_card_code("duc")
    at(page, "confirming")
    tap_action(page, "confirm")
    at(page, "choosing")
    strip = desk.locator("#strip")
    expect(strip).to_contain_text("Gặp lỗi 2 lần, cần giúp", timeout=LIVE_LIMIT_MS)
    assert_accessible(desk)
    desk.screenshot(path=screenshots / "reception-kiosk-in-need.png")
    strip.get_by_role("button", name="Tiếp nhận tại quầy").click()
    desk.wait_for_url("**/desk?draft=*", timeout=LIVE_LIMIT_MS)
    expect(desk.locator("#full_name")).to_have_value("Nguyễn Văn Đức")
    expect(desk.locator("#personal_number")).to_have_value("001090123456")
    at(page, "staff-called")
    expect(page.locator("h1")).to_have_text("Mời quý vị đến quầy tiếp đón")
    expect(page.locator("#screen")).not_to_contain_text("Đ.")  # no name, not even masked
    assert_accessible(page)
    page.screenshot(path=screenshots / "kiosk-invited-to-the-desk.png")


def test_the_desk_opens_the_card_of_who_called_because_they_cannot_type(
    desk: Page, kiosk: tuple[Page, Hands], screenshots: Path
) -> None:
    page, hands = kiosk
    hands.insert("duc")
    at(page, "asking-number")
    tap_action(page, "call-staff")
    at(page, "staff-called")
    strip = desk.locator("#strip")
    offer = strip.get_by_role("button", name="Giúp mở thẻ của người đang ở")
    expect(offer).to_be_visible(timeout=LIVE_LIMIT_MS)
    desk.screenshot(path=screenshots / "reception-offers-to-open-a-card.png")
    offer.click()
    expect(page.locator(".banners")).to_contain_text("Nhân viên đang giúp quý vị mở thẻ", timeout=LIVE_LIMIT_MS)
    page.screenshot(path=screenshots / "kiosk-helped-by-the-desk.png")
    assert_accessible(desk)
    desk.screenshot(path=screenshots / "reception-opens-a-card.png")
    expect(desk.locator("#number")).to_be_focused()
    desk.keyboard.type("001 090 123 456")
    desk.keyboard.press("Enter")
    at(page, "confirming")
    expect(desk.get_by_role("status")).to_contain_text("Đã mở được thẻ", timeout=LIVE_LIMIT_MS)
    desk.screenshot(path=screenshots / "reception-opened-a-card.png")
    hands.remove_card()
    at(page, "welcome")
    desk.get_by_role("link", name="Về danh sách").click()
    expect(strip).not_to_contain_text("Giúp mở thẻ", timeout=LIVE_LIMIT_MS)
    call = desk.locator(".call").filter(has_text="đang nhập")  # others may ring from what was tried before
    call.get_by_role("button", name="Nhận cuộc gọi từ").click()
    expect(call).to_have_count(0)


def test_the_kiosks_page_ends_a_session_and_stays_usable(
    browser: Browser, hospital: Hospital, kiosk: tuple[Page, Hands], screenshots: Path
) -> None:
    page, hands = kiosk
    desk = open_page(browser, hospital, "reception", "/kiosks")
    hands.show_card_code("hoa")
    at(page, "confirming")
    expect(desk.locator("#fleet")).to_contain_text("Có người", timeout=LIVE_LIMIT_MS)
    assert_accessible(desk)
    desk.screenshot(path=screenshots / "kiosks.png")
    desk.get_by_role("button", name="Kết thúc phiên").click()
    expect(desk.get_by_role("status").filter(has_text="Đã gửi lệnh")).to_be_visible()
    at(page, "welcome")
    with page.expect_event("load"):
        desk.get_by_role("button", name="Tải lại màn hình").click()
    at(page, "welcome")
    desk.context.close()


def test_the_desks_keys_are_told_and_work(desk: Page) -> None:
    desk.keyboard.press("?")
    keys = desk.get_by_role("dialog", name="Phím tắt")
    expect(keys).to_be_visible()
    assert_accessible(desk)
    desk.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    desk.keyboard.press("n")
    expect(desk.locator("#needs_staff")).to_be_checked()
    desk.keyboard.press("Escape")
    expect(desk.locator("#needs_staff")).not_to_be_checked()
    desk.keyboard.press("/")
    desk.keyboard.type("?n")  # in a field they are letters
    expect(desk.locator("#text")).to_have_value("?n")
    expect(keys).to_be_hidden()


@pytest.mark.parametrize("path", ["/staff", "/staff/new", "/staff/systems"])
def test_the_administrators_pages_can_be_used_by_all(
    browser: Browser, hospital: Hospital, path: str, screenshots: Path
) -> None:
    page = open_page(browser, hospital, "administrator", path)
    assert_accessible(page)
    page.screenshot(path=screenshots / f"administrator{path.replace('/', '-')}.png")
    if path == "/staff":
        page.locator("tbody a").first.click()
        assert_accessible(page)
    page.context.close()
