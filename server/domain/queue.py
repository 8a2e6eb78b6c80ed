"""The life of a ticket in its queue."""

from enum import StrEnum
from typing import Final


class TicketStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    MISSED = "missed"  # called, and nobody came
    HELD = "held"  # waits for something else, e.g. a test result
    NOT_SEEN = "not-seen"  # the day ended first
    TRANSFERRED = "transferred"  # goes on under another number in another queue
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"  # never printed: the kiosk gave a number of its own instead; never called


REPLACED: Final = (TicketStatus.TRANSFERRED, TicketStatus.SUPERSEDED)
"""States of a number whose person goes on under another one; no other number has a ``superseded_at``."""

HOLDS_A_PLACE: Final = (
    TicketStatus.WAITING,
    TicketStatus.CALLED,
    TicketStatus.SERVING,
    TicketStatus.MISSED,
    TicketStatus.HELD,
)
"""States of a live number: its person gets no second one in the same queue on the same day."""
