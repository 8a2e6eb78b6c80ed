"""A document as ESC/POS bytes: text as narrow raster strips, number and QR code by the printer itself.

The only import of python-escpos. It writes the commands that depend on nothing but their arguments; rasters are
written here, because its own would hold real-time commands by accident (see ``_without_real_time_commands``) and
because small strips decide whether a broken connection ruins the next ticket.
"""

import logging
import os
import re
import shutil
from collections.abc import Iterator
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Final

from drivers.printer import tcvn3
from drivers.printer.document import (
    NO_BREAK_SPACE,
    Align,
    BigNumber,
    Block,
    Columns,
    Document,
    QrCode,
    Text,
    TextSize,
    printable,
)
from drivers.printer.profiles import Profile
from drivers.printer.raster import Feed, Ink, check_number, check_qr, draw_block, qr_module_dots

if TYPE_CHECKING:
    from escpos.printer import Dummy

ESC_INITIALIZE: Final = b"\x1b@"

STRIP_ROWS: Final = 24
"""A printer that loses its sender inside a raster waits for the missing rows and eats the next ticket. Strips of 24
rows are short enough for FILLING to complete: measured, 12 of 12 next tickets came out whole, without it none."""

FILLING: Final = bytes(2048)
"""Goes out before anything else to a printer that may wait for the rest of a command: more NULs than a strip has
bytes. Even a status question would not do: its bytes, taken for the size of a raster, made one of 4,000 rows."""

# Font A is 12 x 24 dots, its digits 17 to 19 high: eight times that, the most there is, is 17 mm or more at 203 dpi.
_FONT_A_WIDTH_DOTS: Final = 12
_LARGEST: Final = 8

_QR_LEVEL_M: Final = 1

_LEFT: Final = b"\x1ba\x00"
_CENTER: Final = b"\x1ba\x01"

_TEXT_SIZE: Final = {TextSize.SMALL: 0x00, TextSize.NORMAL: 0x01, TextSize.LARGE: 0x11}  # GS ! n: normal, tall, double
_TEXT_COLUMNS_DOTS: Final = {TextSize.SMALL: 12, TextSize.NORMAL: 12, TextSize.LARGE: 24}


def encode(document: Document, profile: Profile, paper_width_mm: int, *, by_code_page: bool = False) -> bytes:
    """Return the whole ticket: reset, content, feed, cut.

    ``by_code_page`` sends text in the printer's own Vietnamese font where the profile has one; a text with other
    letters is still drawn. Raises MalformedData for a number or code outside the limits of its block.
    """
    width_dots = profile.width_dots(paper_width_mm)
    pages = profile.tcvn3_pages if by_code_page else None
    blocks = document.blocks
    begin, end = _begin(profile), feed_and_cut(has_cutter=profile.has_cutter)
    parts = [_block(one, profile, width_dots, pages) for one in blocks]
    for size in _COARSENED:
        if document.most_bytes is None or sum(map(len, (begin, *parts, end))) <= document.most_bytes:
            break
        parts = [
            _block(block, profile, width_dots, pages, coarse=True) if _size_of(block) is size else part
            for block, part in zip(blocks, parts, strict=True)
        ]
    return b"".join((begin, *parts, end))


_COARSENED: Final = (TextSize.NORMAL, TextSize.SMALL)
"""Whose dots are made two wide, in this order, where a document has too many bytes; large text has such dots anyway."""


def _begin(profile: Profile) -> bytes:
    dots_per_inch = profile.dots_per_inch
    return ESC_INITIALIZE + (b"" if dots_per_inch is None else b"\x1dP" + bytes((dots_per_inch, dots_per_inch)))


def _size_of(block: Block) -> TextSize | None:
    return block.size if isinstance(block, Text | Columns) else None


def _block(
    block: Block, profile: Profile, width_dots: int, pages: tuple[int, int] | None, *, coarse: bool = False
) -> bytes:
    match block:
        case BigNumber(text=text) if profile.native_number:
            return _native_number(text, width_dots)
        case QrCode(data=data) if profile.native_qr:
            quiet_zone = _feed(4 * qr_module_dots(data, width_dots))
            return quiet_zone + _native_qr(data, width_dots) + quiet_zone
        case Text(size=TextSize.SMALL, bold=False) if _OWN_LETTERS.fullmatch(block.text):
            return _by_code_page(block, width_dots, (0, 0))
        case Text() | Columns() if pages is not None and _is_encodable(block):
            return _by_code_page(block, width_dots, pages)
        case _:
            return b"".join(_drawn(block, width_dots, coarse=coarse))


@lru_cache(maxsize=2)
def feed_and_cut(*, has_cutter: bool = True) -> bytes:
    """Return the end of a ticket: six lines (the way from head to knife or tear bar), then the cut."""
    writer = _writer()
    if has_cutter:
        writer.cut()
    else:
        writer.print_and_feed(6)
    return bytes(writer.output)


# What every printer's own font A has in common: 2.1 to 2.4 mm high, and 48 letters cost 48 bytes instead of 1,500.
_OWN_LETTERS: Final = re.compile(r"[A-Za-z0-9 .,:/()+-]+")


