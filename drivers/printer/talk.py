"""Asking a printer, and keeping its answers apart: those to this question, to an earlier one, and unasked ones."""

from typing import Final, TypeVar

from drivers.errors import DeviceTimeout
from drivers.printer.status import (
    Answer,
    AutomaticStatus,
    Condition,
    Query,
    RealTimeAnswer,
    condition_of,
    condition_told,
    dle_eot,
    take_answers,
)
from drivers.printer.transport import Transport

STATUS_TIMEOUT_S: Final = 1.0
"""How long a printer may take to answer one status question; real ones need a few milliseconds."""

A = TypeVar("A", bound=Answer)


class PrinterTalk:
    """One conversation over an open transport. Every call may raise DeviceUnavailable: the printer went away."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._received = bytearray()
        self._answers: list[Answer] = []
        self._owed = 0

    def begin(self) -> None:
        """Forget what was said before; the transport was opened just now."""
        self._received.clear()
        self._answers.clear()
        self._owed = 0
        while self._transport.receive(0.0):
            pass  # answers to a sender that is gone: on a cable they wait for the next one

    def ask(self) -> Condition:
        """Return how the printer is now (DLE EOT 1 to 4). Raises DeviceTimeout when it stays silent."""
        bits = {}
        for query in Query:
            self._transport.send(dle_eot(query), STATUS_TIMEOUT_S)
            deadline = self._transport.clock() + STATUS_TIMEOUT_S
            self._owed += 1
            while self._owed:
                left_s = deadline - self._transport.clock()
                if left_s <= 0:
                    raise DeviceTimeout(f"printer {self._transport.name} does not answer")
                # Answers come in the order of the questions: one to a question given up earlier comes first.
                if (answer := self.take(RealTimeAnswer)) is not None:
                    self._owed -= 1
                    bits[query] = answer.bits
                else:
                    self.listen(left_s)
        return condition_of(bits)

    def listen(self, timeout_s: float) -> bool:
        """Return whether a whole answer came, at once or within the time."""
        before = len(self._answers)
        self._received += self._transport.receive(timeout_s)
        self._answers += take_answers(self._received)
        return len(self._answers) > before

    def take(self, kind: type[A]) -> A | None:
        """Return the oldest answer of a kind, once."""
        for position, answer in enumerate(self._answers):
            if isinstance(answer, kind):
                del self._answers[position]
                return answer
        return None

    def take_exactly(self, answer: Answer) -> bool:
        """Return whether this very answer came, once."""
        if answer not in self._answers:
            return False
        self._answers.remove(answer)
        return True

    def told_unasked(self) -> list[Condition]:
        """Return all automatic statuses (GS a) so far; they come even from a printer whose buffer is full."""
        self.listen(0.0)
        return [condition_told(answer) for answer in self._answers if isinstance(answer, AutomaticStatus)]
