"""Whose turn it is to speak a call: one call at a time in each area, by one of its displays.

Two displays in one hall that speak at once are understood by nobody. So each display asks before it speaks. The one
that spoke last goes on, which keeps the voice in one corner of the hall; the others listen, and one of them takes over
when it lets a call lie: it was switched off, its browser hangs, it lost the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

TAKEN_OVER_AFTER: Final = timedelta(seconds=4)
"""How long a call lies for the display that spoke last, before another one speaks it."""

TURN_LIMIT: Final = timedelta(seconds=40)
"""When a display that began counts as gone. Three times to a place with a long name, at the slowest speed: 37 s."""

FORGOTTEN_AFTER: Final = timedelta(seconds=90)
"""A call so old is not spoken any more, as after quiet hours: the person has come, or is called again."""

RUSH: Final = 3
"""Calls that wait behind one from which on it is spoken once instead of twice: spoken twice they take 13 s each, and
the last of them would come too late for its person, or never."""

ASK_AGAIN: Final = timedelta(seconds=2)
"""A display that listens asks so often whether the other one has ended; it may end early."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call that stands on the displays and has not been spoken."""

    id: UUID
    called_at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """The last one that was taken in the area; ``ended_at`` is None while the display speaks, or has vanished."""

    display: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Speak:
    """``is_rush``: once is enough, as others wait."""

    call_id: UUID
    is_rush: bool = False


@dataclass(frozen=True, slots=True)
class AskAgain:
    after: timedelta


def next_turn(calls: Sequence[OpenCall], last: Turn | None, *, display: str, now: datetime) -> Speak | AskAgain | None:
    """Return what a display that asks is to do; None when there is nothing to speak.

    The calls are spoken in the order in which they were made.
    """
    waiting = sorted(
        (call for call in calls if now - call.called_at < FORGOTTEN_AFTER), key=lambda call: (call.called_at, call.id)
    )
    if not waiting:
        return None
    free_since = waiting[0].called_at
    if last is not None:
        # One that asks while it seems to speak was loaded anew.
        is_over = last.display == display or last.ended_at is not None or now - last.began_at >= TURN_LIMIT
        if not is_over:
            return AskAgain(min(ASK_AGAIN, last.began_at + TURN_LIMIT - now))
        free_since = max(free_since, last.ended_at or min(last.began_at + TURN_LIMIT, now))
    lies_for = now - free_since
    if last is None or last.display == display or lies_for >= TAKEN_OVER_AFTER:
        return Speak(waiting[0].id, is_rush=len(waiting) > RUSH)
    return AskAgain(TAKEN_OVER_AFTER - lies_for)
