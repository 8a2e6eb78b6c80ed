"""Contract of ticket printers. "Sent" is not "printed": an outcome says how sure the driver is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from drivers.health import DeviceStatus
from drivers.printer.document import Document


class PrintState(StrEnum):
    PRINTED = "printed"  # the printer proved it, or (where it has no proof) reported ready paper after the cut
    UNSURE = "unsure"  # bytes went out and no proof came back: paper may hang there; never reprinted by itself
    FAILED = "failed"  # refused before the first byte of the document: nothing is on paper


@dataclass(frozen=True, slots=True)
class PrintOutcome:
    """``code`` is stable: ``"ok"``, ``"printer.paper_out"``, ``"printer.cover_open"``, ``"printer.unreachable"``,
    ``"printer.silent"``, ``"printer.offline"``, ``"printer.cutter"`` or ``"printer.error"`` (any other fault of its
    mechanics)."""

    state: PrintState
    code: str = "ok"


class Printer(Protocol):
    """One printer, owned by one worker thread."""

    name: str

    def print(self, document: Document) -> PrintOutcome:
        """Print ``document`` and cut. Trouble with the device is an outcome, never an exception.

        Raises MalformedData when the document itself breaks the limits of its blocks.
        """
        ...

    def status(self) -> DeviceStatus:
        """Ask the printer how it is, within a second or two; UNAVAILABLE with a code when it cannot print.

        Codes are those of PrintOutcome, and ``"printer.paper_near_end"``, with which it still prints (ATTENTION).
        """
        ...

    def close(self) -> None:
        """Release the device; harmless when called twice."""
        ...
