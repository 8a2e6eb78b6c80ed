"""Registration by hand in a real browser: by scanner and keyboard alone, and readable for all."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.eyes import assert_accessible, assert_fits
from tests.e2e.hospital import Hospital
from tests.e2e.staff_pages import DESK, open_page


def open_desk(browser: Browser, hospital: Hospital, *, role: str = "reception", language: str = "vi") -> Page:
    """Return the page for registration by hand; ``window.printed`` counts what it had printed."""
    page = open_page(browser, hospital, role, "/desk", language=language)
    page.add_init_script(
        "window.printed = 0; window.print = () => { window.printed++; dispatchEvent(new Event('afterprint')); }"
    )
    return page


@pytest.fixture
def desk(browser: Browser, server: Hospital) -> Iterator[Page]:
    page = open_desk(browser, server)
    yield page
    page.context.close()


def new_card(name: str = "Nguyễn Thị Thử Nghiệm", *, born: str = "15081990", sex: str = "Nữ") -> tuple[str, str]:
    """Return the text of an invented ID card and its number."""
    number = f"034{1 if sex == 'Nữ' else 0}{born[-2:]}{secrets.randbelow(10**6):06d}"
    return f"{number}||{name}|{born}|{sex}|Thôn Thử, Xã Mẫu, Tỉnh Mẫu|25042021", number


def scan(page: Page, text: str) -> None:
    """Type as a keyboard-wedge scanner does: into the field that has the focus, with Enter at the end."""
    expect(page.locator("#look")).to_be_focused()
    page.keyboard.insert_text(text)
    page.keyboard.press("Enter")


def choose_clinic(page: Page) -> None:
    page.locator("#service").focus()
    page.keyboard.press("ArrowDown")


def test_a_patient_is_registered_by_scanner_and_keyboard_alone(desk: Page) -> None:
    text, number = new_card()
    scan(desk, text)
    expect(desk.locator("#full_name")).to_have_value("Nguyễn Thị Thử Nghiệm")
    expect(desk.locator("#personal_number")).to_have_value(number)
    expect(desk.locator("#service")).to_be_focused()  # what is left to say
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".slip-number")).to_be_visible()
    expect(desk.locator("#print")).to_be_focused()
    desk.keyboard.press("Enter")
    assert desk.evaluate("window.printed") == 1
    expect(desk.locator("#next")).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("#look")).to_be_focused()  # ready for the next one
    assert number not in desk.url
    scan(desk, text)
    expect(desk.get_by_role("status").first).to_contain_text("tìm thấy hồ sơ")
    expect(desk.locator("#service")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(desk.locator("#notes")).to_contain_text("còn hiệu lực")  # she has a number there already
    expect(desk.locator("#second_reason")).to_be_visible()


def test_enter_leads_from_field_to_field_and_a_mistake_takes_the_cursor_there(desk: Page) -> None:
    desk.locator("#full_name").focus()
    desk.keyboard.type("Lê Thị Gõ Tay")
    desk.keyboard.press("Enter")
    expect(desk.locator("#born_on")).to_be_focused()
    desk.keyboard.type("1958")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")
    expect(desk.locator("#personal_number")).to_be_focused()
    desk.keyboard.type("123")
    choose_clinic(desk)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#personal_number-wrong")).to_contain_text("12 chữ số")
    expect(desk.locator("#personal_number")).to_be_focused()
    expect(desk.locator("#full_name")).to_have_value("Lê Thị Gõ Tay")


def test_a_name_that_nobody_has_leads_to_the_number_or_by_a_key_to_the_kind_of_person(desk: Page) -> None:
    desk.keyboard.type("nguoi chua den bao gio 3/4/1951")
    desk.keyboard.press("Enter")
    expect(desk.locator("#full_name")).to_have_value("Nguoi Chua Den Bao Gio")
    expect(desk.locator("#personal_number")).to_be_focused()
    desk.keyboard.press("F6")
    desk.keyboard.press("ArrowRight")
    expect(desk.locator("[name=kind][value=no-papers]")).to_be_checked()
    desk.keyboard.press("F8")
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".slip-number")).to_be_visible()


def test_a_passport_readers_two_lines_are_one_scan(desk: Page) -> None:
    for line in ("P<D<<MUSTERMANN<<ERIKA<<<<<<<<<<<<<<<<<<<<<<", "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4"):
        desk.keyboard.insert_text(line)
        desk.keyboard.press("Enter")
    expect(desk.locator("#passport")).to_have_value("C01X00T47")
    expect(desk.locator("#nationality")).to_have_value("DEU")
    expect(desk.locator("#personal_number")).to_be_hidden()


def test_only_what_is_asked_of_this_kind_of_person_is_shown(desk: Page) -> None:
    expect(desk.locator("#age")).to_be_hidden()
    desk.get_by_text("Chưa rõ danh tính").click()
    expect(desk.locator("#age")).to_be_visible()
    for hidden in ("#personal_number", "#insurance_card", "#passport"):
        expect(desk.locator(hidden)).to_be_hidden()
    desk.locator("#age").fill("40")
    choose_clinic(desk)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".slip")).to_contain_text("Chưa rõ danh tính TX-")


def test_somebody_is_found_by_name_and_picked_with_the_arrow_keys(desk: Page) -> None:
    given = "".join(secrets.choice("bcdghklmnt") + secrets.choice("aeiou") for _ in range(4)).title()
    text, number = new_card(f"Trần Thị {given}")
    scan(desk, text)
    expect(desk.locator("#service")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".slip")).to_contain_text(given)
    desk.locator("#next").click()
    scan(desk, f"tran thi {given.lower()} 1990")
    expect(desk.locator(".found-person")).to_have_count(1)
    expect(desk.locator(".found-person")).not_to_contain_text(number)
    desk.locator("#look").focus()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.locator("#personal_number")).to_have_value(number)
    expect(desk.locator("#full_name")).to_have_attribute("readonly", "")


def test_without_scripts_the_page_registers_all_the_same(browser: Browser, server: Hospital, desk: Page) -> None:
    context = browser.new_context(
        viewport=DESK, java_script_enabled=False, storage_state=desk.context.storage_state()
    )  # fmt: skip
    page = context.new_page()
    page.goto(f"{server.server_url}/desk")
    text, number = new_card()
    page.locator("#look").fill(text)
    page.locator("#look").press("Enter")
    assert page.locator("#personal_number").input_value() == number
    page.locator("#service").select_option(index=1)
    page.locator("#register").click()
    assert re.fullmatch(r"[A-Z]+\d{3}", page.locator(".slip-number").inner_text())
    context.close()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_passes_the_accessibility_check_and_leaves_a_picture(
    browser: Browser, server: Hospital, screenshots: Path, language: str
) -> None:
    page = open_desk(browser, server, role="reception-lead", language=language)

    def check(name: str) -> None:
        page.screenshot(path=screenshots / f"desk-{name}-{language}.png", full_page=True)
        assert_accessible(page)
        assert_fits(page)

    check("empty")
    name = f"Phạm Văn {secrets.token_hex(3).translate(str.maketrans('0123456789', 'ghiklmnopq')).title()}"
    for kind in ("no-papers", "documents"):  # first without papers, then with a card: one person with two records
        if kind == "no-papers":
            page.locator(f"input[value={kind}]").check()
            page.locator("#full_name").fill(name)
            page.locator("#born_on").fill("15/8/1990")
        else:
            text, _ = new_card(name, sex="Nam")
            scan(page, text)
            page.locator("#insurance_card").fill(f"DN434{secrets.randbelow(10**10):010d}")
            page.locator("#insurance_to").fill("31/12/2020")
            page.locator("#service").select_option(index=1)
            expect(page.locator("#notes li")).not_to_have_count(0)
            check("filled")
            page.locator("#register").click()
            expect(page.locator("#is_other_person")).to_be_visible()
            check("question")
            page.locator("#is_other_person").check()
        page.locator("#service").select_option(index=1)
        page.locator("#register").click()
        page.wait_for_selector(".slip")
        check("slip")
        page.locator("#next").click()
    scan(page, name)
    expect(page.locator(".found-person")).to_have_count(2)
    check("found")
    page.goto(f"{server.server_url}/patients/duplicates")
    expect(page.locator(".pair").first).to_be_visible()
    check("duplicates")
    page.locator(".pair", has_text=name).locator("a.button").click()
    check("compare")
    page.locator("#reason").fill("Cùng một người")
    page.locator("form.card button").click()
    expect(page.locator("#merges-title")).to_be_visible()
    check("person")
    page.context.close()
