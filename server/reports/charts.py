"""Pictures of figures as places and sizes; a template writes them down as SVG. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 240
_LEFT: Final = 44  # room for the scale's numbers
_BOTTOM: Final = 28  # and for the names below
_TOP: Final = 20
_ROW: Final = 34
_NAME: Final = 210
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the scale."""

    value: int
    at: float


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a column, standing on the part before it; ``series`` counts from 0."""

    series: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    x: float
    width: float
    blocks: tuple[Block, ...]
    top: float
    total: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Columns:
    """A column for each name; the numbers of one name stand upon each other."""

    columns: tuple[Column, ...]
    scale: tuple[Line, ...]
    left: int = _LEFT
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def ground(self) -> int:
        return HEIGHT - _BOTTOM


@dataclass(frozen=True, slots=True)
class Bar:
    name: str
    y: float
    width: float
    value: int


@dataclass(frozen=True, slots=True)
class Bars:
    """A lying bar for each name."""

    bars: tuple[Bar, ...]
    height: int
    left: int = _NAME
    width: int = WIDTH
    thickness: int = _ROW - 10


def columns(names: Sequence[str], series: Sequence[Sequence[int]]) -> Columns:
    """Return a picture of one or more series of numbers, each as long as ``names``."""
    totals = [sum(numbers) for numbers in zip(*series, strict=True)]
    step = _step(max(totals, default=0))
    top_value = max(-(-max(totals, default=0) // step) * step, step)
    unit = (HEIGHT - _BOTTOM - _TOP) / top_value
    slot = (WIDTH - _LEFT) / max(len(names), 1)
    ground = HEIGHT - _BOTTOM
    drawn = []
    for position, (name, total) in enumerate(zip(names, totals, strict=True)):
        blocks, below = [], 0.0
        for number, values in enumerate(series):
            height = values[position] * unit
            blocks.append(Block(number, round(ground - below - height, 1), round(height, 1)))
            below += height
        x = round(_LEFT + slot * position + slot * 0.14, 1)
        drawn.append(Column(name, x, round(slot * 0.72, 1), tuple(blocks), round(ground - below, 1), total))
    scale = tuple(Line(value, round(ground - value * unit, 1)) for value in range(0, top_value + 1, step))
    return Columns(tuple(drawn), scale)


def bars(names: Sequence[str], values: Sequence[int]) -> Bars:
    """Return a picture of one series; the longest bar leaves room for its number."""
    unit = (WIDTH - _NAME - 60) / max(max(values, default=0), 1)
    drawn = (
        Bar(name, 4 + _ROW * position, round(value * unit, 1), value)
        for position, (name, value) in enumerate(zip(names, values, strict=True))
    )
    return Bars(tuple(drawn), height=_ROW * len(names) + 4)


def _step(highest: int) -> int:
    """Return the distance of the scale's lines: 1, 2 or 5 times a power of ten, at most six of them."""
    power = 1
    while True:
        for step in _STEPS:
            if step * power * 6 >= highest:
                return step * power
        power *= 10
