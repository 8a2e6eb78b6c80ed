"""Documents as ESC/POS bytes, judged by the strict reader of the simulated printer."""

import io
import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.config import SimulatedPrinterOptions
from drivers.errors import DeviceUnavailable
from drivers.printer import fonts, tcvn3
from drivers.printer.document import (
    Align,
    BigNumber,
    Block,
    Columns,
    Document,
    QrCode,
    Rule,
    Space,
    Text,
    TextSize,
    printable,
)
from drivers.printer.escpos import FILLING, STRIP_ROWS, encode
from drivers.printer.fonts import VIETNAMESE_LETTERS, Face
from drivers.printer.profiles import PROFILES, Profile
from drivers.printer.raster import Ink, draw_block, qr_module_dots, wrap
from drivers.registry import open_printer
from drivers.simulated.printer_device import PrinterDevice
from drivers.simulated.printer_paper import MARGIN_MM, PrintedTicket

GENERIC = PROFILES["generic"]
_REAL_TIME = re.compile(rb"\x10[\x04\x05\x14]")


def paper_of(data: bytes, width_dots: int = 576) -> tuple[tuple[PrintedTicket, ...], tuple[str, ...]]:
    """Return the pieces of paper and the violations of a stream of bytes."""
    device = PrinterDevice(width_dots=width_dots)
    while data:
        part, data = data[: device.free_bytes], data[device.free_bytes :]
        device.receive(part)
    return device.tickets(), device.violations


def picture(*blocks: Block, profile: Profile = GENERIC, paper_width_mm: int = 80) -> Image.Image:
    """Return the paper's dots (white 255, ink 0) without the margin."""
    data = encode(Document("picture", blocks), profile, paper_width_mm)
    [ticket], violations = paper_of(data, profile.width_dots(paper_width_mm))
    assert violations == ()
    slip = Image.open(io.BytesIO(ticket.png))
    margin = MARGIN_MM * 8
    return slip.crop((margin, margin, slip.width - margin, slip.height - margin))


def ink_height_mm(image: Image.Image) -> float:
    box = image.point(lambda value: 255 - value).getbbox()
    assert box is not None
    return (box[3] - box[1]) / 8


def test_the_146_letters_are_all_different_and_none_is_the_empty_box() -> None:
    face = Face(39)
    drawn = {}
    for letter in VIETNAMESE_LETTERS + "\u4e2d":
        image = Image.new("1", (80, 80))
        face.draw(image, 10, 55, letter)
        drawn[letter] = image.tobytes()
    assert len(VIETNAMESE_LETTERS) == 146
    assert len(set(drawn.values())) == 147  # the last is the box for a letter the font lacks


def test_a_machine_without_the_font_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_FONT_DIRECTORIES", (Path("/no/such/folder"),))
    fonts.font_path.cache_clear()
    try:
        with pytest.raises(DeviceUnavailable, match="fonts-noto-core"):
            open_printer(SimulatedPrinterOptions())
    finally:
        monkeypatch.undo()
        fonts.font_path.cache_clear()


@pytest.mark.parametrize("size", TextSize)
def test_no_mark_of_any_letter_is_cut_off_at_the_edge_of_its_line(size: TextSize) -> None:
    for bold in (False, True):
        # One row of white above and below proves that the line is high enough for the highest and the lowest mark.
        pieces = list(draw_block(Text(VIETNAMESE_LETTERS, size, bold=bold), 576))
        before_ink = [type(one).__name__ for one, two in itertools.pairwise(pieces) if isinstance(two, Ink)]
        assert before_ink == ["Feed"] * len(before_ink)
        assert isinstance(pieces[-1], type(pieces[-2]))


def test_a_letter_is_drawn_alike_composed_and_decomposed() -> None:
    assert picture(Text("Nguyễn Thị Ơn")) == picture(Text("Nguye\u0302\u0303n Thi\u0323 O\u031bn"))


@pytest.mark.parametrize(("size", "capital_mm"), [(TextSize.SMALL, 2.5), (TextSize.NORMAL, 3.5), (TextSize.LARGE, 5)])
def test_capitals_have_the_height_their_size_promises(size: TextSize, capital_mm: float) -> None:
    assert ink_height_mm(picture(Text("Đ", size))) == pytest.approx(capital_mm, abs=0.13)


@pytest.mark.parametrize("profile", ["generic", "epson-tm-t88", "no-native-qr"])
@pytest.mark.parametrize("width", [80, 58])
def test_the_number_is_at_least_15_mm_high(profile: str, width: int) -> None:
    assert ink_height_mm(picture(BigNumber("A-K012"), profile=PROFILES[profile], paper_width_mm=width)) >= 15


