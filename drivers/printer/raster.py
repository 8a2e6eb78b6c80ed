"""A document drawn as dots, line by line: what the paper shows where the printer's own fonts cannot be trusted.

One dot is one bit, set for ink, most significant bit left: the form ESC/POS wants it in (GS v 0).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import Image

from drivers.errors import MalformedData
from drivers.printer.document import (
    Align,
    BigNumber,
    Block,
    Columns,
    QrCode,
    Rule,
    Space,
    Text,
    TextSize,
    printable,
)
from drivers.printer.fonts import Face

DOTS_PER_MM: Final = 8  # 203 dpi, the common pitch of ticket printers

# Capitals of Noto Sans are 0.714 em high: 20, 28 and 40 dots are 2.5, 3.5 and 5 mm. Large text is drawn at half its
# size and doubled by the printer, as its own large letters are: a quarter of the bytes.
_EM_PX: Final = {TextSize.SMALL: 28, TextSize.NORMAL: 39, TextSize.LARGE: 28}
_SCALE: Final = {TextSize.SMALL: 1, TextSize.NORMAL: 1, TextSize.LARGE: 2}

Stretch = tuple[int, int]
"""How many dots of the paper one drawn dot is wide and high: 1 or 2."""
_BIG_NUMBER_MM: Final = 16

# A capital with two marks (Ễ) rises 1.07 em above the baseline, a letter with a dot below (ự) falls 0.27 em.
_RISE_EM: Final = 1.07
_FALL_EM: Final = 0.29

_COLUMN_GAP_DOTS: Final = 16
_BETWEEN_BLOCKS_DOTS: Final = 4


@dataclass(frozen=True, slots=True)
class Ink:
    """Rows of dots (mode "1", ink is 1), empty rows and sides cut off; ``stretch``: each is so wide and high on paper.

    It begins at the left edge of the paper (empty columns there are kept), or stands ``centered``.
    """

    image: Image.Image
    centered: bool = False
    stretch: Stretch = (1, 1)


@dataclass(frozen=True, slots=True)
class Feed:
    """Empty paper."""

    dots: int


def draw_block(block: Block, width_dots: int, *, coarse: bool = False) -> Iterator[Ink | Feed]:
    """Yield one block as dots from top to bottom; raises MalformedData outside the limits of the block.

    ``coarse``: small and normal text is drawn with dots two wide, which halves its bytes and makes it a little bolder.
    Vietnamese marks stand one above the other: they need the rows more than the columns, and stay clear.
    """
    match block:
        case Text(text=text, size=size, align=align, bold=bold):
            face, scale = Face(_EM_PX[size], bold), _SCALE[size]
            for line in wrap(printable(text), face, width_dots // scale):
                image = _draw_line(face, width_dots // scale, (0.0, line))
                yield from _trimmed(*_grained(image, scale, coarse), centered=align is Align.CENTER)
        case Columns(left=left, right=right, size=size):
            face, scale = Face(_EM_PX[size]), _SCALE[size]
            for image in _draw_columns(printable(left), printable(right), face, width_dots // scale):
                yield from _trimmed(*_grained(image, scale, coarse))
        case Rule():
            yield from (Feed(6), Ink(Image.new("1", (width_dots, 2), 1)), Feed(6))
        case Space(height_mm=height_mm):
            yield Feed(round(height_mm * DOTS_PER_MM))
        case BigNumber(text=text):
            check_number(text)
            yield from _draw_number(text, width_dots)
        case QrCode(data=data):
            check_qr(data)
            yield from _draw_qr(data, width_dots)
    yield Feed(_BETWEEN_BLOCKS_DOTS)


def wrap(text: str, face: Face, width_dots: float) -> list[str]:
    """Return ``text`` in lines that fit; a word wider than the paper is broken between letters."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if face.width(candidate) <= width_dots:
            line = candidate
            continue
        if line:
            lines.append(line)
        *whole, line = _broken(word, face, width_dots)
        lines.extend(whole)
    return [*lines, line] if line else lines


def check_number(text: str) -> None:
    """Raise MalformedData unless ``text`` is 1 to 8 ASCII letters, digits and hyphens."""
    if not (1 <= len(text) <= 8 and text.isascii() and text.replace("-", "0").isalnum()):
        raise MalformedData("ticket number", "only 1 to 8 ASCII letters, digits and hyphens can be printed big")


