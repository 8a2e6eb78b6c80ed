"""Puts tickets on paper, in the printer's own thread, and keeps in the journal how sure that is."""

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from drivers.health import DeviceState, DeviceStatus
from drivers.printer.base import Printer, PrintOutcome, PrintState
from drivers.printer.document import Document
from kiosk.background import Background
from kiosk.clock import Clock
from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import IssuedTicket
from kiosk.conversation.view import Printing
from kiosk.journal.errors import JournalError
from kiosk.journal.records import PrintStep
from kiosk.journal.store import Journal
from kiosk.paper.ticket_layout import Layout
from kiosk.registration.steps import OnStep, Step
from server.contract.fleet import ReprintSlip
from server.contract.v1 import RegisterEncounter

log = logging.getLogger(__name__)

RETRY_EVERY_S: Final = 2.0
"""How often a printer that refused a ticket is asked whether it can print it now."""

_YOUNG: Final = timedelta(minutes=3)
"""Longer than the number of an unprinted ticket stands on the screen, however often somebody asks for more time."""

REPRINTED: Final = "desk.reprinted"
"""Code of the print step that settles an uncertain paper whose copy came out."""

_STEPS: Final = {
    PrintState.PRINTED: PrintStep.PRINTED,
    PrintState.UNSURE: PrintStep.UNSURE,
    PrintState.FAILED: PrintStep.FAILED,
}
_SHOWN: Final[dict[PrintState, Printing]] = {
    PrintState.PRINTED: "printed",
    PrintState.UNSURE: "unsure",
    PrintState.FAILED: "failed",
}


class Watcher(Protocol):
    """Who wants to know how the paper is coming along: the kiosk."""

    def ticket_printing(self, conversation: Conversation, printing: Printing, problem: str | None = None) -> None: ...

    def printer_ready(self, *, ready: bool) -> None: ...

    def awaits_paper(self, conversation: Conversation) -> bool:
        """Whether the person of ``conversation`` still stands there without a paper."""
        ...


@dataclass(frozen=True, slots=True)
class _Job:
    """One paper. ``key`` names it in the log: a visit's key, or the desk's order of a copy.

    ``conversation`` is who stands there for it; nobody does for a copy.
    """

    key: UUID
    conversation: Conversation | None
    document: Callable[[], Document]
    keep: Callable[[PrintStep, datetime, str], None]
    asked_at: datetime