def test_a_number_drawn_by_ourselves_is_as_high() -> None:
    drawn = Profile("old", "no big letters", native_number=False)
    assert ink_height_mm(picture(BigNumber("A012"), profile=drawn)) >= 15


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("width", [80, 58])
@pytest.mark.parametrize("data", ["TD1:0123456789ABCDEFGHJK", "x", "https://example.vn/" + "a" * 181])
def test_a_code_can_be_read_off_the_paper(data: str, width: int, native: bool) -> None:
    profile = Profile("one", "", native_qr=native)
    ticket = encode(Document("code", (Rule(), QrCode(data), Rule())), profile, width)
    [piece], violations = paper_of(ticket, profile.width_dots(width))
    assert (piece.qr, violations) == (data, ())


def test_modules_are_never_smaller_than_three_dots_nor_wider_than_the_paper() -> None:
    for length in range(1, 201):
        for dots in (576, 384, 360):
            assert 3 <= qr_module_dots("x" * length, dots) <= 8


def test_rasters_go_in_strips_that_the_filling_completes() -> None:
    data = encode(Document("long", (Text("Ệ" * 80, TextSize.LARGE, bold=True),)), GENERIC, 80)
    strips = list(re.finditer(rb"\x1dv0[\x00\x03](..)(..)", data, re.DOTALL))
    assert len(strips) > 3
    for strip in strips:
        width, rows = (int.from_bytes(part, "little") for part in strip.groups())
        assert rows <= STRIP_ROWS
        assert width * rows < len(FILLING)


def test_letters_drawn_coarsely_are_as_high_and_can_still_be_told_apart() -> None:
    fine, coarse = (
        [
            next(one for one in draw_block(Text(letter, size), 576, coarse=is_coarse) if isinstance(one, Ink))
            for letter in VIETNAMESE_LETTERS
        ]
        for size in (TextSize.SMALL,)
        for is_coarse in (False, True)
    )
    assert [one.image.height for one in coarse] == [one.image.height for one in fine]
    assert {one.stretch for one in coarse} == {(2, 1)}
    assert len({(one.image.size, one.image.tobytes()) for one in coarse}) == 146


def test_text_is_drawn_no_coarser_than_the_bytes_a_document_may_have_ask_for() -> None:
    blocks = (Text("Nguyễn Thị Ước " * 4), Text("Đặng Văn Ổi " * 4, TextSize.SMALL))
    whole = encode(Document("fine", blocks), GENERIC, 80)
    modes = {
        most_bytes: bytes(
            mode[0]
            for mode in re.findall(rb"\x1dv0(.)", encode(Document("x", blocks, most_bytes), GENERIC, 80), re.DOTALL)
        )
        for most_bytes in (len(whole), len(whole) - 1, 1)
    }
    assert set(modes[len(whole)]) == {0}
    assert set(modes[len(whole) - 1]) == {1, 0}
    assert set(modes[1]) == {1}
    [ticket], violations = paper_of(encode(Document("coarse", blocks, 1), GENERIC, 80))
    [original], _ = paper_of(whole)
    assert (ticket.whole, violations) == (True, ())
    assert Image.open(io.BytesIO(ticket.png)).size == Image.open(io.BytesIO(original.png)).size


def test_small_text_in_letters_every_printer_has_goes_as_letters() -> None:
    document = Document("small", (Text("06:47 - 23/11/2026", TextSize.SMALL, Align.CENTER),))
    data = encode(document, GENERIC, 80)
    assert b"06:47 - 23/11/2026" in data
    assert len(data) < 60


def test_the_library_that_writes_commands_leaves_neither_log_handlers_nor_folders_behind(tmp_path: Path) -> None:
    program = (
        "import logging; from drivers.printer.escpos import feed_and_cut; feed_and_cut(); "
        "print(logging.getLogger().handlers)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"TMPDIR": str(tmp_path)}, capture_output=True, check=True
    )
    assert done.stdout == b"[]\n"
    assert list(tmp_path.iterdir()) == []


def test_a_printer_without_cutter_gets_feed_only() -> None:
    assert b"\x1dV" not in encode(Document("58", (Text("x"),)), PROFILES["xprinter-58"], 58)


def test_a_printer_whose_feed_counts_half_rows_is_told_to_count_rows() -> None:
    document = Document("space", (Space(10),))
    assert b"\x1dP" not in encode(document, GENERIC, 80)
    assert b"\x1b@\x1dP\xcb\xcb" in encode(document, PROFILES["epson-tm-t20"], 80)
    assert b"\x1b@\x1dP\xb4\xb4" in encode(document, PROFILES["epson-tm-t88"], 80)


@pytest.mark.parametrize("name", [name for name in PROFILES if name.startswith("epson-")])
def test_every_epson_is_told_its_pitch_and_asked_to_report_changes(name: str) -> None:
    assert PROFILES[name].dots_per_inch in (180, 203)
    assert PROFILES[name].automatic_status


