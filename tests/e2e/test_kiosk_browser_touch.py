"""The small things of the patient's page: live parts, typed digits, the question before the end."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.conversation.view import ScreenView
from tests.e2e.eyes import assert_accessible
from tests.e2e.hands import at, tap_action
from tests.kiosk.screens.gallery import WOMAN, gallery
from tests.kiosk.screens.still_kiosk import StillKiosk

PORTRAIT: Final = {"width": 1080, "height": 1920}


WATCH_THE_QUESTION: Final = """
() => {
  const question = document.querySelector('#idle');
  const below = document.querySelector('form[action="/confirm"] button');
  window.seen = [];
  const note = () => window.seen.push([question.open, getComputedStyle(below).pointerEvents]);
  new MutationObserver(note).observe(question, { attributes: true, attributeFilter: ['open'] });
}
"""
"""Write down, whenever the question opens or closes, whether the button below it takes fingers."""


@pytest.fixture
def page(browser: Browser, still: tuple[StillKiosk, str]) -> Iterator[Page]:
    kiosk, address = still
    kiosk.show(gallery("vi")["welcome"])
    kiosk.touches.clear()
    context = browser.new_context(viewport=PORTRAIT, has_touch=True, locale="vi-VN")  # type: ignore[arg-type]  # a literal
    page = context.new_page()
    page.goto(address)
    at(page, "welcome")
    yield page
    context.close()


@pytest.fixture
def kiosk(still: tuple[StillKiosk, str]) -> StillKiosk:
    return still[0]


def show(kiosk: StillKiosk, page: Page, view: ScreenView) -> None:
    revision = kiosk.show(view)
    page.wait_for_selector(f'#screen[data-revision="{revision}"]:not([data-settling])')


def mark(page: Page, selector: str) -> None:
    """Mark an element of the page, to tell later whether it is still the same one."""
    page.eval_on_selector(selector, "(element) => { element.dataset.marked = 'yes'; }")


def test_a_hint_comes_and_goes_without_touching_the_digits(kiosk: StillKiosk, page: Page) -> None:
    asking = gallery("vi")["asking-number"]
    show(kiosk, page, asking)
    for digit in "123":
        page.tap(f'.pad button[value="{digit}"]')
    show(kiosk, page, replace(asking, notice="scanner.hint.moving"))
    expect(page.locator(".banners")).to_contain_text("giữ thẻ đứng yên")
    assert page.locator(".digits__box").all_inner_texts() == ["1", "2", "3", "", "", ""]
    expect(page.locator(".number [role=status]")).to_have_text("Đã nhập 3 trong 6 số")
    for key in ("delete", "9", "4", "5", "6"):
        page.tap(f'.pad button[value="{key}"]')
    page.tap("[data-enter]")
    at(page, "asking-number")
    assert kiosk.touches[-1] == ("enter_number", "129456", kiosk.shown.revision)


def test_five_digits_are_not_sent(kiosk: StillKiosk, page: Page) -> None:
    show(kiosk, page, gallery("vi")["asking-number"])
    page.clock.install()  # a complete number would be sent by itself while the finger is on its way
    for digit in "12345":
        page.tap(f'.pad button[value="{digit}"]')
    page.tap("[data-enter]", force=True)
    page.tap('.pad button[value="6"]')
    page.tap("[data-enter]")
    at(page, "asking-number")
    assert [given for action, given, _ in kiosk.touches if action == "enter_number"] == ["123456"]


def test_digits_outlive_another_language_but_not_another_page(kiosk: StillKiosk, page: Page) -> None:
    show(kiosk, page, gallery("vi")["asking-number"])
    for digit in "190":
        page.tap(f'.pad button[value="{digit}"]')
    show(kiosk, page, gallery("en")["asking-number"])
    expect(page.locator("h1")).to_contain_text("last 6 digits")
    assert page.locator(".digits__box").all_inner_texts() == ["1", "9", "0", "", "", ""]
    expect(page.locator(".number [role=status]")).to_have_text("3 of 6 digits entered")
    show(kiosk, page, gallery("vi")["typing an expiry"])
    assert page.locator(".digits__box").all_inner_texts() == [""] * 8


def test_a_complete_number_is_sent_by_itself_unless_a_key_is_pressed(kiosk: StillKiosk, page: Page) -> None:
    show(kiosk, page, gallery("vi")["asking-number"])
    page.clock.install()
    for key in ("1", "2", "3", "4", "5", "7", "delete"):
        page.tap(f'.pad button[value="{key}"]')
    page.clock.run_for(10_000)
    page.tap('.pad button[value="6"]')
    page.clock.run_for(1_500)
    assert "enter_number" not in [action for action, _, _ in kiosk.touches]
    with page.expect_response("**/number"):
        page.clock.run_for(1_000)
    assert [given for action, given, _ in kiosk.touches if action == "enter_number"] == ["123456"]


def test_progress_moves_and_proof_comes_in_on_the_same_page(kiosk: StillKiosk, page: Page) -> None:
    reading = gallery("vi")["reading"]
    show(kiosk, page, reading)
    mark(page, "h1")
    show(kiosk, page, replace(reading, progress=0.8))
    expect(page.locator(".progress")).to_contain_text("80 %")
    assert page.get_attribute("h1", "data-marked") == "yes"
    proving = replace(gallery("vi")["confirming proved"], person=replace(WOMAN, verdict="chip-read", proving=True))
    show(kiosk, page, proving)
    mark(page, 'form[action="/confirm"] button')
    page.evaluate("window.evidence = document.querySelector('.evidence')")
    show(kiosk, page, replace(proving, person=WOMAN))
    expect(page.locator(".verdict")).to_contain_text("Thẻ thật")
    # A screen reader says what changes within an element with role=status, not that another one took its place.
    assert page.evaluate("window.evidence === document.querySelector('.evidence[role=status]')")
    assert page.get_attribute('form[action="/confirm"] button', "data-marked") == "yes"
    tap_action(page, "confirm")
    at(page, "confirming")
    assert kiosk.touches[-1] == ("confirm", None, kiosk.shown.revision)


def test_a_person_who_is_away_is_asked_and_can_stay(kiosk: StillKiosk, page: Page, screenshots: Path) -> None:
    confirming = gallery("vi")["confirming proved"]
    show(kiosk, page, replace(confirming, seconds_left=30.0))  # the page counts by itself, and asks at fifteen
    expect(page.locator("#idle")).to_be_hidden()
    show(kiosk, page, replace(confirming, seconds_left=14.0))
    expect(page.locator("#idle")).to_be_visible()
    expect(page.locator("#idle-text")).to_contain_text("xóa màn hình sau 1")
    page.screenshot(path=screenshots / "idle-question.png")
    assert_accessible(page)
    page.tap('#idle form[action="/still-here"] button')
    show(kiosk, page, replace(confirming, seconds_left=60.0))
    expect(page.locator("#idle")).to_be_hidden()
    assert [action for action, _, _ in kiosk.touches] == ["still_here"]


def test_under_the_question_nothing_can_be_hit(kiosk: StillKiosk, page: Page) -> None:
    show(kiosk, page, replace(gallery("vi")["confirming proved"], seconds_left=60.0))
    box = page.locator('form[action="/confirm"] button').bounding_box()
    assert box
    show(kiosk, page, replace(gallery("vi")["confirming proved"], seconds_left=10.0))
    expect(page.locator("#idle")).to_be_visible()
    page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    page.wait_for_timeout(300)
    assert "confirm" not in [action for action, _, _ in kiosk.touches]


def test_any_touch_wins_time(kiosk: StillKiosk, page: Page) -> None:
    show(kiosk, page, gallery("vi")["confirming proved"])
    with page.expect_response("**/still-here"):
        page.touchscreen.tap(540, 300)
    page.touchscreen.tap(540, 320)
    page.wait_for_timeout(300)
    assert [action for action, _, _ in kiosk.touches] == ["still_here"]  # one for all touches of five seconds


def test_when_the_question_comes_or_goes_nothing_is_hit_for_a_moment(kiosk: StillKiosk, page: Page) -> None:
    confirming = gallery("vi")["confirming proved"]
    show(kiosk, page, replace(confirming, seconds_left=60.0))
    page.evaluate(WATCH_THE_QUESTION)
    show(kiosk, page, replace(confirming, seconds_left=10.0))
    expect(page.locator("#idle")).to_be_visible()
    show(kiosk, page, replace(confirming, seconds_left=60.0))
    expect(page.locator("#idle")).to_be_hidden()
    assert page.evaluate("window.seen") == [[True, "none"], [False, "none"]]


@pytest.mark.parametrize(
    ("fingers", "is_pressed"),
    [
        ([[(40, 20)], [(70, 40)], [(90, 30)]], True),  # 50 px: the browser itself takes it for a swipe
        ([[(40, 20)], [(40, 400)]], False),  # slid off the button: the person thought better of it
        ([[(40, 20)], [(40, 20), (90, 40)]], False),  # a palm
    ],
    ids=["trembles", "slides off", "palm"],
)
def test_a_trembling_finger_presses_and_a_palm_does_not(
    kiosk: StillKiosk, page: Page, fingers: list[list[tuple[int, int]]], is_pressed: bool
) -> None:
    show(kiosk, page, gallery("vi")["confirming proved"])
    box = page.locator('form[action="/confirm"] button').bounding_box()
    assert box
    glass = page.context.new_cdp_session(page)
    for moment, touching in enumerate(fingers):
        points = [{"x": box["x"] + x, "y": box["y"] + y, "id": finger} for finger, (x, y) in enumerate(touching)]
        kind = "touchMove" if moment and len(touching) == len(fingers[moment - 1]) else "touchStart"
        glass.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    with page.expect_response("**/confirm") if is_pressed else nullcontext():
        glass.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)
    assert [action for action, _, _ in kiosk.touches].count("confirm") == (1 if is_pressed else 0)


def test_pages_of_clinics_are_turned_and_stay_turned(kiosk: StillKiosk, page: Page) -> None:
    many = gallery("vi")["choosing of twelve"]
    show(kiosk, page, many)
    page.tap("a[data-turn]")
    expect(page.locator(".pages")).to_contain_text("Trang 2 trong 2")
    show(kiosk, page, replace(many, services=tuple(replace(one, waiting=30) for one in many.services)))
    expect(page.locator(".clinic__waiting").first).to_contain_text("30 người")
    expect(page.locator(".pages")).to_contain_text("Trang 2 trong 2")
