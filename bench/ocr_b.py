"""Trains the reader of OCR-B on drawn and spoilt characters and writes its weights (drivers/scanner/mrz/ocr_b.npz).

    python -m bench.ocr_b [--characters 200000] [--rounds 20] [--seed 1]

The same arguments give the same weights. It prints the share of wrong answers on characters it was not trained on.
"""

import argparse
import sys
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, only bench/ would be searched

import cv2
import numpy as np

from drivers.scanner.mrz.glyphs import ALPHABET, CELL_PX, NOTHING, WEIGHTS, normalised
from drivers.simulated.mrz_print import EDGE_MM, LINE_MM, PITCH_MM, Cut, draw_zone

_TARGET: Final = Path(__file__).resolve().parent.parent / "drivers" / "scanner" / "mrz" / WEIGHTS
_HIDDEN: Final = 144
_FINE: Final = 4  # drawn so many times finer than a cell
_PX_PER_MM: Final = CELL_PX[0] * _FINE / PITCH_MM
_NOTHING_SHARE: Final = 0.08
_BATCH: Final = 256
_LARGEST_SHIFT_PX: Final = 2.4


@dataclass
class Network:
    """A perceptron while it learns: weights, their momenta (Adam), and how many steps were made."""

    weights: list[np.ndarray]
    steps: int = 0

    def __post_init__(self) -> None:
        self._first = [np.zeros_like(one) for one in self.weights]
        self._second = [np.zeros_like(one) for one in self.weights]

    def scores(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        hidden = np.maximum(rows @ self.weights[0] + self.weights[1], 0)
        return hidden, hidden @ self.weights[2] + self.weights[3]

    def learn(self, rows: np.ndarray, classes: np.ndarray, rate: float) -> None:
        hidden, scores = self.scores(rows)
        error = np.exp(scores - scores.max(axis=1, keepdims=True))
        error /= error.sum(axis=1, keepdims=True)
        error[np.arange(len(rows)), classes] -= 1
        error /= len(rows)
        back = (error @ self.weights[2].T) * (hidden > 0)
        self._step([rows.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)], rate)

    def _step(self, slopes: list[np.ndarray], rate: float) -> None:
        self.steps += 1
        for weight, slope, first, second in zip(self.weights, slopes, self._first, self._second, strict=True):
            slope = slope + 1e-5 * weight
            first += 0.1 * (slope - first)
            second += 0.001 * (slope**2 - second)
            scale = np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
            weight -= (rate * scale * first / (np.sqrt(second) + 1e-8)).astype(np.float32)


@cache
def _drawn(character: str, cut: Cut) -> np.ndarray:
    """Return one character fine and in the middle of its cell, LINE_MM high."""
    picture = draw_zone([character], _PX_PER_MM, cut=cut)
    edge, width, height = (round(mm * _PX_PER_MM) for mm in (EDGE_MM, PITCH_MM, LINE_MM))
    return picture[edge : edge + height, edge : edge + width]


