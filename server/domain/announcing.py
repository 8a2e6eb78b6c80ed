"""How a call is spoken: which words, in which order, in short pieces that are recorded once.

"Mời số A 0 1 2, đến phòng 1 0 1": digit by digit, as numbers read out whole ("một trăm linh một", "một trăm lẻ một")
differ between regions and are misheard in a full hall.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import time
from typing import Final

_ROOM: Final = re.compile(r"(?:Phòng\s*|P\.\s*)?(?P<name>[0-9A-Z][0-9A-Z./-]*)", re.IGNORECASE)

# Letters as they are named at school, spelt so that a Vietnamese voice says them so. Where a region says two names
# alike ("dê" and "giê" everywhere, "dê" and "vê" in the south), one has its sound instead: clinics may have both.
_LETTERS: Final = {
    "A": "a", "B": "bê", "C": "xê", "D": "dê", "E": "e", "F": "ép", "G": "gờ", "H": "hát", "I": "i", "J": "di",
    "K": "ca", "L": "lờ", "M": "mờ", "N": "nờ", "O": "o", "P": "pê", "Q": "quy", "R": "e rờ", "S": "ét xì", "T": "tê",
    "U": "u", "V": "vờ", "W": "vê kép", "X": "ích", "Y": "i dài", "Z": "dét",
}  # fmt: skip
_DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

FIXED_CLIPS: Final = {
    "call": "Mời số",
    "to-room": "đến phòng",
    "to": "đến",
    **{f"digit-{digit}": word for digit, word in enumerate(_DIGITS)},
    **{f"letter-{letter.lower()}": word for letter, word in _LETTERS.items()},
}
"""Name of a piece and the words in it; names of other places are added as the hospital writes them."""

_PAUSES_S: Final = {"call": 0.0, "to-room": 0.35, "to": 0.35}
_PAUSE_S: Final = 0.16  # between two digits: apart for old ears, and still one number


def call_clips(label: str, room: str) -> tuple[tuple[str, str], ...]:
    """Return the pieces of a call in order, as (name, words): ``A012`` to ``Phòng 101``, ``A-K012`` to ``Nhà B``."""
    names = ["call", *_spelt(label)]
    match = _ROOM.fullmatch(room.strip())
    if match:
        names += ["to-room", *_spelt(match["name"])]
    pieces = [(name, FIXED_CLIPS[name]) for name in names]
    if match or not room.strip():
        return tuple(pieces)
    return (*pieces, ("to", FIXED_CLIPS["to"]), place_clip(room))


def place_clip(room: str) -> tuple[str, str]:
    """Return the piece that says a place's own name, "Nhà B" or "Quầy tiếp đón"."""
    words = " ".join(room.split())
    return f"place-{hashlib.sha256(words.encode()).hexdigest()[:12]}", words


def pause_before_s(name: str) -> float:
    """Return the silence before a piece: a longer one where the number ends and the way to the room begins."""
    return _PAUSES_S.get(name, _PAUSE_S)


def number_clips(label: str) -> tuple[tuple[str, str], ...]:
    """Return the pieces that call a number and say no place."""
    return call_clips(label, "")


def clips_for(rooms: Iterable[str]) -> dict[str, str]:
    """Return every piece that calls to ``rooms`` may need, by name."""
    return FIXED_CLIPS | dict(place_clip(room) for room in rooms if room.strip() and not _ROOM.fullmatch(room.strip()))


def is_quiet(at: time, spans: Sequence[tuple[time, time]]) -> bool:
    """Whether nothing is spoken at a local time; a span that ends before it begins goes over midnight."""
    return any(begins <= at < ends if begins <= ends else at >= begins or at < ends for begins, ends in spans)


def _spelt(text: str) -> list[str]:
    """Return a piece for each letter and digit; marks between them are not spoken."""
    pieces = []
    for character in text.upper():
        if character in _LETTERS:
            pieces.append(f"letter-{character.lower()}")
        elif character.isascii() and character.isdigit():
            pieces.append(f"digit-{character}")
    return pieces
