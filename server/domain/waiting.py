"""How long somebody will wait: a range from the pace of the day, the same on paper, display and phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import quantiles
from typing import Final

PACE_WINDOW: Final = timedelta(minutes=90)
PACE_CALLS: Final = 5
"""From fewer calls nothing is said about the pace."""

PACE_CALLS_AT_MOST: Final = 31
"""Older calls say little about the hour that follows; thirty gaps make steady quarters."""

USUAL_SPREAD: Final = (0.75, 1.5)
"""How far a pace that was only set, not measured, may be off."""


class PaceBasis(StrEnum):
    MEASURED = "measured"  # today's calls
    USUAL = "usual"  # too few calls yet: what the hospital set for the queue


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one call of a queue to the next, from all its rooms: the middle half of them."""

    quick_s: float
    slow_s: float
    basis: PaceBasis

    @property
    def middle_s(self) -> float:
        return (self.quick_s + self.slow_s) / 2


@dataclass(frozen=True, slots=True)
class ExpectedWait:
    """An honest range, in whole minutes."""

    least_min: int
    most_min: int
    basis: PaceBasis = PaceBasis.MEASURED


def pace_of(called_at: Sequence[datetime], *, now: datetime, usual_gap_s: float | None = None) -> Pace | None:
    """Return the pace of a queue from its latest calls, oldest first; None where nobody can say.

    The range is that of the middle half of the gaps between calls, so one long examination does not move it. A pause
    that is going on counts as a gap once it is longer than most: the display must not promise what nobody keeps.
    ``usual_gap_s`` stands in while there were too few calls.
    """
    recent = [instant for instant in called_at[-PACE_CALLS_AT_MOST:] if now - PACE_WINDOW <= instant <= now]
    if len(recent) < PACE_CALLS:
        if usual_gap_s is None:
            return None
        return Pace(usual_gap_s * USUAL_SPREAD[0], usual_gap_s * USUAL_SPREAD[1], PaceBasis.USUAL)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(recent)]
    since_last_s = (now - recent[-1]).total_seconds()
    if since_last_s > quantiles(gaps, n=4, method="inclusive")[2]:
        gaps.append(since_last_s)
    quick, _, slow = quantiles(gaps, n=4, method="inclusive")
    return Pace(quick, slow, PaceBasis.MEASURED)


def expected_wait(before: int, pace: Pace | None) -> ExpectedWait | None:
    """Return how long somebody with ``before`` people in front will wait; None without a pace."""
    if pace is None:
        return None
    return ExpectedWait(int(pace.quick_s * before // 60), int(-(-pace.slow_s * (before + 1) // 60)), pace.basis)
