"""Passports, and cards that neither their number nor their code opens: the printed zone, then the chip."""

from drivers.codec.recognise import MrzCode
from kiosk.conversation import identity
from kiosk.conversation.card_talk import CardTalk
from kiosk.conversation.documents import Document, TypedDocument, passwords_from_zone
from kiosk.conversation.stage import Stage
from kiosk.session import (
    ChipSkipped,
    CodeAccepted,
    DocumentWanted,
    FieldTyped,
    State,
    TypingWanted,
    ZoneAccepted,
)

_OPENS = frozenset(
    {State.WELCOME, State.ASKING_NUMBER, State.SHOWING, State.TYPING, State.PROBLEM}
    | {State.TYPING_APPOINTMENT, State.LETTER_KEPT}
)
"""States in which a zone before the scanner is what somebody wants to be known by."""


class DocumentTalk:
    """What fingers and the scanner tell of a document; callers hold the stage's lock."""

    def __init__(self, stage: Stage, card: CardTalk) -> None:
        self._stage = stage
        self._card_talk = card

    def want(self) -> None:
        """Ask for the zone: before the scanner where there is one, off the keys otherwise."""
        if self._stage.around.scanner_ready:
            self._stage.fire(DocumentWanted())
        else:
            self.type_instead()

    def type_instead(self) -> None:
        stage = self._stage
        stage.fire(TypingWanted())
        if stage.state is State.TYPING:
            stage.conversation.typed = TypedDocument()
            stage.publish()

    def enter(self, text: str) -> None:
        """Take the field that is asked for, as its keys gave it."""
        stage, talk = self._stage, self._stage.conversation
        if talk.typed is None:
            return
        asked = talk.typed.asked
        typed = talk.typed.with_field(text, today=stage.today)
        if typed is None:
            stage.note(f"document.{asked}")
            return
        talk.typed = typed
        if typed.asked is not None:
            stage.fire(FieldTyped())
        else:
            self._open(Document(typed.passwords(today=stage.today)))

    def back(self) -> None:
        """Ask once more for the field before this one."""
        stage, talk = self._stage, self._stage.conversation
        before = talk.typed.without_last() if talk.typed else None
        if before is not None:
            talk.typed = before
            stage.fire(FieldTyped())

    def skip_chip(self) -> None:
        """Go on by what the zone says; only where it names the person, see ``ScreenView.zone_read``."""
        document = self._stage.conversation.document
        if document is not None and document.known is not None:
            self._stage.show_person(ChipSkipped())

    def zone_seen(self, zone: MrzCode) -> None:
        """Take a zone that was read; raises MalformedData for one that names nobody."""
        stage = self._stage
        if stage.state in _OPENS:
            known = identity.from_zone(zone, stage.clock.now(), today=stage.today)
            self._open(Document(passwords_from_zone(zone), zone, known))

    def _open(self, document: Document) -> None:
        """Read the chip that lies there, or ask for it; without a reader go on by the zone."""
        stage, talk = self._stage, self._stage.conversation
        talk.document, talk.known, talk.typed = document, document.known, None
        if talk.known is not None:
            stage.match_insurance()
        if stage.card is not None and stage.state is not State.WELCOME:  # there a card that lies belongs to nobody
            talk.card = stage.card
            self._card_talk.read(document.passwords, typed=document.zone is None)
        elif stage.around.reader_ready or document.known is None:
            stage.fire(ZoneAccepted())
        else:
            stage.show_person(CodeAccepted())
