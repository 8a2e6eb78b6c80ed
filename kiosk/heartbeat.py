"""Tells the server every few seconds how the kiosk is, and does what comes back."""

import logging
from importlib.metadata import version
from typing import Final

from kiosk.background import Background
from kiosk.clock import Clock
from kiosk.conversation.view import ScreenView
from kiosk.desk.orders import Orders
from kiosk.flow import Kiosk
from kiosk.journal.records import PrintStep
from kiosk.server import Server, ServerError
from kiosk.session import State
from kiosk.status import KioskStatus
from server.contract.fleet import (
    PAPERS_REPORTED,
    REFUSED_REPORTED,
    DeviceReport,
    KioskReport,
    PaperReport,
    RefusedReport,
)

log = logging.getLogger(__name__)

SHORTEST_PAUSE_S: Final = 1.0
BUSY_PAUSE_S: Final = 2.0
"""While somebody is served, and at a desk always: as long as an order of the desk may wait."""

LONGEST_PAUSE_S: Final = 10.0
VERSION: Final = version("tiepdon")


class Heartbeat(Background):
    """One thread, apart from the upload: twenty visits on the way must not hide that somebody is stuck."""

    def __init__(
        self, kiosk: Kiosk, *, server: Server, orders: Orders, clock: Clock, idle_pause_s: float, is_desk: bool = False
    ) -> None:
        super().__init__("heartbeat")
        self._kiosk = kiosk
        self._server = server
        self._orders = orders
        self._clock = clock
        self._idle_pause_s = idle_pause_s
        self._is_desk = is_desk
        self._failures = 0

    def run_once(self) -> None:
        """Report, then do what is asked; the server being away is the upload's news, not ours."""
        try:
            answer = self._server.report(self.report())
        except ServerError as error:
            self._failures += 1
            log.debug("no report: %s", error.code)
            return
        self._failures = 0
        self._orders.take(answer.commands)

    def report(self) -> KioskReport:
        kiosk = self._kiosk
        view, stay, status = kiosk.view(), kiosk.stay, kiosk.status()
        return KioskReport(
            reported_at=self._clock.now(),
            version=VERSION,
            place="desk" if self._is_desk else "kiosk",
            session=stay.id,
            step=view.state.value,
            since=stay.page_since,
            language=view.language,
            problem=view.problem,
            failures=stay.failures,
            card_wants=kiosk.card_wants,
            out_of_service=view.out_of_service,
            warnings=status.warnings if status else (),
            devices=_devices(status) if status else (),
            waiting_visits=status.backlog.visits if status else 0,
            dead_letters=len(status.dead_letters) if status else 0,
            uncertain_papers=len(status.uncertain_papers) if status else 0,
            papers=_papers(status) if status else (),
            refused=_refused(status) if status else (),
            results=self._orders.results,
        )

    def _run(self) -> None:
        while not self._stopping.is_set():
            seen = self._kiosk.view()
            try:
                self.run_once()
            except Exception:
                # The desk must go on hearing of this kiosk, whatever one report stumbled over.
                log.exception("heartbeat")
                self._failures += 1
            self._pause(seen)

    def _pause(self, seen: ScreenView) -> None:
        """Wait for the next turn: short for a new page, longer while nobody is served or the server is away."""
        if self._stopping.wait(SHORTEST_PAUSE_S):
            return
        if self._failures:
            self._stopping.wait(min(LONGEST_PAUSE_S, SHORTEST_PAUSE_S * 2.0 ** min(self._failures, 5)))
            return
        if self._orders.results:
            return
        is_idle = seen.state is State.WELCOME and not self._is_desk
        pause_s = self._idle_pause_s if is_idle else BUSY_PAUSE_S
        deadline = self._clock.monotonic() + pause_s - SHORTEST_PAUSE_S
        revision = seen.revision
        while not self._stopping.is_set() and (left_s := deadline - self._clock.monotonic()) > 0:
            view = self._kiosk.wait_for_view(revision, left_s)
            if view.revision == revision:  # the time is up, or the kiosk is closing and lets nobody wait
                self._stopping.wait(deadline - self._clock.monotonic())
                return
            if (view.state, view.problem, view.out_of_service) != (seen.state, seen.problem, seen.out_of_service):
                return
            revision = view.revision


def _devices(status: KioskStatus) -> tuple[DeviceReport, ...]:
    return tuple(
        DeviceReport(kind=one.kind.value, state=one.state.value, code=one.code, since=one.since)
        for one in status.devices
    )


def _refused(status: KioskStatus) -> tuple[RefusedReport, ...]:
    return tuple(
        RefusedReport(
            request_key=one.request_key,
            what="proof" if one.is_proof else "visit",
            recorded_at=one.recorded_at,
            reason=one.reason,
            own_number=one.own_number,
        )
        for one in status.dead_letters[:REFUSED_REPORTED]
    )


def _papers(status: KioskStatus) -> tuple[PaperReport, ...]:
    """Return the newest papers that staff have to see to; one that is on its way is not among them."""
    settled = [one for one in status.uncertain_papers if one.state in {PrintStep.UNSURE, PrintStep.FAILED}]
    return tuple(
        PaperReport(
            request_key=one.request_key, state="unsure" if one.state is PrintStep.UNSURE else "failed", code=one.code
        )
        for one in settled[-PAPERS_REPORTED:]
    )
