"""What the server knows of the person: their appointment, found by letter or by card, and their last clinic."""

from kiosk.conversation import clinics, identity
from kiosk.conversation.memory import Conversation
from kiosk.conversation.stage import Stage
from kiosk.session import AppointmentTypingWanted, CodeAccepted, CodeRefused, LetterKept, State, is_legal
from server.contract.appointments import FindVisitor, VisitorFound
from server.domain.catalogue import Payer
from server.domain.codes import is_short_code


class VisitorTalk:
    """What letters and the server's answers do to the conversation; callers of the public methods need no lock."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def letter_shown(self, code: str) -> None:
        """A letter's code was seen. Callers hold the lock."""
        stage, talk = self._stage, self._stage.conversation
        if stage.waits_for_anybody:
            talk.appointment_code = code
            stage.set_deadline()
            stage.note("appointment.looking")
            stage.errands.find_visitor(talk, FindVisitor(code=code))
        elif stage.state in {State.ASKING_NUMBER, State.READING, State.CONFIRMING, State.CHOOSING}:
            talk.appointment_code = code
            stage.note("appointment.noted")
            stage.ask_about_visitor()

    def type_letter(self) -> None:
        """Ask for a letter's short code, where the page offers it. Callers hold the lock."""
        if self._stage.view().can_type_appointment:
            self._stage.fire(AppointmentTypingWanted())

    def letter_typed(self, digits: str) -> None:
        """Take a letter's short code; of a slip of the finger nobody is asked. Callers hold the lock."""
        if is_short_code(digits):
            self.letter_shown(digits)
        else:
            self._stage.note("appointment.digits")

    def visitor_found(self, conversation: Conversation, found: VisitorFound | None) -> None:
        """The server's answer; None when it gave none."""
        stage = self._stage
        with stage.lock:
            if conversation is not stage.conversation:
                return
            if stage.waits_for_anybody:
                self._letter_found(conversation, found)
            elif found is not None and conversation.known is not None:
                conversation.visitor = found
                stage.publish()

    def choose_payer(self, payer: Payer) -> None:
        """The person chose whose price counts. Callers hold the lock."""
        stage = self._stage
        offered = stage.around.services
        if offered is not None and payer in clinics.payers_offered(offered):
            stage.conversation.payer = payer
            stage.set_deadline()
            stage.publish()

    def _letter_found(self, talk: Conversation, found: VisitorFound | None) -> None:
        stage = self._stage
        if talk.appointment_code is None:
            return
        if found is None:
            # Without the server the letter names nobody: the card does, and the server links the letter later.
            stage.note("appointment.card_next")
            stage.fire(LetterKept())
        elif found.holder is None or not is_legal(stage.state, CodeAccepted()):
            talk.appointment_code = None
            stage.fire(CodeRefused(), "appointment.not_found")
        else:
            talk.visitor = found
            talk.known = identity.from_letter(
                found.holder, stage.clock.now(), typed=is_short_code(talk.appointment_code)
            )
            stage.fire(CodeAccepted())
