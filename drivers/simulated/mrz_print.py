"""The machine readable zone as documents print it: OCR-B, ten characters and six lines an inch (ICAO 9303-3, 4.1).

The font is Debian's fonts-ocr-b, free for every use; demo, bench and training of the reader draw with it.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

PITCH_MM: Final = 25.4 / 10
LINE_MM: Final = 25.4 / 6
EDGE_MM: Final = 1.5
"""Blank paper that ``draw_zone`` leaves around the zone."""

Cut = Literal["round", "sharp"]
"""How strokes end: as the standard's drawings have them, or square as some printers' fonts do."""

_FONTS: Final = Path("/usr/share/fonts/opentype/ocr-b")
_FILES: Final[dict[Cut, str]] = {"round": "OCRB.otf", "sharp": "OCRBS.otf"}
_ADVANCE: Final = 0.72297  # of the font's size, the same for each character
_TOP: Final = 0.17  # of the font's size: from the text's origin to the top of a digit, the tallest of all
_DIGIT: Final = 0.79


def draw_zone(lines: Sequence[str], px_per_mm: float, *, cut: Cut = "round", paper: int = 255) -> np.ndarray:
    """Return ``lines`` in black on ``paper`` with EDGE_MM around them: uint8, height x width.

    Raises FileNotFoundError where the font is not installed.
    """
    width_mm, height_mm = max(map(len, lines)) * PITCH_MM, len(lines) * LINE_MM
    size = (round((width_mm + 2 * EDGE_MM) * px_per_mm), round((height_mm + 2 * EDGE_MM) * px_per_mm))
    image = Image.new("L", size, paper)
    draw = ImageDraw.Draw(image)
    size_px = PITCH_MM / _ADVANCE * px_per_mm
    above_px = (LINE_MM * px_per_mm - _DIGIT * size_px) / 2 - _TOP * size_px
    font = _font(cut, size_px)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            left_px = (EDGE_MM + column * PITCH_MM) * px_per_mm
            top_px = (EDGE_MM + row * LINE_MM) * px_per_mm + above_px
            draw.text((left_px, top_px), character, fill=0, font=font)
    return np.asarray(image)


@cache
def _font(cut: Cut, size_px: float) -> ImageFont.FreeTypeFont:
    path = _FONTS / _FILES[cut]
    if not path.exists():
        raise FileNotFoundError(f"no OCR-B font at {path}: install fonts-ocr-b")
    return ImageFont.truetype(str(path), size_px)
