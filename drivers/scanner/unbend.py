"""Lay a bent sheet flat: insurance papers, letters and slips come out of a pocket curved.

A sheet bent around a cylinder and seen from the side shows its straight lines as bows. Which way it is bent and how
much cannot be seen from a code that is not read, so a handful of bends is tried; decoders bear half a module of what is
left.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Bend:
    """Lines along ``along_deg`` are bows, ``rise`` high in the middle, as a share of the picture's width."""

    along_deg: int
    rise: float


BENDS: Final = tuple(Bend(along_deg, rise) for rise in (-0.025, 0.025) for along_deg in (0, 30, 60, 90, 120, 150))
"""Six of the eight codes on cloth that no decoder reads in the ZXing pictures are read after one of these."""


def unbend(grey: np.ndarray, bend: Bend) -> np.ndarray:
    """Return ``grey`` (uint8) with the bows of ``bend`` straightened."""
    height, width = grey.shape
    x, y = _origins(height, width, bend)
    return cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _origins(height: int, width: int, bend: Bend) -> tuple[np.ndarray, np.ndarray]:
    """Return from where each pixel is taken; not kept, for the maps of a large picture are sixteen megabytes."""
    xs, ys = np.arange(width, dtype=np.float32)[None], np.arange(height, dtype=np.float32)[:, None]
    angle, half = np.float32(np.radians(bend.along_deg)), width / 2
    along = (xs - half) * (np.cos(angle) / half) + (ys - height / 2) * (np.sin(angle) / half)
    shift = np.float32(bend.rise * width) * (1 - along * along)
    return xs - shift * np.sin(angle), ys + shift * np.cos(angle)
