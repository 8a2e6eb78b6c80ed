"""The life of a message to another system, and what its answer means.

An answer about our address or our right to speak says nothing about the message: it waits until a technician has put
that right. Only what the other system refuses for its content ends at a person's desk; nothing is ever dropped.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

LONGEST_WAIT: Final = timedelta(minutes=15)
TRIES: Final = 25
"""How many answered failures in a row (four hours of them) until a person looks."""


class OutboundState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"  # taken by a worker; due again when its lease has run out
    SENT = "sent"
    DEAD = "dead"  # refused for its content: a person must look; it stays, and what follows about its subject waits


class Verdict(StrEnum):
    """What an attempt came to."""

    TAKEN = "taken"
    UNREACHABLE = "unreachable"  # the other system, our address of it or our right to speak: tried for ever
    FAILED = "failed"  # it answered and could not: tried again, and given to a person in the end
    REFUSED = "refused"  # it understood and does not want it


# RFC 9110, section 15. Not in here: every other 2xx is taken, 3xx unreachable, 4xx refused, 5xx failed.
_VERDICTS: Final = {
    401: Verdict.UNREACHABLE,  # our token
    403: Verdict.UNREACHABLE,
    404: Verdict.UNREACHABLE,  # our address
    405: Verdict.UNREACHABLE,
    407: Verdict.UNREACHABLE,  # a proxy between
    408: Verdict.UNREACHABLE,
    409: Verdict.FAILED,  # the same key is being worked on
    423: Verdict.FAILED,  # somebody has the record open there
    425: Verdict.UNREACHABLE,
    429: Verdict.UNREACHABLE,  # too many requests
    502: Verdict.UNREACHABLE,
    503: Verdict.UNREACHABLE,
    504: Verdict.UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class Next:
    """What follows for the message; ``wait`` is None where nothing is tried any more by itself."""

    state: OutboundState
    wait: timedelta | None


def verdict_of(status: int | None) -> Verdict:
    """Return what an HTTP status means, None being no answer at all."""
    if status is None:
        return Verdict.UNREACHABLE
    if status in _VERDICTS:
        return _VERDICTS[status]
    return {2: Verdict.TAKEN, 3: Verdict.UNREACHABLE, 4: Verdict.REFUSED}.get(status // 100, Verdict.FAILED)


def next_of(verdict: Verdict, *, tries: int, jitter: float, at_least: timedelta = timedelta()) -> Next:
    """Return what follows after ``tries`` attempts in a row without success, this one counted.

    The wait begins at two seconds and doubles up to ``LONGEST_WAIT``; ``jitter`` (0 to 1) spreads it over its upper
    half, so that what failed together is not tried together. ``at_least`` is what the other system asked for.
    """
    if verdict is Verdict.TAKEN:
        return Next(OutboundState.SENT, None)
    if verdict is Verdict.REFUSED or (verdict is Verdict.FAILED and tries >= TRIES):
        return Next(OutboundState.DEAD, None)
    full = min(timedelta(seconds=2) * 2 ** min(tries - 1, 12), LONGEST_WAIT)
    return Next(OutboundState.WAITING, max(full * (0.5 + jitter / 2), min(at_least, LONGEST_WAIT)))