def test_labels_and_values_that_do_not_fit_one_line_go_on_two() -> None:
    short = picture(Columns("Họ tên", "Lê An"))
    long = picture(Columns("Họ tên", "Nguyễn Hoàng Thị Phương Thảo Nguyên"))
    assert long.height > short.height + 30


def test_lines_break_between_words_and_a_giant_word_between_letters() -> None:
    face = Face(39)
    assert wrap("một hai ba", face, face.width("một hai") + 1) == ["một hai", "ba"]
    assert "".join(wrap("ă" * 100, face, 576)) == "ă" * 100
    assert all(face.width(line) <= 576 for line in wrap("một " + "ă" * 100 + " hai", face, 576))


_texts = st.text(st.characters(codec="utf-8"), max_size=60) | st.text(VIETNAMESE_LETTERS + " ", max_size=60)
_blocks = (
    st.builds(Text, _texts, st.sampled_from(TextSize), st.sampled_from(Align), st.booleans())
    | st.builds(Columns, _texts, _texts, st.sampled_from(TextSize))
    | st.builds(BigNumber, st.from_regex(r"[A-Z]{1,2}(-[A-Z])?[0-9]{1,4}", fullmatch=True))
    | st.builds(QrCode, st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=200))
    | st.builds(Rule)
    | st.builds(Space, st.floats(0, 30))
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(_blocks, max_size=5),
    st.sampled_from(sorted(PROFILES)),
    st.sampled_from([80, 58]),
    st.booleans(),
)
def test_whatever_a_document_holds_no_byte_is_unknown_and_nothing_is_obeyed_in_real_time(
    blocks: list[Block], name: str, width: int, by_code_page: bool
) -> None:
    profile = PROFILES[name]
    data = encode(Document("any", tuple(blocks)), profile, width, by_code_page=by_code_page)
    assert not _REAL_TIME.search(data)
    assert paper_of(data, profile.width_dots(width))[1] == ()


def test_dots_that_would_ask_for_status_get_one_dot_more() -> None:
    from drivers.printer.escpos import _without_real_time_commands

    assert _without_real_time_commands(bytes.fromhex("1004011005021014")) == bytes.fromhex("1104011105021114")
    assert _without_real_time_commands(bytes.fromhex("101004ff10")) == bytes.fromhex("101104ff10")
    assert _without_real_time_commands(bytes.fromhex("100304")) == bytes.fromhex("100304")


@given(st.text())
def test_what_goes_on_paper_holds_no_control_character_and_stays_as_it_is_the_second_time(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert all(c.isprintable() or c == "\u00a0" for c in once)
    assert not set(once) & {chr(code) for code in (*range(32), 127, 0x200E, 0x202E, 0xFEFF)}


class TestCodePage:
    def test_every_vietnamese_letter_comes_back_from_its_table(self) -> None:
        for letter in VIETNAMESE_LETTERS:
            data = tcvn3.encode(letter, (30, 31))
            body = data[3:] if data[:2] == b"\x1bt" else data
            capitals = data[:3] == b"\x1bt\x1f"
            assert tcvn3.decode(body, capitals=capitals) == letter

    @pytest.mark.parametrize(
        ("letter", "place"),
        [("ă", 0xA8), ("đ", 0xAE), ("à", 0xB5), ("ấ", 0xCA), ("ị", 0xDE), ("ợ", 0xEE), ("ỵ", 0xFE), ("Đ", 0xA7)],
    )
    def test_letters_stand_where_tcvn_5712_has_them(self, letter: str, place: int) -> None:
        assert tcvn3.encode(letter, (30, 31))[-1] == place

    def test_a_printer_with_one_table_keeps_tones_and_loses_the_case(self) -> None:
        assert tcvn3.encode("Ế", (27, 27)) == b"\x1bt\x1b\xd5"

    def test_text_goes_as_letters_where_the_table_has_them_and_as_dots_where_not(self) -> None:
        profile = PROFILES["epson-tm-t82"]
        vietnamese = encode(Document("vi", (Text("Phòng khám Nội"),)), profile, 80, by_code_page=True)
        other = encode(Document("zh", (Text("Phòng khám ‱"),)), profile, 80, by_code_page=True)
        assert b"\x1dv0" not in vietnamese
        assert b"\x1dv0" in other
        assert paper_of(vietnamese)[1] == paper_of(other)[1] == ()

    def test_a_profile_without_the_table_draws_although_it_is_asked_for(self) -> None:
        assert b"\x1dv0" in encode(Document("vi", (Text("Nội"),)), GENERIC, 80, by_code_page=True)
