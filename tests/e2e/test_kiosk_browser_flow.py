"""A patient in front of the kiosk: fingers on the glass, cards and codes, a real server behind it."""

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.arrivals import encounters
from tests.e2e.hands import at, tap_action, type_number
from tests.e2e.hospital import Hospital
from tests.e2e.patient import PORTRAIT, Patient


def labels_at(hospital: Hospital) -> list[str]:
    return [one["ticket_label"] for one in encounters(hospital)]


def test_by_card_in_vietnamese(portrait: Patient, screenshots: Path) -> None:
    page = portrait.page
    at(page, "welcome")
    page.screenshot(path=screenshots / "flow-card-1-welcome.png")
    portrait.hands.insert("duc")
    at(page, "asking-number")
    type_number(page, "123456")
    at(page, "confirming")
    expect(page.locator(".person__name")).to_have_text("NGUYỄN V. Đ.")
    expect(page.locator(".person")).to_contain_text("Sinh năm 1990")
    expect(page.locator(".person")).to_contain_text("kết thúc bằng 456")
    expect(page.locator(".verdict")).not_to_contain_text("Đang kiểm tra")
    page.screenshot(path=screenshots / "flow-card-2-confirming.png")
    label = portrait.take_number("Khám mắt")
    expect(page.locator(".paper--printed")).to_contain_text("Xin lấy phiếu")
    expect(page.locator("#screen")).to_contain_text("Phòng 203, Tầng 2")
    expect(page.locator("#screen")).to_contain_text("Nhớ lấy lại thẻ")
    page.screenshot(path=screenshots / "flow-card-3-ticket.png")
    slip = portrait.hands.slip_picture(portrait.hands.slips()[0])
    (screenshots / "flow-card-4-slip.png").write_bytes(slip)
    assert Image.open(io.BytesIO(slip)).height > 400
    assert label in labels_at(portrait.hospital)


def test_by_code_in_english(landscape: Patient, screenshots: Path) -> None:
    page = landscape.page
    at(page, "welcome")
    tap_action(page, "language")
    expect(page.locator("h1")).to_contain_text("Put your ID card")
    landscape.hands.show_card_code("hoa")
    at(page, "confirming")
    expect(page.locator(".person__name")).to_have_text("TRẦN T. H.")
    expect(page.locator(".verdict")).to_contain_text("QR code only")
    page.screenshot(path=screenshots / "flow-code-1-confirming.png")
    landscape.take_number("General medicine")
    expect(page.locator("h1")).to_have_text("Your number")
    expect(page.locator(".ticket__place")).to_have_text("Room 101, Floor 1")
    expect(page.locator(".paper--printed")).to_contain_text("Please take your slip")
    page.screenshot(path=screenshots / "flow-code-2-ticket.png")
    tap_action(page, "start-over")
    at(page, "welcome")
    expect(page.locator("h1")).to_contain_text("Đặt thẻ căn cước")  # the next person is greeted in Vietnamese
    assert page.evaluate("document.documentElement.lang") == "vi"


def test_without_scripts_by_card(browser: Browser, hospital: Hospital) -> None:
    patient = Patient(browser, hospital, PORTRAIT, scripts=False)
    page = patient.page
    patient.hands.insert("linh")
    page.wait_for_selector('#screen[data-state="asking-number"]')  # the page renews itself
    for digit in "000007":
        page.click(f'.pad button[value="{digit}"]')
    page.click("[data-enter]")
    page.wait_for_selector('#screen[data-state="confirming"]')
    page.click('form[action="/confirm"] button')
    page.click(".clinic >> nth=0")
    page.wait_for_selector('#screen[data-state="ticket"]')
    assert page.locator(".ticket__number").inner_text() in labels_at(hospital)
    patient.hands.remove_card()
    page.click('form[action="/start-over"] button')
    page.wait_for_selector('#screen[data-state="welcome"]')
    patient.context.close()


