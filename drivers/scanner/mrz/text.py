"""From how likely each character is to the text of a zone, or to nothing: the check digits have the last word.

What may stand where (ICAO 9303-4 and -5, 4.2.2) leaves letters out of dates and digits out of names. Where letters and
digits may both stand, look-alikes are told apart by the check digits alone; nothing else is ever repaired.
"""

import re
from itertools import combinations
from typing import Final

import numpy as np

from drivers.codec.typed_mrz import looks_like
from drivers.errors import MalformedData
from drivers.icao9303.mrz import parse_mrz
from drivers.scanner.mrz.glyphs import ALPHABET, NOTHING

# A: letters and filler; N: digits; M: digits and filler; S: sex; X: all.
_FORMS: Final = {
    (3, 30): "A" * 5 + "X" * 9 + "M" + "X" * 15 + "MMMMMMNSNNNNNN" + "NAAA" + "X" * 11 + "N" + "A" * 30,
    (2, 44): "A" * 44 + "X" * 9 + "NAAA" + "MMMMMMNSNNNNNN" + "N" + "X" * 14 + "MN",
}
_NAMES: Final = {3: slice(60, 90), 2: slice(5, 44)}
# Surname, two fillers, given names; one part alone is lawful. After the last name there is nothing but fillers.
_NAME: Final = re.compile(r"[A-Z]+(<[A-Z]+)*(<<[A-Z]+(<[A-Z]+)*)?<*")
_DIGITS: Final = ALPHABET[:10]
_LETTERS: Final = ALPHABET[10:36]
_KINDS: Final = {"A": _LETTERS + "<", "N": _DIGITS, "M": _DIGITS + "<", "S": "MFX<", "X": ALPHABET}
_ALLOWED: Final = {kind: np.array([one in allowed for one in ALPHABET]) for kind, allowed in _KINDS.items()}
_LOOK_ALIKES: Final = dict(zip("01852OIBSZ", "OIBSZ01852", strict=True))

_LEAST_LIKELY: Final = -0.9  # mean over a zone of the likeliest character's logarithm; half a cell off it is -8
_DOUBTFUL: Final = -0.3  # logarithm of three in four; asked of all characters but digits, which are checked
_DOUBT_ABOUT_LOOK_ALIKES: Final = 5.0  # a look-alike e^5 times less likely is tried where check digits fail
_MOST_DOUBTS: Final = 7


def likeness(likelihoods: np.ndarray) -> float:
    """Return how much ``likelihoods`` (logarithms, lines x columns x 38) are those of text: 0 for the clearest."""
    return float(likelihoods[..., :NOTHING].max(axis=2).mean())


def is_text(likelihoods: np.ndarray) -> bool:
    """Whether ``likelihoods`` are those of a zone and not of some other print."""
    return likeness(likelihoods) > _LEAST_LIKELY


def believed_text(likelihoods: np.ndarray) -> str | None:
    """Return the zone's text, lines apart, where all check digits hold and no character they leave open is doubtful."""
    lines, columns = likelihoods.shape[:2]
    form = _FORMS[lines, columns]
    flat = likelihoods.reshape(-1, likelihoods.shape[2])
    allowed = np.stack([_ALLOWED[kind] for kind in form])
    seen = np.where(allowed, flat[:, :NOTHING], -np.inf)
    seen -= np.logaddexp.reduce(seen, axis=1, keepdims=True)
    text = "".join(ALPHABET[one] for one in seen.argmax(axis=1))
    repaired = _repaired(text, seen, form)
    if repaired is None or _has_doubt(text, repaired, seen, form):
        return None
    if not looks_like(repaired) or not _NAME.fullmatch(repaired[_NAMES[lines]]):
        return None
    return "\n".join(repaired[i : i + columns] for i in range(0, len(repaired), columns))


def _repaired(text: str, seen: np.ndarray, form: str) -> str | None:
    """Return ``text``, or the one way to take look-alikes for each other under which its check digits hold."""
    if _holds(text):
        return text
    doubts = sorted((gap, at) for at in range(len(text)) if (gap := _gap(text[at], seen[at], form[at])) is not None)
    places = [at for _, at in doubts[:_MOST_DOUBTS]]
    for count in (1, 2):
        repaired = [one for some in combinations(places, count) if _holds(one := _with_others(text, some))]
        if repaired:
            return repaired[0] if len(repaired) == 1 else None
    return None


def _gap(character: str, seen: np.ndarray, kind: str) -> float | None:
    """Return by how much a character's look-alike is less likely; None where it has none, or hardly could be it."""
    other = _LOOK_ALIKES.get(character)
    if kind != "X" or other is None:
        return None
    gap = float(seen[ALPHABET.index(character)] - seen[ALPHABET.index(other)])
    return gap if gap < _DOUBT_ABOUT_LOOK_ALIKES else None


def _with_others(text: str, places: tuple[int, ...]) -> str:
    for at in places:
        text = text[:at] + _LOOK_ALIKES[text[at]] + text[at + 1 :]
    return text


def _holds(text: str) -> bool:
    try:
        parse_mrz(text)
    except MalformedData:
        return False
    return True


def _has_doubt(text: str, repaired: str, seen: np.ndarray, form: str) -> bool:
    """Whether a character is not clear that another could stand for unnoticed.

    Names, countries and the sex have no check digit. Where letters may stand, A, K, U, 0 and the filler lead to the
    same one. Digits among digits differ in theirs, and so do look-alikes.
    """
    likelihoods = seen[np.arange(len(text)), [ALPHABET.index(one) for one in text]]
    return any(
        kind != "N" and one == other and likelihood < _DOUBTFUL
        for kind, one, other, likelihood in zip(form, text, repaired, likelihoods, strict=True)
    )
