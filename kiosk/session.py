"""One person's conversation with the kiosk: states, events and the table between them.

Pure: no clock, device, database or request in here. The picture in docs/architecture.md is drawn from TRANSITIONS.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    WELCOME = "welcome"  # nobody is served; a card or a code starts a session
    ASKING_NUMBER = "asking-number"  # a chip lies there and nothing is known that opens it
    SHOWING = "showing"  # the scanner waits for the printed zone of a passport, or of a card's back
    TYPING = "typing"  # the same off the keys, one field a page
    TYPING_APPOINTMENT = "typing-appointment"  # the short code of a letter, off the keys
    LETTER_KEPT = "letter-kept"  # the server cannot be asked whose letter it is; the card names the person
    PLACING = "placing"  # what opens the chip is known, and its document is not on the reader yet
    READING = "reading"
    CONFIRMING = "confirming"  # "is this you?", masked
    CHOOSING = "choosing"
    DECLARING = "declaring"  # "do you have priority?": what no document proves, confirmed by staff
    RED_FLAGS = "red-flags"  # "is it one of these?": staff are called instead of giving a number
    RED_FLAGS_ASIDE = "red-flags-aside"  # the same in the middle of choosing, and the way back there
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


class DocumentWanted(Event):
    """The person has a passport, or a card that is opened by what stands in its printed zone."""


class TypingWanted(Event):
    """The person, or a kiosk without a scanner, prefers keys to the camera."""


class FieldTyped(Event):
    """One field of a document was typed, and another one is asked for."""


class AppointmentTypingWanted(Event):
    """The person has a letter whose code the scanner does not read, or a kiosk has none."""


class LetterKept(Event):
    """A letter's code was typed and nobody can say whose it is: it goes along with the visit of whoever is named."""


class ZoneAccepted(Event):
    """What opens a chip is known from its document's zone or the keys, and the document is not on the reader."""


class ChipSkipped(Event):
    """The zone names the person, who goes on by it and does not lay the document on the reader."""


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


class DocumentRefused(Event):
    """A document named the person and is out of date; the hospital has its staff register whoever brings one."""


class Contradicted(Event):
    """The proof came back after the identity, and the chip contradicts itself or the code shown."""


class Confirmed(Event):
    """The person said: this is me."""


class Rejected(Event):
    """The person said: this is not me."""


class ServiceChosen(Event):
    """The person picked a clinic."""


class ServiceRefused(Event):
    """The server says that the clinic takes nobody any more; the person is known still and chooses another one."""


class Registered(Event):
    """The visit stands in the journal with a number, online or from the kiosk's own series."""


class RegistrationFailed(Event):
    """The server refused the visit; staff must look."""


class PriorityAsked(Event):
    """The person wants to say that the law gives them priority."""


class PriorityNamed(Event):
    """The person named the ground, or said that there is none."""


class RedFlagsAsked(Event):
    """The person, or whoever came with them, may not be able to wait."""


class RedFlagNamed(Event):
    """One of the signs at which staff are called at once."""


