"""A printed page as device-neutral blocks; a printer driver turns it into bytes, a simulator into a picture.

Texts are Unicode; a driver draws them complete or refuses them, it never drops a mark. Control characters in a text are
removed before anything is drawn or sent, so that a name can neither cut the paper nor switch a code page.
"""

from dataclasses import dataclass
from enum import StrEnum


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"


class TextSize(StrEnum):
    """Heights of capitals on paper: about 2.5, 3.5 and 5 mm."""

    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; wrapped to the paper's width between words."""

    text: str
    size: TextSize = TextSize.NORMAL
    align: Align = Align.LEFT
    bold: bool = False


@dataclass(frozen=True, slots=True)
class BigNumber:
    """The ticket's number: ASCII letters, digits and hyphen, at least 15 mm high, centred."""

    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A label at the left edge and a value at the right edge of one line."""

    left: str
    right: str
    size: TextSize = TextSize.NORMAL


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code, centred, error correction M; ``data`` is ASCII of at most 200 characters."""

    data: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""


@dataclass(frozen=True, slots=True)
class Space:
    """Empty paper of ``height_mm``."""

    height_mm: float = 2.0


Block = Text | BigNumber | Columns | QrCode | Rule | Space


@dataclass(frozen=True, slots=True)
class Document:
    """One piece of paper, cut at its end; ``title`` names it for logs and never holds personal data."""

    title: str
    blocks: tuple[Block, ...]
