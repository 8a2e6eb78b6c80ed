"""The kiosk itself: fingers and devices in, one published picture out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from drivers.health import DeviceState
from drivers.scanner.base import Scanner
from drivers.smartcard.base import CardReader
from kiosk.clock import Clock
from kiosk.config import KioskSection
from kiosk.conversation import identity
from kiosk.conversation.card_talk import CardTalk
from kiosk.conversation.code_talk import CodeTalk
from kiosk.conversation.document_talk import DocumentTalk
from kiosk.conversation.errands import Errands
from kiosk.conversation.memory import Conversation
from kiosk.conversation.priority_talk import PriorityTalk
from kiosk.conversation.stage import Stage, Surroundings
from kiosk.conversation.stay import Stay
from kiosk.conversation.ticket import IssuedTicket
from kiosk.conversation.ticket_talk import TicketTalk
from kiosk.conversation.view import Language, Printing, ScreenView
from kiosk.conversation.visitor_talk import VisitorTalk
from kiosk.desk.desk_talk import DeskTalk
from kiosk.desk.help_talk import HelpTalk
from kiosk.devices import Devices
from kiosk.server import CuttableServer
from kiosk.session import (
    Confirmed,
    Rejected,
    StaffCalled,
    StartedOver,
    State,
    ZoneAccepted,
    is_legal,
)
from kiosk.status import KioskStatus, StatusReporter
from server.contract.appointments import VisitorFound
from server.contract.fleet import CardWants
from server.contract.v1 import FacilityServices, RegisterEncounter
from server.domain.catalogue import Payer

NEVER_CONNECTED: Final = "kiosk.never_connected"


class Background(Protocol):
    """Something that runs beside the flow in threads of its own."""

    def start(self) -> None: ...

    def stop(self) -> None:
        """Ask for the end of what can be interrupted; returns at once. Harmless when called twice."""
        ...

    def join(self) -> None:
        """Finish what was begun and end, within a few seconds; harmless when never started."""
        ...


class Kiosk:
    """One kiosk's conversations, one after the other; safe to call from any thread.

    An action takes the ``revision`` of the picture the finger saw. It is obeyed while the page it was on still stands,
    which a proof coming in or a changed waiting count does not end. Otherwise it does nothing: the second tap of a
    double tap finds the next page, which the finger has not seen.
    """

    def __init__(
        self,
        settings: KioskSection,
        *,
        clock: Clock,
        errands: Errands,
        devices: Devices,
        line: CuttableServer | None = None,
    ) -> None:
        self.devices: Final = devices
        self._line = line
        self._stage = Stage(limits=settings.limits, language=settings.language, clock=clock, errands=errands)
        self.card: Final = CardTalk(self._stage)
        self.visitors: Final = VisitorTalk(self._stage)
        self._priority: Final = PriorityTalk(self._stage)
        self._tickets: Final = TicketTalk(self._stage, settings.facility)
        self.documents: Final = DocumentTalk(self._stage, self.card)
        self.codes: Final = CodeTalk(self._stage, self.card, self.visitors, self.documents)
        self.desk: Final = DeskTalk(self._stage)
        self.help: Final = HelpTalk(self._stage, self.card)
        self._background: Sequence[Background] = ()
        self._reporter: StatusReporter | None = None
        self._stopped = False
        self._change(lambda around: replace(around, at_desk=settings.place == "desk"))
        self._look_at_inputs()

    # What pages see

    def view(self) -> ScreenView:
        """Return the present picture."""
        with self._stage.lock:
            return self._stage.view()

    def wait_for_view(self, after_revision: int, timeout_s: float) -> ScreenView:
        """Return the picture as soon as its revision is not ``after_revision``, or the present one after the time."""
        stage = self._stage
        with stage.lock:
            stage.lock.wait_for(lambda: self._stopped or stage.screen.revision != after_revision, timeout_s)
            return stage.view()

    # What fingers do

    def confirm(self, revision: int) -> None:
        self._touch(revision, self._confirm, State.CONFIRMING)

    def reject(self, revision: int) -> None:
        self._touch(revision, lambda: self._stage.fire(Rejected(), "identity.rejected"), State.CONFIRMING)

    def choose(self, service: str, revision: int) -> None:
        self._touch(revision, lambda: self._tickets.choose(service), State.CHOOSING)

    def check_in(self, revision: int) -> None:
        """Say "this is me" and register the visit of the appointment on the screen, in one touch."""
        self._touch(revision, self._tickets.check_in, State.CONFIRMING, State.CHOOSING)

    def choose_payer(self, payer: Payer, revision: int) -> None:
        self._touch(revision, lambda: self.visitors.choose_payer(payer), State.CHOOSING)

    def ask_red_flags(self, revision: int) -> None:
        """Show the signs at which nobody waits for a number."""
        self._touch(revision, self._priority.ask_red_flags, State.WELCOME, State.CHOOSING)

    def name_red_flag(self, code: str, revision: int) -> None:
        """Call staff at once."""
        self._touch(revision, lambda: self._priority.name_red_flag(code), State.RED_FLAGS, State.RED_FLAGS_ASIDE)

    def no_red_flag(self, revision: int) -> None:
        self._touch(revision, self._priority.no_red_flag, State.RED_FLAGS, State.RED_FLAGS_ASIDE)

    def ask_priority(self, revision: int) -> None:
        self._touch(revision, self._priority.ask_priority, State.CHOOSING)

    def name_priority(self, ground: str, revision: int) -> None:
        """Say that the law gives priority, ``ground`` a PriorityGround; empty: it does not."""
        self._touch(revision, lambda: self._priority.name_priority(ground), State.DECLARING, State.CHOOSING)

    def print_again(self, revision: int) -> None:
        """Print a marked copy of the slip of the number the person has already."""
        self._touch(revision, self._tickets.print_again, State.TICKET)

    def enter_number(self, digits: str, revision: int) -> None:
        """Take the last 6 digits of the number on the card, or all 12."""
        self._touch(revision, lambda: self._enter_number(digits), State.ASKING_NUMBER)

    def show_document(self, revision: int) -> None:
        """Ask for a document's printed zone; see ``ScreenView.can_show_document``."""
        self._touch(revision, self._show_document)

    def type_document(self, revision: int) -> None:
        self._touch(revision, self.documents.type_instead, State.SHOWING)

    def enter_field(self, text: str, revision: int) -> None:
        """Take the field of the document that ``ScreenView.asked`` names."""
        self._touch(revision, lambda: self.documents.enter(text), State.TYPING)

    def previous_field(self, revision: int) -> None:
        self._touch(revision, self.documents.back, State.TYPING)

    def type_appointment(self, revision: int) -> None:
        """Ask for a letter's short code; see ``ScreenView.can_type_appointment``."""
        self._touch(revision, self.visitors.type_letter, State.WELCOME, State.PROBLEM)

    def enter_appointment(self, digits: str, revision: int) -> None:
        """Take a letter's short code."""
        self._touch(revision, lambda: self.visitors.letter_typed(digits), State.TYPING_APPOINTMENT)

    def skip_chip(self, revision: int) -> None:
        self._touch(revision, self.documents.skip_chip, State.PLACING)

    def try_again(self, revision: int) -> None:
        """Ask once more for the number of the card that still lies there; see ``ScreenView.can_try_again``."""
        self._touch(revision, self._try_again, State.PROBLEM)

    def start_over(self, revision: int) -> None:
        self._touch(revision, lambda: self._stage.fire(StartedOver()))

    def call_staff(self, revision: int) -> None:
        self._touch(revision, self._call_staff)

    def still_here(self, revision: int) -> None:
        """Give the page its full time again."""
        self._touch(revision, self._extend)

    def set_language(self, language: Language, revision: int) -> None:
        self._touch(revision, lambda: self._speak(language))

    def _touch(self, revision: int, action: Callable[[], None], *states: State) -> None:
        stage = self._stage
        with stage.lock:
            is_seen = stage.screen.entered <= revision <= stage.screen.revision
            if is_seen and (not states or stage.state in states):
                action()

    def _confirm(self) -> None:
        self._stage.conversation.confirmed_at = self._stage.clock.now()
        self._stage.fire(Confirmed())

    def _enter_number(self, digits: str) -> None:
        stage = self._stage
        passwords = identity.passwords_from_number(digits)
        if passwords is None:
            stage.note("number.length")
        elif stage.card is not None:
            self.card.read(passwords, typed=True)
        else:
            stage.conversation.number = passwords
            stage.fire(ZoneAccepted())

    def _show_document(self) -> None:
        if self._stage.view().can_show_document:
            self.documents.want()

    def _try_again(self) -> None:
        stage = self._stage
        if not stage.screen.can_try_again or stage.card is None:
            return
        if stage.screen.types_document:
            self.documents.type_instead()
        else:
            self.card.present(stage.card)

    def _call_staff(self) -> None:
        stage = self._stage
        step, problem = stage.state, stage.screen.problem
        if is_legal(step, StaffCalled()):
            handed = stage.handed_over(step, problem)
            stage.call_staff()
            stage.ring(step, problem, handed)

    def _extend(self) -> None:
        self._stage.set_deadline()
        self._stage.publish()

    def _speak(self, language: Language) -> None:
        self._stage.conversation.language = language
        self._extend()

    # What errands bring back

    def registered(self, conversation: Conversation, ticket: IssuedTicket) -> None:
        self._tickets.registered(conversation, ticket)

    def known_already(self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket) -> None:
        self._tickets.known_already(conversation, command, ticket)

    def service_refused(self, conversation: Conversation, problem: str) -> None:
        self._tickets.service_refused(conversation, problem)

    def registration_failed(self, conversation: Conversation, problem: str) -> None:
        self._tickets.registration_failed(conversation, problem)

    def ticket_printing(self, conversation: Conversation, printing: Printing, problem: str | None = None) -> None:
        self._tickets.ticket_printing(conversation, printing, problem)

    def awaits_paper(self, conversation: Conversation) -> bool:
        return self._tickets.awaits_paper(conversation)

    def visitor_found(self, conversation: Conversation, found: VisitorFound | None) -> None:
        self.visitors.visitor_found(conversation, found)

    def visit_found(self, conversation: Conversation, ticket: IssuedTicket) -> None:
        self.codes.visit_found(conversation, ticket)

    def visit_not_found(self, conversation: Conversation, problem: str) -> None:
        self.codes.visit_not_found(conversation, problem)

    def staff_informed(self, *, reached: bool) -> None:
        """A staff call reached reception, or waits in the journal for the server."""
        stage = self._stage
        with stage.lock:
            if stage.screen.is_ringing:
                stage.screen.staff_informed = reached
                stage.publish()

    # What the kiosk's surroundings say

    def services_changed(self, services: FacilityServices | None) -> None:
        """Show what the facility offers now; a kiosk that never learned it takes nobody in."""
        self._change(lambda around: replace(around, services=services))
        if services is None:
            self.block(NEVER_CONNECTED)
        else:
            self.unblock(NEVER_CONNECTED)

    def online_changed(self, online: bool) -> None:
        self._change(lambda around: replace(around, online=online))

    def printer_ready(self, *, ready: bool) -> None:
        self._change(lambda around: replace(around, printer_ready=ready))

    def block(self, code: str) -> None:
        """Take nobody in for as long as the reason stands; whoever is being served comes to an end."""
        self._change(lambda around: replace(around, blocks=around.blocks | {code}))

    def unblock(self, code: str) -> None:
        self._change(lambda around: replace(around, blocks=around.blocks - {code}))

    @property
    def blocks(self) -> frozenset[str]:
        with self._stage.lock:
            return self._stage.around.blocks

    @property
    def services(self) -> FacilityServices | None:
        return self._stage.around.services

    @property
    def card_wants(self) -> CardWants | None:
        """What would open the card that lies there, for the desk to give; None when no card waits to be opened."""
        with self._stage.lock:
            return self._stage.card_wants

    @property
    def stay(self) -> Stay:
        """Who stands there, as far as staff may know: since when, and how often it went wrong."""
        with self._stage.lock:
            return self._stage.stay

    def _change(self, change: Callable[[Surroundings], Surroundings]) -> None:
        stage = self._stage
        with stage.lock:
            around = change(stage.around)
            if around != stage.around:
                stage.around = around
                stage.publish()

    # What the simulator page does; its devices are in ``devices``

    @property
    def server_cut(self) -> bool:
        return self._line is not None and self._line.is_cut

    def cut_server(self, cut: bool) -> None:
        """Cut the line to the server, or mend it; of the demo profile only."""
        if self._line is None:
            raise RuntimeError("only the demo profile can cut the line to the server")
        self._line.is_cut = cut

    # Life

    def run_with(self, *background: Background, reporter: StatusReporter | None = None) -> None:
        """Name what ``start`` starts in this order; ``close`` waits for the ends in the reverse."""
        self._background = background
        self._reporter = reporter

    def start(self) -> None:
        for one in self._background:
            one.start()

    def let_go(self) -> None:
        """Answer everybody who waits for a picture, now and from now on; the conversation goes on."""
        with self._stage.lock:
            self._stopped = True
            self._stage.lock.notify_all()

    def close(self) -> None:
        """Let everybody go, end all threads, release the devices; harmless when called twice."""
        self.let_go()
        for one in self._background:
            one.stop()
        for one in reversed(self._background):
            one.join()
        self.devices.close()

    def status(self) -> KioskStatus | None:
        """Say how the kiosk is; None while its journal cannot be used, see ``blocks``."""
        around = self._stage.around
        return self._reporter.report(blocks=around.blocks, online=around.online) if self._reporter else None

    def check_time(self) -> float:
        """Do what the clock asks for now; return the seconds until it may ask again."""
        self._look_at_inputs()
        return self._stage.check_time()

    def _look_at_inputs(self) -> None:
        """Offer only the ways in that work now. The printer is not asked here: its answer takes time."""
        reader, scanner = (_is_usable(device) for device in (self.devices.reader, self.devices.scanner))
        self._change(lambda around: replace(around, reader_ready=reader, scanner_ready=scanner))


def _is_usable(device: CardReader | Scanner | None) -> bool:
    return device is not None and device.status().state is not DeviceState.UNAVAILABLE
