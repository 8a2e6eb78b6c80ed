"""The machine readable zone in pictures: found, straightened, read, and believed only where its check digits hold."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from drivers.codec.recognise import MrzCode, recognise
from drivers.icao9303.mrz import build_td3
from drivers.scanner.mrz.glyphs import ALPHABET, NOTHING
from drivers.scanner.mrz.text import believed_text
from drivers.scanner.mrz.watch import ZoneWatch, read_zone
from drivers.simulated.mrz_print import draw_zone

CARD = ("IDVNM0901234562001090123456<<3", "9008157M3008155VNM<<<<<<<<<<<4", "NGUYEN<<VAN<DUC<<<<<<<<<<<<<<<")
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
"""Of ICAO 9303-4, appendix B."""

PX_PER_MM = 9.0
Spoil = Callable[[np.ndarray], np.ndarray]


def _text(lines: tuple[str, ...]) -> bytes:
    return "\n".join(lines).encode()


def _page(lines: tuple[str, ...], width_mm: float = 125.0, height_mm: float = 80.0) -> np.ndarray:
    """Return a grey page with a dark photo, some print and the zone at its foot."""
    page = np.full((round(height_mm * PX_PER_MM), round(width_mm * PX_PER_MM)), 215, np.uint8)
    cv2.rectangle(page, (40, 60), (300, 400), 110, -1)
    for i, words in enumerate(("REPUBLIC OF UTOPIA", "PASSPORT PASSEPORT", "12 AUG 74", "ZENITH")):
        cv2.putText(page, words, (340, 90 + 70 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 70, 2)
    zone = draw_zone(lines, PX_PER_MM, paper=215)
    page[-zone.shape[0] - 20 : -20, 25 : 25 + zone.shape[1]] = zone
    return page


def _warped(page: np.ndarray, turn_deg: float = 0.0, lean: float = 0.0) -> np.ndarray:
    height, width = page.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    leaning = corners + np.array([[lean * width, 0], [-lean * width, lean * height], [0, 0], [0, 0]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, leaning.astype(np.float32))
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), turn_deg, 0.85), [0, 0, 1]])
    return cv2.warpPerspective(page, turn @ matrix, (width, height), borderValue=60)


def _blurred(page: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(page, (0, 0), 2.2)


def _noisy(page: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0, 9, page.shape)
    return np.asarray(np.clip(page * 0.3 + noise, 0, 255), np.uint8)


def _lit(page: np.ndarray) -> np.ndarray:
    """A lamp mirrored in the middle of the zone."""
    ys, xs = np.mgrid[0 : page.shape[0], 0 : page.shape[1]]
    spot = 160 * np.exp(-((xs - 520) ** 2 + (ys - page.shape[0] + 110) ** 2) / (2 * 45**2))
    return np.asarray(np.clip(page + spot, 0, 255), np.uint8)


@pytest.mark.parametrize("lines", [CARD, PASSPORT], ids=["ID card", "passport"])
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda page: page, id="as drawn"),
        pytest.param(lambda page: _warped(page, 9.0), id="held askew"),
        pytest.param(lambda page: _warped(page, -4.0, 0.06), id="leaning away from the camera"),
        pytest.param(lambda page: _warped(page, 180.0), id="upside down"),
        pytest.param(_blurred, id="out of focus"),
        pytest.param(_noisy, id="in the dark"),
        pytest.param(_lit, id="under a lamp"),
        pytest.param(lambda page: cv2.resize(page, None, fx=1.7, fy=1.7), id="by a camera of 1080 lines"),
    ],
)
def test_a_zone_is_read_as_it_was_printed(lines: tuple[str, ...], spoil: Spoil) -> None:
    assert read_zone(spoil(_page(lines))) == _text(lines)


def test_what_is_read_is_a_document_to_the_recogniser() -> None:
    value = recognise(_text(PASSPORT)).value
    assert isinstance(value, MrzCode)
    assert (value.document_number, value.name) == ("L898902C3", "ERIKSSON ANNA MARIA")


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C37UTO7408122F1204159ZE184226B<<<<<10"), "number"),
        (("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408132F1204159ZE184226B<<<<<10"), "birth"),
        (("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<11"), "all"),
        ((CARD[0], CARD[1], "NGUYEN<<VAN<DUC<<<<<<<<<<<<<<K"), "something after the name"),
    ],
)
def test_a_zone_that_was_printed_with_a_mistake_is_not_believed(lines: tuple[str, ...], why: str) -> None:
    assert read_zone(_page(lines)) is None, why


@pytest.mark.parametrize(
    "lines",
    [CARD[:2], PASSPORT[:1], ("THIS<IS<TEXT<OF<THIRTY<LETTERS",) * 3, ("<" * 44,) * 2],
    ids=["a line hidden", "one line", "other print", "fillers"],
)
def test_what_is_no_whole_zone_is_not_read(lines: tuple[str, ...]) -> None:
    assert read_zone(_page(lines)) is None


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_picture_has_no_zone(value: int) -> None:
    assert read_zone(np.full((720, 1280), value, np.uint8)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 20_000), (20_000, 1), (3, 5)])
def test_a_picture_of_an_odd_shape_has_no_zone(shape: tuple[int, int]) -> None:
    assert read_zone(np.full(shape, 90, np.uint8)) is None


def test_noise_has_no_zone() -> None:
    assert read_zone(np.random.default_rng(1).integers(0, 255, (720, 1280)).astype(np.uint8)) is None


def test_of_frames_two_must_agree() -> None:
    watch, page = ZoneWatch(), _page(PASSPORT)
    assert watch.look(page) is None
    assert watch.look(page) == _text(PASSPORT)


def test_another_document_begins_anew() -> None:
    watch = ZoneWatch()
    for _ in range(5):
        watch.look(_page(PASSPORT))
    zone = build_td3("PA0174263", "Lindberg Otto Karl", "880615", "male", "310722", "UTO")
    other = (zone[:44], zone[44:])
    assert watch.look(_page(other)) is None
    assert watch.look(_page(other)) == _text(other)


def test_frames_that_each_miss_a_character_are_read_together() -> None:
    watch = ZoneWatch()
    pages = []
    for column in (3, 14, 25):
        page = _page(CARD)
        left = round((25 / PX_PER_MM + 1.5 + column * 2.54) * PX_PER_MM)
        page[-20 - 120 : -20, left : left + 22] = 215  # a finger's breadth of nothing, elsewhere each time
        pages.append(page)
    assert all(read_zone(page) is None for page in pages)
    found = [watch.look(page) for page in pages * 3]
    assert found[-1] == _text(CARD)


# From likelihoods to text: what the check digits may repair, and what nothing may.


def _likelihoods(lines: tuple[str, ...], seen_as: dict[tuple[int, int], str]) -> np.ndarray:
    """Return a zone seen clearly but for ``seen_as`` (line, column), where the true character comes second."""
    found = np.full((len(lines), len(lines[0]), NOTHING + 1), -9.0, np.float32)
    for line, text in enumerate(lines):
        for column, character in enumerate(text):
            found[line, column, ALPHABET.index(character)] = -0.01
            if (line, column) in seen_as:
                found[line, column, ALPHABET.index(character)] = -0.9
                found[line, column, ALPHABET.index(seen_as[line, column])] = -0.6
    return found


@pytest.mark.parametrize(
    ("lines", "seen_as"),
    [
        (CARD, {(0, 5): "O", (1, 0): "B"}),  # digits only may stand in a date; the number is told by its check digit
        (CARD, {(1, 7): "W", (2, 0): "8"}),  # a sex and a name know no such character
        (PASSPORT, {(1, 1): "B"}),  # the passport's number may hold both: the check digit decides
        (PASSPORT, {(1, 28): "2", (1, 30): "I"}),  # two of them in the optional data
    ],
)
def test_look_alikes_are_told_apart_by_field_and_check_digit(
    lines: tuple[str, ...], seen_as: dict[tuple[int, int], str]
) -> None:
    assert believed_text(_likelihoods(lines, seen_as)) == "\n".join(lines)


@pytest.mark.parametrize(
    ("lines", "seen_as", "why"),
    [
        (PASSPORT, {(1, 0): "E"}, "E is no look-alike of L: nothing but another frame helps"),
        (PASSPORT, {(0, 5): "F"}, "a name has no check digit, and its letter is in doubt"),
        (PASSPORT, {(1, 20): "M"}, "the sex has none either"),
        (PASSPORT, {(1, 36): "L"}, "B and L have the same check digit"),
    ],
)
def test_what_check_digits_do_not_settle_is_not_believed(
    lines: tuple[str, ...], seen_as: dict[tuple[int, int], str], why: str
) -> None:
    assert believed_text(_likelihoods(lines, seen_as)) is None, why


def test_a_filler_that_may_be_a_letter_of_the_same_check_digit_is_not_believed() -> None:
    found = _likelihoods(PASSPORT, {})
    found[1, 38, ALPHABET.index("<")], found[1, 38, ALPHABET.index("K")] = -0.8, -0.6
    assert believed_text(found) is None
