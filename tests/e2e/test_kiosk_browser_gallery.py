"""Every picture of the gallery in a real browser: it fits, can be hit, can be read, and axe finds nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from kiosk.conversation.view import Language
from tests.kiosk.screens.gallery import gallery
from tests.kiosk.screens.still_kiosk import StillKiosk

PORTRAIT: Final = {"width": 1080, "height": 1920}
LANDSCAPE: Final = {"width": 1920, "height": 1080}
SMALL: Final = {"width": 1280, "height": 800}
ZOOMED: Final = {"width": 320, "height": 200}
"""What a screen of 1280 x 800 is to a page at 400 % (WCAG 1.4.10)."""

LEAST_ZOOMED_PX: Final = 15
SMALLEST_TARGET_PX: Final = 81
"""20 mm on a 21.5" screen of 1080p."""

SMALLEST_GAP_PX: Final = 12
SMALLEST_TEXT_PX: Final = 36
"""Of the frame around the page; body text is held to 42 px."""

BODY_TEXT_PX: Final = 42
REACH: Final = 0.4
"""Controls lie below this part of an upright screen, so that a wheelchair user reaches them (ADA 308, 707.7)."""

MEASURE: Final = """
() => {
  const shown = (e) => e.checkVisibility() && !e.closest('dialog, [hidden]');
  const box = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; };
  const name = (e) => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 30)}`;
  const all = [...document.querySelectorAll('#screen *')].filter((e) => !e.closest('svg') && shown(e));
  const words = all.filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()));
  const clips = (e) => e.matches('.lead, .act-area, .clinic') && e.scrollHeight > e.clientHeight + 1;
  return {
    controls: all.filter((e) => e.matches('button, a')).map((e) => [name(e), ...box(e)]),
    words: words.map((e) => [name(e), parseFloat(getComputedStyle(e).fontSize), !!e.closest('section, .banners')]),
    outside: all.filter((e) => {
      const [left, top, right, bottom] = box(e);
      return right > innerWidth + 1 || bottom > innerHeight + 1 || left < -1 || top < -1;
    }).map(name),
    clipped: all.filter((e) => clips(e) || (e.clientWidth && getComputedStyle(e).display !== 'inline'
      && e.scrollWidth > e.clientWidth + 2)).map(name),
  };
}
"""

COVERED: Final = """
() => {
  const ways = [...document.querySelectorAll('.ways button')].map((e) => e.getBoundingClientRect());
  const words = [...document.querySelectorAll('.banner, .lead h1, .lead p, .lead span')];
  return words.filter((e) => e.checkVisibility()).filter((e) => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return [...range.getClientRects()].some((a) => ways.some(
      (b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
  }).map((e) => e.textContent.trim());
}
"""
"""Words that lie under the buttons beside the question."""


DRAWN = """Promise.all([document.fonts.ready, ...[...document.images].map((one) => one.decode().catch(() => null))])"""
"""A page has its final measures when its pictures are there."""


def pages(
    browser: Browser, still: tuple[StillKiosk, str], size: dict[str, int], language: Language, state: str = ""
) -> Iterator[tuple[str, Page]]:
    """Yield each picture's name (of those that begin with ``state``) with the page that shows it.

    The page changes by itself, as on a kiosk.
    """
    kiosk, address = still
    context = browser.new_context(viewport=size, has_touch=True, locale="vi-VN", reduced_motion="reduce")  # type: ignore[arg-type]  # a literal
    troubles: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.goto(address)
    for name, view in gallery(language).items():
        if not name.startswith(state):
            continue
        revision = kiosk.show(view)
        page.wait_for_selector(f'#screen[data-revision="{revision}"]')
        page.evaluate(DRAWN)
        yield name, page
    context.close()
    assert troubles == []


def file_name(size: dict[str, int], language: Language, name: str) -> str:
    shape = "portrait" if size is PORTRAIT else "landscape"
    return f"gallery-{shape}-{language}-{name.replace(' ', '-')}.png"


@pytest.mark.parametrize("size", [PORTRAIT, LANDSCAPE], ids=["portrait", "landscape"])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_fits_and_can_be_read_and_hit_and_axe_agrees(
    browser: Browser, still: tuple[StillKiosk, str], screenshots: Path, size: dict[str, int], language: Language
) -> None:
    # The other half has the same marks and colours, and shows nothing new to whoever looks at the pictures.
    axe = Axe() if (size is PORTRAIT) == (language == "vi") else None
    complaints: list[str] = []
    for name, page in pages(browser, still, size, language):
        found = page.evaluate(MEASURE)
        complaints += [f"{name}: {complaint}" for complaint in complaints_about(found, size)]
        if axe:
            page.screenshot(path=screenshots / file_name(size, language, name))
            if (result := axe.run(page)).violations_count:
                complaints.append(f"{name}: {result.generate_report()}")
    assert complaints == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_choosing_fits_a_small_screen_and_its_buttons_cover_no_words(
    browser: Browser, still: tuple[StillKiosk, str], language: Language
) -> None:
    complaints = []
    for name, page in pages(browser, still, SMALL, language, "choosing"):
        found = page.evaluate(MEASURE)
        complaints += [(name, *found[trouble]) for trouble in ("outside", "clipped") if found[trouble]]
        complaints += [(name, "is covered", words) for words in page.evaluate(COVERED)]
    assert complaints == []


def test_zoomed_to_four_times_every_page_flows_and_nothing_is_lost(
    browser: Browser, still: tuple[StillKiosk, str]
) -> None:
    complaints = []
    for name, page in pages(browser, still, ZOOMED, "vi"):
        assert page.evaluate("document.scrollingElement.scrollWidth") == ZOOMED["width"], name
        found = page.evaluate(MEASURE)
        complaints += [(name, "is cut off", one) for one in found["clipped"]]
        complaints += [(name, "is small", words) for words, font_px, _ in found["words"] if font_px < LEAST_ZOOMED_PX]
    assert complaints == []


def complaints_about(found: dict[str, Any], size: dict[str, int]) -> Iterator[str]:
    yield from (f"lies outside: {one}" for one in found["outside"])
    yield from (f"is cut off: {one}" for one in found["clipped"])
    for words, font_px, is_body in found["words"]:
        if font_px < (BODY_TEXT_PX if is_body and "clinic__name--long" not in words else SMALLEST_TEXT_PX):
            yield f"{font_px} px is small: {words}"
    controls = found["controls"]
    for words, left, top, right, bottom in controls:
        if min(right - left, bottom - top) < SMALLEST_TARGET_PX:
            yield f"{right - left:.0f} x {bottom - top:.0f} px is a small target: {words}"
        if size is PORTRAIT and top < REACH * size["height"]:
            yield f"at {top:.0f} px it is out of reach: {words}"
    for number, one in enumerate(controls):
        for other in controls[number + 1 :]:
            if (gap := gap_between(one[1:], other[1:])) < SMALLEST_GAP_PX:
                yield f"{gap:.0f} px between {one[0]} and {other[0]}"


def gap_between(one: list[float], other: list[float]) -> float:
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)
