"""Opening a card for a person who cannot: the desk says that it helps, and sends what opens the card.

The chip still has to name and prove the person; what the desk gives is a key and nothing more.
"""

from typing import Final
from uuid import UUID

from drivers.icao9303.reading import ChipPasswords
from kiosk.conversation.card_talk import CardTalk
from kiosk.conversation.memory import DeskTry
from kiosk.conversation.stage import Stage
from kiosk.desk.desk_talk import DONE, SESSION_GONE
from kiosk.session import State

NO_CARD: Final = "card.none"
NOT_WANTED: Final = "card.not_wanted"
"""The person got on without help, or what lies there is nobody's."""

TOO_MANY_TRIES: Final = "number.too_many_tries"


class HelpTalk:
    """What the desk's help does to the conversation; every method takes the lock itself."""

    def __init__(self, stage: Stage, card: CardTalk) -> None:
        self._stage = stage
        self._card_talk = card

    def announce(self, session: UUID) -> str:
        """Tell the person that the desk opens their card, and keep the page for as long as that takes."""
        stage = self._stage
        with stage.lock:
            if refusal := self._refusal(session):
                return refusal
            stage.conversation.helped = True
            stage.set_deadline()
            stage.publish()
            return DONE

    def refusal(self, session: UUID) -> str | None:
        """Return why no password of the desk can be tried now; None when it can."""
        with self._stage.lock:
            return self._refusal(session)

    def is_reading(self, session: UUID) -> bool:
        """Whether the person's card is being read this moment, with whatever opened it or may."""
        with self._stage.lock:
            return self._stage.stay.id == session and self._stage.state is State.READING

    def open_card(self, session: UUID, passwords: ChipPasswords) -> DeskTry | str:
        """Try ``passwords`` on the card that lies there; return where its outcome will stand, or why not."""
        stage = self._stage
        with stage.lock:
            if refusal := self._refusal(session):
                return refusal
            stage.conversation.helped = True
            stage.conversation.card = stage.card
            begun = DeskTry()
            self._card_talk.read(passwords, typed=True, desk_try=begun)
            return begun

    def outcome(self, session: UUID, begun: DeskTry) -> str | None:
        """Return what became of a try; None while its card is being read."""
        with self._stage.lock:
            if begun.outcome is None and self._stage.stay.id != session:
                return SESSION_GONE
            return begun.outcome

    def _refusal(self, session: UUID) -> str | None:
        stage = self._stage
        if stage.stay.id != session:
            return SESSION_GONE
        if stage.card is None:
            return NO_CARD
        if not stage.card.may_be_tried:
            return TOO_MANY_TRIES
        return NOT_WANTED if stage.card_wants is None else None
