"""A real ESC/POS printer: asked before a ticket, made to prove it afterwards, cleaned up after a torn one."""

import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, NamedTuple

from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceStatus
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import Document
from drivers.printer.escpos import ESC_INITIALIZE, FILLING, encode, feed_and_cut
from drivers.printer.fonts import require_fonts
from drivers.printer.profiles import Profile, Proof
from drivers.printer.standing import Standing
from drivers.printer.status import (
    GS_A_OFF,
    GS_A_ON,
    GS_R_PAPER,
    PaperAnswer,
    ProcessIdAnswer,
    gs_h_process_id,
)
from drivers.printer.talk import STATUS_TIMEOUT_S, PrinterTalk
from drivers.printer.transport import BackChannel, Transport

log = logging.getLogger(__name__)

_POLL_S: Final = 0.5
"""How often a printer that owes its proof is asked what is wrong."""

_CLEARING_S: Final = 3.0
"""How long a printer may take to get the rest of a torn ticket, a feed and a cut behind it."""

_TICKET_MM: Final = 160  # a long ticket, with feed; only for printers whose single proof is that time went by


class _ProofRequest(NamedTuple):
    request: bytes
    is_given: Callable[[], bool]  # takes the proof: true once


class EscposPrinter:
    """A printer behind any transport; ``timeout_s`` is the time of one ticket from first byte to proof."""

    def __init__(
        self,
        transport: Transport,
        profile: Profile,
        *,
        driver: str,
        paper_width_mm: int = 80,
        timeout_s: float = 5.0,
        by_code_page: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises DeviceUnavailable when this machine has no font to draw Vietnamese with."""
        require_fonts()
        self.name = transport.name
        self.profile = profile
        self._transport = transport
        self._talk = PrinterTalk(transport)
        self._paper_width_mm = paper_width_mm
        self._timeout_s = timeout_s
        self._by_code_page = by_code_page
        self._standing = Standing(self.name, driver, now)
        # An answer that is still on its way from a process that died must not prove a ticket of this one.
        self._process_id = secrets.randbelow(10_000)
        # Nobody knows how an earlier process ended: the first ticket clears the printer like one after a torn one.
        self._is_torn = True
        self._is_filled = False
        self._unanswered = 0

    def print(self, document: Document) -> PrintOutcome:
        """See ``Printer.print``."""
        ticket = encode(document, self.profile, self._paper_width_mm, by_code_page=self._by_code_page)
        try:
            with self._open():
                trouble = self._refusal() or self._clear()
                outcome = PrintOutcome(PrintState.FAILED, trouble) if trouble is not None else self._print(ticket)
        except DeviceTimeout:
            outcome = PrintOutcome(PrintState.FAILED, "printer.silent")
        except DeviceUnavailable:
            outcome = PrintOutcome(PrintState.FAILED, "printer.unreachable")
        if outcome.state is not PrintState.PRINTED:
            log.warning("printer %s: %s: %s (%s)", self.name, document.title, outcome.state, outcome.code)
        return outcome

    def status(self) -> DeviceStatus:
        """See ``Printer.status``."""
        try:
            with self._open():
                if not self._is_asked:
                    return self._standing.tell("ok", "this printer never says how it is")
                condition = self._talk.ask()
        except DeviceTimeout as error:
            return self._standing.tell("printer.silent", str(error))
        except DeviceUnavailable as error:
            return self._standing.tell("printer.unreachable", str(error))
        return self._standing.tell(
            condition.trouble or ("printer.paper_near_end" if condition.paper_near_end else "ok")
        )

    def close(self) -> None:
        """See ``Printer.close``."""
        self._transport.close()

    @property
    def _is_asked(self) -> bool:
        return self._transport.back_channel is BackChannel.TWO_WAY and self.profile.proof is not Proof.NOTHING

    @property
    def _is_record(self) -> bool:
        return self._transport.back_channel is BackChannel.RECORD

    @contextmanager
    def _open(self) -> Iterator[None]:
        """Raises DeviceUnavailable; whatever happens, the printer is let go."""
        try:
            self._transport.open()
            if self._is_asked:
                self._talk.begin()
            self._fill()
            yield
        finally:
            self._transport.close()

    def _fill(self) -> None:
        """Complete a command that an earlier job, of this process or of one that died, may have left unfinished."""
        if self._is_filled or self._is_record:
            return
        try:
            self._transport.send(FILLING, STATUS_TIMEOUT_S)
            self._is_filled = True
        except DeviceTimeout:
            pass  # its buffer is full: nothing that comes after will go out either, and that is told

    def _refusal(self) -> str | None:
        """Return why nothing may be sent now; None when the printer is ready (or cannot be asked)."""
        return self._talk.ask().trouble if self._is_asked else None

    def _clear(self) -> str | None:
        """Put the rest of a torn ticket on a piece of paper of its own; return why that cannot be done now."""
        if not self._is_torn or self._is_record:
            return None
        proof = self._request_proof()
        clearing = ESC_INITIALIZE + feed_and_cut(has_cutter=self.profile.has_cutter)
        self._transport.send(clearing + proof.request, self._timeout_s)
        if proof.request and not self._is_cleared(proof):
            return self._trouble_now() or "printer.silent"
        self._unanswered = 0
        self._is_torn = False
        return None

    def _is_cleared(self, proof: _ProofRequest) -> bool:
        """Wait for the clearing's own answer, and take those of torn tickets: none may be left to prove a later one.

        All GS r answers look alike. Those of a job whose bytes were lost never come: after the first, the others get
        one second.
        """
        deadline = self._transport.clock() + _CLEARING_S
        count = 1 if self.profile.proof is Proof.PROCESS_ID else self._unanswered + 1
        heard = 0
        while heard < count and (left_s := deadline - self._transport.clock()) > 0:
            if proof.is_given():
                heard += 1
                deadline = min(deadline, self._transport.clock() + 1.0)
            else:
                self._talk.listen(left_s)
        return heard > 0

    def _request_proof(self) -> _ProofRequest:
        """Return the bytes after which a proof comes (none where the printer has none), and whether it came."""
        if self._is_asked and self.profile.proof is Proof.PROCESS_ID:
            self._process_id = (self._process_id + 1) % 10_000
            process_id = b"%04d" % self._process_id
            return _ProofRequest(
                gs_h_process_id(process_id), lambda: self._talk.take_exactly(ProcessIdAnswer(process_id))
            )
        if self._is_asked and self.profile.proof is Proof.STATUS_IN_ORDER:
            return _ProofRequest(GS_R_PAPER, lambda: self._talk.take(PaperAnswer) is not None)
        return _ProofRequest(b"", lambda: False)

    def _print(self, ticket: bytes) -> PrintOutcome:
        deadline = self._transport.clock() + self._timeout_s
        proof = self._request_proof()
        before, after = b"", proof.request
        if self._is_asked and self.profile.automatic_status:
            before, after = GS_A_ON, proof.request + GS_A_OFF
        self._is_torn, self._is_filled = True, False
        self._unanswered += 1
        try:
            trouble = self._send(before + ticket + after) or self._unproved(proof, deadline)
        except DeviceTimeout:
            trouble = "printer.silent"
        except DeviceUnavailable:
            trouble = "printer.unreachable"
        if trouble is not None:
            return PrintOutcome(PrintState.UNSURE, trouble)
        self._is_torn, self._is_filled = False, True
        self._unanswered = 0
        return PrintOutcome(PrintState.PRINTED)

    def _send(self, data: bytes) -> str | None:
        try:
            self._transport.send(data, self._timeout_s)
        except DeviceTimeout:
            return (self._trouble_told() if self._is_asked else None) or "printer.silent"
        return None

    def _unproved(self, proof: _ProofRequest, deadline: float) -> str | None:
        """Return why the ticket just sent is not proved to be on paper; None when it is."""
        if self._is_record:
            return None
        if not self._is_asked:
            return "printer.silent"
        if self.profile.proof is Proof.PROCESS_ID:
            return self._watch(deadline, proof.is_given) or self._paper_ran_out()
        if self.profile.proof is Proof.STATUS_IN_ORDER:
            return self._watch(deadline, proof.is_given) or self._paper_ran_out() or self._talk.ask().trouble
        done_at = min(self._transport.clock() + _TICKET_MM / self.profile.speed_mm_s, deadline)
        return self._watch(deadline, lambda: self._transport.clock() >= done_at) or self._talk.ask().trouble

    def _watch(self, deadline: float, is_proved: Callable[[], bool]) -> str | None:
        """Wait for the proof; return the printer's trouble as soon as it shows, ``printer.silent`` at the deadline.

        A printer that runs out of paper in mid-ticket finishes it after the reload, on another piece of paper: its
        proof must not be waited for. One whose buffer is full answers no question before it has printed.
        """
        has_heard = True
        while not is_proved():
            trouble = self._trouble_told() or (None if has_heard else self._trouble_now())
            if trouble is not None:
                return trouble
            if self._transport.clock() >= deadline:
                return "printer.silent"
            has_heard = self._talk.listen(min(_POLL_S, deadline - self._transport.clock()))
        return None

    def _trouble_told(self) -> str | None:
        told = self._talk.told_unasked()
        return told[-1].trouble if told else None

    def _paper_ran_out(self) -> str | None:
        """Return the trouble of a ticket that was finished on another roll, while it was still being sent."""
        return "printer.paper_out" if any(told.paper_out for told in self._talk.told_unasked()) else None

    def _trouble_now(self) -> str | None:
        try:
            return self._talk.ask().trouble
        except DeviceTimeout:
            return None
