"""The card on the reader: when to read it, with which password, and what its chip's answers mean for the person."""

import logging
from collections.abc import Sequence

from drivers.errors import AccessDenied, DriverError, MalformedData, ProtocolViolation
from drivers.errors import CardRemoved as CardWasRemoved
from drivers.icao9303.reading import Access, Assurance, ChipIdentity, ChipPasswords, ChipReading
from kiosk.conversation import identity
from kiosk.conversation.chip_evidence import evidence_of
from kiosk.conversation.memory import OPENED, WRONG_NUMBERS_ALLOWED, CardPresence, DeskTry, ReadingOrder, ToldEvidence
from kiosk.conversation.stage import Stage
from kiosk.session import (
    CardPresented,
    CardRemoved,
    CodeAccepted,
    Contradicted,
    IdentityRead,
    ReadFailed,
    ReadingStarted,
    StartedOver,
    State,
    ZoneAccepted,
    is_legal,
)
from server.contract.v1 import IdentityProved
from server.domain.identity import PROOF_PENDING

log = logging.getLogger(__name__)

_ASK_FOR_CARD = frozenset({"card.taken_early", "appointment.card_next"})
"""Notices that have done their work once a card lies there."""


_NAMED = frozenset({State.CONFIRMING, State.CHOOSING, State.DECLARING})
"""States that show who was named, and stand for a while without the card that did."""


