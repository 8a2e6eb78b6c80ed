"""Letters as dots: one font that has every Vietnamese letter, drawn glyph by glyph and kept.

Drawing a whole line through FreeType costs 1.2 to 1.4 ms at the sizes of a ticket; pasting kept glyphs costs a tenth
of that. The kept glyphs are the letters of this hospital's tickets: a few hundred of them, some hundred kilobytes.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from drivers.errors import DeviceUnavailable

_VOWELS: Final = "aăâeêioôơuưy"
_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LOWER: Final = "".join(unicodedata.normalize("NFC", v + t) for v in _VOWELS for t in _TONES) + "đ"

VIETNAMESE_LETTERS: Final = _LOWER + _LOWER.upper()
"""The 146 letters that make a font Vietnamese: 12 vowels in 6 tones and đ, lower case, then capitals."""

# The package fonts-noto-core of Debian; the other paths are where Fedora, Arch and a self-made image keep the same.
_FONT_DIRECTORIES: Final = (
    Path("/usr/share/fonts/truetype/noto"),
    Path("/usr/share/fonts/google-noto"),
    Path("/usr/share/fonts/noto"),
    Path("/usr/local/share/fonts"),
)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter with its marks. ``dots`` (mode "1", ink is 1) is pasted at pen + ``left``, baseline - ``rise``."""

    dots: Image.Image | None  # None: nothing to see (a space)
    left: int
    rise: int
    advance: float


@dataclass(frozen=True, slots=True)
class Face:
    """One weight at one size; ``size_px`` is the em."""

    size_px: int
    bold: bool = False

    def width(self, text: str) -> float:
        return sum(_glyph(self, cluster).advance for cluster in _clusters(text))

    def draw(self, image: Image.Image, x: float, baseline: int, text: str) -> None:
        """Add ``text`` to ``image`` (mode "1", ink is 1) with the pen at ``x``; what is outside is cut off."""
        pen = x
        for cluster in _clusters(text):
            glyph = _glyph(self, cluster)
            if glyph.dots is not None:
                # The glyph is its own mask: neighbours may overlap without wiping each other out.
                image.paste(1, (round(pen) + glyph.left, baseline - glyph.rise), glyph.dots)
            pen += glyph.advance


@lru_cache(maxsize=4096)
def _glyph(face: Face, cluster: str) -> Glyph:
    font = _font(face.size_px, face.bold)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(cluster, mode="1", anchor="ls"))
    advance = font.getlength(cluster, mode="1")
    if right <= left or bottom <= top:
        return Glyph(None, 0, 0, advance)
    # A border of 2 dots: hinting may put ink beside the box the font announces.
    dots = Image.new("1", (right - left + 4, bottom - top + 4))
    ImageDraw.Draw(dots).text((2 - left, 2 - top), cluster, fill=1, font=font, anchor="ls")
    ink = dots.getbbox()
    if ink is None:
        return Glyph(None, 0, 0, advance)
    return Glyph(dots.crop(ink), left - 2 + ink[0], 2 - top - ink[1], advance)


@lru_cache(maxsize=32)
def _font(size_px: int, bold: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_path(bold=bold)), size_px)


@lru_cache(maxsize=2)
def font_path(*, bold: bool) -> Path:
    """Return the file of the font; raises DeviceUnavailable when this machine has none."""
    name = "NotoSans-Bold.ttf" if bold else "NotoSans-Regular.ttf"
    for directory in _FONT_DIRECTORIES:
        if (path := directory / name).is_file():
            return path
    raise DeviceUnavailable(f"the font {name} is missing: install the package fonts-noto-core")


def require_fonts() -> None:
    """Raises DeviceUnavailable when this machine has no font to draw Vietnamese with."""
    font_path(bold=False)
    font_path(bold=True)


def _clusters(text: str) -> Iterator[str]:
    """Yield each letter together with the combining marks after it (NFC leaves some for minority languages)."""
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not unicodedata.combining(text[end]):
            yield text[start:end]
            start = end
