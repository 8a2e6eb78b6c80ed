"""The waiting room's display and the patient's phone in a real browser."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.arrivals import Kiosk
from tests.e2e.eyes import assert_accessible, assert_fits
from tests.e2e.hospital import LIVE_LIMIT_MS, LIVE_PAGES, Hospital
from tests.e2e.staff_pages import new_page
from tests.e2e.test_counter_browser import open_counter


def open_page(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    page = new_page(browser, {"width": size[0], "height": size[1]})
    page.goto(address)
    return page


def test_a_call_reaches_the_display_and_the_phone_and_a_lost_server_is_said(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    first = kiosk.register("Trần Văn Một")
    second = kiosk.register("Trần Văn Hai")
    board = open_page(browser, f"{server.server_url}/board/all", (1920, 1080))
    expect(board.locator("#contact")).to_have_attribute("data-state", "live", timeout=LIVE_LIMIT_MS)
    phone = open_page(browser, f"{server.server_url}/t/{kiosk.last_visit_code}", (390, 844))
    expect(phone.get_by_text("1 người trước quý vị")).to_be_visible()
    assert_accessible(phone)
    phone.screenshot(path=screenshots / "phone-waiting.png")

    counter = open_counter(browser, server)
    counter.keyboard.press("n")
    expect(board.locator(".latest-number")).to_have_text(first, timeout=LIVE_LIMIT_MS)
    assert "Trần" not in board.content()
    assert_accessible(board)
    board.screenshot(path=screenshots / "board.png")

    phone.get_by_role("link", name="Xem lại ngay").click()
    expect(phone.get_by_text("Quý vị là người tiếp theo")).to_be_visible()
    expect(phone).to_have_title(f"{second} · Số của quý vị")
    phone.evaluate("() => { navigator.vibrate = () => { window.hasTrembled = true; }; }")
    counter.keyboard.press("n")
    expect(board.locator(".latest-number")).to_have_text(second, timeout=LIVE_LIMIT_MS)
    phone.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # looked at again
    expect(phone).to_have_title(re.compile("^Đã gọi số của quý vị"))
    assert phone.evaluate("window.hasTrembled")
    assert_accessible(phone)

    server.stop("tiepdon-server")
    expect(board.locator("#contact")).to_contain_text("Mất liên lạc từ", timeout=LIVE_LIMIT_MS)
    expect(board.locator(".latest-number")).to_have_text(second)  # the last that was known stays
    board.screenshot(path=screenshots / "board-lost.png")
    assert board.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nobody scrolls a display"
    assert_accessible(board)
    server.start("tiepdon-server")
    expect(board.locator("#contact")).to_have_attribute(
        "data-state", re.compile("live|polling"), timeout=LIVE_LIMIT_MS
    )  # fmt: skip
    for page in (board, phone, counter):
        page.context.close()


def test_a_display_on_an_upright_screen_fits_it(
    browser: Browser, server: Hospital, kiosk: Kiosk, screenshots: Path
) -> None:
    board = open_page(browser, f"{server.server_url}/board/all", (1080, 1920))
    expect(board.locator(".latest")).to_be_visible()
    board.screenshot(path=screenshots / "board-upright.png")
    assert_fits(board)
    assert_accessible(board)
    board.context.close()


@pytest.mark.parametrize(("size", "lines"), [((1920, 1080), 8), ((1080, 1920), 7)])
def test_a_display_turns_pages_when_more_rooms_call_than_it_has_lines(
    browser: Browser, server: Hospital, size: tuple[int, int], lines: int
) -> None:
    """Ten rooms call: what the server says of the calls is given to the page as it would come."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
    row = (
        '<tr data-call="{0}"><td class="number">A{0:03d}</td>'
        '<td class="room">Phòng {0} · Tầng 1<span class="clinic">Khoa Nội</span></td></tr>'
    )
    rows = "".join(row.format(number) for number in range(10))

    def with_ten_rooms(route: Route) -> None:
        answer = route.fetch()
        body = re.sub(r'<p class="missed">.*?</p>', "", answer.text(), flags=re.DOTALL)
        body = re.sub(r"<tbody>.*?</tbody>", f"<tbody>{rows}</tbody>", body, count=1, flags=re.DOTALL)
        route.fulfill(response=answer, body=body)

    page.route("**/board/all/state*", with_ten_rooms)
    page.clock.install()
    page.goto(f"{server.server_url}/board/all")
    # An installed clock still runs: without a stop the page turns by itself between two looks at its rows.
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    numbers = page.locator(".calls .number")
    page.clock.run_for(31_000)  # how many wait is looked up twice a minute
    expect(numbers).to_have_count(10)
    seen = set()
    for _ in range(2):
        page.clock.run_for(8_000)
        shown = [one for one in numbers.all() if one.is_visible()]
        assert len(shown) in {lines, 10 - lines}
        assert all((box := one.bounding_box()) and box["y"] + box["height"] < size[1] for one in shown)
        seen |= {one.inner_text() for one in shown}
    assert len(seen) == 10
    assert re.fullmatch("[12]/2", page.locator(".page-of").inner_text())
    context.close()


def test_a_slip_that_is_none_is_said_kindly(browser: Browser, server: Hospital) -> None:
    phone = open_page(browser, f"{server.server_url}/t/{'0' * 20}", (390, 844))
    expect(phone.get_by_text("Không tìm thấy phiếu này")).to_be_visible()
    assert_accessible(phone)
    phone.context.close()


def test_more_displays_than_places_still_learn_of_calls(browser: Browser, server: Hospital, kiosk: Kiosk) -> None:
    http = urllib3.PoolManager(maxsize=20)
    held = [
        http.request("GET", f"{server.server_url}/board/all/stream", preload_content=False, retries=False)
        for _ in range(LIVE_PAGES + 2)
    ]
    assert {answer.status for answer in held} == {200, 503}
    board = open_page(browser, f"{server.server_url}/board/all", (1280, 800))
    expect(board.locator("#contact")).to_have_attribute("data-state", "polling", timeout=LIVE_LIMIT_MS)
    kiosk.register("Lê Thị Ba")  # a registration finds its thread all the same
    for answer in held:
        answer.close()
    board.context.close()
