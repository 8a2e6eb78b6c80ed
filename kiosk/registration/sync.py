"""Keeps kiosk and server of one mind: uploads what waits, then asks what is offered and how many wait."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol
from uuid import UUID

from kiosk import checks
from kiosk.background import Background
from kiosk.clock import Clock
from kiosk.config import KioskSection
from kiosk.desk.refused import call_for
from kiosk.journal.errors import JournalBusy, JournalError, JournalFull
from kiosk.journal.records import UnsentProof
from kiosk.journal.store import Journal
from kiosk.registration.gateway import Reach
from kiosk.registration.registrar import InFlight
from kiosk.server import ActRefused, DeviceRefused, Server, ServerFault, ServerUnreachable, ServiceClosed
from server.contract.v1 import CallStaff, FacilityServices

log = logging.getLogger(__name__)

LONGEST_PAUSE_S: Final = 10.0
"""Between two attempts while the server is away; also the most a patient waits for "online" after it is back."""

_KEEP_EVERY: Final = timedelta(minutes=1)
_PURGE_EVERY: Final = timedelta(hours=6)


class Listener(Protocol):
    """Who wants the news: the kiosk."""

    def services_changed(self, services: FacilityServices) -> None: ...

    def block(self, code: str) -> None: ...

    def unblock(self, code: str) -> None: ...


class Sync(Background):
    """One thread. Uploads are sequential and in order: twenty kiosks with full outboxes are no storm."""

    def __init__(
        self,
        *,
        journal: Journal,
        server: Server,
        reach: Reach,
        in_flight: InFlight,
        listener: Listener,
        clock: Clock,
        settings: KioskSection,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__("sync")
        self._journal = journal
        self._server = server
        self._reach = reach
        self._in_flight = in_flight
        self._listener = listener
        self._clock = clock
        self._settings = settings
        self._jitter = jitter
        self._failures = 0
        self._purged_at: datetime | None = None
        self._kept: FacilityServices | None = None
        self._kept_at: datetime | None = None
        self._last_contact_at: datetime | None = None
        self._wake = threading.Event()

    @property
    def last_contact_at(self) -> datetime | None:
        return self._last_contact_at

    def stop(self) -> None:
        super().stop()
        self._wake.set()

    def wake(self) -> None:
        """Look at the outbox now rather than at the next round; a pause after a failure is kept."""
        if not self._failures:
            self._wake.set()

    def run_once(self) -> float:
        """Upload, then refresh; return the seconds until the next round."""
        self._look_at_disk()
        try:
            self._refresh()
            self._housekeeping()
            self._upload()
        except ServerFault as fault:
            self._failures += 1
            log.error("the server is there and failed: %s", fault)
        except ServerUnreachable as error:
            self._failures += 1
            if self._failures == 1:
                log.warning("server lost: %s", error)
            self._reach.lost()
        except DeviceRefused as refusal:
            self._failures += 1
            self._listener.block(refusal.code)
            log.error("this kiosk is refused: %s", refusal.reason)
        except JournalError as error:
            self._failures += 1
            self._listener.block(error.code)
            log.error("journal: %s", error)
        else:
            self._failures = 0
            return self._settings.refresh_s
        # Full jitter: kiosks that lost the server together do not come back together.
        ceiling = min(LONGEST_PAUSE_S, 0.5 * 2.0 ** min(self._failures, 10))
        return ceiling * (0.5 + 0.5 * self._jitter())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                pause_s = self.run_once()
            except Exception:
                # Visits wait in the journal for this thread; it must outlive any mistake.
                log.exception("sync")
                pause_s = LONGEST_PAUSE_S
            self._wake.wait(pause_s)
            self._wake.clear()

    def _refresh(self) -> None:
        services = self._server.services()
        now = self._clock.now()
        self._last_contact_at = now
        self._reach.found()
        self._listener.unblock(DeviceRefused.code)
        if checks.clock_differs(services.as_of, now):
            self._listener.block(checks.CLOCK_WRONG)
        else:
            self._listener.unblock(checks.CLOCK_WRONG)
        self._listener.services_changed(services)
        self._keep(services, now)
        if services.epoch is not None and (recalled := self._journal.meet_epoch(services.epoch)):
            log.warning("the server went back to a backup: %d visits are sent again", recalled)

    def _keep(self, services: FacilityServices, now: datetime) -> None:
        """Keep what is offered for the hours without a server; how many wait changes by the second and is not kept."""
        passing = {"waiting": 0, "wait": None, "places_left": None}
        offers = tuple(one.model_copy(update=passing) for one in services.services)
        lasting = services.model_copy(update={"as_of": datetime.min.replace(tzinfo=UTC), "services": offers})
        if self._kept == lasting and self._kept_at is not None and now - self._kept_at < _KEEP_EVERY:
            return
        self._journal.keep_services(services)
        self._kept, self._kept_at = lasting, now
        self._listener.unblock(JournalFull.code)  # it took a row again
        self._listener.unblock(JournalBusy.code)

    def _upload(self) -> None:
        """Send what waits, oldest first; raise the last ServerFault only after everything else had its turn.

        One visit the server stumbles over must not hold up all that came after it.
        """
        fault: ServerFault | None = None
        # Asked one after the other: a visit that arrives in this round has its proof sent in this round.
        for waiting in (self._waiting_visits, self._waiting_proofs, self._waiting_calls):
            for send in waiting():
                if self._stopping.is_set():
                    return
                try:
                    send()
                except ServerFault as error:
                    fault = error
        if fault is not None:
            raise fault

    def _waiting_visits(self) -> list[Callable[[], None]]:
        return [partial(self._send_unless_in_hand, key) for key in self._journal.unsent_keys()]

    def _waiting_proofs(self) -> list[Callable[[], None]]:
        return [partial(self._send_proof, proof) for proof in self._journal.proofs.unsent()]

    def _send_proof(self, proof: UnsentProof) -> None:
        key = proof.message.request_key
        try:
            self._server.tell_proof(proof.message)
        except ActRefused as refusal:
            if refusal.status == HTTPStatus.NOT_FOUND:
                log.warning("the server does not know visit %s, whose proof waits", key)
                return
            log.error("proof of visit %s refused: %s", key, refusal.reason)
            self._journal.proofs.refused(proof.seq, refusal.reason, self._clock.now())
        else:
            self._journal.proofs.taken(proof.seq, self._clock.now())

    def _waiting_calls(self) -> list[Callable[[], None]]:
        return [partial(self._send_call, call) for call in self._journal.calls.unsent()]

    def _send_call(self, call: CallStaff) -> None:
        try:
            self._server.call_staff(call)
        except ActRefused as refusal:
            log.error("staff call refused: %s", refusal.reason)
        self._journal.calls.sent(call.request_key, self._clock.now())

    def _send_unless_in_hand(self, key: UUID) -> None:
        if self._in_flight.take(key):
            try:
                self._send(key)
            finally:
                self._in_flight.give_back(key)

    def _send(self, key: UUID) -> None:
        # Read only now that nobody else has it in hand: its own number may have been given a moment ago.
        visit = self._journal.unsent_visit(key)
        if visit is None:
            return
        try:
            answer = self._server.register(visit.command)
        except ActRefused as refusal:
            log.error("visit %s is a dead letter: %s", key, refusal.reason)
            # Nobody stands there any more to choose another clinic: what the registrar need not keep, staff must see.
            reason = f"late.{refusal.reason}" if isinstance(refusal, ServiceClosed) else refusal.reason
            now = self._clock.now()
            self._journal.refused(key, reason, now)
            self._journal.calls.record(call_for(key, now))  # goes out in this same round
        else:
            self._journal.registered(key, answer, self._clock.now())

    def _look_at_disk(self) -> None:
        trouble = checks.disk_trouble(self._settings.data_dir, wanted_mb=self._settings.free_space_mb)
        if trouble == checks.DISK_FULL:
            self._listener.block(checks.DISK_FULL)
        else:
            self._listener.unblock(checks.DISK_FULL)

    def _housekeeping(self) -> None:
        now = self._clock.now()
        if self._purged_at is None or now - self._purged_at >= _PURGE_EVERY:
            self._purged_at = now
            self._journal.purge(keep_days=self._settings.keep_days, now=now)
