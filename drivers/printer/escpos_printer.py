"""A real ESC/POS printer: asked before a ticket, made to prove it afterwards, cleaned up after a torn one."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import Document
from drivers.printer.escpos import ESC_INITIALIZE, FILLING, encode, feed_and_cut
from drivers.printer.fonts import font_path
from drivers.printer.profiles import Profile, Proof
from drivers.printer.status import (
    GS_A_OFF,
    GS_A_ON,
    GS_R_PAPER,
    Answer,
    AutomaticStatus,
    Condition,
    PaperAnswer,
    ProcessIdAnswer,
    Query,
    RealTimeAnswer,
    condition_of,
    condition_told,
    dle_eot,
    gs_h_process_id,
    take_answers,
)
from drivers.printer.transport import BackChannel, Transport

log = logging.getLogger(__name__)

STATUS_TIMEOUT_S: Final = 1.0
"""How long a printer may take to answer one status question; real ones need a few milliseconds."""

_POLL_S: Final = 0.5
"""How often a printer that owes its proof is asked what is wrong."""

_TICKET_MM: Final = 160  # a long ticket, with feed; only for printers whose single proof is that time went by

A = TypeVar("A", bound=Answer)


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
        font_path(bold=False)
        font_path(bold=True)
        self.name = transport.name
        self.profile = profile
        self._transport = transport
        self._driver = driver
        self._paper_width_mm = paper_width_mm
        self._timeout_s = timeout_s
        self._by_code_page = by_code_page
        self._now = now
        self._received = bytearray()
        self._answers: list[Answer] = []
        self._owed = 0
        self._tickets = 0
        self._is_torn = False
        self._is_filled = False
        self._last: DeviceStatus | None = None

    def print(self, document: Document) -> PrintOutcome:
        """See ``Printer.print``."""
        ticket = encode(document, self.profile, self._paper_width_mm, by_code_page=self._by_code_page)
        try:
            self._open()
        except DeviceUnavailable:
            return self._report(document, PrintOutcome(PrintState.FAILED, "printer.unreachable"))
        try:
            refusal = self._refusal()
            if refusal is not None:
                return self._report(document, PrintOutcome(PrintState.FAILED, refusal))
            return self._report(document, self._print(ticket))
        finally:
            self._transport.close()

    def status(self) -> DeviceStatus:
        """See ``Printer.status``."""
        near_end = False
        try:
            self._open()
        except DeviceUnavailable as error:
            return self._status("printer.unreachable", str(error))
        try:
            if not self._is_asked:
                return self._status(None, "this printer never says how it is")
            condition = self._ask()
            near_end = condition.paper_near_end
            return self._status(condition.trouble or ("printer.paper_near_end" if near_end else None))
        except DeviceTimeout as error:
            return self._status("printer.silent", str(error))
        except DeviceUnavailable as error:
            return self._status("printer.unreachable", str(error))
        finally:
            self._transport.close()

    def close(self) -> None:
        """See ``Printer.close``."""
        self._transport.close()

    @property
    def _is_asked(self) -> bool:
        return self._transport.back_channel is BackChannel.TWO_WAY and self.profile.proof is not Proof.NOTHING

    def _open(self) -> None:
        self._received.clear()
        self._answers.clear()
        self._owed = 0
        self._transport.open()
        self._fill()

    def _fill(self) -> None:
        """Complete a command that an earlier job, of this process or of one that died, may have left unfinished."""
        if self._is_filled or self._transport.back_channel is BackChannel.RECORD:
            return
        try:
            self._transport.send(FILLING, STATUS_TIMEOUT_S)
            self._is_filled = True
        except DeviceTimeout:
            pass  # its buffer is full: nothing that comes after will go out either, and that is told

    def _refusal(self) -> str | None:
        """Return why nothing may be sent now; None when the printer is ready (or cannot be asked)."""
        if not self._is_asked:
            return None
        try:
            return self._ask().trouble
        except DeviceTimeout:
            return "printer.silent"
        except DeviceUnavailable:
            return "printer.unreachable"

    def _print(self, ticket: bytes) -> PrintOutcome:
        deadline = self._transport.clock() + self._timeout_s
        process_id = b"%04d" % (self._tickets % 10_000)
        self._tickets += 1
        asked_to_prove = {Proof.PROCESS_ID: gs_h_process_id(process_id), Proof.STATUS_IN_ORDER: GS_R_PAPER}
        tail = asked_to_prove.get(self.profile.proof, b"") if self._is_asked else b""
        if self._is_asked and self.profile.automatic_status:
            ticket, tail = GS_A_ON + ticket, tail + GS_A_OFF
        lead = self._lead()
        self._is_torn, self._is_filled = True, False
        try:
            self._transport.send(lead + ticket + tail, self._timeout_s)
            trouble = self._unproved(process_id, deadline)
        except DeviceTimeout:
            trouble = self._told_unasked() or "printer.silent"
        except DeviceUnavailable:
            trouble = "printer.unreachable"
        if trouble is not None:
            return PrintOutcome(PrintState.UNSURE, trouble)
        self._is_torn, self._is_filled = False, True
        return PrintOutcome(PrintState.PRINTED)

    def _lead(self) -> bytes:
        """Return what puts the rest of a torn ticket on a piece of paper of its own."""
        if not self._is_torn or self._transport.back_channel is BackChannel.RECORD:
            return b""
        return ESC_INITIALIZE + feed_and_cut(has_cutter=self.profile.has_cutter)

    def _unproved(self, process_id: bytes, deadline: float) -> str | None:
        """Return why the ticket just sent is not proved to be on paper; None when it is."""
        if self._transport.back_channel is BackChannel.RECORD:
            return None
        if not self._is_asked:
            return "printer.silent"
        match self.profile.proof:
            case Proof.PROCESS_ID:
                wanted = ProcessIdAnswer(process_id)
                return self._watch(deadline, lambda: wanted in self._answers)
            case Proof.STATUS_IN_ORDER:
                trouble = self._watch(deadline, lambda: self._take(PaperAnswer) is not None)
                return trouble or self._ask().trouble
            case _:
                done_at = min(self._transport.clock() + _TICKET_MM / self.profile.speed_mm_s, deadline)
                return self._watch(deadline, lambda: self._transport.clock() >= done_at) or self._ask().trouble

    def _watch(self, deadline: float, is_proved: Callable[[], bool]) -> str | None:
        """Wait for the proof; return the printer's trouble as soon as it shows, ``printer.silent`` at the deadline.

        A printer that runs out of paper in mid-ticket finishes it after the reload, on another piece of paper: its
        proof must not be waited for. One whose buffer is full answers no question before it has printed.
        """
        while not is_proved():
            if self._transport.clock() >= deadline:
                return "printer.silent"
            before = len(self._answers)
            self._listen(min(_POLL_S, deadline - self._transport.clock()))
            if is_proved():
                return None
            trouble = self._told_unasked() or (self._trouble_now() if len(self._answers) == before else None)
            if trouble is not None:
                return trouble
        return None

    def _told_unasked(self) -> str | None:
        """Return the trouble of the last automatic status, also one that came while the buffer was full."""
        if self._transport.back_channel is not BackChannel.TWO_WAY:
            return None
        try:
            self._listen(0.0)
        except DeviceUnavailable:
            return "printer.unreachable"
        told = [answer for answer in self._answers if isinstance(answer, AutomaticStatus)]
        return condition_told(told[-1]).trouble if told else None

    def _trouble_now(self) -> str | None:
        try:
            return self._ask().trouble
        except DeviceTimeout:
            return None

    def _ask(self) -> Condition:
        """Raises DeviceTimeout when the printer stays silent, DeviceUnavailable when it goes away."""
        bits = {}
        for query in Query:
            self._transport.send(dle_eot(query), STATUS_TIMEOUT_S)
            deadline = self._transport.clock() + STATUS_TIMEOUT_S
            self._owed += 1
            while self._owed:
                left_s = deadline - self._transport.clock()
                if left_s <= 0:
                    raise DeviceTimeout(f"printer {self.name} does not answer")
                # Answers come in the order of the questions: one to a question given up earlier comes first.
                if (answer := self._take(RealTimeAnswer)) is not None:
                    self._owed -= 1
                    bits[query] = answer.bits
                else:
                    self._listen(left_s)
        return condition_of(bits)

    def _listen(self, timeout_s: float) -> None:
        self._received += self._transport.receive(timeout_s)
        self._answers += take_answers(self._received)

    def _take(self, kind: type[A]) -> A | None:
        for position, answer in enumerate(self._answers):
            if isinstance(answer, kind):
                del self._answers[position]
                return answer
        return None

    def _report(self, document: Document, outcome: PrintOutcome) -> PrintOutcome:
        if outcome.state is not PrintState.PRINTED:
            log.warning("printer %s: %s is %s (%s)", self.name, document.title, outcome.state, outcome.code)
        return outcome

    def _status(self, code: str | None, detail: str = "") -> DeviceStatus:
        state = DeviceState.READY if code is None else DeviceState.UNAVAILABLE
        if code == "printer.paper_near_end":
            state = DeviceState.ATTENTION
        is_same = self._last is not None and self._last.state is state and self._last.code == (code or "ok")
        since = self._last.since if is_same and self._last is not None else self._now()
        self._last = DeviceStatus(DeviceKind.PRINTER, self.name, self._driver, state, since, code or "ok", detail)
        return self._last
