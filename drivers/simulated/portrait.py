"""Portraits of invented people: plainly drawings, so that nobody takes them for a person, yet of a real photo's size.

The same person always gets the same drawing. A chip's photo has 10 to 25 KB; ``size_bytes`` makes a portrait exactly as
long as a measurement needs it.
"""

import hashlib
import io
import random
from datetime import date
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from drivers.simulated.people import InventedPerson

WIDTH_PX: Final = 360
HEIGHT_PX: Final = 480

_SHIRTS: Final = ("#2f5d8a", "#7a3b4f", "#3f6b4f", "#6b5a2f", "#4f4a7a", "#8a5a2f")
_COMMENT_MARKER: Final = b"\xff\xfe"
_LONGEST_COMMENT: Final = 0xFFFF - 2


@lru_cache(maxsize=64)
def jpeg_portrait(person: InventedPerson, size_bytes: int | None = None) -> bytes:
    """Return a JPEG of about 14 KB, or of exactly ``size_bytes`` (at least 8000)."""
    picture = _draw(person)
    if size_bytes is None:
        return _encoded(picture, quality=82)
    for quality in range(90, 5, -5):
        data = _encoded(picture, quality)
        # 0 bytes of comment need no segment, 1 to 3 would not hold a segment's own header
        if len(data) == size_bytes or len(data) <= size_bytes - 4:
            return _lengthened(data, size_bytes)
    raise ValueError(f"no portrait is as small as {size_bytes} bytes")


@lru_cache(maxsize=16)
def jpeg2000_portrait(person: InventedPerson) -> bytes:
    """Return a JPEG 2000 file (JP2) of about 15 KB."""
    out = io.BytesIO()
    _draw(person).save(out, "JPEG2000", quality_mode="rates", quality_layers=[34], irreversible=True)
    return out.getvalue()


def _encoded(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _lengthened(jpeg: bytes, size: int) -> bytes:
    """Insert comment segments (ISO/IEC 10918-1 B.2.4.5) behind the start marker until ``jpeg`` has ``size`` bytes."""
    missing = size - len(jpeg)
    segments = b""
    while missing:
        segment = min(missing, _LONGEST_COMMENT + 4)
        if 0 < missing - segment < 4:
            segment -= 4
        segments += _COMMENT_MARKER + (segment - 2).to_bytes(2, "big") + b"." * (segment - 4)
        missing -= segment
    return jpeg[:2] + segments + jpeg[2:]


def _draw(person: InventedPerson) -> Image.Image:
    seed = hashlib.sha256(person.key.encode()).digest()
    picture = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "#dfe7ee")
    pen = ImageDraw.Draw(picture)
    for y in range(HEIGHT_PX):
        shade = 235 - y * 40 // HEIGHT_PX
        pen.line((0, y, WIDTH_PX, y), fill=(shade - 14, shade - 4, shade))
    old = person.issued_on > date(person.born_on.year + 60, 1, 1)
    hair = "#b9b9b9" if old else "#1f1a17"
    if person.sex == "female":
        pen.rounded_rectangle((92, 110, 268, 360), 80, fill=hair)
    pen.ellipse((10, 360, 350, 700), fill=_SHIRTS[seed[0] % len(_SHIRTS)])
    pen.polygon(((140, 350), (220, 350), (180, 430)), fill="#f4f1ea")
    pen.rectangle((152, 300, 208, 370), fill="#d9ab83")
    pen.ellipse((106, 110, 254, 332), fill="#e6bd96")
    _draw_face(pen, seed, old)
    pen.pieslice((98, 84, 262, 270), 180, 360, fill=hair)
    pen.polygon(((98, 178), (262, 178), (240, 150 + seed[1] % 30), (120, 150 + seed[2] % 30)), fill=hair)
    _grain(picture, seed)
    pen.text((WIDTH_PX - 96, HEIGHT_PX - 24), "DRAWING", fill="#ffffff", font_size=18)
    return picture


def _draw_face(pen: ImageDraw.ImageDraw, seed: bytes, old: bool) -> None:
    for x in (146, 214):
        pen.line((x - 18, 204 - seed[3] % 6, x + 18, 204 - seed[4] % 6), fill="#3a2f29", width=5)
        pen.ellipse((x - 13, 214, x + 13, 230), fill="#ffffff", outline="#3a2f29", width=2)
        pen.ellipse((x - 6, 215, x + 6, 229), fill="#2b2019")
        if old:
            pen.arc((x - 20, 222, x + 20, 246), 20, 160, fill="#b98d68", width=2)
    pen.line((180, 226, 172 - seed[5] % 6, 264, 186, 266), fill="#b98d68", width=3)
    pen.arc((150, 262, 210, 296 + seed[6] % 12), 25, 155, fill="#a8504a", width=4)


def _grain(picture: Image.Image, seed: bytes) -> None:
    """Roughen the drawing: a flat one compresses to a tenth of what a photo needs."""
    size = (WIDTH_PX // 3, HEIGHT_PX // 3)
    levels = random.Random(seed).randbytes(size[0] * size[1])  # noqa: S311 -- a texture, no secret
    noise = Image.frombytes("L", size, levels)
    mask = noise.resize(picture.size, Image.Resampling.BILINEAR).point(lambda level: level // 10)
    picture.paste((96, 80, 64), mask=mask)
