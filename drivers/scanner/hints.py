"""What would help somebody who holds a code that cannot be read."""

from enum import StrEnum
from typing import Final

import numpy as np

_MOVING: Final = 0.12  # share of the scene that changes from frame to frame
_DARK: Final = 45.0  # mean grey level of the code's surroundings
_SATURATED: Final = 0.22  # share of burnt-out pixels; paper in good light stays below full scale
_SMALL_PX: Final = 130  # side of the window; 45 modules at 2 pixels, with its margin


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
    return Hint.SMALL if max(window.shape) < _SMALL_PX else Hint.BLURRED
