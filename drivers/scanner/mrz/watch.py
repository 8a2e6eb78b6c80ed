"""The machine readable zone in frames of a held document, or in one picture."""

from typing import Final

import numpy as np

from drivers.scanner.mrz.glyphs import ALPHABET, log_likelihoods
from drivers.scanner.mrz.text import believed_text, is_text, likeness
from drivers.scanner.mrz.zone import WAYS, Grid, find_grids

_LEAST_LOGARITHM: Final = -9.0  # one frame's mistake must not outweigh what all others say
_MOST_FRAMES: Final = 12
_SAME_DOCUMENT: Final = 0.7  # of the characters seen in two frames of one document agree, of two documents fewer
_FILLER: Final = ALPHABET.index("<")
_AGREEING: Final = 2  # frames that give the same text: of 800 single pictures four had a letter of the name wrong


class ZoneWatch:
    """Reads the zone from the frames of one camera, which come in order; one way to see it a frame."""

    def __init__(self) -> None:
        self._way = 0
        self._mean: np.ndarray | None = None
        self._frames = 0
        self._text: str | None = None
        self._times = 0

    def look(self, grey: np.ndarray) -> bytes | None:
        """Return the zone's text (lines apart, ASCII) once it is sure; None for a frame that does not make it so."""
        seen = _views(grey, self._way)
        text = _first_believed([self._combined(seen[0]), *seen]) if seen else None
        if text is None:
            self._way = (self._way + 1) % len(WAYS)
            return None
        self._times = self._times + 1 if text == self._text else 1
        self._text = text
        return text.encode("ascii") if self._times >= _AGREEING else None

    def _combined(self, seen: np.ndarray) -> np.ndarray:
        """Return the running mean over the frames of what seems to be one document."""
        mean = self._mean
        if mean is None or mean.shape != seen.shape or _agreement(mean, seen) < _SAME_DOCUMENT:
            self._frames, self._mean = 1, seen
        else:
            self._frames = min(self._frames + 1, _MOST_FRAMES)
            self._mean = mean + (seen - mean) / self._frames
        return self._mean


def read_zone(grey: np.ndarray) -> bytes | None:
    """Return the text of the zone in one picture (uint8, height x width), with time enough to try every way."""
    found = (_first_believed(_views(grey, way)) for way in range(len(WAYS)))
    text = next((one for one in found if one is not None), None)
    return None if text is None else text.encode("ascii")


def _first_believed(seen: list[np.ndarray]) -> str | None:
    return next((text for one in seen if (text := believed_text(one)) is not None), None)


def _agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Return the share of equal characters among those that are no fillers in both."""
    characters, others = one.argmax(axis=2), other.argmax(axis=2)
    is_letter = (characters != _FILLER) | (others != _FILLER)
    return float(np.mean((characters == others)[is_letter]))


def _views(grey: np.ndarray, way: int) -> list[np.ndarray]:
    """Return the likelihoods of the characters of what looks like a zone, the likeliest first.

    Each is seen both ways up: half the letters are letters upside down as well.
    """
    views = [view for grid in find_grids(grey, WAYS[way]) for view in _both_ways_up(grid)]
    return sorted(filter(is_text, views), key=likeness, reverse=True)


def _both_ways_up(grid: Grid) -> list[np.ndarray]:
    cells = grid.cells()
    return [_likelihoods(cells), _likelihoods(cells[::-1, ::-1, ::-1, ::-1])]


def _likelihoods(cells: np.ndarray) -> np.ndarray:
    lines, columns, height, width = cells.shape
    found = log_likelihoods(cells.reshape(-1, height, width)).reshape(lines, columns, -1)
    return np.asarray(np.maximum(found, _LEAST_LOGARITHM))
