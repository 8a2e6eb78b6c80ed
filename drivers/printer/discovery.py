"""Which printers are there, and what can an unknown one prove: for the technician who sets a kiosk up."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.errors import DeviceUnavailable
from drivers.printer.cups_printer import find_cups_queues
from drivers.printer.escpos import ESC_INITIALIZE, FILLING, feed_and_cut
from drivers.printer.profiles import Proof
from drivers.printer.status import (
    GS_R_PAPER,
    Answer,
    PaperAnswer,
    ProcessIdAnswer,
    Query,
    RealTimeAnswer,
    dle_eot,
    gs_h_process_id,
    take_answers,
)
from drivers.printer.transport import BackChannel, Transport
from drivers.printer.usb_transport import find_usb_printers

log = logging.getLogger(__name__)

_ANSWER_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class FoundPrinter:
    """``address`` is what ``tiepdon-kiosk print-test --printer`` takes; ``title`` what the device calls itself."""

    address: str
    title: str = ""


def find_printers(dev: Path = Path("/dev")) -> tuple[FoundPrinter, ...]:
    """Return what is plugged into this machine: USB printers, printer nodes in ``dev``, CUPS queues."""
    try:
        usb = [FoundPrinter(f"usb:{one.vendor_id:04x}:{one.product_id:04x}", one.title) for one in find_usb_printers()]
    except DeviceUnavailable as error:
        log.warning("%s", error)
        usb = []
    nodes = [FoundPrinter(str(path)) for path in sorted((dev / "usb").glob("lp[0-9]*"))]
    queues = [FoundPrinter(f"cups:{queue}") for queue in find_cups_queues()]
    return (*usb, *nodes, *queues)


def strongest_proof(transport: Transport) -> Proof:
    """Return the best proof the printer answers to; one that knows a question not may print a few odd letters.

    Raises DeviceUnavailable when it cannot be reached, DeviceTimeout when it takes no bytes.
    """
    transport.open()
    try:
        if transport.back_channel is not BackChannel.TWO_WAY:
            return Proof.NOTHING
        transport.send(FILLING + ESC_INITIALIZE, _ANSWER_S)
        best = Proof.NOTHING
        for question, kind, proof in (
            (dle_eot(Query.PRINTER), RealTimeAnswer, Proof.REAL_TIME),
            (GS_R_PAPER, PaperAnswer, Proof.STATUS_IN_ORDER),
            (gs_h_process_id(b"TEST"), ProcessIdAnswer, Proof.PROCESS_ID),
        ):
            if _answers(transport, question, kind):
                best = proof
        transport.send(feed_and_cut(), _ANSWER_S)
        return best
    finally:
        transport.close()


def _answers(transport: Transport, question: bytes, kind: type[Answer]) -> bool:
    transport.send(question, _ANSWER_S)
    deadline = transport.clock() + _ANSWER_S
    received = bytearray()
    while (left_s := deadline - transport.clock()) > 0:
        received += transport.receive(left_s)
        if any(isinstance(answer, kind) for answer in take_answers(received)):
            return True
    return False
