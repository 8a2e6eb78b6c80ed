"""What a printer says of itself: DLE EOT, GS r, automatic status back and process id answers.

Source: Epson ESC/POS command reference, "DLE EOT", "GS r", "GS a", "GS ( H". The fixed bits of each answer tell its
kind, so an answer that was not asked for is never taken for another one.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Query(IntEnum):
    """The n of DLE EOT n."""

    PRINTER = 1
    OFFLINE_CAUSE = 2
    ERROR_CAUSE = 3
    PAPER = 4


def dle_eot(query: Query) -> bytes:
    return bytes((0x10, 0x04, query))


GS_R_PAPER: Final = b"\x1dr\x01"


GS_A_ON: Final = b"\x1da\x0e"  # tell changes of on-line state, errors and paper unasked
GS_A_OFF: Final = b"\x1da\x00"


def gs_h_process_id(process_id: bytes) -> bytes:
    """Return GS ( H function 48 for a 4-character ``process_id`` (20h..7Eh each)."""
    if len(process_id) != 4 or not all(0x20 <= byte <= 0x7E for byte in process_id):
        raise ValueError("a process id is 4 printable ASCII characters")
    return b"\x1d(H\x06\x00\x30\x30" + process_id


@dataclass(frozen=True, slots=True)
class RealTimeAnswer:
    """One byte, answer to the DLE EOT sent last: bits 1 and 4 set, 0 and 7 clear."""

    bits: int


@dataclass(frozen=True, slots=True)
class PaperAnswer:
    """One byte, answer to GS r 1: bits 4 and 7 clear."""

    near_end: bool
    out: bool


@dataclass(frozen=True, slots=True)
class ProcessIdAnswer:
    process_id: bytes


@dataclass(frozen=True, slots=True)
class AutomaticStatus:
    """Four bytes nobody asked for in this moment (GS a)."""

    data: bytes


Answer = RealTimeAnswer | PaperAnswer | ProcessIdAnswer | AutomaticStatus

_FLOW_CONTROL: Final = frozenset((0x11, 0x13))  # XON, XOFF


def take_answers(received: bytearray) -> list[Answer]:
    """Remove all whole answers from the front of ``received`` and return them; an unfinished one stays there."""
    answers: list[Answer] = []
    while received:
        first = received[0]
        if first in _FLOW_CONTROL:
            del received[0]
        elif first == 0x37:
            end = received.find(0x00)
            if end < 0 and len(received) < 8:
                break
            # 37h, 22h, four characters, NUL; anything else that begins so is an answer we never ask for.
            if end == 6 and received[1] == 0x22:
                answers.append(ProcessIdAnswer(bytes(received[2:6])))
            del received[: end + 1 if end >= 0 else 1]
        elif first & 0x93 == 0x12:
            answers.append(RealTimeAnswer(first))
            del received[0]
        elif first & 0x93 == 0x10:
            if len(received) < 4:
                break
            answers.append(AutomaticStatus(bytes(received[:4])))
            del received[:4]
        else:
            if first & 0x90 == 0x00:
                answers.append(PaperAnswer(near_end=bool(first & 0x03), out=bool(first & 0x0C)))
            del received[0]
    return answers


@dataclass(frozen=True, slots=True)
class Condition:
    """A printer at one moment, as its four DLE EOT answers tell it."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    paper_near_end: bool = False
    cutter_error: bool = False
    error: bool = False

    @property
    def trouble(self) -> str | None:
        """The code of what keeps the printer from printing, the most telling first; None when nothing does."""
        causes = (
            (self.cover_open, "printer.cover_open"),
            (self.paper_out, "printer.paper_out"),
            (self.cutter_error, "printer.cutter"),
            (self.error, "printer.error"),
            (self.offline, "printer.offline"),
        )
        return next((code for holds, code in causes if holds), None)


def condition_of(bits: dict[Query, int]) -> Condition:
    """Return what the answers to all four DLE EOT queries say together."""
    cause, error, paper = bits[Query.OFFLINE_CAUSE], bits[Query.ERROR_CAUSE], bits[Query.PAPER]
    return Condition(
        offline=bool(bits[Query.PRINTER] & 0x08),
        cover_open=bool(cause & 0x04),
        paper_out=bool(cause & 0x20 or paper & 0x60),
        paper_near_end=bool(paper & 0x0C),
        cutter_error=bool(error & 0x08),
        error=bool(cause & 0x40 or error & 0x64),
    )


def condition_told(status: AutomaticStatus) -> Condition:
    """Return what the four bytes of an automatic status say."""
    printer, error, paper, _ = status.data
    return Condition(
        offline=bool(printer & 0x08),
        cover_open=bool(printer & 0x20),
        paper_out=bool(paper & 0x0C),
        paper_near_end=bool(paper & 0x03),
        cutter_error=bool(error & 0x08),
        error=bool(error & 0x64),
    )
