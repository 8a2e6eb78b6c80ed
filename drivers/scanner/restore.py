"""Undo what lens, hand and light did to the picture of a code: even light, then Wiener filters for known blurs.

A Wiener filter divides by the blur's spectrum where the blur left something, and holds back where only noise is left
(N. Wiener, "Extrapolation, Interpolation, and Smoothing of Stationary Time Series", 1949).
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

_LIGHT_FIELD_PX: Final = 25  # light and shadow vary over more pixels than this, modules over fewer
_MARGIN_PX: Final = 24  # room for a filter to wrap around without reaching the picture


@dataclass(frozen=True, slots=True)
class Blur:
    """A disk of ``defocus_px`` radius, dragged ``motion_px`` along ``motion_deg``; ``noise`` is the Wiener constant."""

    defocus_px: float
    noise: float
    motion_px: float = 0.0
    motion_deg: float = 0.0


def even_light(grey: np.ndarray) -> np.ndarray:
    """Return ``grey`` with each place's mean at 128 and its contrast alike (float32)."""
    pixels = grey.astype(np.float32)
    field = (_LIGHT_FIELD_PX, _LIGHT_FIELD_PX)
    centred = pixels - cv2.blur(pixels, field)
    contrast = cv2.sqrt(cv2.blur(centred * centred, field) + 20.0)
    return np.asarray(128 + 64 * centred / contrast, np.float32)


def deblur(evened: np.ndarray, blur: Blur) -> np.ndarray:
    """Return ``evened`` (of ``even_light``) with ``blur`` undone, uint8."""
    height, width = evened.shape
    rows, columns = cv2.getOptimalDFTSize(height + _MARGIN_PX), cv2.getOptimalDFTSize(width + _MARGIN_PX)
    padded = cv2.copyMakeBorder(evened, 0, rows - height, 0, columns - width, cv2.BORDER_REFLECT)
    spectrum = np.fft.rfft2(padded)
    sharp = np.fft.irfft2(spectrum * _filter(rows, columns, blur), s=(rows, columns))
    return np.asarray(np.clip(sharp[:height, :width], 0, 255).astype(np.uint8))


def motion_direction_deg(evened: np.ndarray) -> float:
    """Return the angle along which ``evened`` has the least contrast: where a code moves, its edges are washed out.

    A code at rest has equal contrast along its two axes, whichever way it is turned, so the angle says nothing then.
    """
    across = cv2.Sobel(evened, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(evened, cv2.CV_32F, 0, 1)
    xx, yy, xy = (float((a * b).mean()) for a, b in ((across, across), (down, down), (across, down)))
    strongest = 0.5 * math.atan2(2 * xy, xx - yy)
    return math.degrees(strongest) + 90


@lru_cache(maxsize=256)
def _filter(rows: int, columns: int, blur: Blur) -> np.ndarray:
    kernel = _kernel(blur)
    size = kernel.shape[0]
    placed = np.zeros((rows, columns), np.float32)
    placed[:size, :size] = kernel
    transfer = np.fft.rfft2(np.roll(placed, (-(size // 2), -(size // 2)), (0, 1)))
    return np.asarray(np.conj(transfer) / (np.abs(transfer) ** 2 + blur.noise), np.complex64)


def _kernel(blur: Blur) -> np.ndarray:
    half = math.ceil(blur.defocus_px + blur.motion_px / 2 + 1)
    ys, xs = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
    angle = math.radians(blur.motion_deg)
    along = xs * math.cos(angle) + ys * math.sin(angle)
    beyond = np.maximum(np.abs(along) - blur.motion_px / 2, 0)  # distance to the dragged centre's path
    aside = -xs * math.sin(angle) + ys * math.cos(angle)
    kernel = np.clip(max(blur.defocus_px, 0.5) + 0.5 - np.hypot(beyond, aside), 0, 1)
    return np.asarray(kernel / kernel.sum(), np.float32)
