"""Codes before the scanner: whom they name, what they open, and which are refused kindly."""

from drivers.codec.recognise import CodeKind, IdCardCode, InsuranceCode, MrzCode, OwnCode, Recognised
from drivers.errors import MalformedData
from kiosk.conversation import identity
from kiosk.conversation.card_talk import CardTalk
from kiosk.conversation.document_talk import DocumentTalk
from kiosk.conversation.identity import KnownPerson
from kiosk.conversation.memory import Conversation
from kiosk.conversation.stage import Stage
from kiosk.conversation.ticket import IssuedTicket
from kiosk.conversation.visitor_talk import VisitorTalk
from kiosk.session import CodeAccepted, CodeRefused, State, VisitFound, is_legal


class CodeTalk:
    """What the scanner's thread tells; every method takes the lock itself."""

    def __init__(self, stage: Stage, card: CardTalk, visitors: VisitorTalk, documents: DocumentTalk) -> None:
        self._stage = stage
        self._card_talk = card
        self._visitors = visitors
        self._documents = documents

    def wants_mrz(self) -> bool:
        """Whether somebody is asked to show the printed zone of a document."""
        with self._stage.lock:
            return self._stage.state in {State.SHOWING, State.TYPING}

    def code_seen(self, recognised: Recognised) -> None:
        stage = self._stage
        with stage.lock:
            if stage.around.out_of_service is not None or stage.state in {
                State.REGISTERING,
                State.STAFF_CALLED,
            }:
                return
            stage.make_room()
            try:
                self._weigh_code(recognised)
            except MalformedData as error:
                self._refuse_code(error.code)

    def hint_given(self, hint: str) -> None:
        """Something is held before the scanner that it cannot read; ``hint`` (a stable code) says what would help."""
        stage = self._stage
        with stage.lock:
            waits_for_code = stage.state in {State.WELCOME, State.ASKING_NUMBER, State.PROBLEM}
            if waits_for_code and stage.screen.notice is None and stage.around.out_of_service is None:
                stage.note(hint)

    def visit_found(self, conversation: Conversation, ticket: IssuedTicket) -> None:
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and is_legal(stage.state, VisitFound()):
                conversation.ticket, conversation.printing = ticket, "shown"
                stage.fire(VisitFound())

    def visit_not_found(self, conversation: Conversation, problem: str) -> None:
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and is_legal(stage.state, VisitFound()):
                self._refuse_code(problem)

    def _weigh_code(self, recognised: Recognised) -> None:
        match recognised.kind, recognised.value:
            case _, IdCardCode() as code:
                self._id_code(code)
            case _, InsuranceCode() as code:
                self._insurance_code(code)
            case _, MrzCode() as zone:
                self._documents.zone_seen(zone)
            case CodeKind.VISIT, OwnCode(code=code):
                self._visit_code(code)
            case CodeKind.APPOINTMENT, OwnCode(code=code):
                self._visitors.letter_shown(code)
            case _:
                refusal = recognised.refusal or "code.foreign"
                if refusal == "code.foreign":  # somebody's shopping must not take the page away
                    self._stage.note("scanner.not_ours")
                else:
                    self._refuse_code(refusal)

    def _id_code(self, code: IdCardCode) -> None:
        stage = self._stage
        talk = stage.conversation
        known = identity.from_id_code(code, stage.clock.now())
        if stage.screen.card_wanted or self._is_shown_beside_card():
            talk.card = stage.card
            talk.code = code
            talk.known = known
            stage.match_insurance()
            self._card_talk.read(identity.passwords_from_code(code, today=stage.today), typed=False)
        elif stage.waits_for_anybody or stage.state in {State.SHOWING, State.TYPING}:
            if known is None:
                self._refuse_code("code.name_unreadable")
                return
            talk.code, talk.known = code, known
            stage.fire(CodeAccepted())
        elif stage.state is State.CONFIRMING and known is not None:
            self._better_code(code, known)
        elif stage.state is State.CHOOSING:
            self._tell_other_person(code)

    def _is_shown_beside_card(self) -> bool:
        """Whether the card that lies there waits for what opens it, asked for in whatever way."""
        waits = self._stage.state in {State.ASKING_NUMBER, State.SHOWING, State.TYPING}
        return waits and self._stage.card is not None

    def _better_code(self, code: IdCardCode, known: KnownPerson) -> None:
        stage = self._stage
        talk = stage.conversation
        if talk.from_letter and talk.known is not None and identity.may_be_holder(talk.known.person, known.person):
            self._take_better(code, known)
        elif talk.insurance is None or talk.code is not None or talk.from_chip:
            self._tell_other_person(code)
        elif identity.is_same_person(talk.insurance, known.person):
            self._take_better(code, known)
        else:
            stage.note("scanner.other_person")

    def _take_better(self, code: IdCardCode, known: KnownPerson) -> None:
        stage = self._stage
        talk = stage.conversation
        talk.code, talk.known = code, known
        if stage.card is None:
            stage.fire(CodeAccepted())
        else:
            talk.card = stage.card
            self._card_talk.read(identity.passwords_from_code(code, today=stage.today), typed=False)

    def _tell_other_person(self, code: IdCardCode) -> None:
        stage = self._stage
        known = stage.conversation.known
        if known is not None and known.person.personal_number != code.personal_number:
            stage.note("scanner.other_person")

    def _insurance_code(self, code: InsuranceCode) -> None:
        stage = self._stage
        talk = stage.conversation
        identity.insurance_claim(code)  # refuses now what could not be sent later
        if stage.waits_for_anybody:
            known = identity.from_insurance_code(code, stage.clock.now())
            if known is None:
                self._refuse_code("code.name_unreadable")
                return
            talk.insurance, talk.known = code, known
            stage.fire(CodeAccepted())
        elif stage.state in {State.ASKING_NUMBER, State.SHOWING, State.TYPING, State.READING} and talk.known is None:
            talk.insurance = code
            stage.note("insurance.noted")
        elif talk.known is not None and stage.state in {State.READING, State.CONFIRMING, State.CHOOSING}:
            if identity.is_same_person(code, talk.known.person):
                talk.insurance = code
                stage.note("insurance.noted")
            else:
                stage.note("insurance.other_person")

    def _visit_code(self, code: str) -> None:
        stage = self._stage
        if is_legal(stage.state, VisitFound()):
            stage.note("visit.looking")
            stage.errands.find_visit(stage.conversation, code)

    def _refuse_code(self, problem: str) -> None:
        """Tell why on a page of its own where nobody is known yet, in passing where a card lies there or person is."""
        stage = self._stage
        if stage.state in {State.WELCOME, State.PROBLEM}:
            stage.fire(CodeRefused(), problem)
        else:
            stage.note(problem)
