"""Ways to a number: from the server, from the kiosk's own series, and the first with the second behind it.

Each takes a command that stands in the journal already, and returns when its number stands there too.
"""

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

from kiosk.clock import Clock
from kiosk.conversation.ticket import IssuedTicket, from_answer, from_own_series
from kiosk.journal.store import Journal
from kiosk.registration.steps import OnStep, Step
from kiosk.server import Server, ServerError, ServerFault, ServerUnreachable
from server.contract.v1 import FacilityServices, OfflineTicket, RegisterEncounter, ServiceOffer
from server.domain.days import local_day

log = logging.getLogger(__name__)


class NoOwnSeries(ServerError):
    """The kiosk may give no number by itself: it never met the server, or the server gave it no letter."""

    code = "registration.unreachable"


class RegistrationGateway(Protocol):
    """Registers a journalled visit; safe to use from any thread."""

    def register(self, command: RegisterEncounter) -> IssuedTicket:
        """Return the visit's number, the same one when called again. Raises ServerError, JournalError."""
        ...


class OnlineGateway:
    """The server gives the number."""

    def __init__(self, server: Server, journal: Journal, clock: Clock, on_step: OnStep) -> None:
        self._server = server
        self._journal = journal
        self._clock = clock
        self._on_step = on_step

    def register(self, command: RegisterEncounter) -> IssuedTicket:
        self._on_step(Step.SENDING)
        answer = self._server.register(command)
        self._on_step(Step.ANSWERED)
        self._journal.registered(command.request_key, answer, self._clock.now())
        return from_answer(answer)


class OfflineGateway:
    """The kiosk gives a number of its own series, marked with its letter; the visit is uploaded later."""

    def __init__(
        self, services: Callable[[], FacilityServices | None], journal: Journal, clock: Clock, on_step: OnStep
    ) -> None:
        self._services = services
        self._journal = journal
        self._clock = clock
        self._on_step = on_step

    def register(self, command: RegisterEncounter) -> IssuedTicket:
        offer, letter = self._own_series(command.service)
        now = self._clock.now()
        own = self._journal.give_own_number(
            command.request_key,
            queue=offer.queue,
            local_day=local_day(command.arrived_at),
            kiosk_letter=letter,
            now=now,
        )
        self._on_step(Step.OWN_NUMBER)
        ticket = OfflineTicket(kiosk_letter=own.kiosk_letter, number=own.number, local_day=own.local_day)
        return from_own_series(offer, ticket, command.visit_code, now)

    def _own_series(self, service: str) -> tuple[ServiceOffer, str]:
        services = self._services()
        if services is None or services.kiosk_letter is None:
            raise NoOwnSeries("no letter of this kiosk is known")
        offer = next((one for one in services.services if one.service == service), None)
        if offer is None:
            raise NoOwnSeries("the service is not known")
        return offer, services.kiosk_letter


class FallbackGateway:
    """The server if it answers in time, else the own series, under the same request key.

    Once the kiosk's own number is out it stays the visit's number, even when the server had registered the first
    attempt and only its answer was lost. People act upon the paper, and the upload carries its number.
    """

    def __init__(self, online: RegistrationGateway, offline: RegistrationGateway, reach: "Reach") -> None:
        self._online = online
        self._offline = offline
        self._reach = reach

    def register(self, command: RegisterEncounter) -> IssuedTicket:
        if not self._reach.is_down:
            try:
                ticket = self._online.register(command)
            except ServerFault as fault:
                log.warning("visit %s: %s", command.request_key, fault)  # the next one may go through
            except ServerUnreachable:
                self._reach.lost()
            else:
                self._reach.found()
                return ticket
        return self._offline.register(command)


class Reach:
    """Whether the server was there when it was last asked; starts hopeful.

    Only the first patient waits for the server's time limit: while the server is known to be down, numbers come from
    the own series at once, and the upload's attempts find out when it is back.
    """

    def __init__(self, tell: Callable[[bool], None]) -> None:
        self._tell: Final = tell
        self._lock = threading.Lock()
        self._is_down = False
        self._told: bool | None = None

    @property
    def is_down(self) -> bool:
        return self._is_down

    def found(self) -> None:
        self._set(is_down=False)

    def lost(self) -> None:
        self._set(is_down=True)

    def _set(self, *, is_down: bool) -> None:
        with self._lock:
            self._is_down = is_down
            changed, self._told = self._told is not is_down, is_down
        if changed:
            self._tell(not is_down)
