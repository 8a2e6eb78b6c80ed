"""A ticket printer that misbehaves on demand: buffer, status and faults around the ESC/POS reader.

It is what hangs on the other end of a cable: bytes in, bytes out, and paper. Faults are data (FAULTS); a printer that
stopped keeps the rest of its buffer and goes on when the fault is gone, as real ones do.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from drivers.simulated.printer_commands import REAL_TIME, Interpreter
from drivers.simulated.printer_paper import Paper, PrintedTicket

KEPT_TICKETS: Final = 50
_DOTS_PER_MM: Final = 8
_MID_TICKET_DOTS: Final = 240
_MID_TICKET_BYTES: Final = 2500  # behind the 2 kB that may come first, inside a raster
_BUFFER_BYTES: Final = 16_384
"""Less than a ticket: the sender of a printer without paper is held up, as with the small models."""


class Loss(StrEnum):
    """How a connection ends when it should not."""

    DROP = "drop"  # the printer closes it
    RESET = "reset"  # the printer resets it
    POWER = "power"  # the printer loses its power, and all it had in its buffer


class ConnectionLost(Exception):
    """The printer ended the connection."""

    def __init__(self, loss: Loss) -> None:
        super().__init__(loss)
        self.loss = loss


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the printer. It begins ``after_dots`` rows of paper and ``after_bytes`` received later."""

    near_end: bool = False
    paper_out: bool = False
    cover_open: bool = False
    cutter_jams: bool = False
    offline: bool = False
    is_mute: bool = False  # prints and answers nothing
    is_deaf: bool = False  # takes no byte, answers nothing
    is_unplugged: bool = False
    loss: Loss | None = None
    speed_mm_s: float | None = None
    after_dots: int = 0
    after_bytes: int = 0


FAULTS: Final = MappingProxyType(
    {
        "paper-near-end": Fault(near_end=True),
        "paper-out": Fault(paper_out=True, near_end=True),
        "paper-out-in-ticket": Fault(paper_out=True, near_end=True, after_dots=_MID_TICKET_DOTS),
        "cover-open": Fault(cover_open=True),
        "cover-open-in-ticket": Fault(cover_open=True, after_dots=_MID_TICKET_DOTS),
        "cutter-error": Fault(cutter_jams=True),
        "offline": Fault(offline=True),
        "slow": Fault(speed_mm_s=60),
        "crawling": Fault(speed_mm_s=10),
        "hang": Fault(is_deaf=True),
        "hang-in-ticket": Fault(is_deaf=True, after_dots=_MID_TICKET_DOTS),
        "mute": Fault(is_mute=True),
        "mute-in-ticket": Fault(is_mute=True, after_dots=_MID_TICKET_DOTS),
        "drop": Fault(loss=Loss.DROP, after_bytes=_MID_TICKET_BYTES),
        "reset": Fault(loss=Loss.RESET, after_bytes=_MID_TICKET_BYTES),
        "power-cycle": Fault(loss=Loss.POWER, after_dots=_MID_TICKET_DOTS),
        "unplugged": Fault(is_unplugged=True),
    }
)
_SOUND: Final = Fault()


