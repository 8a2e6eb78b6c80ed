"""Flat pictures of what people hold in front of a kiosk, drawn at 24 pixels per millimetre, and the codes on them.

Sizes as published: ID-1 card 85.6 x 53.98 mm; QR of 14 to 16 mm on the front of the CCCD, of 18 x 18 mm on the back of
the căn cước (Circular 16/2024/TT-BCA). Error correction, version and quiet zone of real cards are not published: they
are drawn from what the payload's length allows.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
import segno
from PIL import Image, ImageDraw, ImageFont

from drivers.icao9303.mrz import build_td3, build_vietnamese_td1
from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.mrz_print import EDGE_MM, Cut, draw_zone
from drivers.simulated.people import PEOPLE, InventedPerson

PX_PER_MM: Final = 24
FaceKind = Literal["cccd", "can-cuoc", "bhyt", "phone", "blank", "mrz-card", "mrz-passport"]

_FONTS: Final = (
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)
_CARDS: Final = tuple(person for person in PEOPLE if person.personal_number)
_PROVINCES: Final = ("001", "030", "034", "036", "048", "066", "079", "092")


@dataclass(frozen=True, slots=True)
class Face:
    """``pixels``: uint8 grey at PX_PER_MM. ``corners``: the QR's outer corners in pixels, from its top left, clockwise.

    ``payload`` is None and ``modules`` 0 for a face without a code. Of a face with a machine readable zone that is to
    be read, the zone is the code and its lines are the modules.
    """

    kind: FaceKind
    pixels: np.ndarray
    payload: bytes | None
    corners: np.ndarray
    modules: int


def random_face(kind: FaceKind, chance: random.Random) -> Face:
    """Return one face of a made-up person: the name of one invented person, the address and papers of another."""
    person = chance.choice(_CARDS)
    canvas = _Canvas(*{"phone": (68, 120), "bhyt": (105, 74)}.get(kind, (85.6, 53.98)), paper=chance.randint(205, 250))
    if kind in ("mrz-card", "mrz-passport"):
        return _with_zone(kind, person, chance)
    if kind == "blank":
        canvas.card_front(person, chance)
        return Face(kind, canvas.pixels(), None, np.zeros((4, 2), np.float32), 0)
    text = _text(kind, chance)
    if kind == "cccd":
        canvas.card_front(person, chance)
        side_mm = chance.uniform(14, 16)
        corners, modules = canvas.qr(text, chance, left_mm=85.6 - side_mm - 4.5, top_mm=4.0, side_mm=side_mm)
    elif kind == "can-cuoc":
        canvas.card_back(person, chance)
        corners, modules = canvas.qr(text, chance, left_mm=60.0, top_mm=6.0, side_mm=18.0)
    elif kind == "bhyt":
        canvas.paper(person)
        corners, modules = canvas.qr(text, chance, left_mm=76.0, top_mm=44.0, side_mm=25.0)
    else:
        side_mm = chance.uniform(38, 46)
        corners, modules = canvas.qr(text, chance, left_mm=(68 - side_mm) / 2, top_mm=34.0, side_mm=side_mm, quiet=4)
    return Face(kind, canvas.pixels(), text.encode(), corners, modules)


def _with_zone(kind: FaceKind, person: InventedPerson, chance: random.Random) -> Face:
    """Return the back of an ID card, or a passport's page of 125 x 88 mm, with somebody else's zone on it."""
    lines = _zone(kind, chance)
    if kind == "mrz-card":
        canvas = _Canvas(85.6, 53.98, paper=chance.randint(190, 250))
        canvas.card_back(person, chance, lines)
        corners = canvas.zone(lines, chance, left_mm=4.0, top_mm=34.0)
    else:
        canvas = _Canvas(125, 88, paper=chance.randint(190, 250))
        canvas.photo_page(person, chance)
        corners = canvas.zone(lines, chance, left_mm=4.0, top_mm=69.5)
    return Face(kind, canvas.pixels(), "\n".join(lines).encode(), corners, len(lines))


def _zone(kind: FaceKind, chance: random.Random) -> list[str]:
    text = _text("cccd", chance).split("|")
    born_on = f"{text[3][6:]}{text[3][2:4]}{text[3][:2]}"
    expires_on = f"{date(2024, 1, 1) + timedelta(days=chance.randrange(5000)):%y%m%d}"
    sex: Literal["male", "female"] = "male" if text[4] == "Nam" else "female"
    if kind == "mrz-card":
        zone = build_vietnamese_td1(text[0], text[2], born_on, sex, chance.choice((expires_on, "991231")))
        return [zone[i : i + 30] for i in range(0, 90, 30)]
    number = "".join(chance.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") for _ in range(9))
    name = " ".join(
        "".join(chance.choice("AAABCDEEEFGHIIJKLMNOOPQRSTUVWXYZ") for _ in range(chance.randint(3, 9)))
        for _ in range(3)
    )
    optional = chance.choice(("", f"{chance.randrange(10**10)}"))
    zone = build_td3(number, name, born_on, sex, expires_on, chance.choice(("THA", "FRA", "KOR", "USA", "D")), optional)
    return [zone[:44], zone[44:]]


def _text(kind: FaceKind, chance: random.Random) -> str:
    named, housed = chance.choice(_CARDS), chance.choice(_CARDS)
    born_on = date(1940, 1, 1) + timedelta(days=chance.randrange(80 * 365))
    sex = chance.choice(("male", "female"))
    century_and_sex = (0 if born_on.year < 2000 else 2) + (sex == "female")
    number = f"{chance.choice(_PROVINCES)}{century_and_sex}{born_on:%y}{chance.randrange(10**6):06}"
    if kind == "bhyt":
        fields = [f"{chance.randrange(10**10):010}", named.full_name.encode().hex(), f"{born_on:%d/%m/%Y}"]
        fields += ["1" if sex == "male" else "2", housed.address.encode().hex(), "34 - 018", "01/01/2026", "-"]
        fields += ["28/12/2025", f"3406{chance.randrange(10**10):010}", "-", "4", "01/01/2027"]
        return "|".join([*fields, f"{chance.randrange(16**16):016x}-7102", "$"])
    issued_on = date(2021, 1, 15) + timedelta(days=chance.randrange(1200))
    old_number = f"{chance.randrange(10**9):09}" if chance.random() < 0.5 else ""
    fields = [number, old_number, named.full_name, f"{born_on:%d%m%Y}", "Nam" if sex == "male" else "Nữ"]
    fields += [housed.address, f"{issued_on:%d%m%Y}"]
    if kind == "can-cuoc":
        parents = (
            (chance.choice(_CARDS).full_name, chance.choice(_CARDS).full_name) if chance.random() < 0.4 else ("", "")
        )
        fields += ["", *parents, ""]
    return "|".join(fields)


class _Canvas:
    """A face while it is drawn; lengths in millimetres."""

    def __init__(self, width_mm: float, height_mm: float, *, paper: int) -> None:
        size = (round(width_mm * PX_PER_MM), round(height_mm * PX_PER_MM))
        self._image = Image.new("L", size, paper)
        self._draw = ImageDraw.Draw(self._image)
        self._paper = paper

    def pixels(self) -> np.ndarray:
        return np.asarray(self._image)

    def card_front(self, person: InventedPerson, chance: random.Random) -> None:
        self._guilloche(chance)
        self._box(4, 18, 24, 46, grey=self._paper - 70)
        self._disc(14, 29, 5.5, grey=self._paper - 130)
        self._disc(14, 45, 9, grey=self._paper - 150)
        self._write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 24, 3.0, 2.2)
        self._write("CĂN CƯỚC CÔNG DÂN", 28, 8.5, 3.2)
        self._write(f"Số / No.: {person.personal_number}", 30, 22.0, 3.0)
        self._write(f"Họ và tên: {person.full_name.upper()}", 30, 28.0, 2.4)
        self._write(f"Ngày sinh: {person.born_on:%d/%m/%Y}", 30, 33.0, 2.2)
        self._write(f"Quê quán: {person.place_of_origin}", 30, 38.0, 2.2)
        self._write(f"Nơi thường trú: {person.address}"[:60], 30, 43.0, 2.2)

    def card_back(self, person: InventedPerson, chance: random.Random, zone: Sequence[str] = ()) -> None:
        """Draw all of a back but the code; ``zone`` is drawn by ``zone``, else the person's is written roughly."""
        self._guilloche(chance)
        self._box(6, 10, 18, 20, grey=self._paper - 60)  # the chip's contacts
        self._write(f"Nơi cư trú: {person.address}"[:44], 4, 3.0, 2.0)
        for i, line in enumerate(() if zone else mrz_lines(person)):
            self._write(line, 5, 33.0 + 5.5 * i, 3.4)

    def photo_page(self, person: InventedPerson, chance: random.Random) -> None:
        self._guilloche(chance)
        self._box(6, 16, 41, 61, grey=self._paper - 70)
        self._disc(23, 34, 8, grey=self._paper - 130)
        for i, text in enumerate(
            ("PASSPORT / PASSEPORT", person.full_name, f"{person.born_on:%d %m %Y}", "TOKYO", "08 / 2031")
        ):
            self._write(text, 46, 12.0 + 8 * i, 2.6)

    def zone(self, lines: Sequence[str], chance: random.Random, *, left_mm: float, top_mm: float) -> np.ndarray:
        """Draw a machine readable zone and return its corners."""
        cut: Cut = "sharp" if chance.random() < 0.3 else "round"
        drawn = _spread(draw_zone(lines, PX_PER_MM, cut=cut), chance.uniform(-2.0, 3.0))
        ink = chance.randint(10, 70)
        left, top = round(left_mm * PX_PER_MM), round(top_mm * PX_PER_MM)
        height, width = drawn.shape
        paper = np.asarray(self._image)[top : top + height, left : left + width].astype(np.float32)
        self._image.paste(Image.fromarray((ink + (paper - ink) * (drawn / 255)).astype(np.uint8)), (left, top))
        edge = EDGE_MM * PX_PER_MM
        right, bottom = left + width - edge, top + height - edge
        edges = [(left + edge, top + edge), (right, top + edge), (right, bottom), (left + edge, bottom)]
        return np.array(edges, np.float32)

    def paper(self, person: InventedPerson) -> None:
        self._write("THẺ BẢO HIỂM Y TẾ", 36, 6, 4.5)
        for i, text in enumerate((person.full_name, f"{person.born_on:%d/%m/%Y}", person.address)):
            self._write(text, 8, 18 + 7 * i, 3.2)

    def qr(
        self, text: str, chance: random.Random, *, left_mm: float, top_mm: float, side_mm: float, quiet: int = 0
    ) -> tuple[np.ndarray, int]:
        """Draw a QR of ``side_mm`` and return its corners and its modules a side."""
        level = chance.choice("LMQ" if len(text) < 110 else "LM")
        code = segno.make_qr(text, error=level, encoding="utf-8", boost_error=False)
        matrix = np.array([list(row) for row in code.matrix], np.uint8)
        modules = len(matrix)
        quiet = quiet or chance.randint(1, 3)
        left, top, side = (round(mm * PX_PER_MM) for mm in (left_mm, top_mm, side_mm))
        margin = round(quiet * side / modules)
        self._draw.rectangle((left - margin, top - margin, left + side + margin, top + side + margin), fill=250)
        ink = chance.randint(15, 60)
        dots = cv2.resize(
            (1 - matrix) * np.uint8(250 - ink) + np.uint8(ink), (side, side), interpolation=cv2.INTER_NEAREST
        )
        self._image.paste(Image.fromarray(_spread(dots, chance.uniform(-0.12, 0.18) * side / modules)), (left, top))
        edges = [(left, top), (left + side, top), (left + side, top + side), (left, top + side)]
        return np.array(edges, np.float32), modules

    def _guilloche(self, chance: random.Random) -> None:
        width, height = self._image.size
        for _ in range(14):
            phase, waves, middle = chance.uniform(0, 6.3), chance.uniform(2, 7), chance.uniform(0, height)
            x = np.arange(0, width, 12)
            y = middle + np.sin(x / width * 6.3 * waves + phase) * height / 6
            self._draw.line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=self._paper - 22, width=3)

    def _write(self, text: str, left_mm: float, top_mm: float, size_mm: float) -> None:
        self._draw.text((left_mm * PX_PER_MM, top_mm * PX_PER_MM), text, fill=40, font=_font(size_mm))

    def _box(self, left: float, top: float, right: float, bottom: float, *, grey: int) -> None:
        self._draw.rectangle([mm * PX_PER_MM for mm in (left, top, right, bottom)], fill=grey)

    def _disc(self, x: float, y: float, radius: float, *, grey: int) -> None:
        self._draw.ellipse([mm * PX_PER_MM for mm in (x - radius, y - radius, x + radius, y + radius)], fill=grey)


def _spread(dots: np.ndarray, by_px: float) -> np.ndarray:
    """Let ink run ``by_px`` beyond its edges, or fall short of them."""
    size = 2 * round(abs(by_px)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.erode(dots, kernel) if by_px > 0 else cv2.dilate(dots, kernel)


@cache
def _font(size_mm: float) -> ImageFont.FreeTypeFont:
    path = next((path for path in _FONTS if Path(path).exists()), None)
    if path is None:
        raise FileNotFoundError("no font with Vietnamese letters: install fonts-noto-core")
    return ImageFont.truetype(path, round(size_mm * PX_PER_MM))
