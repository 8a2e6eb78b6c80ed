"""Vietnamese text as it comes out of codes: its letters, folding for comparison, and repair of encoding damage.

A repair is made only where it is exact (the damaged text leads back to one original, and that original is Vietnamese);
everything else is reported as lost.
"""

import re
import unicodedata
from typing import Final

_BASE_VOWELS: Final = "aăâeêioôơuưy"
_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LOWER: Final = "".join(
    sorted({unicodedata.normalize("NFC", vowel + tone) for vowel in _BASE_VOWELS for tone in _TONES} - {*"aeiouy"})
)

MARKED_LETTERS: Final = frozenset(_LOWER + "đ" + _LOWER.upper() + "Đ")
"""The 134 letters beyond ASCII that Vietnamese is written with, in NFC."""

APOSTROPHES: Final = "'’‘ʼ´`"  # as found in names of the Central Highlands: H'Hen, K’Brêu

# cp1252 leaves five bytes undefined; browsers and scanners pass them through as the C1 control of the same number.
# Without that "Đ" (C4 90) could not be led back.
_CP1252_BYTE: Final = {
    (bytes([byte]).decode("cp1252") if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else chr(byte)): byte
    for byte in range(256)
}
_NOT_IN_WORDS: Final = "".join(
    re.escape(c) for c, byte in _CP1252_BYTE.items() if 0x80 <= byte <= 0xBF and c not in "’‘“”–—…"
)
_DAMAGE: Final = re.compile(f"[\ufffd□▯\x80-\x9f]|[\u00c2-\u00f4][{_NOT_IN_WORDS}]")


def fold(text: str) -> str:
    """Return ``text`` without marks and case, for comparing and searching: ``"Đặng Thị Hòa"`` -> ``"dang thi hoa"``.

    Both styles of placing the tone (``hòa``, ``hoà``) fold alike; so do all apostrophes and runs of white space.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join("'" if c in APOSTROPHES else c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.split())


def is_name(text: str) -> bool:
    """Whether ``text`` (NFC) can be a person's name: 1..128 letters, spaces, apostrophes, ``-`` and ``.``, one letter
    at least, and nothing that looks like a wrongly decoded letter."""
    return (
        0 < len(text) <= 128
        and all(_is_letter(c) or c in " -." or c in APOSTROPHES for c in text)
        and any(_is_letter(c) for c in text)
        and not has_damaged_letters(text)
    )


def is_written_text(text: str) -> bool:
    """Whether ``text`` (NFC) can be an address or workplace: 1..512 characters with all their letters still there."""
    return (
        0 < len(text) <= 512
        and all(_is_letter(c) or c in " –“”…" or c in APOSTROPHES or " " <= c < "\x7f" for c in text)
        and "?" not in text  # what a driver types that drops the letters it does not know
        and not has_damaged_letters(text)
    )


def has_damaged_letters(text: str) -> bool:
    """Whether ``text`` shows that its charset was lost on the way: no letter of it can be trusted then."""
    return _DAMAGE.search(text) is not None


def undo_wrong_charset(text: str) -> tuple[str, str | None]:
    """Return ``text`` led back to UTF-8 that was read as Latin-1, cp1252 or cp437, and the name of that charset.

    The name is None and the text unchanged where nothing was wrong, or where the way back is not exact.
    """
    if text.isascii():
        return text, None
    for charset, as_bytes in (("latin1", _latin1), ("cp1252", _cp1252), ("cp437", _cp437)):
        data = as_bytes(text)
        if data is None:
            continue
        try:
            repaired = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
        if _is_vietnamese(repaired):
            return repaired, charset
    return text, None


def _is_letter(character: str) -> bool:
    return character in MARKED_LETTERS or (character.isascii() and character.isalpha())


def _is_vietnamese(text: str) -> bool:
    return all(c.isascii() or c in MARKED_LETTERS or c in "\ufeff–“”…’‘" for c in unicodedata.normalize("NFC", text))


def _latin1(text: str) -> bytes | None:
    return text.encode("latin-1") if max(text) <= "\xff" else None


def _cp1252(text: str) -> bytes | None:
    try:
        return bytes(_CP1252_BYTE[c] if c in _CP1252_BYTE else _as_c1(c) for c in text)
    except ValueError:
        return None


def _as_c1(character: str) -> int:
    if ord(character) > 0xFF:
        raise ValueError(character)
    return ord(character)


def _cp437(text: str) -> bytes | None:
    try:
        return text.encode("cp437")
    except UnicodeEncodeError:
        return None
