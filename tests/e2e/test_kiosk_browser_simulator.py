"""A newcomer at a desk: the simulator and the technician's page at 1280 x 800."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.eyes import assert_accessible
from tests.e2e.hands import at, tap_action, type_number
from tests.e2e.hospital import Hospital

DESK: Final = {"width": 1280, "height": 800}


@pytest.fixture
def page(browser: Browser, hospital: Hospital) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, has_touch=True, timezone_id="Asia/Ho_Chi_Minh")  # type: ignore[arg-type]  # a literal
    context.set_default_timeout(30_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    yield page
    context.close()
    assert troubles == []


def test_a_newcomer_takes_a_number_without_leaving_the_page(page: Page, hospital: Hospital, screenshots: Path) -> None:
    page.goto(f"{hospital.kiosk_url}/simulator")
    at(page, "welcome")
    slips = page.locator(".slips img").count()
    assert_accessible(page)
    page.screenshot(path=screenshots / "simulator-1-welcome.png")
    page.locator(".who", has_text="Trần Thị Hoà").get_by_role("button", name="Đặt thẻ").click()
    expect(page.locator("#reader")).to_contain_text("6 số cuối: 000018")
    at(page, "asking-number")
    page.screenshot(path=screenshots / "simulator-2-number.png")
    type_number(page, "000018")
    at(page, "confirming")
    tap_action(page, "confirm")
    at(page, "choosing")
    page.tap(".clinic >> nth=0")
    at(page, "ticket")
    expect(page.locator(".slips img")).to_have_count(slips + 1)
    assert_accessible(page)
    page.screenshot(path=screenshots / "simulator-3-ticket.png")
    page.locator("#reader").get_by_role("button", name="Nhấc thẻ ra").click()
    expect(page.locator("#reader")).to_contain_text("Chưa có thẻ nào")
    tap_action(page, "start-over")
    at(page, "welcome")
    page.locator("#slips").get_by_role("button", name="Quét phiếu này").first.click()
    expect(page.locator(".paper--shown")).to_be_visible()
    tap_action(page, "start-over")
    at(page, "welcome")


def test_faults_chosen_here_show_on_the_kiosk_and_to_the_technician(
    page: Page, hospital: Hospital, screenshots: Path
) -> None:
    page.goto(f"{hospital.kiosk_url}/simulator?lang=en")
    page.locator("#printer select").select_option("paper-out")
    page.locator("#reader").get_by_role("button", name="Unplug").click()
    page.locator("#server").get_by_role("button", name="Cut the line").click()
    expect(page.locator("#screen .banners")).to_contain_text("Mất liên lạc máy chủ")
    expect(page.locator("#screen .banners")).to_contain_text("Máy in tạm nghỉ")
    page.screenshot(path=screenshots / "simulator-4-faults.png")
    technician = page.context.new_page()
    technician.goto(f"{hospital.kiosk_url}/technician?lang=en")
    expect(technician.locator('[data-device="printer"]')).to_have_attribute("data-state", "unavailable")
    expect(technician.locator('[data-device="card-reader"]')).to_contain_text("reader.missing")
    expect(technician.locator("main")).to_contain_text("Out of reach")
    assert_accessible(technician)
    technician.screenshot(path=screenshots / "technician-faults.png", full_page=True)
    page.bring_to_front()
    page.locator("#printer select").select_option("")
    page.locator("#reader").get_by_role("button", name="Plug in").click()
    page.locator("#server").get_by_role("button", name="Mend it").click()
    expect(page.locator("#screen .banners")).to_be_empty()
    technician.bring_to_front()
    expect(technician.locator('[data-device="printer"]')).to_have_attribute("data-state", "ready")
    expect(technician.locator("main")).to_contain_text("In contact")
    technician.screenshot(path=screenshots / "technician.png", full_page=True)


def test_the_kiosk_in_english_beside_english_tools(page: Page, hospital: Hospital, screenshots: Path) -> None:
    page.goto(f"{hospital.kiosk_url}/simulator?lang=en")
    at(page, "welcome")
    tap_action(page, "language")
    expect(page.locator("#screen h1")).to_contain_text("Put your ID card")
    page.screenshot(path=screenshots / "simulator-5-english.png")
    tap_action(page, "language")
    expect(page.locator("#screen h1")).to_contain_text("Đặt thẻ")
