"""One character of OCR-B at a time: a picture of its cell in, how likely each of the zone's 37 characters is out.

A perceptron with one hidden layer, trained on drawn and spoilt characters by bench/ocr_b.py, which writes its weights.
"""

from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<"
NOTHING: Final = len(ALPHABET)
"""The class after the alphabet's: no character, or half of two."""

CELL_PX: Final = (20, 28)
"""Width (one pitch) and height of a cell's picture; a digit is 19 pixels high in it."""

WEIGHTS: Final = "ocr_b.npz"
_LEAST_CONTRAST: Final = 6.0  # grey levels of standard deviation; below, noise would be blown up to strokes


def log_likelihoods(cells: np.ndarray) -> np.ndarray:
    """Return the logarithm of each class's probability (float32, n x 38) for ``cells`` (n x 28 x 20, dark on light)."""
    (first, first_bias), (second, second_bias) = _layers()
    hidden = np.maximum(normalised(cells) @ first + first_bias, 0)
    scores = hidden @ second + second_bias
    scores -= scores.max(axis=1, keepdims=True)
    return np.asarray(scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), np.float32)


def normalised(cells: np.ndarray) -> np.ndarray:
    """Return each cell as a row of numbers around zero, whatever the light and the ink."""
    rows = cells.reshape(len(cells), -1).astype(np.float32)
    rows -= rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(rows.std(axis=1, keepdims=True), _LEAST_CONTRAST))


@cache
def _layers() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    with files(__package__).joinpath(WEIGHTS).open("rb") as file, np.load(file, allow_pickle=False) as stored:
        first, first_bias, second, second_bias = (stored[name].astype(np.float32) for name in ("w1", "b1", "w2", "b2"))
    return (first, first_bias), (second, second_bias)