def test_a_card_taken_away_leaves_nothing_of_the_person(portrait: Patient) -> None:
    page = portrait.page
    portrait.hands.insert("duc")
    at(page, "asking-number")
    type_number(page, "123456")
    at(page, "confirming")
    portrait.hands.remove_card()
    at(page, "welcome")
    assert "NGUYỄN" not in page.content()
    kept = page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length, history.length]")
    assert kept == [0, 0, 0, 2]  # two: the empty page a new window begins with, and the kiosk


def test_a_card_lifted_too_early_is_read_when_it_is_put_back(portrait: Patient, screenshots: Path) -> None:
    page = portrait.page
    portrait.hands.insert("slips-once")  # its chip loses contact once, while the proof is still being read
    at(page, "asking-number")
    type_number(page, "123456")
    at(page, "welcome")
    portrait.hands.insert("slips-once")
    at(page, "asking-number")
    type_number(page, "123456")
    at(page, "confirming")
    expect(page.locator(".verdict")).to_contain_text("Thẻ thật")
    page.screenshot(path=screenshots / "flow-card-put-back.png")


def test_a_wrong_number_can_be_typed_again(portrait: Patient) -> None:
    page = portrait.page
    portrait.hands.insert("duc")
    at(page, "asking-number")
    type_number(page, "999999")
    at(page, "problem")
    expect(page.locator("h1")).to_contain_text("6 số chưa khớp")
    tap_action(page, "try-again")
    at(page, "asking-number")
    expect(page.locator(".act-area .banner")).to_contain_text("Còn 2 lần nhập")
    type_number(page, "123456")
    at(page, "confirming")


def test_a_code_from_a_phone_app_is_refused_kindly_and_staff_can_be_called(
    portrait: Patient, screenshots: Path
) -> None:
    page = portrait.page
    portrait.hands.show_other_code("opaque")
    at(page, "problem")
    expect(page.locator("#screen")).to_contain_text("VNeID")
    tap_action(page, "call-staff")
    at(page, "staff-called")
    expect(page.locator("#screen")).to_contain_text("Nhân viên đang đến")
    page.screenshot(path=screenshots / "flow-staff-called.png")


def test_somebody_elses_name_is_wiped_at_no(portrait: Patient) -> None:
    page = portrait.page
    portrait.hands.show_card_code("ngan")
    at(page, "confirming")
    tap_action(page, "reject")
    at(page, "problem")
    assert "NGUYỄN" not in page.content()


def test_a_double_tap_on_yes_chooses_no_clinic(landscape: Patient) -> None:
    page = landscape.page
    landscape.hands.show_card_code("mai")
    at(page, "confirming")
    box = page.locator('form[action="/confirm"] button').bounding_box()
    assert box
    for _ in range(3):  # quick enough for a busy machine: the new page takes none for 0.4 s
        page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    at(page, "choosing")
    page.wait_for_timeout(500)
    at(page, "choosing")


