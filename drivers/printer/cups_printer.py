"""A raw CUPS queue as a printer: jobs through ``lp``, their fate and the printer's state through ``lpstat``.

CUPS tells when it has passed a job on, never that it is on paper. Its word counts as "reported ready paper after the
cut"; a site that can should take the printer away from CUPS and use the driver ``usb`` or ``network``, which ask.
"""

import logging
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceStatus
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import Document
from drivers.printer.escpos import encode
from drivers.printer.fonts import require_fonts
from drivers.printer.profiles import Profile
from drivers.printer.standing import Standing

log = logging.getLogger(__name__)

_ANSWER_S: Final = 5.0
_POLL_S: Final = 0.25

# IPP printer-state-reasons (RFC 8011, 5.4.12) as lpstat shows them after "Alerts:", and what they mean to us.
_ALERTS: Final = (
    (re.compile(r"cover-open|door-open"), "printer.cover_open"),
    (re.compile(r"media-empty|media-needed"), "printer.paper_out"),
    (re.compile(r"media-jam|cutter"), "printer.cutter"),
    (re.compile(r"offline|timed-out|connecting-to-device|shutdown"), "printer.offline"),
    (re.compile(r"-error\b"), "printer.error"),
)
_NEAR_END: Final = re.compile(r"media-low")


class CupsPrinter:
    """One raw queue; ``timeout_s`` is the time of one ticket until CUPS has passed it on."""

    def __init__(
        self,
        queue: str,
        profile: Profile,
        *,
        paper_width_mm: int = 80,
        timeout_s: float = 5.0,
        by_code_page: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises DeviceUnavailable when this machine has no font to draw Vietnamese with."""
        require_fonts()
        self.name = f"cups {queue}"
        self._queue = queue
        self._profile = profile
        self._paper_width_mm = paper_width_mm
        self._timeout_s = timeout_s
        self._by_code_page = by_code_page
        self._standing = Standing(self.name, "cups", now)

    def print(self, document: Document) -> PrintOutcome:
        """See ``Printer.print``."""
        ticket = encode(document, self._profile, self._paper_width_mm, by_code_page=self._by_code_page)
        try:
            trouble = _trouble_of(self._state())
        except (DeviceUnavailable, DeviceTimeout):
            trouble = "printer.unreachable"
        outcome = PrintOutcome(PrintState.FAILED, trouble) if trouble is not None else self._submit(ticket)
        if outcome.state is not PrintState.PRINTED:
            log.warning("printer %s: %s: %s (%s)", self.name, document.title, outcome.state, outcome.code)
        return outcome

    def status(self) -> DeviceStatus:
        """See ``Printer.status``."""
        try:
            state = self._state()
        except (DeviceUnavailable, DeviceTimeout) as error:
            return self._standing.tell("printer.unreachable", str(error))
        trouble = _trouble_of(state) or ("printer.paper_near_end" if _NEAR_END.search(state) else "ok")
        return self._standing.tell(trouble, "" if trouble == "ok" else state.splitlines()[0])

    def close(self) -> None:
        """See ``Printer.close``."""

    def _submit(self, ticket: bytes) -> PrintOutcome:
        try:
            # The title is the same for all: CUPS shows it to everybody.
            answer = _run(("lp", "-d", self._queue, "-o", "raw", "-t", "ticket", "-"), ticket)
        except DeviceUnavailable:
            return PrintOutcome(PrintState.FAILED, "printer.unreachable")
        except DeviceTimeout:
            return PrintOutcome(PrintState.UNSURE, "printer.silent")
        job = re.search(rf"{re.escape(self._queue)}-[0-9]+", answer)
        if job is None:
            return PrintOutcome(PrintState.UNSURE, "printer.silent")
        try:
            return self._follow(job.group())
        except (DeviceUnavailable, DeviceTimeout):
            return PrintOutcome(PrintState.UNSURE, "printer.unreachable")

    def _follow(self, job: str) -> PrintOutcome:
        deadline = time.monotonic() + self._timeout_s
        while True:
            waiting = _run(("lpstat", "-W", "not-completed", "-o", self._queue))
            trouble = _trouble_of(self._state())
            if not re.search(rf"^{re.escape(job)}\b", waiting, re.MULTILINE):
                return PrintOutcome(PrintState.UNSURE, trouble) if trouble else PrintOutcome(PrintState.PRINTED)
            if trouble or time.monotonic() >= deadline:
                # Left in the queue it would come out when nobody expects it, for a patient who has gone.
                _run(("cancel", job))
                return PrintOutcome(PrintState.UNSURE, trouble or "printer.silent")
            time.sleep(_POLL_S)

    def _state(self) -> str:
        return _run(("lpstat", "-l", "-p", self._queue))


def find_cups_queues() -> tuple[str, ...]:
    """Return the names of all queues; none where CUPS is not installed or has none."""
    if shutil.which("lpstat") is None:
        return ()
    try:
        return tuple(re.findall(r"^printer (\S+)", _run(("lpstat", "-p")), re.MULTILINE))
    except (DeviceUnavailable, DeviceTimeout):
        return ()


def _trouble_of(state: str) -> str | None:
    """Return the code of what keeps the queue from printing, from ``lpstat -l -p``; None when nothing does."""
    alerts = re.search(r"^\s*Alerts:(.*)$", state, re.MULTILINE)
    reasons = alerts.group(1) if alerts else ""
    for pattern, code in _ALERTS:
        if pattern.search(reasons):
            return code
    return "printer.offline" if re.search(r"^printer \S+ disabled", state) else None


def _run(command: tuple[str, ...], data: bytes = b"") -> str:
    """Return what one of CUPS' programs says. Raises DeviceUnavailable (missing, refused), DeviceTimeout."""
    program = shutil.which(command[0])
    if program is None:
        raise DeviceUnavailable("CUPS is not installed on this machine (package cups-client)")
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs; the queue's name is checked by its option's pattern
            (program, *command[1:]),
            input=data,
            capture_output=True,
            timeout=_ANSWER_S,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired as error:
        raise DeviceTimeout(f"CUPS does not answer to {command[0]}") from error
    if done.returncode != 0:
        raise DeviceUnavailable(f"CUPS refuses {command[0]} ({done.stderr.decode(errors='replace').strip()})")
    return done.stdout.decode(errors="replace")
