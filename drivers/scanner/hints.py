"""What would help somebody who holds a code that cannot be read."""

from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from drivers.scanner.restore import even_light

_MOVING: Final = 0.12  # share of the scene that changes from frame to frame
_DARK: Final = 45.0  # mean grey level of the code's surroundings
_SATURATED: Final = 0.22  # share of burnt-out pixels; paper in good light stays below full scale
_LEAST_SIDE_PX: Final = 106  # 2 pixels a module of 53, a long address; below, half the codes are lost for any decoder
_LEAST_MODULE_PX: Final = 2.4
_MARGIN_PX: Final = 62  # by which a window is wider than its code: measured, 55 to 70


class Hint(StrEnum):
    """Stable codes; screens have a sentence for each."""

    MOVING = "scanner.hint.moving"  # hold it still
    DARK = "scanner.hint.dark"  # more light, or out of the shadow
    GLARE = "scanner.hint.glare"  # tilt it a little
    SMALL = "scanner.hint.small"  # come closer
    BLURRED = "scanner.hint.blurred"  # a little farther away or closer, and wait for the focus


def hint_for(window: np.ndarray, moved: float) -> Hint:
    """Return the likeliest reason why ``window`` (uint8, where the code seems to be) is not read.

    ``moved``: share of the scene that changed since the frame before.
    """
    if moved > _MOVING:
        return Hint.MOVING
    if float(window.mean()) < _DARK:
        return Hint.DARK
    if np.count_nonzero(window >= 252) > _SATURATED * window.size:
        return Hint.GLARE
    is_small = max(window.shape) - _MARGIN_PX < _LEAST_SIDE_PX or pixels_per_module(window) < _LEAST_MODULE_PX
    return Hint.SMALL if is_small else Hint.BLURRED


def pixels_per_module(window: np.ndarray) -> float:
    """Return how wide a module in ``window`` seems to be: a tenth off for a sharp code, too much for a blurred one.

    Half the modules of a code differ from their neighbour, so light and dark change every second module.
    """
    dark = even_light(cv2.GaussianBlur(window, (0, 0), 0.7)) < 128
    edge = _MARGIN_PX // 2
    core = dark[edge:-edge, edge:-edge] if min(dark.shape) > 3 * edge else dark
    return (_mean_run(core) + _mean_run(core.T)) / 4


def _mean_run(dark: np.ndarray) -> float:
    changes = np.sort(np.count_nonzero(dark[:, 1:] != dark[:, :-1], axis=1))
    mean_changes = float(changes[len(changes) // 4 :].mean())  # a quarter of the lines may lie beside the code
    return float(dark.shape[1] / max(1.0, mean_changes))