class PrinterDevice:
    """One printer, for one connection at a time. Not safe for several threads: its link holds a lock.

    ``violations`` lists what a strict printer would not have understood.
    """

    def __init__(
        self, *, width_dots: int = 576, now: Callable[[], datetime] = lambda: datetime.now(UTC), speed_mm_s: float = 0.0
    ) -> None:
        """``speed_mm_s`` 0 prints in no time."""
        self._now = now
        self._width_dots = width_dots
        self._speed_mm_s = speed_mm_s
        self._fault = _SOUND
        self._fault_begins_at = 0
        self._is_jammed = False
        self._printed_dots = 0
        self._bytes_until_loss: int | None = None
        self._untold_loss: Loss | None = None
        self._credit_dots = 0.0
        self._buffer = bytearray()
        self._earlier_bytes = 0
        self._tail = b""
        self._answers = bytearray()
        self._reported = b""
        self._tickets: deque[PrintedTicket] = deque(maxlen=KEPT_TICKETS)
        self.pieces = 0
        """How many printed pieces of paper fell, also those no longer kept."""

        self._reader = Interpreter(
            Paper(width_dots), on_cut=self._cut, answer=self._answers.extend, paper_bits=self._paper_bits
        )

    # --- what people do to it -------------------------------------------------------------------------------------

    def set_fault(self, fault: Fault | None) -> None:
        """Put the printer into trouble, or mend it (None): paper is loaded, the cover shut, the knife freed."""
        was_out = self._paper_is_out
        self._fault = fault or _SOUND
        self._fault_begins_at = self._printed_dots + self._fault.after_dots
        self._bytes_until_loss = self._fault.after_bytes or None
        self._is_jammed = False
        self._credit_dots = 0.0
        if was_out and not self._paper_is_out:
            self._load_paper()
        self._report_changes()
        try:
            self.work(0.0)
        except ConnectionLost as lost:
            self._untold_loss = lost.loss

    @property
    def fault(self) -> Fault | None:
        """What is wrong with it now; a lost connection is over once it happened."""
        return None if self._fault is _SOUND else self._fault

    @property
    def is_reachable(self) -> bool:
        return not self._fault.is_unplugged

    def tickets(self) -> tuple[PrintedTicket, ...]:
        """Return the last pieces of paper, newest first; a cut of blank paper is no ticket."""
        return tuple(reversed(self._tickets))

    @property
    def violations(self) -> tuple[str, ...]:
        return tuple(self._reader.violations)

    # --- what comes through the cable -----------------------------------------------------------------------------

    @property
    def free_bytes(self) -> int:
        """How many bytes it would take now."""
        return 0 if self._is_deaf else max(0, _BUFFER_BYTES - len(self._buffer))

    def connected(self) -> None:
        """A sender is there; answers to an earlier one are gone with it."""
        self._answers.clear()
        self._tail = b""
        self._untold_loss = None
        self._earlier_bytes = len(self._buffer)
        self._reader.sender_changed()

    def receive(self, data: bytes) -> None:
        """Take bytes, at most ``free_bytes``. Raises ConnectionLost."""
        arrived = data[: self._bytes_until_loss]
        self._obey_real_time(arrived)
        self._buffer += arrived
        self.work(0.0)
        if self._bytes_until_loss is not None:
            self._bytes_until_loss -= len(arrived)
            if self._bytes_until_loss == 0:
                self._lose_connection()

    def answers(self) -> bytes:
        """Return, once, what the printer has sent since."""
        answers = bytes(self._answers)
        self._answers.clear()
        return b"" if self._is_mute or self._is_deaf else answers

    def work(self, seconds: float) -> None:
        """Print what the time allows. Raises ConnectionLost."""
        if self._untold_loss is not None:
            loss, self._untold_loss = self._untold_loss, None
            raise ConnectionLost(loss)
        speed = self._fault.speed_mm_s or self._speed_mm_s
        self._credit_dots = min(self._credit_dots + seconds * speed * _DOTS_PER_MM, speed * _DOTS_PER_MM)
        while self._buffer and not self._is_stopped and (not speed or self._credit_dots > 0):
            paper = self._reader.paper
            before = paper.height_dots
            self._reader.is_torn = self._earlier_bytes > 0
            length = self._reader.step(self._buffer)
            if not length:
                break
            if 0 < self._earlier_bytes < length:
                self._reader.paper.is_whole = False  # one command of two senders
            del self._buffer[:length]
            self._earlier_bytes = max(0, self._earlier_bytes - length)
            printed = max(0, self._reader.paper.height_dots - before) if self._reader.paper is paper else 0
            self._credit_dots -= printed
            self._printed_dots += printed
            self._report_changes()
            if self._fault.loss is Loss.POWER and self._has_begun:
                self._lose_connection()

    # --- state ----------------------------------------------------------------------------------------------------

    @property
    def _has_begun(self) -> bool:
        return self._printed_dots >= self._fault_begins_at

    @property
    def _paper_is_out(self) -> bool:
        return self._fault.paper_out and self._has_begun

    @property
    def _cover_is_open(self) -> bool:
        return self._fault.cover_open and self._has_begun

    @property
    def _is_mute(self) -> bool:
        return self._fault.is_mute and self._has_begun

    @property
    def _is_deaf(self) -> bool:
        return self._fault.is_unplugged or (self._fault.is_deaf and self._has_begun)

    @property
    def _is_stopped(self) -> bool:
        return self._paper_is_out or self._cover_is_open or self._is_jammed or self._fault.offline or self._is_deaf

    def _cut(self) -> None:
        if self._fault.cutter_jams:
            self._is_jammed = True
            self._reader.paper.is_whole = False
            return
        self._take_off()

    def _take_off(self) -> None:
        """Let the piece that hangs out fall."""
        paper = self._reader.paper
        self._reader.paper = Paper(self._width_dots)
        if not paper.is_blank:
            self.pieces += 1
            self._tickets.append(paper.ticket(self._now()))

    def _load_paper(self) -> None:
        """A new roll: what was printed on the old one is taken away, and the rest of the job stands on the new one."""
        if not self._reader.paper.is_blank:
            self._reader.paper.is_whole = False
            self._take_off()
            self._reader.paper.is_whole = False

    def _lose_connection(self) -> None:
        loss = self._fault.loss
        assert loss is not None
        self._fault = _SOUND
        self._bytes_until_loss = None
        if loss is Loss.POWER:
            self._buffer.clear()
            self._reader.reset()
            self._reader.paper.is_whole = False
        raise ConnectionLost(loss)

    # --- status ---------------------------------------------------------------------------------------------------

    def _obey_real_time(self, data: bytes) -> None:
        """Answer what is asked in real time, wherever it stands: Epson printers look into image data too."""
        seen = self._tail + data
        for found in REAL_TIME.finditer(seen):
            command = found.group()
            if command[1] == 0x04:
                self._answers.append(self._real_time_bits(command[2]))
            elif command[1] == 0x05:
                self._is_jammed = False  # DLE ENQ: recover from an error
        self._tail = b"" if REAL_TIME.search(seen[-3:]) else seen[-2:]

    def _real_time_bits(self, n: int) -> int:
        match n:
            case 1:
                return 0x12 | 0x08 * self._is_stopped
            case 2:
                return 0x12 | 0x04 * self._cover_is_open | 0x20 * self._paper_is_out | 0x40 * self._is_jammed
            case 3:
                return 0x12 | 0x08 * self._is_jammed
            case _:
                return 0x12 | 0x0C * self._fault.near_end | 0x60 * self._paper_is_out

    def _paper_bits(self) -> int:
        return 0x03 * self._fault.near_end | 0x0C * self._paper_is_out

    def _report_changes(self) -> None:
        """Send the four bytes of GS a when something changed since the last time."""
        if not self._reader.automatic_status:
            self._reported = b""
            return
        status = bytes(
            (
                0x10 | 0x08 * self._is_stopped | 0x20 * self._cover_is_open,
                0x08 * self._is_jammed,
                0x03 * self._fault.near_end | 0x0C * self._paper_is_out,
                0x00,
            )
        )
        if status != self._reported:
            self._answers += status
        self._reported = status
