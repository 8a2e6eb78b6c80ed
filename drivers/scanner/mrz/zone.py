"""Where in a frame are the two or three lines of a machine readable zone, and each of its characters?

The zone is the one text of even pitch that is 30 or 44 characters wide: characters are found as single dark pieces,
joined to rows, counted by their distances, and laid on the grid that the standard prescribes (ICAO 9303-3, 4.1).
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from drivers.scanner.mrz.glyphs import CELL_PX

_WORKING_PX: Final = 1280  # of a frame's longer side; a pitch of 2.54 mm is then 20 to 30 pixels
_HEIGHTS_PX: Final = (9, 52)
_MOST_PIECES: Final = 1200  # each is compared with each
_LEAST_IN_CHAIN: Final = 3
_MOST_CHAINS: Final = 100  # each is compared with each; noise has hundreds of short ones
_LEAST_IN_ROW: Final = 16
_WIDEST_TEAR: Final = 9.0  # characters
_STEEPEST: Final = 0.45  # of a neighbour's direction: 24 degrees
_LINE_PITCH: Final = 10 / 6  # a line's height over a character's width, ten to the inch and six to the inch
_SHAPES: Final = ((2, 44), (3, 30))  # lines and columns: TD3, and TD1, which part of a TD3 would pass for
_MISSING: Final = 3  # columns that may be worn off, or lie under a thumb, in the fullest row
_TOO_MANY: Final = 14  # columns beyond the zone in which something was taken for characters
_MOST_SHIFTS: Final = 3


@dataclass(frozen=True, slots=True)
class Grid:
    """A zone found in ``picture``: ``lines`` x ``columns`` cells; ``matrix`` (3 x 3) maps (column, line) to pixels.

    Cell (0, 0) has its middle at (0.5, 0.5).
    """

    lines: int
    columns: int
    picture: np.ndarray
    matrix: np.ndarray

    def cells(self) -> np.ndarray:
        """Return the cells' pictures, uint8 (lines x columns x 28 x 20), straightened."""
        width, height = CELL_PX
        line_px = _LINE_PITCH * width
        above_px = (line_px - height) / 2  # a line is a little higher than the picture of a cell
        rows = []
        for line in range(self.lines):
            place = np.array([[1 / width, 0, 0], [0, 1 / line_px, line + above_px / line_px], [0, 0, 1]])
            row = cv2.warpPerspective(
                self.picture,
                self.matrix @ place,
                (self.columns * width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            rows.append(row.reshape(height, self.columns, width).transpose(1, 0, 2))
        return np.stack(rows)


@dataclass(frozen=True, slots=True)
class Way:
    """How dark is told from light: a pixel is dark that is ``contrast`` grey levels below the mean around it."""

    smoothing_px: float
    field_px: int
    contrast: int


WAYS: Final = (Way(0.8, 25, 9), Way(1.6, 31, 5), Way(0.0, 21, 14), Way(1.2, 41, 20))
"""The most rewarding first; which of them finds a zone depends on light, noise and what lies under the print."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Pieces of one line of text from left to right: middles (n x 2) and the column each stands in, from 0."""

    middles: np.ndarray
    columns: np.ndarray
    pitch_px: float

    @property
    def width(self) -> int:
        return int(self.columns[-1]) + 1


def find_grids(grey: np.ndarray, way: Way) -> list[Grid]:
    """Return what may be zones in ``grey`` (uint8, height x width), level to 20 degrees or upside down."""
    scale = min(1.0, _WORKING_PX / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else grey
    rows = _rows(_pieces(small, way))
    for lines, columns in _SHAPES:
        if matrices := _matrices(rows, lines, columns):
            return [Grid(lines, columns, small, matrix) for matrix in matrices]
    return []


def _pieces(grey: np.ndarray, way: Way) -> np.ndarray:
    """Return the dark pieces of a character's size: n x 3, middle x and y, height."""
    smooth = cv2.GaussianBlur(grey, (0, 0), way.smoothing_px) if way.smoothing_px else grey
    kind = cv2.ADAPTIVE_THRESH_MEAN_C
    dark = cv2.adaptiveThreshold(smooth, 255, kind, cv2.THRESH_BINARY_INV, way.field_px, way.contrast)
    _, _, statistics, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    left, top, width, height, area = statistics[1:].T
    least, most = _HEIGHTS_PX
    fits = (height >= least) & (height <= most) & (width <= 1.3 * height) & (width >= 0.12 * height)
    fits &= (area > 0.12 * width * height) & (width > 1)
    pieces = np.column_stack([left + width / 2, top + height / 2, height])[fits]
    tallest = np.argsort(-pieces[:, 2], kind="stable")[:_MOST_PIECES]  # what noise leaves is small
    return np.asarray(pieces[tallest], np.float32)


def _rows(pieces: np.ndarray) -> list[_Row]:
    """Return the rows of text among ``pieces``, the fullest first."""
    if len(pieces) < _LEAST_IN_ROW:
        return []
    chains = _joined(_chains(_right_neighbours(pieces)), pieces)
    rows = [row for chain in chains if (row := _counted(_of_one_line(pieces[chain])))]
    return sorted(rows, key=lambda row: -len(row.middles))


def _chains(right: np.ndarray) -> list[list[int]]:
    """Return the runs of pieces that are each other's neighbours, from left to right."""
    has_left = np.zeros(len(right), bool)
    has_left[right[right >= 0]] = True
    chains = []
    for start in np.flatnonzero(~has_left & (right >= 0)):
        chain = [int(start)]
        while right[chain[-1]] >= 0:
            chain.append(int(right[chain[-1]]))
        if len(chain) >= _LEAST_IN_CHAIN:
            chains.append(chain)
    return chains


def _joined(chains: list[list[int]], pieces: np.ndarray) -> list[list[int]]:
    """Join chains that go on in one line: a scratch, a spot of light or a touching pair tears a row apart."""
    longest = sorted(chains, key=len, reverse=True)[:_MOST_CHAINS]
    rows: list[tuple[list[int], _Stretch]] = []
    for chain in sorted(longest, key=lambda chain: float(pieces[chain[0], 0])):
        stretch = _Stretch.of(pieces[chain, :2])
        gaps = [_gap(before, stretch) for _, before in rows]
        nearest = min(gaps, default=math.inf)
        if nearest == math.inf:
            rows.append((chain, stretch))
        else:
            at = gaps.index(nearest)
            rows[at] = (rows[at][0] + chain, replace(stretch, start=rows[at][1].start))
    return [row for row, _ in rows]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Where a chain begins and ends, and how far its pieces are apart; plain numbers, for each is met by each."""

    start: tuple[float, float]
    end: tuple[float, float]
    pitch_px: float

    @classmethod
    def of(cls, middles: np.ndarray) -> "_Stretch":
        pitch_px = float(np.median(np.linalg.norm(np.diff(middles, axis=0), axis=1)))
        (left, top), (right, bottom) = middles[0].tolist(), middles[-1].tolist()
        return cls((left, top), (right, bottom), pitch_px)


def _gap(before: _Stretch, after: _Stretch) -> float:
    """Return how far ``after`` begins beyond the end of ``before``, in pixels; infinite unless both are in one line."""
    across = before.end[0] - before.start[0] + after.end[0] - after.start[0]
    down = before.end[1] - before.start[1] + after.end[1] - after.start[1]
    length = math.hypot(across, down)
    right, below = after.start[0] - before.end[0], after.start[1] - before.end[1]
    gap, off = (across * right + down * below) / length, abs(across * below - down * right) / length
    pitch = before.pitch_px
    fits = 0.5 * pitch < gap < _WIDEST_TEAR * pitch and off < 0.35 * pitch + 0.03 * gap
    return gap if fits and 0.7 < pitch / after.pitch_px < 1.4 else math.inf


def _of_one_line(chain: np.ndarray) -> np.ndarray:
    """Return the middles (n x 2) of the pieces that are as high as most and stand on the line of most."""
    height = float(np.median(chain[:, 2]))
    bent = np.polyfit(chain[:, 0], chain[:, 1], 1)
    off = np.abs(chain[:, 1] - np.polyval(bent, chain[:, 0]))
    return chain[(np.abs(chain[:, 2] / height - 1) < 0.35) & (off < 0.4 * height + np.median(off)), :2]


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def _right_neighbours(pieces: np.ndarray) -> np.ndarray:
    """Return for each piece the index of its right neighbour, -1 for none; nobody is the neighbour of two."""
    x, y, height = pieces.T
    across, down = x[None] - x[:, None], y[None] - y[:, None]
    tall = np.maximum(height[None], height[:, None])
    fits = (across > 0.45 * tall) & (across < 3.4 * tall) & (np.abs(down) < _STEEPEST * across + 0.15 * tall)
    fits &= np.minimum(height[None], height[:, None]) > 0.62 * tall
    distance = np.where(fits, across + 2 * np.abs(down), np.inf)
    right = distance.argmin(axis=1)
    is_mutual = (distance.argmin(axis=0)[right] == np.arange(len(pieces))) & np.isfinite(distance.min(axis=1))
    return np.where(is_mutual, right, -1)


def _counted(middles: np.ndarray) -> _Row | None:
    """Return the middles of a row with their columns; None where their distances are no multiples of one pitch."""
    if len(middles) < _LEAST_IN_ROW:
        return None
    steps = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    pitch = float(np.median(steps))
    # The pitch changes along a tilted line: a straight fit of the single steps follows it.
    single = np.abs(steps / pitch - 1) < 0.35
    if np.count_nonzero(single) < 0.6 * len(steps):
        return None
    along = (np.flatnonzero(single) + 0.5) / len(steps)
    slope, base = np.polyfit(along, steps[single], 1)
    local = np.clip(base + slope * (np.arange(len(steps)) + 0.5) / len(steps), 0.6 * pitch, 1.6 * pitch)
    counts = np.maximum(np.round(steps / local), 1)
    return _Row(middles, np.concatenate([[0], np.cumsum(counts)]), pitch)


def _matrices(rows: list[_Row], lines: int, columns: int) -> list[np.ndarray]:
    """Return the maps (column, line) -> pixels of the first rows that stand below each other as such a zone's do."""
    for first in rows:
        if not columns - _MISSING <= first.width <= columns + _TOO_MANY:
            continue
        block = _block_with(first, rows, lines)
        if len(block) >= 2 and (found := _fitted(block, lines, columns)):
            return found
    return []


def _block_with(first: _Row, rows: list[_Row], lines: int) -> dict[int, _Row]:
    """Return rows by their line, 0 for the uppermost; of three lines one may be missing."""
    block = {0: first}
    for row in rows:
        line = _lines_below(first, row)
        if line is not None and line not in block and max(*block, line) - min(*block, line) < lines:
            block[line] = row
    top = min(block)
    return {line - top: row for line, row in sorted(block.items())}


def _lines_below(first: _Row, row: _Row) -> int | None:
    """Return how many lines ``row`` stands below ``first``, negative above; None where it is on no line of its zone."""
    along = _unit(first.middles[-1] - first.middles[0])
    apart = row.middles.mean(axis=0) - first.middles.mean(axis=0)
    down = float(along[0] * apart[1] - along[1] * apart[0]) / (_LINE_PITCH * first.pitch_px)
    is_on_a_line = abs(down - round(down)) < 0.3 and round(down) != 0
    return round(down) if is_on_a_line and 0.75 < row.pitch_px / first.pitch_px < 1.33 else None


def _fitted(block: dict[int, _Row], lines: int, columns: int) -> list[np.ndarray]:
    """Return the maps under which most pieces of ``block`` stand on the grid; more than one where that leaves doubt."""
    begins = _begins(block, columns)
    place = np.vstack(
        [
            np.column_stack([row.columns + begins[line] + 0.5, np.full(len(row.columns), line + 0.5)])
            for line, row in block.items()
        ]
    )
    pixel = np.vstack([row.middles for row in block.values()])
    matrix, is_near = cv2.findHomography(
        place.astype(np.float32), pixel.astype(np.float32), cv2.RANSAC, 0.22 * block[0].pitch_px
    )
    if matrix is None or is_near.mean() < 0.7:
        return []
    columns_seen = np.floor(place[is_near.ravel() > 0, 0]).astype(int)
    counts = {
        first: int(np.count_nonzero((columns_seen >= first) & (columns_seen < first + columns)))
        for first in range(columns_seen.min() - _MISSING, columns_seen.max() - columns + _MISSING + 2)
    }
    best = max(counts.values(), default=0)
    firsts = [first for first, count in counts.items() if count == best][:_MOST_SHIFTS]
    tops = range(max(block) - lines + 1, 1)
    return [matrix @ np.array([[1, 0, first], [0, 1, top], [0, 0, 1.0]]) for first in firsts for top in tops]


def _begins(block: dict[int, _Row], columns: int) -> dict[int, int]:
    """Return the column at which each row's first piece stands, counted from a row that has them all, if one has."""
    whole = next((row for row in block.values() if row.width == columns), block[0])
    along = _unit(whole.middles[-1] - whole.middles[0])
    return {
        line: 0 if row.width == columns else round(float((row.middles[0] - whole.middles[0]) @ along) / row.pitch_px)
        for line, row in block.items()
    }
