"""The named steps of one registration: where a process may die, and tests let it."""

from collections.abc import Callable
from enum import StrEnum


class Step(StrEnum):
    """In their order; OWN_NUMBER stands for SENDING to ANSWERED when the server does not answer."""

    CHOSEN = "chosen"  # the command exists in memory only
    RECORDED = "recorded"  # it stands in the journal
    SENDING = "sending"
    ANSWERED = "answered"  # the server's answer came and is not kept yet
    OWN_NUMBER = "own-number"  # a number of the own series stands in the journal
    NUMBERED = "numbered"  # the visit's number stands in the journal, nobody has seen it
    SHOWN = "shown"  # the number is on the screen, the print job in the journal
    PRINTING = "printing"  # the journal says "sending"; not a byte has gone out
    PRINTED = "printed"  # the printer is done, the journal does not know
    SETTLED = "settled"  # the journal knows how the paper came out


OnStep = Callable[[Step], None]


def nobody_watches(_step: Step) -> None:
    """The ordinary observer."""
