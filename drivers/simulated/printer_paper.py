"""What a simulated printer puts on its paper, piece by piece."""

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from PIL import Image

MARGIN_MM: Final = 4
"""Paper beside the printable width, on each side: the picture shows a slip, not a print head."""

_DOTS_PER_MM: Final = 8


@dataclass(frozen=True, slots=True)
class PrintedTicket:
    """One piece of paper. ``png`` shows it; ``qr`` is what a reader sees in the picture (None: nothing readable).

    ``whole`` says that everything between two cuts came from one uninterrupted job: no reload, power cut or command
    that broke off in between.
    """

    png: bytes
    qr: str | None
    printed_at: datetime
    whole: bool


@dataclass(slots=True)
class Paper:
    """The piece that hangs out of the printer and is not cut yet."""

    width_dots: int
    is_whole: bool = True
    _rows: list[tuple[int, Image.Image]] = field(default_factory=list)
    _height: int = 0
    _has_ink: bool = False

    def add(self, image: Image.Image, *, left: int = 0) -> None:
        """Put dots (mode "1", ink is 1) below what is there."""
        line = Image.new("1", (self.width_dots, image.height))
        line.paste(image, (left, 0))
        self._rows.append((self._height, line))
        self._height += image.height
        self._has_ink = self._has_ink or line.getbbox() is not None

    def feed(self, dots: int) -> None:
        self._height += dots

    @property
    def height_dots(self) -> int:
        return self._height

    @property
    def is_blank(self) -> bool:
        return not self._has_ink

    def dots(self) -> Image.Image:
        """Return the piece as it was printed (mode "1", ink is 1)."""
        page = Image.new("1", (self.width_dots, max(self._height, 1)))
        for top, line in self._rows:
            page.paste(line, (0, top))
        return page

    def ticket(self, printed_at: datetime) -> PrintedTicket:
        """Return the piece as somebody holds it in the hand."""
        dots = self.dots()
        margin = MARGIN_MM * _DOTS_PER_MM
        slip = Image.new("L", (dots.width + 2 * margin, dots.height + 2 * margin), 255)
        slip.paste(0, (margin, margin), dots)
        png = io.BytesIO()
        slip.save(png, "PNG", compress_level=1)
        return PrintedTicket(png.getvalue(), read_qr(slip), printed_at, self.is_whole)


def read_qr(picture: Image.Image) -> str | None:
    """Return the text of the QR code in ``picture``, as the kiosk's own scanner reads it."""
    import numpy as np

    from drivers.scanner.decoder import decode

    payloads = decode(np.asarray(picture))
    return payloads[0].decode("utf-8", "replace") if payloads else None