def spoilt_cell(character: str | None, chance: np.random.Generator) -> np.ndarray:
    """Return a cell (28 x 20) as the straightened frame may show ``character``; None for what is no character."""
    neighbours = [ALPHABET[chance.integers(len(ALPHABET))] for _ in range(4)]
    middle = neighbours[0] if character is None else character
    cut: Cut = "sharp" if chance.random() < 0.3 else "round"
    strip = np.hstack([_drawn(one, cut) for one in (neighbours[1], middle, neighbours[2])])
    strip = _inked(strip, chance)
    shift = chance.normal(0, 0.9, 2).clip(-_LARGEST_SHIFT_PX, _LARGEST_SHIFT_PX)
    if character is None:
        strip, shift = _no_character(strip, shift, chance)
    cell = cv2.warpAffine(
        strip, _bent(strip.shape, shift, chance), CELL_PX, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return _photographed(cell.astype(np.float32), chance)


def _inked(strip: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Let strokes be thicker or thinner than drawn, and worn."""
    spread = int(chance.integers(-2, 4))
    if spread:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(spread) + 1,) * 2)
        strip = cv2.erode(strip, kernel) if spread > 0 else cv2.dilate(strip, kernel)
    if chance.random() < 0.25:
        worn = cv2.resize(chance.random((5, 12), np.float32), strip.shape[::-1], interpolation=cv2.INTER_CUBIC)
        strip = np.where(worn > chance.uniform(0.75, 1.0), np.uint8(255), strip)
    if chance.random() < 0.12:
        height, width = strip.shape
        one, other = ((int(chance.integers(width)), int(chance.integers(height))) for _ in range(2))
        strip = np.asarray(
            cv2.line(strip.copy(), one, other, int(chance.choice([90, 255])), int(chance.integers(2, 9)))
        )
    return strip


def _no_character(strip: np.ndarray, shift: np.ndarray, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    kind = chance.integers(4)
    if kind == 0:
        return np.full_like(strip, 255), shift
    if kind == 1:
        return strip, shift + np.array([chance.choice([-1, 1]) * chance.uniform(7, 10), 0])
    if kind == 2:
        return strip, shift + np.array([0, chance.choice([-1, 1]) * chance.uniform(8, 14)])
    noise = cv2.resize(chance.random((6, 10), np.float32), strip.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.clip(noise * 255, 0, 255).astype(np.uint8), shift


def _bent(shape: tuple[int, ...], shift: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Return the map from the fine strip to the cell: its middle to the cell's, a little turned, sheared, scaled."""
    scale = np.exp(chance.normal(0, 0.035, 2)) / _FINE
    turn, shear = chance.normal(0, 0.03), chance.normal(0, 0.04)
    linear = np.array([[scale[0], shear / _FINE], [turn / _FINE, scale[1]]])
    middle = np.array([CELL_PX[0] / 2, CELL_PX[1] / 2]) + shift
    offset = middle - linear @ np.array([shape[1] / 2, shape[0] / 2])
    return np.asarray(np.column_stack([linear, offset]))


def _photographed(cell: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    cell = cv2.GaussianBlur(cell, (0, 0), float(chance.uniform(0.3, 2.3)))
    if chance.random() < 0.3:
        kernel = np.zeros((5, 5), np.float32)
        if chance.random() < 0.5:
            kernel[:, 2] = 0.2
        else:
            kernel[2] = 0.2
        cell = cv2.filter2D(cell, -1, kernel)
    ys, xs = np.mgrid[0 : 1 : CELL_PX[1] * 1j, 0 : 1 : CELL_PX[0] * 1j]
    paper, contrast = chance.uniform(90, 245), chance.uniform(0.15, 0.95)
    light = 1 + chance.normal(0, 0.12) * (xs - 0.5) + chance.normal(0, 0.12) * (ys - 0.5)
    cell = paper * light * (1 - contrast * (1 - cell / 255))
    cell = cell + chance.normal(0, chance.uniform(0.5, 7), cell.shape)
    return np.asarray(np.clip(cell, 0, 255), np.uint8)


def samples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ``count`` normalised cells and their classes."""
    chance = np.random.default_rng(seed)
    classes = chance.integers(0, NOTHING, count)
    classes[chance.random(count) < _NOTHING_SHARE] = NOTHING
    cells = [spoilt_cell(None if one == NOTHING else ALPHABET[one], chance) for one in classes]
    return normalised(np.array(cells)), classes


def train(count: int, rounds: int, seed: int) -> Network:
    rows, classes = samples(count, seed)
    chance = np.random.default_rng(seed)
    sizes = (rows.shape[1], _HIDDEN, NOTHING + 1)
    first, second = (chance.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32) for n, m in pairwise(sizes))
    network = Network([first, np.zeros(_HIDDEN, np.float32), second, np.zeros(NOTHING + 1, np.float32)])
    steps = rounds * (count // _BATCH)
    for number in range(rounds):
        order = chance.permutation(count)
        for start in range(0, count - _BATCH + 1, _BATCH):
            chosen = order[start : start + _BATCH]
            network.learn(rows[chosen], classes[chosen], 0.002 * (1 - network.steps / steps) + 1e-5)
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--characters", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    network = train(options.characters, options.rounds, options.seed)
    rows, classes = samples(10_000, options.seed + 1)
    answers = network.scores(rows)[1].argmax(axis=1)
    print(f"wrong: {100 * np.mean(answers != classes):.2f} % of {len(classes)} spoilt characters")
    first, first_bias, second, second_bias = (one.astype(np.float16) for one in network.weights)
    np.savez_compressed(_TARGET, w1=first, b1=first_bias, w2=second, b2=second_bias)


if __name__ == "__main__":
    main()