class PrintWorker(Background):
    """Owns the printer.

    What is unsure is never tried again: it goes to staff, with its number. What failed left nothing on paper, and is
    tried again while the person it belongs to stands there; later the paper would be found by somebody else.
    """

    def __init__(
        self,
        printer: Printer | None,
        *,
        journal: Journal,
        layout: Layout,
        watcher: Watcher,
        clock: Clock,
        on_step: OnStep,
        status_every_s: float,
    ) -> None:
        super().__init__("printer")
        self._printer = printer
        self._journal = journal
        self._layout = layout
        self._watcher = watcher
        self._clock = clock
        self._on_step = on_step
        self._status_every_s = status_every_s
        self._last_status: DeviceStatus | None = None
        self._refused: _Job | None = None  # the last ticket, when the printer could not take it
        self._jobs: Final[queue.SimpleQueue[_Job | None]] = queue.SimpleQueue()

    @property
    def last_status(self) -> DeviceStatus | None:
        """What the printer said when its thread last asked; nobody else may ask it."""
        return self._last_status

    def stop(self) -> None:
        """Nothing to interrupt: the ticket of the last patient still comes out."""

    def join(self) -> None:
        self._jobs.put(None)
        super().join()

    def print_ticket(
        self, conversation: Conversation, command: RegisterEncounter, ticket: IssuedTicket, *, reprint: int = 0
    ) -> None:
        """Print a ticket whose visit and number stand in the journal; returns at once. ``reprint`` 1 marks a copy."""
        key = command.request_key
        document = partial(self._layout.ticket, command, ticket, reprint=reprint)
        job = _Job(key, conversation, document, partial(self._journal.papers.step, key), self._clock.now())
        self._keep(job, PrintStep.WAITING)
        self._on_step(Step.SHOWN)
        self._jobs.put(job)

    def print_copy(self, slip: ReprintSlip) -> None:
        """Print a copy that the desk ordered; returns at once. The journal says what became of it.

        Printed, it settles this kiosk's own paper of that visit.
        """

        def keep(step: PrintStep, now: datetime, code: str) -> None:
            self._journal.copies.step(slip.order, step, now, code)
            if step is PrintStep.PRINTED:
                self._journal.papers.settle_by_hand(slip.request_key, now, REPRINTED)

        job = _Job(slip.order, None, partial(self._layout.copy, slip), keep, self._clock.now())
        self._keep(job, PrintStep.WAITING)
        self._jobs.put(job)

    def _run(self) -> None:
        self._ask_status()
        while True:
            try:
                job = self._jobs.get(timeout=RETRY_EVERY_S if self._refused else self._status_every_s)
            except queue.Empty:
                self._ask_status()
                if self._refused is not None:
                    self._try_again(self._refused)
                continue
            if job is None:
                return
            if job.conversation is not None:  # somebody else stands there now
                self._refused = None
            self._print_safely(job)

    def _try_again(self, job: _Job) -> None:
        talk = job.conversation
        if talk is None or not self._is_wanted(job, talk):
            self._refused = None
        elif self._is_ready:
            log.info("visit %s: the printer can print again", job.key)
            self._watcher.ticket_printing(talk, "printing")
            self._print_safely(job)

    def _is_wanted(self, job: _Job, talk: Conversation) -> bool:
        """Whether the person of a refused ticket still waits for it, and has been given no paper otherwise."""
        if not self._watcher.awaits_paper(talk) or self._clock.now() - job.asked_at > _YOUNG:
            return False
        try:
            return self._journal.papers.state(job.key) is PrintStep.FAILED
        except JournalError:
            return False

    def _print_safely(self, job: _Job) -> None:
        try:
            self._print(job)
        except Exception:
            # The layout or a driver broke its contract; the next patient's ticket must still come out.
            log.exception("%s: not printed", job.key)
            self._settle(job, PrintOutcome(PrintState.UNSURE, "printer.fault"))

    def _print(self, job: _Job) -> None:
        document = job.document()
        if self._printer is None:
            self._settle(job, PrintOutcome(PrintState.FAILED, "printer.none"))
            return
        self._keep(job, PrintStep.SENDING)
        self._on_step(Step.PRINTING)
        outcome = self._printer.print(document)
        self._on_step(Step.PRINTED)
        self._settle(job, outcome)
        self._on_step(Step.SETTLED)
        self._ask_status()

    def _settle(self, job: _Job, outcome: PrintOutcome) -> None:
        self._keep(job, _STEPS[outcome.state], outcome.code)
        if job.conversation is None:
            return
        self._refused = job if outcome.state is PrintState.FAILED and self._printer is not None else None
        problem = None if outcome.state is PrintState.PRINTED else outcome.code
        self._watcher.ticket_printing(job.conversation, _SHOWN[outcome.state], problem)

    def _keep(self, job: _Job, step: PrintStep, code: str = "ok") -> None:
        try:
            job.keep(step, self._clock.now(), code)
        except JournalError as error:
            # The visit itself is safe: its number stands in the journal. Its patient should not go without paper.
            log.error("%s: print step %s not kept: %s", job.key, step, error)

    def _ask_status(self) -> None:
        if self._printer is not None:
            self._last_status = self._printer.status()
        self._watcher.printer_ready(ready=self._is_ready)

    @property
    def _is_ready(self) -> bool:
        return self._last_status is not None and self._last_status.state is not DeviceState.UNAVAILABLE