def _drawn(block: Block, width_dots: int, *, coarse: bool) -> Iterator[bytes]:
    pending = 0
    for piece in draw_block(block, width_dots, coarse=coarse):
        match piece:
            case Feed(dots=dots):
                pending += dots
            case Ink():
                yield _feed(pending)
                pending = 0
                yield from _strips(piece)
    yield _feed(pending)


def _feed(dots: int) -> bytes:
    whole, rest = divmod(dots, 255)
    return b"\x1bJ\xff" * whole + (bytes((0x1B, 0x4A, rest)) if rest else b"")


def _strips(piece: Ink) -> Iterator[bytes]:
    """Yield GS v 0 commands of at most STRIP_ROWS rows each, as narrow as their own ink allows."""
    image = piece.image
    across, down = piece.stretch
    mode = (across == 2) | (down == 2) << 1
    if piece.centered:
        yield _CENTER
    for top in range(0, image.height, STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + STRIP_ROWS, image.height)))
        ink = strip.getbbox()
        if ink is None:
            yield _feed(strip.height * down)
            continue
        width_bytes = -(-(image.width if piece.centered else ink[2]) // 8)
        # The printer centers each strip by its own width: what is cut off on both sides alike moves nothing.
        margin_bytes = min(ink[0], width_bytes * 8 - ink[2]) // 8 if piece.centered else 0
        rows = strip.crop((margin_bytes * 8, 0, (width_bytes - margin_bytes) * 8, strip.height)).tobytes()
        size = (width_bytes - 2 * margin_bytes).to_bytes(2, "little") + strip.height.to_bytes(2, "little")
        yield b"\x1dv0" + bytes((mode,)) + size + _without_real_time_commands(rows)
    if piece.centered:
        yield _LEFT


# DLE EOT, DLE ENQ, DLE DC4: printers obey them even inside image data (Epson, "real-time commands").
_REAL_TIME: Final = re.compile(rb"\x10(?=[\x04\x05\x14])")


def _without_real_time_commands(rows: bytes) -> bytes:
    """Return ``rows`` with one dot added wherever they would ask for status, recovery or power-off by accident."""
    return _REAL_TIME.sub(b"\x11", rows)


@lru_cache(maxsize=64)
def _native_number(text: str, width_dots: int) -> bytes:
    check_number(text)
    width = min(_LARGEST, width_dots // (_FONT_A_WIDTH_DOTS * len(text)))
    writer = _writer()
    writer.set(align="center", bold=True, custom_size=True, width=width, height=_LARGEST)
    writer.text(f"{text}\n")
    writer.set(align="left", bold=False, normal_textsize=True)
    return bytes(writer.output)


def _native_qr(data: str, width_dots: int) -> bytes:
    check_qr(data)
    writer = _writer()
    writer.set(align="center")
    writer.qr(data, native=True, ec=_QR_LEVEL_M, size=qr_module_dots(data, width_dots))
    writer.set(align="left")
    return bytes(writer.output)


def _is_encodable(block: Text | Columns) -> bool:
    texts = (block.text,) if isinstance(block, Text) else (block.left, block.right)
    return all(tcvn3.can_encode(printable(text).replace(NO_BREAK_SPACE, " ")) for text in texts)


def _by_code_page(block: Text | Columns, width_dots: int, pages: tuple[int, int]) -> bytes:
    columns = width_dots // _TEXT_COLUMNS_DOTS[block.size]
    if isinstance(block, Text):
        lines = _folded(printable(block.text), columns)
        center, bold = block.align is Align.CENTER, block.bold
    else:
        lines = _in_columns(printable(block.left), printable(block.right), columns)
        center, bold = False, False
    before = (_CENTER if center else _LEFT) + bytes((0x1B, 0x45, bold, 0x1D, 0x21, _TEXT_SIZE[block.size]))
    after = _LEFT + b"\x1bE\x00\x1d!\x00"
    letters = (tcvn3.encode(line.replace(NO_BREAK_SPACE, " "), pages) for line in lines)
    return before + b"".join(line + b"\n" for line in letters) + after


def _folded(text: str, columns: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if len(candidate) <= columns:
            line = candidate
            continue
        if line:
            lines.append(line)
        while len(word) > columns:
            lines.append(word[:columns])
            word = word[columns:]
        line = word
    return [*lines, line] if line else lines


def _in_columns(left: str, right: str, columns: int) -> list[str]:
    if len(left) + 1 + len(right) <= columns:
        return [left + right.rjust(columns - len(left))]
    return _folded(left, columns) + [line.rjust(columns) for line in _folded(right, columns)]


def _writer() -> "Dummy":
    return _escpos_printer().Dummy()


@cache
def _escpos_printer() -> ModuleType:
    """Return python-escpos' printers; importing it costs 0.2 s of CPU, spent when the first ticket needs it.

    At its import it configures the root logger and leaves a folder with a pickle in /tmp, for each process anew.
    """
    root = logging.getLogger()
    handlers = list(root.handlers)
    import escpos.capabilities
    import escpos.printer

    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in os.environ:
        shutil.rmtree(escpos.capabilities.pickle_dir, ignore_errors=True)
    module: ModuleType = escpos.printer
    return module
