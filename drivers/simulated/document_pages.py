"""What somebody holds before the camera who is asked for the printed zone: a passport's photo page, a card's back."""

import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.mrz_print import EDGE_MM, LINE_MM, draw_zone
from drivers.simulated.people import InventedPerson

_PX_PER_MM: Final = 10.0
_PASSPORT_MM: Final = (125.0, 88.0)  # ID-3 (ICAO 9303-4)
_CARD_MM: Final = (85.6, 53.98)  # ID-1
_AROUND_MM: Final = 6.0
_PAPER: Final = 226
_DESK: Final = 92
_FOOT_MM: Final = 3.5


def page_picture(person: InventedPerson) -> bytes:
    """Return a PNG of the side of ``person``'s document that carries the machine readable zone.

    Raises FileNotFoundError where the font of such zones is not installed.
    """
    width_mm, height_mm = _PASSPORT_MM if person.generation == "passport" else _CARD_MM
    page = Image.new("L", (_px(width_mm), _px(height_mm)), _PAPER)
    if person.generation == "passport":
        _draw_photo_page(ImageDraw.Draw(page), person)
    else:
        _draw_back(ImageDraw.Draw(page), person)
    zone = draw_zone(mrz_lines(person), _PX_PER_MM, paper=_PAPER)
    top_mm = height_mm - _FOOT_MM - len(mrz_lines(person)) * LINE_MM - EDGE_MM
    page.paste(Image.fromarray(zone), ((page.width - zone.shape[1]) // 2, _px(top_mm)))
    return _png(np.pad(np.asarray(page), _px(_AROUND_MM), constant_values=_DESK))


def _draw_photo_page(draw: ImageDraw.ImageDraw, person: InventedPerson) -> None:
    draw.rectangle(_box(6, 16, 41, 61), fill=180)
    draw.ellipse(_box(16, 24, 31, 44), fill=120)
    draw.rectangle(_box(10, 46, 37, 61), fill=120)
    texts = (f"PASSPORT  {person.nationality}", person.full_name.upper(), f"{person.born_on:%d %m %Y}")
    for row, text in enumerate((*texts, person.document_number)):
        draw.text((_px(48), _px(17 + 10 * row)), text, fill=70, font=ImageFont.load_default(_px(3.2)))


def _draw_back(draw: ImageDraw.ImageDraw, person: InventedPerson) -> None:
    draw.rectangle(_box(7, 14, 20, 25), fill=170)
    for row in range(3):
        draw.rectangle(_box(26, 12 + 5 * row, 60 - 6 * row, 13.5 + 5 * row), fill=150)
    draw.text((_px(64), _px(14)), f"{person.issued_on:%d/%m/%Y}", fill=80, font=ImageFont.load_default(_px(2.6)))


def _box(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    return _px(left), _px(top), _px(right), _px(bottom)


def _px(mm: float) -> int:
    return round(mm * _PX_PER_MM)


def _png(picture: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()
