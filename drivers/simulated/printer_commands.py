"""A strict reader of ESC/POS: obeys what it knows on paper, and keeps a note of every byte it does not know.

Source of the commands' lengths and effects: Epson ESC/POS command reference. Only commands that ticket software uses
are known; a printer that meets another one prints rubbish, and a test should hear of it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from drivers.printer import tcvn3
from drivers.printer.fonts import font_path
from drivers.printer.raster import qr_symbol
from drivers.simulated.printer_paper import Paper

REAL_TIME: Final = re.compile(rb"\x10\x04[\x01-\x08]|\x10\x05[\x00-\x02]|\x10\x14[\x00-\xff]")

_FONT_A: Final = (12, 24)
_LINE_SPACING_DOTS: Final = 30
_ASCII_PAGES: Final = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858"}
_TCVN3_PAGES: Final = {27: False, 30: False, 31: True}  # number -> has capitals


@dataclass(slots=True)
class _Mode:
    """What ESC @ puts back."""

    center: bool = False
    bold: bool = False
    width: int = 1
    height: int = 1
    page: int = 0
    line_spacing: int = _LINE_SPACING_DOTS
    qr_module_dots: int = 3
    qr_level: int = 48
    qr_data: bytes = b""
    line: list[tuple[str, int, int, bool]] = field(default_factory=list)


@dataclass(slots=True)
class _Picture:
    """A raster whose rows are still coming."""

    width_bytes: int
    rows_left: int
    across: int  # dots of the paper for each of its own
    down: int
    is_inherited: bool = False  # its sender is gone: what comes now was meant for something else


class Interpreter:
    """Works off bytes in the order of the data.

    ``on_cut`` is called at each cut, ``answer`` with the bytes of an answer that comes in the order of the data.
    """

    def __init__(
        self,
        paper: Paper,
        *,
        on_cut: Callable[[], None],
        answer: Callable[[bytes], None],
        paper_bits: Callable[[], int],
    ) -> None:
        self.paper = paper
        self.violations: list[str] = []
        self.automatic_status = 0
        self.is_torn = False
        """What is read now began with an earlier sender, and may have swallowed bytes of the next."""
        self._picture: _Picture | None = None
        self._mode = _Mode()
        self._on_cut = on_cut
        self._answer = answer
        self._paper_bits = paper_bits

    def reset(self) -> None:
        """Forget all modes: the power was off."""
        self._picture = None
        self._mode = _Mode()
        self.automatic_status = 0

    def sender_changed(self) -> None:
        """What comes now is from somebody else; a printer does not know that."""
        if self._picture is not None:
            self._picture.is_inherited = True

    def step(self, data: bytearray) -> int:
        """Work off one command or character at the front of ``data``; return its length, 0 when it is not all there."""
        if self._picture is not None:
            return self._rows(self._picture, data)
        first = data[0]
        if first >= 0x20:
            return self._text(data)
        match first:
            case 0x00:
                return 1  # padding, ignored by every printer
            case 0x0A:
                self._print_line()
                return 1
            case 0x0D:
                return 1
            case 0x10:
                return self._real_time(data)
            case 0x1B:
                return self._esc(data)
            case 0x1C:
                return self._fs(data)
            case 0x1D:
                return self._gs(data)
        return self._unknown(data, 1)

    def _unknown(self, data: bytearray, length: int) -> int:
        if not self.is_torn:
            self.violations.append(f"unknown bytes {bytes(data[:length]).hex(' ')}")
        return length

    def _real_time(self, data: bytearray) -> int:
        """Pass over what was obeyed when it arrived."""
        if len(data) < 3:
            return 0
        return 3 if data[1] in (0x04, 0x05) and REAL_TIME.match(bytes(data[:3])) else self._unknown(data, 2)

    # --- text -----------------------------------------------------------------------------------------------------

    def _text(self, data: bytearray) -> int:
        end = 1
        while end < len(data) and data[end] >= 0x20:
            end += 1
        raw = bytes(data[:end])
        mode = self._mode
        if mode.page in _TCVN3_PAGES:
            text = tcvn3.decode(raw, capitals=_TCVN3_PAGES[mode.page])
        else:
            text = raw.decode(_ASCII_PAGES[mode.page], "replace")
        if "\ufffd" in text:
            self.violations.append(f"code page {mode.page} has no letter for some of {raw.hex(' ')}")
        mode.line += [(letter, mode.width, mode.height, mode.bold) for letter in text]
        return end

    def _print_line(self) -> None:
        mode = self._mode
        letters, mode.line = mode.line, []
        if not letters:
            self.paper.feed(mode.line_spacing)
            return
        height = max(_FONT_A[1] * tall for _, _, tall, _ in letters)
        length = sum(_FONT_A[0] * wide for _, wide, _, _ in letters)
        if length > self.paper.width_dots:
            self.violations.append(f"a line of {length} dots on paper of {self.paper.width_dots}")
        image = Image.new("1", (length, height))
        x = 0
        for letter, wide, tall, bold in letters:
            glyph = _font_a(letter, bold).resize((_FONT_A[0] * wide, _FONT_A[1] * tall), Image.Resampling.NEAREST)
            image.paste(glyph, (x, height - glyph.height))
            x += glyph.width
        self._place(image)
        self.paper.feed(max(mode.line_spacing - height, 0))

    def _place(self, image: Image.Image) -> None:
        left = max(0, (self.paper.width_dots - image.width) // 2) if self._mode.center else 0
        self.paper.add(image, left=left)

    # --- ESC ------------------------------------------------------------------------------------------------------

    def _esc(self, data: bytearray) -> int:
        if len(data) < 2:
            return 0
        mode = self._mode
        if data[1] == 0x40:  # ESC @
            if not self.paper.is_blank:
                self.paper.is_whole = False  # a new job begins below the rest of another one
            self._mode = _Mode()
            return 2
        if data[1] == 0x32:  # ESC 2
            mode.line_spacing = _LINE_SPACING_DOTS
            return 2
        if len(data) < 3:
            return 0
        n = data[2]
        match chr(data[1]):
            case "!":
                mode.bold, mode.height, mode.width = bool(n & 0x08), 1 + (n >> 4 & 1), 1 + (n >> 5 & 1)
            case "a" if n % 48 in (0, 1):
                mode.center = bool(n & 1)
            case "d":
                self._print_line()
                self.paper.feed(max(n - 1, 0) * mode.line_spacing)
            case "J":
                if mode.line:
                    self._print_line()
                self.paper.feed(n)
            case "E" | "G":
                mode.bold = bool(n & 1)
            case "M" if n % 48 == 0:
                pass  # font A, the only one here
            case "3":
                mode.line_spacing = n
            case "t" if n in _ASCII_PAGES or n in _TCVN3_PAGES:
                mode.page = n
            case "R" | "{" | "-" if n == 0:
                pass  # international set, upside down, underline: off
            case _:
                return self._unknown(data, 3)
        return 3

    def _fs(self, data: bytearray) -> int:
        if len(data) < 2:
            return 0
        return 2 if data[1] == 0x2E else self._unknown(data, 2)  # FS . leaves the Chinese mode

    # --- GS -------------------------------------------------------------------------------------------------------

    def _gs(self, data: bytearray) -> int:
        if len(data) < 3:
            return 0
        n = data[2]
        match chr(data[1]):
            case "!" if n & 0x88 == 0:
                self._mode.width, self._mode.height = 1 + (n >> 4), 1 + (n & 7)
                return 3
            case "B" | "b":
                return 3 if n == 0 else self._unknown(data, 3)
            case "P":
                # One row of dots at 203 or 180 dpi; the half rows Epsons begin with are not drawn here.
                if len(data) < 4:
                    return 0
                return 4 if bytes(data[2:4]) in (b"\xcb\xcb", b"\xb4\xb4") else self._unknown(data, 4)
            case "V":
                return self._cut(data, n)
            case "v":
                return self._raster(data)
            case "(":
                return self._function(data)
            case "a":
                self.automatic_status = n
                return 3
            case "r" if n in (1, 49):
                self._answer(bytes((self._paper_bits(),)))
                return 3
        return self._unknown(data, 3)

    def _cut(self, data: bytearray, m: int) -> int:
        if m in (0, 1, 48, 49):
            self._on_cut()
            return 3
        if m in (65, 66):
            if len(data) < 4:
                return 0
            self.paper.feed(110 + data[3])  # the way from head to knife
            self._on_cut()
            return 4
        return self._unknown(data, 3)

    def _raster(self, data: bytearray) -> int:
        """GS v 0: the head; its rows are printed as they come."""
        if len(data) < 8:
            return 0
        width_bytes, rows = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
        if data[2] != 0x30 or data[3] > 3 or not width_bytes or not rows:
            return self._unknown(data, 8)
        self._picture = _Picture(width_bytes, rows, across=1 + (data[3] & 1), down=1 + (data[3] >> 1))
        return 8

    def _rows(self, picture: "_Picture", data: bytearray) -> int:
        count = min(picture.rows_left, len(data) // picture.width_bytes)
        end = count * picture.width_bytes
        if not count:
            return 0
        dots = bytes(data[:end])
        if picture.is_inherited:
            self.paper.is_whole = False  # one command of two senders
        elif REAL_TIME.search(dots):
            self.violations.append("a real-time command inside image data")
        image = Image.frombytes("1", (picture.width_bytes * 8, count), dots)
        if (box := image.getbbox()) is not None and box[2] * picture.across > self.paper.width_dots:
            self.violations.append(f"ink {box[2] * picture.across} dots from the left of {self.paper.width_dots}")
        size = (image.width * picture.across, count * picture.down)
        self._place(image.resize(size, Image.Resampling.NEAREST))
        picture.rows_left -= count
        if not picture.rows_left:
            self._picture = None
        return end

    def _function(self, data: bytearray) -> int:
        """GS ( x pL pH ...: the length stands in the command."""
        if len(data) < 5:
            return 0
        end = 5 + int.from_bytes(data[3:5], "little")
        if len(data) < end:
            return 0
        body = bytes(data[5:end])
        match chr(data[2]):
            case "k" if body[:1] == b"1":
                known = self._qr(body[1], body[2:])
            case "H" if body[:2] == b"\x30\x30" and len(body) == 6:
                self._answer(b"\x37\x22" + body[2:] + b"\x00")
                known = True
            case _:
                known = False
        return end if known else self._unknown(data, end)

    def _qr(self, function: int, body: bytes) -> bool:
        mode = self._mode
        match function:
            case 65:
                return body == b"2\x00"  # model 2
            case 67:
                mode.qr_module_dots = body[0]
                return 1 <= body[0] <= 16
            case 69:
                mode.qr_level = body[0]
                return body[0] in (48, 49, 50, 51)
            case 80:
                mode.qr_data = body[1:]
                return body[:1] == b"0"
            case 81:
                self._print_qr()
                return body == b"0"
        return False

    def _print_qr(self) -> None:
        mode = self._mode
        if not mode.qr_data or mode.qr_level != 49:
            self.violations.append("a QR code without data, or of another level than M")
            return
        symbol = qr_symbol(mode.qr_data.decode("latin-1"))
        side = symbol.width * mode.qr_module_dots
        if side > self.paper.width_dots:
            self.violations.append("a QR code wider than the paper")
        self._place(symbol.resize((side, side), Image.Resampling.NEAREST))


@lru_cache(maxsize=512)
def _font_a(letter: str, bold: bool) -> Image.Image:
    """Return a letter in the 12 x 24 cell of font A: squeezed, as printers draw it."""
    wide, tall = _FONT_A
    font = ImageFont.truetype(str(font_path(bold=bold)), 25)
    length = max(1, round(font.getlength(letter)))
    baseline, top, bottom = 40, 20, 46  # the cell, unless marks on a capital rise above it: then it is squeezed
    image = Image.new("L", (length, 60))
    ImageDraw.Draw(image).text((0, baseline), letter, fill=255, font=font, anchor="ls")
    ink = image.getbbox()
    top = min(top, ink[1]) if ink else top
    cell = image.crop((0, top, length, bottom)).resize((min(length, wide), tall), Image.Resampling.BILINEAR)
    out = Image.new("1", _FONT_A)
    out.paste(cell.point(lambda value: 255 if value > 100 else 0).convert("1"), ((wide - cell.width) // 2, 0))
    return out