class ReturnedToChoosing(Event):
    """None of these signs, and a clinic is still to be chosen."""


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
        (State.ASKING_NUMBER, CardRemoved): State.ASKING_NUMBER,  # to read the number on it, or to show its code
        (State.ASKING_NUMBER, CardPresented): State.ASKING_NUMBER,
        (State.ASKING_NUMBER, ZoneAccepted): State.PLACING,  # typed with the card in the hand
        (State.ASKING_NUMBER, CodeAccepted): State.CONFIRMING,
        (State.ASKING_NUMBER, VisitFound): State.TICKET,
        (State.ASKING_NUMBER, CodeRefused): State.PROBLEM,
        (State.WELCOME, DocumentWanted): State.SHOWING,
        (State.WELCOME, TypingWanted): State.TYPING,
        (State.WELCOME, ZoneAccepted): State.PLACING,  # an imager reads zones without being asked
        (State.ASKING_NUMBER, DocumentWanted): State.SHOWING,  # a passport has no such number
        (State.ASKING_NUMBER, TypingWanted): State.TYPING,
        (State.WELCOME, AppointmentTypingWanted): State.TYPING_APPOINTMENT,
        (State.PROBLEM, AppointmentTypingWanted): State.TYPING_APPOINTMENT,
        (State.TYPING_APPOINTMENT, LetterKept): State.LETTER_KEPT,
        (State.SHOWING, TypingWanted): State.TYPING,
        (State.SHOWING, CodeAccepted): State.CONFIRMING,  # a card's QR after all, or no reader to lay anything on
        (State.TYPING, FieldTyped): State.TYPING,
        (State.TYPING, CodeAccepted): State.CONFIRMING,
        (State.PLACING, ReadingStarted): State.READING,
        (State.PLACING, ChipSkipped): State.CONFIRMING,
        (State.READING, ZoneAccepted): State.PLACING,  # taken away too early; what opens it is known still
        (State.READING, IdentityRead): State.CONFIRMING,
        (State.READING, ReadFailed): State.PROBLEM,
        (State.READING, CodeAccepted): State.CONFIRMING,  # the chip stays shut; the code shown before names the person
        (State.READING, CardRemoved): State.PROBLEM,  # "put it back and leave it there"
        (State.CONFIRMING, ReadingStarted): State.READING,  # known by code, now the chip as well
        (State.CONFIRMING, CodeAccepted): State.CONFIRMING,  # an ID card's code after an insurance card's
        (State.CONFIRMING, Confirmed): State.CHOOSING,
        (State.CONFIRMING, ServiceChosen): State.REGISTERING,  # "yes, and for my appointment" in one touch
        (State.CONFIRMING, Rejected): State.PROBLEM,  # another person's data: forget them, offer staff
        (State.CONFIRMING, Contradicted): State.PROBLEM,
        (State.CHOOSING, ServiceChosen): State.REGISTERING,
        (State.CHOOSING, PriorityAsked): State.DECLARING,
        (State.DECLARING, PriorityNamed): State.CHOOSING,
        (State.DECLARING, Contradicted): State.PROBLEM,
        (State.WELCOME, RedFlagsAsked): State.RED_FLAGS,
        (State.RED_FLAGS, RedFlagNamed): State.STAFF_CALLED,
        (State.CHOOSING, RedFlagsAsked): State.RED_FLAGS_ASIDE,
        (State.RED_FLAGS_ASIDE, RedFlagNamed): State.STAFF_CALLED,
        (State.RED_FLAGS_ASIDE, ReturnedToChoosing): State.CHOOSING,
        (State.CHOOSING, Contradicted): State.PROBLEM,
        (State.REGISTERING, Registered): State.TICKET,
        (State.REGISTERING, RegistrationFailed): State.PROBLEM,
        (State.REGISTERING, ServiceRefused): State.CHOOSING,
        (State.PROBLEM, CardPresented): State.ASKING_NUMBER,  # put back, or the next person
        (State.PROBLEM, ReadingStarted): State.READING,
        (State.PROBLEM, DocumentWanted): State.SHOWING,
        (State.PROBLEM, TypingWanted): State.TYPING,
        (State.PROBLEM, ZoneAccepted): State.PLACING,
        (State.PROBLEM, CodeAccepted): State.CONFIRMING,
        (State.PROBLEM, CodeRefused): State.PROBLEM,
        (State.PROBLEM, VisitFound): State.TICKET,
    }
    | {
        (state, event): after
        for state in (State.SHOWING, State.TYPING)
        for event, after in ((ZoneAccepted, State.PLACING), (ReadingStarted, State.READING))
    }
    | {
        # Somebody with a letter in the hand is named in any of the ways of the welcome page.
        (state, event): after
        for state in (State.TYPING_APPOINTMENT, State.LETTER_KEPT)
        for event, after in (
            (CardPresented, State.ASKING_NUMBER),
            (CodeAccepted, State.CONFIRMING),
            (CodeRefused, State.PROBLEM),
            (DocumentWanted, State.SHOWING),
            (TypingWanted, State.TYPING),
            (VisitFound, State.TICKET),
            (ZoneAccepted, State.PLACING),
        )
    }
    | {
        (state, event): after
        for state in (
            State.ASKING_NUMBER,
            State.SHOWING,
            State.TYPING,
            State.TYPING_APPOINTMENT,
            State.LETTER_KEPT,
            State.PLACING,
            State.READING,
            State.CONFIRMING,
            State.CHOOSING,
            State.DECLARING,
            State.RED_FLAGS,
            State.RED_FLAGS_ASIDE,
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
        # Wherever a chip or a printed zone can name somebody.
        (state, DocumentRefused): State.PROBLEM
        for state in (
            State.WELCOME,
            State.ASKING_NUMBER,
            State.SHOWING,
            State.TYPING,
            State.TYPING_APPOINTMENT,
            State.LETTER_KEPT,
            State.PLACING,
            State.READING,
            State.PROBLEM,
        )
    }
    | {
        (State.STAFF_CALLED, ReadingStarted): State.READING,  # the desk opens the card that still lies there
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
