"""Runs the flow's errands one after the other: journal first, then server, then paper."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID, uuid4

from kiosk.background import Background
from kiosk.clock import Clock
from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import IssuedTicket, from_answer, from_shown
from kiosk.conversation.view import Printing as PaperState
from kiosk.desk.refused import call_for
from kiosk.journal.errors import JournalError
from kiosk.journal.records import InterruptedVisit, PrintStep
from kiosk.journal.store import Journal
from kiosk.registration.gateway import Reach, RegistrationGateway
from kiosk.registration.steps import OnStep, Step
from kiosk.registration.visitor_finder import VisitorFinder
from kiosk.server import ActRefused, DeviceRefused, Server, ServerError, ServiceClosed
from kiosk.session import State
from server.contract.appointments import FindVisitor
from server.contract.fleet import HandOver
from server.contract.v1 import CallStaff, IdentityProved, RegisterEncounter
from server.domain.days import day_bounds, local_day
from server.domain.queue import TicketStatus

log = logging.getLogger(__name__)

_OVER: Final = frozenset({TicketStatus.DONE, TicketStatus.CANCELLED, TicketStatus.NOT_SEEN})


class Answers(Protocol):
    """Where the results of errands go: the kiosk."""

    def registered(self, conversation: Conversation, ticket: IssuedTicket) -> None: ...

    def known_already(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None: ...

    def service_refused(self, conversation: Conversation, problem: str) -> None: ...

    def registration_failed(self, conversation: Conversation, problem: str) -> None: ...

    def ticket_printing(self, conversation: Conversation, printing: PaperState, problem: str | None = None) -> None: ...

    def visit_found(self, conversation: Conversation, ticket: IssuedTicket) -> None: ...

    def visit_not_found(self, conversation: Conversation, problem: str) -> None: ...

    def staff_informed(self, *, reached: bool) -> None: ...

    def block(self, code: str) -> None:
        """Take the kiosk out of service for ``code``."""
        ...


class Printing(Protocol):
    """Where tickets go to be printed; returns at once."""

    def print_ticket(
        self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket, *, reprint: int
    ) -> None: ...


class InFlight:
    """The visits somebody is sending at this moment; nobody else may send them."""

    def __init__(self) -> None:
        self._freed = threading.Condition()
        self._keys: set[UUID] = set()

    def take(self, key: UUID) -> bool:
        """Return whether the visit is the caller's now; False when somebody has it in hand."""
        with self._freed:
            is_free = key not in self._keys
            self._keys.add(key)
            return is_free

    def hold(self, key: UUID) -> None:
        """Wait until the visit is the caller's: as long as one request takes, at most."""
        with self._freed:
            self._freed.wait_for(lambda: key not in self._keys)
            self._keys.add(key)

    def give_back(self, key: UUID) -> None:
        with self._freed:
            self._keys.discard(key)
            self._freed.notify_all()


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A visit with its number; ``reprint`` 1 marks paper that may have come out before."""

    command: RegisterEncounter
    ticket: IssuedTicket
    reprint: int


class Registrar(Background):
    """The kiosk's Errands, in one thread of its own."""

    def __init__(
        self,
        *,
        journal: Journal,
        gateway: RegistrationGateway,
        server: Server,
        reach: Reach,
        in_flight: InFlight,
        clock: Clock,
        on_step: OnStep,
        backlog_grew: Callable[[], None],
        rings: bool = True,
        finder: VisitorFinder,
    ) -> None:
        super().__init__("registrar")
        self._finder = finder
        self._journal = journal
        self._gateway = gateway
        self._server = server
        self._reach = reach
        self._in_flight = in_flight
        self._clock = clock
        self._on_step = on_step
        self._backlog_grew = backlog_grew
        self._rings = rings  # at a desk staff sit before the screen: what is known goes to them without a bell
        self._taken_up: Final[dict[UUID, UUID]] = {}  # the key a choice made -> the cut visit it turned out to be
        self._errands: Final[queue.SimpleQueue[Callable[[], None] | None]] = queue.SimpleQueue()
        self._answers: Answers
        self._printing: Printing

    def report_to(self, answers: Answers, printing: Printing) -> None:
        """Say where results and tickets go; before ``start``."""
        self._answers = answers
        self._printing = printing

    def stop(self) -> None:
        """Nothing to interrupt: the visit of the last patient is not cut in the middle."""

    def join(self) -> None:
        self._errands.put(None)
        super().join()

    # Errands

    def register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        self._errands.put(lambda: self._register(conversation, command))

    def tell_proof(self, message: IdentityProved) -> None:
        self._errands.put(lambda: self._tell_proof(message))

    def call_staff(self, step: State, problem: str | None, handed: HandOver | None = None) -> None:
        call = CallStaff(request_key=uuid4(), step=step.value, problem=problem, called_at=self._clock.now())
        if not self._rings:
            if handed is not None:
                known = handed
                self._errands.put(lambda: self._hand_over(known))
            return
        if handed is not None:
            handed = handed.model_copy(update={"call_key": call.request_key})
        self._errands.put(lambda: self._call_staff(call, handed))

    def find_visitor(self, conversation: Conversation, asked: FindVisitor) -> None:
        self._finder.ask(conversation, asked)

    def print_again(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        self._errands.put(lambda: self._print_again(conversation, command, ticket))

    def find_visit(self, conversation: Conversation, visit_code: str) -> None:
        self._errands.put(lambda: self._find_visit(conversation, visit_code))

    def _run(self) -> None:
        while (errand := self._errands.get()) is not None:
            try:
                errand()
            except Exception:
                # One errand's mistake must not end all that follow.
                log.exception("errand failed")

    def _register(self, conversation: Conversation, command: RegisterEncounter) -> None:
        self._on_step(Step.CHOSEN)
        try:
            numbered = self._numbered(command)
        except ServiceClosed as error:
            self._bury(command, error.reason)
            self._answers.service_refused(conversation, error.reason)
            return
        except Exception as error:
            # REGISTERING has no time limit: whatever happened, the person gets a page.
            log.exception("visit %s not registered", command.request_key)
            self._answers.registration_failed(conversation, self._settle(command, error))
            return
        self._on_step(Step.NUMBERED)
        if numbered.ticket.copies is not None:
            self._keep_known(numbered.command)
            self._answers.known_already(conversation, numbered.command, numbered.ticket)
            return
        self._answers.registered(conversation, numbered.ticket)
        self._printing.print_ticket(conversation, numbered.command, numbered.ticket, reprint=numbered.reprint)

    def _numbered(self, command: RegisterEncounter) -> _Numbered:
        cut = self._cut_visit_of(command)
        if cut is not None:
            self._taken_up[command.request_key] = cut.command.request_key
            command = cut.command
        # Before it is recorded: the upload must not find it there and send it beside this thread.
        self._in_flight.hold(command.request_key)
        try:
            if cut is None:
                self._journal.record(command, self._clock.now())
                self._on_step(Step.RECORDED)
            answer = self._journal.answer_to(command.request_key)
            ticket = from_answer(answer) if answer else self._gateway.register(command)
        finally:
            self._in_flight.give_back(command.request_key)
            self._backlog_grew()
        return _Numbered(command, ticket, reprint=int(cut is not None and cut.paper is PrintStep.UNSURE))

    def _cut_visit_of(self, command: RegisterEncounter) -> InterruptedVisit | None:
        """Return the visit of the same person and service whose paper a restart cut today; they came back for it."""
        day_start, _ = day_bounds(local_day(self._clock.now()))
        wanted = set(command.person.identifiers)
        for visit in self._journal.interrupted_visits(day_start):
            if visit.command.service == command.service and not wanted.isdisjoint(visit.command.person.identifiers):
                return visit
        return None

    def _settle(self, command: RegisterEncounter, error: Exception) -> str:
        """Keep what ``error`` means for the visit and for the kiosk; return the problem's code for the page."""
        match error:
            case JournalError():
                self._answers.block(error.code)
                return error.code
            case DeviceRefused():
                # The patient is sent to another kiosk or the counter: this visit must not come in later by itself.
                self._bury(command, error.reason)
                self._answers.block(error.code)
                return error.code
            case ServiceClosed():
                self._bury(command, error.reason)  # the person is asked for another clinic
                return error.code
            case ActRefused():
                self._bury(command, error.reason)
                self._ring_for(command)
                return error.code
            case ServerError():
                return error.code
            case _:
                return "registration.failed"

    def _bury(self, command: RegisterEncounter, reason: str) -> None:
        try:
            self._journal.refused(command.request_key, reason, self._clock.now())
        except JournalError as error:
            log.error("visit %s: its refusal is not kept: %s", command.request_key, error)
            self._answers.block(error.code)

    def _ring_for(self, command: RegisterEncounter) -> None:
        """Have the upload call staff to a visit that was refused."""
        try:
            self._journal.calls.record(call_for(command.request_key, self._clock.now()))
        except JournalError as error:
            log.error("visit %s: the call for it is not kept: %s", command.request_key, error)
        self._backlog_grew()

    def _keep_known(self, command: RegisterEncounter) -> None:
        """Keep that no paper is due: the person has had it since the first visit."""
        try:
            self._journal.papers.step(command.request_key, PrintStep.GIVEN_BY_HAND, self._clock.now(), "ticket.known")
        except JournalError as error:
            log.error("visit %s: that no paper is due is not kept: %s", command.request_key, error)

    def _print_again(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        if ticket.ticket_id is None or ticket.copies is None:
            raise AssertionError("only the number of an earlier visit is printed again")
        copy_number = ticket.copies + 1
        try:
            self._server.note_copy(ticket.ticket_id, copy_number)
        except ServerError as error:
            log.warning("copy of a slip not printed: %s", error.code)
            self._answers.ticket_printing(conversation, "failed", "ticket.copy_at_desk")
            return
        self._printing.print_ticket(conversation, command, ticket, reprint=copy_number)

    def _tell_proof(self, message: IdentityProved) -> None:
        """Keep what the proof said; the upload sends it after its visit."""
        key = self._taken_up.get(message.request_key, message.request_key)
        try:
            self._journal.proofs.record(message.model_copy(update={"request_key": key}), self._clock.now())
        except JournalError as error:
            log.error("visit %s: its proof is not kept: %s", key, error)
            self._answers.block(error.code)
        self._backlog_grew()

    def _call_staff(self, call: CallStaff, handed: HandOver | None) -> None:
        try:
            self._journal.calls.record(call)
        except JournalError as error:
            log.error("journal: %s", error)
        # A server known to be away is not waited for: the next person's visit stands behind this errand.
        if self._reach.is_down or not self._reaches_staff(call):
            self._answers.staff_informed(reached=False)
            self._backlog_grew()
        else:
            self._answers.staff_informed(reached=True)
            self._journal.calls.sent(call.request_key, self._clock.now())
            if handed is not None:
                self._hand_over(handed)

    def _hand_over(self, handed: HandOver) -> None:
        """Tell the desk what was known of who called; never kept here: if the line is lost, they are asked anew."""
        try:
            self._server.hand_over(handed)
        except ServerError as error:
            log.warning("nothing handed over to the desk: %s", error.code)

    def _reaches_staff(self, call: CallStaff) -> bool:
        try:
            self._server.call_staff(call)
        except ServerError as error:
            log.warning("staff not called: %s", error.code)
            return False
        return True

    def _find_visit(self, conversation: Conversation, visit_code: str) -> None:
        """Ask the server, of whichever kiosk the slip is; without it look in this kiosk's own journal."""
        try:
            found = self._ticket_of(visit_code)
        except (JournalError, ServerError) as error:
            log.error("slip not looked up: %s", error)
            found = "visit.not_found"
        if isinstance(found, str):
            self._answers.visit_not_found(conversation, found)
        else:
            self._answers.visit_found(conversation, found)

    def _ticket_of(self, visit_code: str) -> IssuedTicket | str:
        """Return the number behind a slip's code, or the problem's stable code. Raises JournalError, ServerError."""
        try:
            if not self._reach.is_down:
                shown = self._server.show_slip(visit_code)
                return "visit.over" if shown.status in _OVER else from_shown(shown)
        except ActRefused as refusal:
            if refusal.reason == "ticket.past":
                return "visit.over"
            return self._waiting_ticket(visit_code) or "visit.not_found"
        except ServerError:
            log.info("slip looked up in the journal alone")
        day_start, _ = day_bounds(local_day(self._clock.now()))
        sent = next((one for one in self._journal.sent_since(day_start) if one.answer.visit_code == visit_code), None)
        if sent is None:
            return self._waiting_ticket(visit_code) or "visit.not_found"
        # The number most likely still holds; how many wait by now only the server knows.
        return replace(from_answer(sent.answer), waiting_before=None, wait_min=None)

    def _waiting_ticket(self, visit_code: str) -> IssuedTicket | None:
        """Return the number of the kiosk's own series behind a slip that the server has not heard of yet."""
        for key in self._journal.unsent_keys():
            visit = self._journal.unsent_visit(key)
            if visit is None or visit.command.visit_code != visit_code or visit.command.offline_ticket is None:
                continue
            self._in_flight.hold(key)
            try:
                answer = self._journal.answer_to(key)
                return from_answer(answer) if answer else self._gateway.register(visit.command)
            finally:
                self._in_flight.give_back(key)
        return None
