"""How long a page may stand untouched."""

from typing import Final

from kiosk.config import TimeLimits
from kiosk.conversation.memory import Conversation
from kiosk.session import State

OPENING: Final = frozenset({State.ASKING_NUMBER, State.SHOWING, State.TYPING, State.PROBLEM, State.STAFF_CALLED})
"""States in which a card may lie there that nobody could open yet; none of them shows anything of a person."""


def time_limit_s(state: State, talk: Conversation, limits: TimeLimits, *, is_untouched: bool) -> float | None:
    """Return the seconds a page of ``state`` has; None for as long as it takes.

    ``is_untouched``: nobody has done anything on the welcome page, not even chosen a language.
    """
    if talk.helped and state in OPENING:
        return limits.helped_s
    match state:
        case State.WELCOME:
            return None if is_untouched else limits.choosing_s
        case State.TICKET:
            return limits.ticket_s if talk.printing == "printed" else limits.ticket_unprinted_s
        case State.REGISTERING:
            return None  # the visit may stand on the server already: the person must see the number
        case State.ASKING_NUMBER:
            return limits.number_s
        case State.SHOWING | State.TYPING | State.TYPING_APPOINTMENT | State.LETTER_KEPT | State.PLACING:
            return limits.document_s
        case State.READING:
            return limits.reading_s
        case State.CONFIRMING:
            return limits.confirming_s
        case State.CHOOSING | State.DECLARING | State.RED_FLAGS | State.RED_FLAGS_ASIDE:
            return limits.choosing_s
        case State.PROBLEM:
            return limits.problem_s
        case State.STAFF_CALLED:
            return limits.staff_called_s
