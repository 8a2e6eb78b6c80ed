"""Where in a frame could a code be? Printed modules are the one texture with strong edges both ways, close together."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

_CELL_PX: Final = 8  # the map's resolution; modules are 2 to 6 pixels
_LEAST_ENERGY: Final = 0.012  # of full scale; noise of a bright frame stays below
_FIELD: Final = (9, 9)  # cells that a code fills at least
# Found by trial on made-up photographs: windows hold the whole code in 93 of 100, hopeless ones included.
_EDGE_OF_CODE: Final = 0.35  # of the densest place: a code half in glare or shadow is thinner there
_MARGIN: Final = 3  # cells


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a frame that is full of edges; pixels, right and bottom exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def side_px(self) -> int:
        return max(self.right - self.left, self.bottom - self.top)

    def overlaps(self, other: "Window") -> bool:
        """Whether both are about the same place: the middle of one lies in the other."""
        x, y = (self.left + self.right) // 2, (self.top + self.bottom) // 2
        return other.left <= x < other.right and other.top <= y < other.bottom

    def cut(self, grey: np.ndarray) -> np.ndarray:
        return grey[self.top : self.bottom, self.left : self.right]


def densest_windows(grey: np.ndarray, count: int) -> list[Window]:
    """Return up to ``count`` windows of ``grey`` (uint8, height x width), the densest first."""
    energy = _edge_energy(grey)
    if energy is None:
        return []
    energy -= np.median(energy)  # noise lies over all of a dark frame
    density = cv2.blur(energy, _FIELD)
    core = cv2.blur(energy, (3, 3))
    windows = []
    for _ in range(count):
        _, peak, _, (x, y) = cv2.minMaxLoc(density)
        if peak < _LEAST_ENERGY:
            break
        _, labels, statistics, _ = cv2.connectedComponentsWithStats((core > _EDGE_OF_CODE * peak).astype(np.uint8))
        label = labels[y, x]
        left, top, width, height = (x - 4, y - 4, 9, 9) if label == 0 else (int(v) for v in statistics[label][:4])
        density[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2] = 0
        windows.append(
            _window(left - _MARGIN, top - _MARGIN, left + width + _MARGIN, top + height + _MARGIN, grey.shape)
        )
    return windows


def _window(left: int, top: int, right: int, bottom: int, shape: tuple[int, ...]) -> Window:
    height, width = shape[:2]
    return Window(
        max(0, left * _CELL_PX),
        max(0, top * _CELL_PX),
        min(width, right * _CELL_PX),
        min(height, bottom * _CELL_PX),
    )


def _edge_energy(grey: np.ndarray) -> np.ndarray | None:
    """Return a map of CELL_PX cells: the weaker of horizontal and vertical contrast, relative to the light there.

    The weaker one, because stripes, text lines and borders are strong one way only. Relative, because a code in
    shadow has a fifth of the contrast of the one lit.
    """
    sampled = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    height, width = sampled.shape[0] * 2 // _CELL_PX, sampled.shape[1] * 2 // _CELL_PX
    if min(height, width) < 4:
        return None
    across = cv2.absdiff(sampled[:, :-1], sampled[:, 1:])
    down = cv2.absdiff(sampled[:-1], sampled[1:])
    cells = [cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA) for one in (across, down, sampled)]
    weaker = cv2.min(cells[0], cells[1]).astype(np.float32)
    return np.asarray(weaker / (cells[2].astype(np.float32) + 24))
