"""Ways to read a code that plain decoding missed, the most rewarding first; each works on one window of a frame.

The order and the constants were found on made-up photographs (bench/codes.py prints what each way brings).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np

from drivers.scanner.decoder import decode_with_zbar, decode_with_zxing
from drivers.scanner.restore import Blur, deblur, even_light, motion_direction_deg
from drivers.scanner.unbend import BENDS, Bend, unbend


@dataclass(slots=True)
class Patch:
    """One window of a frame, with what several ways need of it computed once."""

    grey: np.ndarray
    _evened: np.ndarray | None = field(default=None, init=False)

    @property
    def evened(self) -> np.ndarray:
        if self._evened is None:
            self._evened = even_light(self.grey)
        return self._evened


Way = Callable[[Patch], tuple[bytes, ...]]


def enlarged(grey: np.ndarray, factor: int = 2) -> np.ndarray:
    return cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def _deblurred(defocus_px: float, noise: float) -> Way:
    blur = Blur(defocus_px, noise)
    return lambda patch: decode_with_zxing(enlarged(deblur(patch.evened, blur)))


def _brought_to_rest(motion_px: float) -> Way:
    def way(patch: Patch) -> tuple[bytes, ...]:
        direction = round(motion_direction_deg(patch.evened) / 5) * 5 % 180  # kernels are kept per direction
        return decode_with_zxing(enlarged(deblur(patch.evened, Blur(0.8, 0.01, motion_px, direction))))

    return way


def _unsharp(patch: Patch) -> tuple[bytes, ...]:
    large = enlarged(patch.grey)
    return decode_with_zxing(cv2.addWeighted(large, 2.5, cv2.GaussianBlur(large, (0, 0), 2.5), -1.5, 0))


WAYS: Final[dict[str, Way]] = {
    "defocus 2": _deblurred(2.0, 0.1),
    "unsharp": _unsharp,
    "defocus 3": _deblurred(3.0, 0.01),
    "zbar x2": lambda patch: decode_with_zbar(enlarged(patch.grey)),
    "motion 5": _brought_to_rest(5),
    "defocus 3 in noise": _deblurred(3.0, 0.1),
    "smooth": lambda patch: decode_with_zxing(enlarged(cv2.GaussianBlur(patch.grey, (0, 0), 0.8))),
    "motion 7": _brought_to_rest(7),
    "zbar": lambda patch: decode_with_zbar(patch.grey),
    "motion 4": _brought_to_rest(4),
    "defocus 3.6": _deblurred(3.6, 0.01),
    "median": lambda patch: decode_with_zxing(enlarged(cv2.medianBlur(patch.grey, 3))),
    "defocus 1.4": _deblurred(1.4, 0.01),
    "zbar defocus 2": lambda patch: decode_with_zbar(enlarged(deblur(patch.evened, Blur(2.0, 0.03)))),
    "motion 9": _brought_to_rest(9),
    "motion 6": _brought_to_rest(6),
    "zbar smooth": lambda patch: decode_with_zbar(cv2.GaussianBlur(patch.grey, (0, 0), 1.5)),
    "smooth 2": lambda patch: decode_with_zxing(cv2.GaussianBlur(patch.grey, (0, 0), 2.0)),
    "even": lambda patch: decode_with_zxing(enlarged(np.clip(patch.evened, 0, 255).astype(np.uint8))),
}

QUICK: Final[tuple[Way, ...]] = tuple(
    WAYS[name] for name in ("defocus 2", "unsharp", "smooth", "median", "even", "defocus 1.4", "zbar")
)
"""For places that are hardly a code. Of 72 pictures that none but a dearer way read, none was read elsewhere than in
its densest window by another way than these."""


def _laid_flat(bend: Bend) -> Way:
    return lambda patch: decode_with_zxing(unbend(enlarged(patch.grey), bend))


BENT: Final[tuple[Way, ...]] = tuple(_laid_flat(bend) for bend in BENDS)