def test_without_paper_the_number_stays_on_the_screen(portrait: Patient, screenshots: Path) -> None:
    page = portrait.page
    portrait.hands.set_printer("paper-out")
    expect(page.locator(".banners")).to_contain_text("Máy in tạm nghỉ")
    portrait.hands.show_card_code("thuong")
    label = portrait.take_number("Khám ngoại")
    expect(page.locator(".paper--failed")).to_contain_text("Máy in hết giấy")
    expect(page.locator(".paper--failed")).to_contain_text("ghi lại hoặc chụp số này")
    assert page.locator(".ticket__number").inner_text() == label
    page.screenshot(path=screenshots / "flow-paper-out.png")
    # Who photographs the screen has the slip: its code leads back to the number.
    photographed = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".ticket__code").screenshot())))
    tap_action(page, "start-over")
    at(page, "welcome")
    portrait.hands.show_text(photographed[0].text)
    expect(page.locator(".paper--shown")).to_contain_text("Quý vị đã lấy số này rồi")
    assert page.locator(".ticket__number").inner_text() == label
    assert label in labels_at(portrait.hospital)


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        ("cover-open", "failed", "Nắp máy in đang mở."),  # seen before the first byte
        ("power-cycle", "unsure", "Nếu không thấy phiếu"),  # half a slip hangs there, or none: nobody knows
        ("paper-near-end", "printed", "Xin lấy phiếu"),  # matters to the technician only
    ],
)
def test_each_trouble_of_the_printer_is_told_as_what_it_is(
    landscape: Patient, screenshots: Path, fault: str, outcome: str, words: str
) -> None:
    page = landscape.page
    landscape.hands.set_printer(fault)
    landscape.hands.show_card_code("ngan")
    label = landscape.take_number("Khám tai mũi họng")
    expect(page.locator(f".paper--{outcome}")).to_contain_text(words)
    assert page.locator(".ticket__number").inner_text() == label
    page.screenshot(path=screenshots / f"flow-printer-{fault}.png")
    whole = len(landscape.hands.slips())
    landscape.hands.set_printer("")
    page.wait_for_timeout(500)
    assert len(landscape.hands.slips()) <= whole + 1  # what hung in the buffer may come out; nothing is printed twice


def test_cut_off_from_the_server_the_kiosk_gives_a_number_of_its_own(portrait: Patient, screenshots: Path) -> None:
    page = portrait.page
    portrait.hands.cut_server(cut=True)
    expect(page.locator(".banners")).to_contain_text("Mất liên lạc máy chủ")
    portrait.hands.show_card_code("hai")
    at(page, "confirming")
    tap_action(page, "confirm")
    at(page, "choosing")
    expect(page.locator(".clinic__waiting").first).to_contain_text("Chưa rõ")
    page.tap(".clinic >> nth=1")
    at(page, "ticket")
    label = page.locator(".ticket__number").inner_text()
    assert label.startswith("B-T")
    expect(page.locator("#screen")).to_contain_text("Số này do máy cấp khi mất liên lạc")
    page.screenshot(path=screenshots / "flow-offline-ticket.png")
    assert label not in labels_at(portrait.hospital)
    portrait.hands.cut_server(cut=False)
    technician = portrait.context.new_page()
    technician.goto(f"{portrait.hospital.kiosk_url}/technician")
    expect(technician.locator("[data-unsent]")).to_have_text("0", timeout=30_000)
    assert label in labels_at(portrait.hospital)


def test_a_slip_shown_again_brings_its_number_back_and_prints_nothing(portrait: Patient) -> None:
    page = portrait.page
    portrait.hands.show_card_code("kbreu")
    label = portrait.take_number("Khám nhi")
    expect(page.locator(".paper--printed")).to_be_visible()
    printed = portrait.hands.slips()
    tap_action(page, "start-over")
    at(page, "welcome")
    portrait.hands.show_last_slip()
    at(page, "ticket")
    assert page.locator(".ticket__number").inner_text() == label
    expect(page.locator(".paper--shown")).to_contain_text("Quý vị đã lấy số này rồi")
    assert portrait.hands.slips() == printed


def test_a_page_waits_for_a_kiosk_that_starts_again(portrait: Patient, screenshots: Path) -> None:
    page = portrait.page
    portrait.hands.show_card_code("duc")
    at(page, "confirming")
    portrait.hospital.stop("tiepdon-kiosk")
    expect(page.locator("[data-lost]")).to_be_visible()
    expect(page.locator("[data-lost]")).to_contain_text("Máy đang khởi động lại")
    page.screenshot(path=screenshots / "flow-starting-again.png")
    portrait.hospital.start("tiepdon-kiosk")
    at(page, "welcome")  # what the old process knew is gone
    expect(page.locator("[data-lost]")).to_be_hidden()
    tap_action(page, "language")  # the page has the new process's token
    expect(page.locator("h1")).to_contain_text("Put your ID card")
    tap_action(page, "language")
