"""The calling screen in a real browser: one key, two rooms, reloads, and readable for all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.arrivals import Kiosk
from tests.e2e.eyes import assert_accessible
from tests.e2e.hospital import LIVE_LIMIT_MS, Hospital
from tests.e2e.staff_pages import open_page


def open_counter(browser: Browser, hospital: Hospital, *, place: int = 0, language: str = "vi") -> Page:
    """Return the calling screen of a clinician at one of the rooms of the first queue."""
    page = open_page(browser, hospital, "clinician", "/counter", size={"width": 1280, "height": 800}, language=language)
    page.locator(".places a", has_text="A · ").nth(place).click()
    expect(page.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
    return page


@pytest.fixture
def counter(browser: Browser, server: Hospital) -> Iterator[Page]:
    page = open_counter(browser, server)
    yield page
    page.context.close()


def press(page: Page, key: str) -> None:
    """Press a shortcut key and wait until what came of it is drawn; a key that comes earlier is not heard."""
    page.keyboard.press(key)
    page.wait_for_selector("#counter:not([aria-busy])")


def call_until(page: Page, label: str) -> None:
    """Call one number after the other until ``label`` is called."""
    while not page.locator(".now-number", has_text=label).count():
        press(page, "n")


def call_next(page: Page) -> None:
    """Call the next number, or finish with the last."""
    before = page.locator(".now-number").all_inner_texts()
    press(page, "n")
    expect(page.locator(".now-number")).not_to_have_text(before)


def test_one_key_calls_the_next_and_the_screen_survives_a_reload(counter: Page, kiosk: Kiosk) -> None:
    first, second = kiosk.register("Trần Văn Một"), kiosk.register("Trần Văn Hai")
    expect(counter.locator(".people").first).to_contain_text(second, timeout=LIVE_LIMIT_MS)
    counter.keyboard.press("n")
    expect(counter.locator(".now-number")).to_have_text(first)
    counter.reload()
    expect(counter.locator(".now-number")).to_have_text(first)
    counter.keyboard.press("n")
    expect(counter.locator(".now-number")).to_have_text(second)
    expect(counter.get_by_text("Đã khám hôm nay: 1")).to_be_visible()
    counter.keyboard.press("f")
    expect(counter.get_by_text("Chưa gọi ai")).to_be_visible()


def test_a_second_screen_at_the_same_room_follows_and_does_not_call_twice(
    counter: Page, browser: Browser, server: Hospital, kiosk: Kiosk
) -> None:
    first = kiosk.register("Lê Thị Ba")
    kiosk.register("Lê Thị Tư")
    other = open_counter(browser, server)
    # Both draw nothing new from here on: the second presses at a state that is over.
    other.route("**/state", lambda route: route.abort())
    expect(counter.locator(".people").first).to_contain_text("Lê Thị Tư", timeout=LIVE_LIMIT_MS)
    counter.keyboard.press("n")
    expect(counter.locator(".now-number")).to_have_text(first)
    other.keyboard.press("n")
    expect(other.get_by_role("alert")).to_contain_text("có người khác đã thao tác")
    expect(other.locator(".now-number")).to_have_text(first)
    other.context.close()
    for _ in range(2):
        call_next(counter)


def test_who_missed_the_call_is_put_back_in_line_by_hand(counter: Page, kiosk: Kiosk) -> None:
    label = kiosk.register("Phạm Thị Năm")
    expect(counter.locator(".people").first).to_contain_text(label, timeout=LIVE_LIMIT_MS)
    call_until(counter, label)
    counter.keyboard.press("m")
    resume = counter.get_by_role("button", name=f"Đưa số {label} vào lại hàng chờ")
    expect(resume).to_be_visible()
    resume.press("Enter")
    expect(counter.locator(".people").first).to_contain_text(label)


def test_shortcut_keys_can_be_switched_off(counter: Page, kiosk: Kiosk) -> None:
    first, second = kiosk.register("Hồ Văn Sáu"), kiosk.register("Hồ Văn Bảy")
    expect(counter.locator(".people").first).to_contain_text(second, timeout=LIVE_LIMIT_MS)
    call_until(counter, first)
    counter.get_by_label("Phím tắt").uncheck()
    counter.locator("h1").click()
    press(counter, "n")  # would call the second
    counter.get_by_label("Phím tắt").check()
    counter.locator("h1").click()
    press(counter, "n")
    expect(counter.locator(".now-number")).to_have_text(second)  # nobody was called before


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_passes_the_accessibility_check_and_leaves_a_picture(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path, language: str
) -> None:
    for name in ("Đỗ Thị Bảy", "Ngô Văn Tám", "Dương Thị Chín"):
        kiosk.register(name)
    page = open_counter(browser, server, language=language)
    page.keyboard.press("n")
    expect(page.locator(".now-number")).to_be_visible()
    page.screenshot(path=screenshots / f"counter-screen-{language}.png", full_page=True)
    assert_accessible(page)
    page.goto(f"{server.server_url}/counter")
    page.screenshot(path=screenshots / f"counter-places-{language}.png", full_page=True)
    assert_accessible(page)
    page.context.close()
