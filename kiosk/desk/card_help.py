"""Carries out the desk's orders to open a card; the password is fetched for the try, and kept nowhere."""

import logging
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from drivers.icao9303.passwords import passwords_from_card, passwords_from_document
from drivers.icao9303.reading import ChipPasswords
from kiosk.clock import Clock
from kiosk.conversation.memory import DeskTry
from kiosk.desk.help_talk import HelpTalk
from kiosk.desk.orders import Handler
from kiosk.server import ActRefused, Server, ServerError
from server.contract.fleet import CardPassword, CommandKind, KioskCommand
from server.domain.days import local_day

log = logging.getLogger(__name__)

CARD_NUMBER_DIGITS: Final = 12


def help_orders(talk: HelpTalk, server: Server, clock: Clock) -> dict[str, Handler]:
    """Return who carries out what the desk asks about a card that nobody could open."""
    return {
        CommandKind.ANNOUNCE_HELP.value: lambda command: talk.announce(UUID(command.arguments["session"])),
        CommandKind.OPEN_CARD.value: _Opening(talk, server, clock),
    }


class _Opening:
    """Begins one try for each order; asked again, it says how far that got."""

    def __init__(self, talk: HelpTalk, server: Server, clock: Clock) -> None:
        self._talk = talk
        self._server = server
        self._clock = clock
        self._begun: tuple[UUID, DeskTry] | None = None  # the order it belongs to

    def __call__(self, command: KioskCommand) -> str | None:
        session = UUID(command.arguments["session"])
        if self._begun is not None and self._begun[0] == command.id:
            return self._talk.outcome(session, self._begun[1])
        if self._talk.is_reading(session):
            return None  # the card may open without the desk
        if refusal := self._talk.refusal(session):
            return refusal
        try:
            password = self._server.card_password(command.id)
        except ActRefused as refused:
            return refused.reason
        except ServerError as error:
            log.warning("order %s: its password is not here yet: %s", command.id, error.code)
            return None
        started = self._talk.open_card(session, passwords_of(password, today=local_day(self._clock.now())))
        if isinstance(started, str):
            return started
        self._begun = (command.id, started)
        return None


def passwords_of(password: CardPassword, *, today: date) -> ChipPasswords:
    """Return what opens a chip, of what stands on its document and was typed at the desk."""
    number, born_on, expires_on = password.number, password.born_on, password.expires_on
    if len(number) == CARD_NUMBER_DIGITS:
        if born_on is None or expires_on is None:
            return passwords_from_card(number, born_on, today=today)
        # The date that stands on the card goes before all that a card of this age can have.
        return replace(passwords_from_document(number[3:], born_on, expires_on), can=number[6:])
    if born_on is None or expires_on is None:
        return ChipPasswords(can=number)
    return passwords_from_document(number, born_on, expires_on)