class CardTalk:
    """What the reader's thread tells and asks; every method takes the lock itself."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def card_arrived(self) -> None:
        stage = self._stage
        with stage.lock:
            stage.card = card = CardPresence()
            if stage.screen.notice in _ASK_FOR_CARD:
                stage.screen.notice = None
            stage.make_room()
            talk = stage.conversation
            if stage.around.out_of_service is not None:
                stage.publish()
            elif stage.state is State.CONFIRMING and talk.code is not None and not talk.from_chip:
                talk.card = card
                self.read(identity.passwords_from_code(talk.code, today=stage.today), typed=False)
            elif stage.state in {State.PLACING, State.CONFIRMING} and talk.document is not None and not talk.from_chip:
                talk.card = card
                self.read(talk.document.passwords, typed=talk.document.zone is None)
            elif stage.state is State.PLACING and talk.number is not None:
                talk.card = card
                self.read(talk.number, typed=True)
            elif is_legal(stage.state, CardPresented()):
                self.present(card)
            elif stage.state in _NAMED | {State.RED_FLAGS_ASIDE} and talk.from_chip:
                self._put_back(card)
            elif stage.state is State.CONFIRMING:
                stage.note("card.code_next")  # known by an insurance card or a letter, neither of which opens a chip
            else:
                stage.publish()

    def card_left(self) -> None:
        stage = self._stage
        with stage.lock:
            ours = stage.card is not None and stage.conversation.card is stage.card
            if stage.order is not None:
                _tell_desk(stage.order, CardWasRemoved.code)
            stage.card = None
            stage.order = None
            stage.screen.card_wanted = stage.screen.can_try_again = False
            if ours and stage.state is State.READING and stage.conversation.document is not None:
                stage.note("card.taken_early")
                stage.fire(ZoneAccepted())
            elif ours and stage.state in _NAMED:
                self._go_on_without_card()
            elif ours and is_legal(stage.state, CardRemoved()):
                stage.fire(CardRemoved(), "card.removed")
                if stage.state is State.ASKING_NUMBER:
                    stage.forget_person()
            else:
                stage.publish()

    def _go_on_without_card(self) -> None:
        """Ask whether the person is still there: many take their card as soon as they see their name."""
        talk = self._stage.conversation
        if talk.proving and talk.known is not None:
            talk.proving = False
            talk.known = talk.known.with_reason(CardWasRemoved.code)
        self._stage.hurry(self._stage.limits.card_taken_s)

    def _put_back(self, card: CardPresence) -> None:
        """Go on with who is named where a code says so again; otherwise it may as well be the next person's card."""
        stage, talk = self._stage, self._stage.conversation
        if stage.state is State.CONFIRMING and talk.code is not None:
            talk.card = card
            self.read(identity.passwords_from_code(talk.code, today=stage.today), typed=False)
        elif stage.state is State.CONFIRMING and talk.document is not None:
            talk.card = card
            self.read(talk.document.passwords, typed=talk.document.zone is None)
        else:
            stage.fire(StartedOver())
            self.present(card)

    def take_order(self) -> ReadingOrder | None:
        """Return the reading that is wanted and not begun, once."""
        stage = self._stage
        with stage.lock:
            order, stage.order = stage.order, None
            return order

    def chip_progress(self, order: ReadingOrder, done: float) -> None:
        """``done``: 0..1; published in steps of a twentieth, a screen needs no more."""
        stage = self._stage
        with stage.lock:
            if self._is_about(order) and done - order.conversation.progress >= 0.05:
                order.conversation.progress = done
                stage.publish()

    def chip_identified(self, order: ReadingOrder, chip: ChipIdentity, access: Access) -> None:
        """The chip named the person; proof and photo follow."""
        stage = self._stage
        with stage.lock:
            if not self._is_about(order) or stage.state is not State.READING:
                return
            _tell_desk(order, OPENED)
            talk = order.conversation
            if talk.code is not None and (differences := identity.contradictions(talk.code, chip)):
                log.warning("chip and code are of two people: %s", ", ".join(differences))
                stage.stop_self_service(ReadFailed(), "chip.contradicts_code")
                return
            zone = talk.document.zone if talk.document else None
            if zone is not None and identity.contradicts_zone(zone, chip):
                log.warning("chip and printed zone are of two documents")
                stage.stop_self_service(ReadFailed(), "chip.contradicts_zone")
                return
            try:
                talk.known = identity.from_chip(chip, access, stage.clock.now())
            except MalformedData as error:
                stage.fire(ReadFailed(), error.code)
                return
            talk.proving = True
            stage.match_insurance()
            stage.show_person(IdentityRead())

    def chip_proved(self, order: ReadingOrder, assurance: Assurance, reasons: Sequence[str]) -> None:
        """The chip's proof is in; it may come more than once, fall, and come when its visit is registered."""
        stage = self._stage
        with stage.lock:
            talk = order.conversation
            self._tell(order, assurance, reasons)
            if assurance is Assurance.CONTRADICTED:
                self._contradict(order, "chip.contradicted")
            elif self._is_about(order) and talk.known is not None:
                talk.known = talk.known.with_proof(assurance, reasons)
                talk.proving = False
                stage.publish()

    def chip_read(self, order: ReadingOrder, reading: ChipReading) -> None:
        """The whole session with the chip ended well."""
        if reading.assurance is Assurance.CONTRADICTED:
            log.warning("chip contradicted: %s", evidence_of(reading))
        with self._stage.lock:
            self.chip_identified(order, reading.identity, reading.access)
            self.chip_proved(order, reading.assurance, reading.reasons)

    def chip_failed(self, order: ReadingOrder, error: DriverError) -> None:
        """The session with the chip ended in ``error``; a card that was taken away is told by ``card_left``."""
        with self._stage.lock:
            if isinstance(error, ProtocolViolation):
                log.warning("chip broke its session: %s", error)  # says what it did, never what it holds
                self._tell(order, Assurance.CONTRADICTED, (error.code,))
            else:
                self.proof_cut(order, error.code)
            if isinstance(error, AccessDenied) and error.delayed:
                order.card.tries = WRONG_NUMBERS_ALLOWED  # its defence against guessing: it is left alone
            if self._is_about(order):
                log.warning("chip not read: %s", error.code)
                self._go_on_after(order, error)
            _tell_desk(order, error.code)

    def card_lost(self, order: ReadingOrder) -> None:
        """The card was taken away while it was read; ``card_left`` tells the page."""
        with self._stage.lock:
            self.proof_cut(order, CardWasRemoved.code)
            _tell_desk(order, CardWasRemoved.code)

    def proof_cut(self, order: ReadingOrder, code: str) -> None:
        """The chip says no more: what it was to prove stays unproved; ``code`` says why. Its visit is told so."""
        with self._stage.lock:
            told = order.conversation.told
            if told is not None and PROOF_PENDING in told.evidence.reasons:
                self._tell(order, Assurance.READ, (code,))

    def present(self, card: CardPresence) -> None:
        stage = self._stage
        stage.conversation.card = card
        stage.fire(CardPresented())
        stage.screen.tries_left = WRONG_NUMBERS_ALLOWED - card.tries if card.tries else None
        stage.publish()

    def read(self, passwords: ChipPasswords, *, typed: bool, desk_try: DeskTry | None = None) -> None:
        stage = self._stage
        talk = stage.conversation
        assert stage.card is not None
        talk.progress = 0.0
        stage.order = ReadingOrder(talk, stage.card, passwords, typed, desk_try)
        stage.fire(ReadingStarted())

    def _go_on_after(self, order: ReadingOrder, error: DriverError) -> None:
        """Show what follows from a session that ended in ``error``."""
        stage, talk = self._stage, order.conversation
        if stage.state is not State.READING:
            self._proof_failed(order, error)
        elif isinstance(error, AccessDenied) and order.typed:
            self._number_refused(order, error)
        elif isinstance(error, ProtocolViolation):
            stage.stop_self_service(ReadFailed(), error.code)
        elif talk.known is not None and (talk.code is not None or talk.document is not None):
            # Nobody is turned away by a mute chip: what is printed named the person already, and staff see the reason.
            talk.known = talk.known.with_reason(error.code)
            talk.card = None
            stage.note("card.code_used_instead" if talk.code is not None else "card.zone_used_instead")
            stage.show_person(CodeAccepted())
        else:
            stage.fire(ReadFailed(), error.code)
            stage.screen.types_document = talk.document is not None
            self._want(order.card, can_try_again=True)

    def _number_refused(self, order: ReadingOrder, refusal: AccessDenied) -> None:
        stage, card = self._stage, order.card
        is_document = order.conversation.document is not None
        if not refusal.tried:
            # An older chip without PACE: its key is made of more than the number, and the card's code has the rest.
            card.needs_zone = True
            self._refuse(order, "number.not_enough")
            self._want(card, can_try_again=False)
            return
        card.tries += 1
        if not card.may_be_tried:
            self._refuse(order, "number.too_many_tries")
            return
        own_mistake = "document.wrong" if is_document else "number.wrong"
        self._refuse(order, "help.wrong" if order.desk_try else own_mistake)
        stage.screen.types_document = is_document or card.needs_zone or order.passwords.can is None
        stage.screen.tries_left = WRONG_NUMBERS_ALLOWED - card.tries
        self._want(card, can_try_again=True)

    def _refuse(self, order: ReadingOrder, problem: str) -> None:
        """Tell whoever gave the password; the desk's help goes on, since it may have misheard a digit."""
        stage = self._stage
        _tell_desk(order, problem)
        stage.fire(ReadFailed(), problem)
        if order.desk_try is not None:
            stage.conversation.helped = order.card.may_be_tried
            stage.set_deadline()

    def _want(self, card: CardPresence, *, can_try_again: bool) -> None:
        """Let the card that lies there be opened from the page of its failure, by its code or by a number."""
        stage = self._stage
        if stage.card is card and card.may_be_tried:
            stage.screen.card_wanted = True
            stage.screen.can_try_again = can_try_again
        stage.publish()

    def _proof_failed(self, order: ReadingOrder, error: DriverError) -> None:
        talk = order.conversation
        if isinstance(error, ProtocolViolation):
            self._contradict(order, error.code)  # nothing of a session that was tampered with is believed
        elif talk.known is not None and talk.proving:
            talk.proving = False
            talk.known = talk.known.with_reason(error.code)
            self._stage.publish()

    def _tell(self, order: ReadingOrder, assurance: Assurance, reasons: Sequence[str]) -> None:
        """Have the server told what the chip's proof says now, if its visit was registered with less."""
        told = order.conversation.told
        if told is None or told.evidence.method != "chip" or order.conversation.card is not order.card:
            return
        update = {"assurance": identity.ASSURANCE[assurance], "reasons": tuple(reasons)}
        evidence = told.evidence.model_copy(update=update)
        if evidence == told.evidence:
            return
        order.conversation.told = ToldEvidence(told.request_key, evidence)
        self._stage.errands.tell_proof(
            IdentityProved(request_key=told.request_key, evidence=evidence, proved_at=self._stage.clock.now())
        )

    def _contradict(self, order: ReadingOrder, problem: str) -> None:
        stage, talk = self._stage, order.conversation
        if talk.contradicted:
            return
        talk.contradicted = True
        if self._is_about(order) and is_legal(stage.state, Contradicted()):
            stage.stop_self_service(Contradicted(), problem)
        elif self._is_about(order):
            # The visit is on its way or its number on the screen: staff look at it, nothing is taken back.
            stage.ring(stage.state, problem)
        elif talk.confirmed_at is not None:
            stage.errands.call_staff(State.TICKET, problem)

    def _is_about(self, order: ReadingOrder) -> bool:
        stage = self._stage
        return order.conversation is stage.conversation and order.card is stage.conversation.card


def _tell_desk(order: ReadingOrder, outcome: str) -> None:
    """Say what became of a password that the desk gave; its first outcome stands."""
    if order.desk_try is not None and order.desk_try.outcome is None:
        order.desk_try.outcome = outcome
