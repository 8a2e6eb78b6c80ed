"""Several frames of one held card laid over each other: noise goes down with the root of their number."""

from typing import Final

import cv2
import numpy as np

from drivers.scanner.locate import Window

_MOST_FRAMES: Final = 8
_FURTHEST_PX: Final = 24.0  # a hand trembles less between two frames; a farther jump is another place or card
_LEAST_AGREEMENT: Final = 0.05  # response of the phase correlation; unrelated windows give 0.01 to 0.03


class FrameStack:
    """The running mean of one window over frames, each moved into place first."""

    def __init__(self) -> None:
        self._window: Window | None = None
        self._reference: np.ndarray = np.empty((0, 0), np.float32)
        self._weight: np.ndarray = np.empty((0, 0), np.float32)
        self._mean: np.ndarray = np.empty((0, 0), np.float32)
        self.frames = 0

    def add(self, grey: np.ndarray, window: Window) -> np.ndarray | None:
        """Lay the ``window`` of ``grey`` over the earlier ones; return their mean (uint8) from three frames on."""
        if self._window is None or not window.overlaps(self._window):
            self._begin(grey, window)
            return None
        patch = self._window.cut(grey).astype(np.float32)
        (right, down), agreement = cv2.phaseCorrelate(self._reference, patch, self._weight)
        if agreement < _LEAST_AGREEMENT or max(abs(right), abs(down)) > _FURTHEST_PX:
            self._begin(grey, window)
            return None
        height, width = patch.shape
        matrix = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
        moved = cv2.warpAffine(patch, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        self.frames += 1
        cv2.accumulateWeighted(moved, self._mean, 1 / min(self.frames, _MOST_FRAMES))
        return np.clip(self._mean, 0, 255).astype(np.uint8) if self.frames >= 3 else None

    def _begin(self, grey: np.ndarray, window: Window) -> None:
        self._window = window
        self._reference = window.cut(grey).astype(np.float32)
        self._mean = self._reference.copy()
        self._weight = cv2.createHanningWindow(self._reference.shape[::-1], cv2.CV_32F)
        self.frames = 1