def check_qr(data: str) -> None:
    """Raise MalformedData unless ``data`` is 1 to 200 printable ASCII characters."""
    if not (1 <= len(data) <= 200 and data.isascii() and data.isprintable()):
        raise MalformedData("printed QR code", "only 1 to 200 printable ASCII characters are allowed")


# Characters of error correction M in byte mode, versions 1 to 10. Source: ISO/IEC 18004, table 7.
_QR_CAPACITY: Final = (14, 26, 42, 62, 84, 106, 122, 152, 180, 213)


def qr_module_dots(data: str, width_dots: int) -> int:
    """Return the side of one module, 3..8 dots: as large as the paper takes with the quiet zone, at most 1 mm."""
    version = next(v for v, capacity in enumerate(_QR_CAPACITY, 1) if len(data) <= capacity)
    return max(3, min(8, width_dots // (17 + 4 * version + 8)))


def _broken(word: str, face: Face, width_dots: float) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and face.width(parts[-1] + letter) > width_dots:
            parts.append("")
        parts[-1] += letter
    return parts


def _draw_columns(left: str, right: str, face: Face, width_dots: int) -> Iterator[Image.Image]:
    left_width, right_width = face.width(left), face.width(right)
    if left_width + _COLUMN_GAP_DOTS + right_width <= width_dots:
        yield _draw_line(face, width_dots, (0.0, left), (width_dots - right_width, right))
        return
    for line in wrap(left, face, width_dots):
        yield _draw_line(face, width_dots, (0.0, line))
    for line in wrap(right, face, width_dots):
        yield _draw_line(face, width_dots, (width_dots - face.width(line), line))


def _draw_line(face: Face, width_dots: int, *texts: tuple[float, str]) -> Image.Image:
    rise, fall = math.ceil(face.size_px * _RISE_EM), math.ceil(face.size_px * _FALL_EM)
    image = Image.new("1", (width_dots, rise + fall))
    for x, text in texts:
        face.draw(image, x, rise, text)
    return image


def _grained(image: Image.Image, scale: int, coarse: bool) -> tuple[Image.Image, Stretch]:
    """Return ``image`` as it is to be sent, and by how much the printer stretches it."""
    if not coarse or scale > 1:
        return image, (scale, scale)
    size = (-(-image.width // 2), image.height)
    halved = image.convert("L").resize(size, Image.Resampling.BOX)
    # Half a dot's ink makes a dot: at more, strokes one dot wide would be lost.
    return halved.point(lambda ink: 255 if ink >= 127 else 0).convert("1"), (2, 1)


def _trimmed(image: Image.Image, stretch: Stretch = (1, 1), *, centered: bool = False) -> Iterator[Ink | Feed]:
    ink, down = image.getbbox(), stretch[1]
    if ink is None:
        yield Feed(image.height * down)
        return
    left, top, right, bottom = ink
    if top:
        yield Feed(top * down)
    yield Ink(image.crop((left if centered else 0, top, right, bottom)), centered, stretch)
    if bottom < image.height:
        yield Feed((image.height - bottom) * down)


def _draw_number(text: str, width_dots: int) -> Iterator[Ink | Feed]:
    face = Face(round(_BIG_NUMBER_MM * DOTS_PER_MM / 0.714), bold=True)
    if (width := face.width(text)) > width_dots:
        face = Face(int(face.size_px * width_dots / width), bold=True)
    yield from _trimmed(_draw_line(face, width_dots, (0.0, text)), centered=True)


def _draw_qr(data: str, width_dots: int) -> Iterator[Ink | Feed]:
    module = qr_module_dots(data, width_dots)
    symbol = qr_symbol(data)
    scale = 2 if module % 2 == 0 else 1  # doubled by the printer, a quarter of the bytes
    side = symbol.width * module // scale
    yield Feed(4 * module)
    yield Ink(symbol.resize((side, side), Image.Resampling.NEAREST), centered=True, stretch=(scale, scale))
    yield Feed(4 * module)


@lru_cache(maxsize=8)
def qr_symbol(data: str) -> Image.Image:
    """Return the QR code with one dot for a module and no quiet zone (model 2, error correction M)."""
    import segno  # only printers that cannot draw a code themselves need it

    matrix = segno.make(data, error="m", micro=False, boost_error=False).matrix
    image = Image.new("1", (len(matrix), len(matrix)))
    image.putdata([module & 1 for row in matrix for module in row])
    return image
