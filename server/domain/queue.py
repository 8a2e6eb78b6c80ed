"""The life of a ticket in its queue."""

from enum import StrEnum


class TicketStatus(StrEnum):
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    MISSED = "missed"  # called, and nobody came
    HELD = "held"  # waits for something else, e.g. a test result
    TRANSFERRED = "transferred"  # goes on under another number in another queue
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"  # never printed: the kiosk gave a number of its own instead; never called
