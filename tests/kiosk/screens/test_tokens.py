"""The design tokens keep their promise on contrast, whatever colour somebody picks next."""

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).parents[3] / "static/shared/tokens.css"
COLOURS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8")))

TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-soft", "link", "good", "warn", "bad") for ground in ("ground", "paper")),
    ("on-brand", "brand"),
    ("on-brand", "brand-pressed"),
    ("on-good", "good"),
    ("on-warn", "warn"),
    ("on-bad", "bad"),
    *(("ink", f"{kind}-tint") for kind in ("brand", "good", "warn", "bad")),
    *((kind, f"{kind}-tint") for kind in ("brand", "good", "warn", "bad")),
]


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2, definition)."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("words", "ground"), TEXT_PAIRS)
def test_words_on_their_ground_have_seven_to_one(words: str, ground: str) -> None:
    assert contrast(words, ground) >= 7.0


@pytest.mark.parametrize("ground", ["ground", "paper"])
def test_the_edge_of_a_control_has_three_to_one(ground: str) -> None:
    assert contrast("edge", ground) >= 3.0


def test_both_rings_of_the_focus_can_be_told_apart() -> None:
    assert contrast("focus", "focus-gap") >= 3.0
