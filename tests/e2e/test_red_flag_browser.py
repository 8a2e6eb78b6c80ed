"""A patient who cannot wait, one with priority, and one who has a number already; fingers on the glass."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.hands import at, tap_action
from tests.e2e.patient import Patient
from tests.e2e.staff_pages import open_page


def test_two_touches_ring_at_reception_with_the_sign_in_words(
    browser: Browser, portrait: Patient, screenshots: Path
) -> None:
    page = portrait.page
    at(page, "welcome")
    tap_action(page, "ask-red-flags")
    at(page, "red-flags")
    page.screenshot(path=screenshots / "red-flag-1-signs.png")
    page.tap(".sign:has-text('Khó thở')")
    at(page, "staff-called")
    expect(page.get_by_role("alert").first).to_contain_text("nhân viên đang đến chỗ quý vị")
    page.screenshot(path=screenshots / "red-flag-2-called.png")
    desk = open_page(browser, portrait.hospital, "reception", "/reception")
    call = desk.locator(".call-urgent").first
    expect(call).to_contain_text("CẤP CỨU: Khó thở")
    desk.screenshot(path=screenshots / "red-flag-3-reception.png")
    call.get_by_role("button", name="Nhận cuộc gọi").click()
    expect(desk.locator(".call-urgent")).to_have_count(0)
    desk.context.close()


def test_priority_is_one_touch_beside_the_clinics_and_a_second_number_is_not_given(
    portrait: Patient, screenshots: Path
) -> None:
    page, hands = portrait.page, portrait.hands
    hands.show_card_code("hoa")
    at(page, "confirming")
    tap_action(page, "confirm")
    at(page, "choosing")
    page.screenshot(path=screenshots / "priority-1-choosing.png")
    tap_action(page, "ask-priority")
    at(page, "declaring")
    page.screenshot(path=screenshots / "priority-2-declaring.png")
    page.tap("button[value='pregnancy']")
    at(page, "choosing")
    expect(page.locator("#screen")).to_contain_text("Đã ghi: phụ nữ mang thai")
    page.tap(".clinic:has-text('Khám răng hàm mặt')")
    at(page, "ticket")
    first = page.locator(".ticket__number").inner_text()
    expect(page.locator(".paper--printed")).to_be_visible()
    tap_action(page, "start-over")

    slips = hands.slips()
    hands.show_card_code("hoa")
    assert portrait.take_number("Khám răng hàm mặt") == first
    expect(page.locator("#screen")).to_contain_text("Quý vị đã lấy số này rồi")
    assert hands.slips() == slips
    page.screenshot(path=screenshots / "priority-3-known.png")
    tap_action(page, "print-again")
    expect(page.locator(".paper--printed")).to_be_visible()
    copy = hands.slips()[0]
    assert copy not in slips
    (screenshots / "priority-4-copy.png").write_bytes(hands.slip_picture(copy))
