"""When a number that was called counts as missed by itself, and what its day's end makes of a number."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.domain.queue import TicketStatus

CALLS: Final = 3
"""Three calls and nobody there is what Vietnamese waiting rooms are used to ("gọi 3 lần không có mặt"). It also keeps
the rule from those who came at the first call of a counter that never presses "start"."""

MINUTES: Final = 10


@dataclass(frozen=True, slots=True)
class NoShowRule:
    """A facility's rule: missed ``after_min`` minutes behind the last of at least ``after_calls`` calls.

    ``after_min`` None: a person decides, always.
    """

    after_min: int | None = MINUTES
    after_calls: int = CALLS

    def __post_init__(self) -> None:
        if self.after_min is not None and not 1 <= self.after_min <= 120:
            raise ValueError("1 to 120 minutes")
        if not 1 <= self.after_calls <= 9:
            raise ValueError("1 to 9 calls")

    def __str__(self) -> str:
        return "off" if self.after_min is None else f"{self.after_calls} calls, {self.after_min} min"


def is_no_show(
    rule: NoShowRule, calls: Collection[datetime], *, now: datetime, denied_at: datetime | None = None
) -> bool:
    """Return whether a called number, which nobody began to serve, counts as missed now.

    ``calls`` are its call and the repetitions of it. ``denied_at``: when staff took such a decision back; it holds
    until the number is called again.
    """
    if rule.after_min is None or len(calls) < max(rule.after_calls, 1):
        return False
    last = max(calls)
    return now - last >= timedelta(minutes=rule.after_min) and (denied_at is None or denied_at < last)


CLOSED_AS: Final[dict[TicketStatus, TicketStatus]] = {
    TicketStatus.WAITING: TicketStatus.NOT_SEEN,
    TicketStatus.CALLED: TicketStatus.NOT_SEEN,
    TicketStatus.HELD: TicketStatus.NOT_SEEN,
    TicketStatus.SERVING: TicketStatus.DONE,  # was seen; only nobody pressed the key behind the last patient
}
"""What a number is once its day is over. Missed stays missed: that was called, and says more."""
