"""From the clinic that is chosen to the number on paper."""

import secrets
from uuid import uuid4

from kiosk.conversation import clinics, identity
from kiosk.conversation.memory import Conversation, ToldEvidence
from kiosk.conversation.stage import Stage
from kiosk.conversation.ticket import IssuedTicket
from kiosk.conversation.view import Printing
from kiosk.session import Registered, RegistrationFailed, ServiceChosen, ServiceRefused, State
from server.contract.v1 import RegisterEncounter
from server.domain.codes import code_from
from server.domain.identity import PROOF_PENDING


class TicketTalk:
    """What touches ask for, under their callers' lock; and what errands and printer tell from threads of their own."""

    def __init__(self, stage: Stage, facility: str) -> None:
        self._stage = stage
        self._facility = facility

    def check_in(self) -> None:
        """Confirm the person and take the visit of the appointment on the screen."""
        talk = self._stage.conversation
        appointment = clinics.usable_appointment(talk)
        if appointment is not None:
            talk.confirmed_at = talk.confirmed_at or self._stage.clock.now()
            self.choose(appointment.service)

    def choose(self, service: str) -> None:
        """Register with a clinic that takes patients; what was read of the person goes with it."""
        stage, talk = self._stage, self._stage.conversation
        around, now = stage.around, stage.clock.now()
        offer = clinics.find_open(talk, around.services, service, online=around.online, now=now)
        if offer is None or talk.known is None or talk.confirmed_at is None:
            stage.note("service.closed")
            return
        known = talk.known.with_reason(PROOF_PENDING) if talk.proving else talk.known
        command = RegisterEncounter(
            request_key=uuid4(),
            visit_code=code_from(secrets.token_bytes(13)),
            facility=self._facility,
            service=offer.service,
            person=known.message,
            evidence=known.evidence,
            arrived_at=talk.confirmed_at,
            language=talk.language,
            insurance=identity.insurance_claim(talk.insurance) if talk.insurance else None,
            payer=clinics.payer_of(talk),
            declared=talk.declared,
            appointment_code=clinics.code_for(talk, offer.service),
        )
        talk.service = command.service
        talk.told = ToldEvidence(command.request_key, command.evidence)
        stage.fire(ServiceChosen())
        stage.errands.register(talk, command)

    def print_again(self) -> None:
        stage, talk = self._stage, self._stage.conversation
        if talk.again is None or talk.ticket is None or talk.printing != "shown":
            return
        command, talk.again = talk.again, None
        talk.printing = "printing"
        stage.set_deadline()
        stage.publish()
        stage.errands.print_again(talk, command, talk.ticket)

    def registered(self, conversation: Conversation, ticket: IssuedTicket) -> None:
        """The number is safe in the journal; the paper follows."""
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and stage.state is State.REGISTERING:
                conversation.ticket = ticket
                conversation.known = conversation.code = conversation.insurance = None
                stage.fire(Registered())

    def known_already(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        """The person has a live number in this queue: it is shown, and printed again only if they ask."""
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and stage.state is State.REGISTERING:
                conversation.again, conversation.printing = command, "shown"
                self.registered(conversation, ticket)

    def service_refused(self, conversation: Conversation, problem: str) -> None:
        """The clinic was closed or filled while the person chose it; another one is theirs to choose."""
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and stage.state is State.REGISTERING:
                conversation.told = conversation.service = None
                stage.fire(ServiceRefused())
                stage.note(problem)

    def registration_failed(self, conversation: Conversation, problem: str) -> None:
        stage = self._stage
        with stage.lock:
            if conversation is stage.conversation and stage.state is State.REGISTERING:
                stage.stop_self_service(RegistrationFailed(), problem)

    def ticket_printing(self, conversation: Conversation, printing: Printing, problem: str | None = None) -> None:
        stage = self._stage
        with stage.lock:
            conversation.printing, conversation.printer_problem = printing, problem
            if conversation is stage.conversation and stage.state is State.TICKET:
                stage.set_deadline()
                stage.publish()

    def awaits_paper(self, conversation: Conversation) -> bool:
        """Whether the number of ``conversation`` still stands on the screen, and no paper came with it."""
        stage = self._stage
        with stage.lock:
            return (
                conversation is stage.conversation and stage.state is State.TICKET and conversation.printing == "failed"
            )
