"""One person's conversation with the kiosk: states, events and the table between them.

Pure: no clock, device, database or request in here. The picture in docs/architecture.md is drawn from TRANSITIONS.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    WELCOME = "welcome"  # nobody is served; a card or a code starts a session
    ASKING_NUMBER = "asking-number"  # a chip lies there and nothing is known that opens it
    READING = "reading"
    CONFIRMING = "confirming"  # "is this you?", masked
    CHOOSING = "choosing"
    REGISTERING = "registering"
    TICKET = "ticket"  # the number is on the screen, whatever the printer does
    PROBLEM = "problem"  # what happened, what to do, call staff
    STAFF_CALLED = "staff-called"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; carries data for the flow, the table looks at its type only."""


class CardPresented(Event):
    """A chip lies on the reader, and nothing is known that opens it."""


class ReadingStarted(Event):
    """A chip lies on the reader, and a password for it is known."""


class CodeAccepted(Event):
    """A code named a person; no chip lies on the reader."""


class VisitFound(Event):
    """The person showed the code of a slip we gave earlier; its ticket is shown again."""


class IdentityRead(Event):
    """The chip named the person; proof and photo may still be on their way."""


class ReadFailed(Event):
    """The chip could not be read, or was refused; the flow knows why."""


class CardRemoved(Event):
    """The card left the reader."""


class CodeRefused(Event):
    """A code was seen that cannot be used here."""


class Contradicted(Event):
    """The proof came back after the identity, and the chip contradicts itself or the code shown."""


class Confirmed(Event):
    """The person said: this is me."""


class Rejected(Event):
    """The person said: this is not me."""


class ServiceChosen(Event):
    """The person picked a clinic."""


class Registered(Event):
    """The visit stands in the journal with a number, online or from the kiosk's own series."""


class RegistrationFailed(Event):
    """The server refused the visit; staff must look."""


class StaffCalled(Event):
    """The person pressed "call staff"."""


class StartedOver(Event):
    """The person pressed "start over", or finished with the ticket."""


class TimedOut(Event):
    """Nobody touched anything for the state's time; the screen may show someone else's data."""


class IllegalTransition(Exception):
    """The event has no meaning in the state; the flow ignores late device events by asking ``is_legal`` first."""


TRANSITIONS: Final[dict[tuple[State, type[Event]], State]] = (
    {
        (State.WELCOME, CardPresented): State.ASKING_NUMBER,
        (State.WELCOME, ReadingStarted): State.READING,
        (State.WELCOME, CodeAccepted): State.CONFIRMING,
        (State.WELCOME, CodeRefused): State.PROBLEM,
        (State.WELCOME, VisitFound): State.TICKET,
        (State.WELCOME, StaffCalled): State.STAFF_CALLED,
        (State.ASKING_NUMBER, ReadingStarted): State.READING,  # digits typed, or the card's code shown
        (State.ASKING_NUMBER, CardRemoved): State.WELCOME,
        (State.ASKING_NUMBER, CodeRefused): State.PROBLEM,
        (State.READING, IdentityRead): State.CONFIRMING,
        (State.READING, ReadFailed): State.PROBLEM,
        (State.READING, CodeAccepted): State.CONFIRMING,  # the chip stays shut; the code shown before names the person
        (State.READING, CardRemoved): State.PROBLEM,  # "put it back and leave it there"
        (State.CONFIRMING, ReadingStarted): State.READING,  # known by code, now the chip as well
        (State.CONFIRMING, CodeAccepted): State.CONFIRMING,  # an ID card's code after an insurance card's
        (State.CONFIRMING, Confirmed): State.CHOOSING,
        (State.CONFIRMING, Rejected): State.PROBLEM,  # another person's data: forget them, offer staff
        (State.CONFIRMING, Contradicted): State.PROBLEM,
        (State.CONFIRMING, CardRemoved): State.WELCOME,
        (State.CHOOSING, ServiceChosen): State.REGISTERING,
        (State.CHOOSING, Contradicted): State.PROBLEM,
        (State.CHOOSING, CardRemoved): State.WELCOME,
        (State.REGISTERING, Registered): State.TICKET,
        (State.REGISTERING, RegistrationFailed): State.PROBLEM,
        (State.PROBLEM, CardPresented): State.ASKING_NUMBER,  # put back, or the next person
        (State.PROBLEM, ReadingStarted): State.READING,
        (State.PROBLEM, CodeAccepted): State.CONFIRMING,
        (State.PROBLEM, CodeRefused): State.PROBLEM,
        (State.PROBLEM, VisitFound): State.TICKET,
    }
    | {
        (state, event): after
        for state in (
            State.ASKING_NUMBER,
            State.READING,
            State.CONFIRMING,
            State.CHOOSING,
            State.PROBLEM,
            State.TICKET,
        )
        for event, after in (
            (StaffCalled, State.STAFF_CALLED),
            (StartedOver, State.WELCOME),
            (TimedOut, State.WELCOME),
        )
    }
    | {
        (State.STAFF_CALLED, StartedOver): State.WELCOME,
        (State.STAFF_CALLED, TimedOut): State.WELCOME,
    }
)
# REGISTERING has no way out but its result: the visit may already stand on the server, so the person must see the
# number.


def is_legal(state: State, event: Event) -> bool:
    return (state, type(event)) in TRANSITIONS


def advance(state: State, event: Event) -> State:
    """Return the state after ``event``; raises IllegalTransition."""
    try:
        return TRANSITIONS[state, type(event)]
    except KeyError:
        raise IllegalTransition(f"{type(event).__name__} in {state.name}") from None
