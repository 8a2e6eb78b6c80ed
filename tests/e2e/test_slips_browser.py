"""A slip that may not have come out, from the kiosk to the desk and back: real kiosk, real server, two browsers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.eyes import assert_accessible
from tests.e2e.hospital import Hospital
from tests.e2e.patient import Patient
from tests.e2e.staff_pages import open_page

HEARD_MS = 40_000  # a kiosk speaks every few seconds; this is for a machine busy with something else


@pytest.fixture
def desk(browser: Browser, hospital: Hospital) -> Iterator[Page]:
    page = open_page(browser, hospital, "reception", "/reception")
    yield page
    page.context.close()


def choose_kiosk(desk: Page) -> None:
    """Choose the printer of the kiosk that has one; the first choice is the desk's own computer."""
    desk.locator("#printer").select_option(index=1)


def test_a_slip_cut_by_the_end_of_the_paper_is_seen_at_the_desk_and_its_copy_comes_out_marked(
    portrait: Patient, desk: Page, screenshots: Path
) -> None:
    portrait.hands.set_printer("paper-out-in-ticket")
    portrait.hands.show_card_code("duc")
    label = portrait.take_number("Khám mắt")
    expect(portrait.page.locator(".paper--unsure")).to_be_visible()
    portrait.hands.set_printer("")

    desk.goto(f"{portrait.hospital.server_url}/slips")
    line = desk.locator(".slips li").filter(has_text=label)
    expect(line).to_contain_text("phiếu có thể chưa in xong (hết giấy)", timeout=HEARD_MS)
    desk.screenshot(path=screenshots / "slips-list.png", full_page=True)
    assert_accessible(desk)

    before = len(portrait.hands.slips())
    line.get_by_role("link", name=label).click()
    choose_kiosk(desk)
    desk.get_by_role("button", name="In lại phiếu").click()
    done = desk.locator(".slips li").filter(has_text="Lần 1")
    expect(done).to_contain_text("đã in", timeout=HEARD_MS)  # without a reload
    expect(desk.locator(".slips")).not_to_contain_text("chưa in xong", timeout=HEARD_MS)
    assert len(portrait.hands.slips()) == before + 1
    (screenshots / "slips-copy.png").write_bytes(portrait.hands.slip_picture(portrait.hands.slips()[0]))
    desk.screenshot(path=screenshots / "slips-encounter.png", full_page=True)
    assert_accessible(desk)


def test_a_copy_that_finds_no_paper_is_said_at_once_and_closed_by_hand(portrait: Patient, desk: Page) -> None:
    portrait.hands.show_card_code("hoa")
    label = portrait.take_number("Khám mắt")
    expect(portrait.page.locator(".paper--printed")).to_be_visible()
    before = len(portrait.hands.slips())
    portrait.hands.set_printer("paper-out")
    desk.locator("tr").filter(has=desk.get_by_role("link", name=label)).get_by_role("link").first.click()
    choose_kiosk(desk)
    desk.get_by_role("button", name="In lại phiếu").click()
    line = desk.locator(".slips li").filter(has_text="Lần 1")
    expect(line).to_contain_text("không in được (hết giấy)", timeout=HEARD_MS)
    portrait.hands.set_printer("")
    line.get_by_role("button").click()
    expect(desk.locator(".slips li").filter(has_text="Lần 1")).to_contain_text("đã đưa tận tay")
    assert len(portrait.hands.slips()) == before
