"""From a ScreenView to what a template draws: pure, no request in here."""

import math
from dataclasses import dataclass
from typing import Final

import segno

from kiosk.conversation.documents import DATE_DIGITS, LONGEST_NUMBER, SHORTEST_NUMBER, Field
from kiosk.conversation.view import Language, ScreenView, ServiceView
from kiosk.screens.texts import Texts
from kiosk.session import State
from server.domain.codes import SHORT_CODE_LENGTH, slip_text

SERVICES_AT_ONCE: Final = 8
SERVICES_ON_A_PAGE: Final = 6
"""Of more than eight: the buttons to turn pages take the place of one row."""

NUMBER_DIGITS: Final = 6
"""Digits of the number on the card that open its chip (the CAN, ICAO 9303-11 4.4)."""

STEPS: Final[dict[State, int]] = {
    State.ASKING_NUMBER: 1,
    State.SHOWING: 1,
    State.TYPING: 1,
    State.TYPING_APPOINTMENT: 1,
    State.LETTER_KEPT: 1,
    State.PLACING: 1,
    State.READING: 1,
    State.CONFIRMING: 2,
    State.CHOOSING: 3,
    State.DECLARING: 3,
    State.REGISTERING: 4,
    State.TICKET: 4,
}

ASKS_BEFORE_CLEARING: Final = frozenset(
    {State.ASKING_NUMBER, State.SHOWING, State.TYPING, State.TYPING_APPOINTMENT, State.LETTER_KEPT, State.PLACING}
    | {State.READING, State.CONFIRMING, State.CHOOSING, State.PROBLEM}
    | {State.DECLARING, State.RED_FLAGS, State.RED_FLAGS_ASIDE}
)
"""Where "are you still there?" comes before the end; a ticket and a call for staff only say when they close."""

WITHOUT_SCRIPTS_RELOAD_S: Final[dict[State, int]] = {
    State.WELCOME: 3,
    State.SHOWING: 4,
    State.LETTER_KEPT: 3,
    State.PLACING: 3,
    State.READING: 2,
    State.REGISTERING: 1,
    State.CONFIRMING: 8,
    State.CHOOSING: 20,
    State.DECLARING: 20,
    State.RED_FLAGS: 20,
    State.RED_FLAGS_ASIDE: 20,
    State.TICKET: 4,
    State.PROBLEM: 8,
    State.STAFF_CALLED: 8,
}
"""A page without scripts reloads itself; never where digits are being typed."""


@dataclass(frozen=True, slots=True)
class ServicePage:
    """One screenful of clinics; ``number`` counts from 1."""

    services: tuple[ServiceView, ...]
    number: int
    total: int


def service_page(services: tuple[ServiceView, ...], wanted: int) -> ServicePage:
    """Return page ``wanted``, or the nearest there is. Open clinics come first, in the order given."""
    ordered = sorted(services, key=lambda service: not service.open)
    size = SERVICES_AT_ONCE if len(ordered) <= SERVICES_AT_ONCE else SERVICES_ON_A_PAGE
    total = max(1, math.ceil(len(ordered) / size))
    number = min(max(wanted, 1), total)
    return ServicePage(tuple(ordered[(number - 1) * size : number * size]), number, total)


@dataclass(frozen=True, slots=True)
class Screen:
    """All that ``templates/kiosk/screen.html`` draws. ``digits`` were typed on a page without scripts."""

    view: ScreenView
    page: ServicePage
    digits: str = ""
    number_digits: int = NUMBER_DIGITS
    short_code_digits: int = SHORT_CODE_LENGTH
    warning_s: float = 15.0

    @property
    def t(self) -> Texts:
        return Texts(self.view.language)

    @property
    def other_language(self) -> Language:
        return "en" if self.view.language == "vi" else "vi"

    @property
    def other_language_fields(self) -> dict[str, str]:
        """What its button sends; on a page without scripts what was typed goes along and comes back."""
        return {"language": self.other_language} | ({"digits": self.digits} if self.digits else {})

    @property
    def step(self) -> int | None:
        """1 to 4 on the way to a number, None beside it."""
        return STEPS.get(self.view.state)

    @property
    def field_length(self) -> int:
        """The most characters of the document's field that is typed now."""
        return LONGEST_NUMBER if self.view.asked == Field.NUMBER else DATE_DIGITS

    @property
    def field_least(self) -> int:
        return SHORTEST_NUMBER if self.view.asked == Field.NUMBER else DATE_DIGITS

    @property
    def percent(self) -> int:
        return round(min(max(self.view.progress, 0.0), 1.0) * 100)

    @property
    def slip_code(self) -> str | None:
        """The code of a slip that did not come out, as SVG to be photographed; None where there is paper."""
        ticket = self.view.ticket
        if ticket is None or ticket.visit_code is None or ticket.printing not in ("failed", "unsure"):
            return None
        code = segno.make(slip_text(ticket.visit_code, self.view.public_url), error="m", micro=False)
        picture: str = code.svg_inline(light="#fff", omitsize=True, svgclass=None, lineclass=None)
        return picture

    @property
    def asks_before_clearing(self) -> bool:
        return self.view.seconds_left is not None and self.view.state in ASKS_BEFORE_CLEARING

    @property
    def seconds_left(self) -> int | None:
        return None if self.view.seconds_left is None else max(0, math.ceil(self.view.seconds_left))

    @property
    def reload_s(self) -> int | None:
        return WITHOUT_SCRIPTS_RELOAD_S.get(self.view.state)

    @property
    def can_call_staff(self) -> bool:
        return self.view.state not in (State.REGISTERING, State.STAFF_CALLED)

    @property
    def can_start_over(self) -> bool:
        return self.view.state in ASKS_BEFORE_CLEARING

    @property
    def verdict(self) -> str:
        """The code of the verdict to show: the last proof, or that it is on its way."""
        person = self.view.person
        if person is None:
            return "*"
        return "proving" if person.proving else person.verdict

    @property
    def number_tail(self) -> str | None:
        """The digits of the number that may be seen, apart from the dots that hide the rest."""
        number = self.view.person.number if self.view.person else None
        return number.strip("•*. ") if number else None


def screen_of(view: ScreenView, *, page: int = 1, digits: str = "", warning_s: float = 15.0) -> Screen:
    return Screen(view, service_page(view.services, page), digits, warning_s=warning_s)
