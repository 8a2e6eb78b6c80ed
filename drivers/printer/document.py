"""A printed page as device-neutral blocks; a printer driver turns it into bytes, a simulator into a picture.

Texts are Unicode. No mark of a letter is ever dropped: a character the font lacks is drawn as an empty box, so that the
gap is seen. Control characters in a text are removed before anything is drawn or sent, so that a name can neither cut
the paper nor switch a code page.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


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
    """A label at the left edge and a value at the right edge of one line; the value wraps where both do not fit."""

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
    """One piece of paper, cut at its end; ``title`` names it for logs and never holds personal data.

    ``most_bytes``: what may be sent for it. A driver that draws letters draws them more coarsely, and never smaller,
    until that holds; None leaves them as fine as they are.
    """

    title: str
    blocks: tuple[Block, ...]
    most_bytes: int | None = None


# Controls, format characters (which turn the direction of a line or hide), surrogates, private and unassigned ones.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


NO_BREAK_SPACE: Final = "\u00a0"
"""Keeps two words of a text on one line."""


def printable(text: str) -> str:
    """Return ``text`` as it may go on paper: NFC, every run of white space one space, nothing invisible left in it."""
    # Line ends are spaces; other controls vanish, although str.split would take some of them (1Ch..1Fh) for spaces too.
    spaced = re.sub(r"[\t\n\r\u0085\u2028\u2029]", " ", text)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in _INVISIBLE)
    return re.sub(r"[^\S\u00a0]+", " ", unicodedata.normalize("NFC", visible)).strip()
