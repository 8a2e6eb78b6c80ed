"""A foreigner at the kiosk, with fingers: the photo page before the scanner, and the same off the keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from drivers.simulated.people import get_person
from tests.e2e.hands import Hands, at, start_over, tap_action, type_number
from tests.e2e.hospital import Hospital

PORTRAIT: Final = {"width": 1080, "height": 1920}
SOMSAK: Final = get_person("somsak")


@pytest.fixture
def page(browser: Browser, hospital: Hospital) -> Iterator[Page]:
    context = browser.new_context(viewport=PORTRAIT, has_touch=True, locale="vi-VN")  # type: ignore[arg-type]  # a literal
    context.set_default_timeout(30_000)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(hospital.kiosk_url)
    at(page, "welcome")
    yield page
    start_over(page)  # a ticket would stand there for the next one's first twenty seconds
    Hands(page.context, hospital.kiosk_url).remove_card()
    context.close()
    assert troubles == []


def test_the_photo_page_and_then_the_chip_lead_to_a_ticket(page: Page, hospital: Hospital, screenshots: Path) -> None:
    hands = Hands(page.context, hospital.kiosk_url)
    tap_action(page, "show-document")
    at(page, "showing")
    page.screenshot(path=screenshots / "passport-1-showing.png")
    hands.show_page("somsak")
    at(page, "placing")
    page.screenshot(path=screenshots / "passport-2-placing.png")
    hands.insert("somsak")
    at(page, "confirming")
    expect(page.locator(".person__number")).to_contain_text("Số hộ chiếu")
    tap_action(page, "confirm")
    at(page, "choosing")
    page.tap(".clinic >> nth=0")
    at(page, "ticket")


def test_number_birth_date_and_expiry_off_the_keys_open_the_passport(page: Page, hospital: Hospital) -> None:
    assert SOMSAK.expires_on is not None
    Hands(page.context, hospital.kiosk_url).insert("somsak")
    at(page, "asking-number")
    tap_action(page, "show-document")
    at(page, "showing")
    tap_action(page, "type-document")
    at(page, "typing")
    type_number(page, "PA0174263")
    expect(page.locator("h1")).to_have_text("Nhập ngày sinh")
    at(page, "typing")
    page.tap('.pad button[value="3"]')
    expect(page.locator(".digits__box").first).to_have_text("3")
    page.tap('.pad button[value="delete"]')
    type_number(page, f"{SOMSAK.born_on:%d%m%Y}")
    expect(page.locator("h1")).to_have_text("Nhập ngày hết hạn")
    at(page, "typing")
    type_number(page, f"{SOMSAK.expires_on:%d%m%Y}")
    at(page, "confirming")
    tap_action(page, "start-over")
    at(page, "welcome")
