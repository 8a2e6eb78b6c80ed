"""The server as the kiosk sees it: its questions, a deadline, and the ways to fail.

* ServerError
  - ServerUnreachable   no clear answer: down, slow, cut, or something else answered; the act MAY have happened
    - ServerFault       the server itself says that it failed, is busy, or still works on it; the act MAY have happened
  - DeviceRefused       the server does not know this kiosk (any more): a technician enrols it again
  - ActRefused          the server will never take this message as it is: staff look at it
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar, Final, Protocol, TypeVar
from uuid import UUID

import urllib3
from pydantic import BaseModel, ValidationError

from kiosk.device_token import NoToken
from server.contract.appointments import FindVisitor, VisitorFound
from server.contract.fleet import CardPassword, HandedOver, HandOver, KioskCommands, KioskReport, ReprintSlip
from server.contract.http_answer import AnswerTooLong, AnswerTooSlow, read_body
from server.contract.queries import SlipShown
from server.contract.v1 import (
    IDEMPOTENCY_HEADER,
    CallStaff,
    CopyWanted,
    EncounterRegistered,
    FacilityServices,
    IdentityHeld,
    IdentityProved,
    Message,
    Problem,
    RegisterEncounter,
)
from server.domain.catalogue import REFUSALS

LONGEST_ANSWER_BYTES: Final = 1 << 20
_DEVICE_PROBLEMS: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
# A client error that the same message may outlive: still running elsewhere, asked too often, timed out on the way.
_PASSING: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})


class ServerError(Exception):
    """Base of what can go wrong between kiosk and server."""

    code: ClassVar[str] = "server"


class ServerUnreachable(ServerError):
    """There is no clear answer; the same message may be sent again with the same key, and must not be with another."""

    code = "server.unreachable"


class ServerFault(ServerUnreachable):
    """The server is there and did not finish this one; others may go through."""

    code = "server.fault"


class DeviceRefused(ServerError):
    """The server does not know this kiosk, or no longer does; ``reason`` is its stable code."""

    code = "kiosk.refused"

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.reason = reason


class ActRefused(ServerError):
    """The server refused the message for good; ``reason`` is its stable code."""

    code = "registration.refused"

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


class ServiceClosed(ActRefused):
    """The clinic takes nobody any more; the same person may choose another one."""


class Server(Protocol):
    """The central record; safe to use from any thread. Every method raises the ServerErrors above."""

    def register(self, command: RegisterEncounter) -> EncounterRegistered: ...

    def tell_proof(self, message: IdentityProved) -> IdentityHeld:
        """Return what the server holds then; ActRefused with status 404 while it does not know the visit."""
        ...

    def services(self) -> FacilityServices:
        """Return what this kiosk's facility offers now."""
        ...

    def show_slip(self, visit_code: str) -> SlipShown:
        """Return the number of a slip as it stands now, of any kiosk; one that missed its call is back in line.

        ActRefused with status 404 for a code the server does not know, ``ticket.past`` for a slip of another day.
        """
        ...

    def note_copy(self, ticket_id: UUID, copy_number: int) -> None:
        """Say that a copy of a slip is going to be printed; ActRefused when it is not the next one."""
        ...

    def call_staff(self, call: CallStaff) -> None: ...

    def find_visitor(self, asked: FindVisitor) -> VisitorFound:
        """Return what the server knows of the person before this kiosk; a stranger is an empty answer."""
        ...

    def report(self, report: KioskReport) -> KioskCommands:
        """Tell how the kiosk is; return what it is to do."""
        ...

    def hand_over(self, message: HandOver) -> HandedOver:
        """Give the desk what is known of the person; it is nowhere else."""
        ...

    def reprint_slip(self, order: UUID) -> ReprintSlip:
        """Return what stands on the copy of an order given to this kiosk; ActRefused when it is not open any more."""
        ...

    def card_password(self, order: UUID) -> CardPassword:
        """Return what the desk gave to open the card that lies here; ActRefused once the order is over."""
        ...


A = TypeVar("A", bound=Message)


class HttpServer:
    """The server behind ``/api/v1``. ``timeout_s`` bounds connecting, waiting for the answer, and reading it.

    ``ca``: the only certificate authority that is believed; None takes the system's.
    """

    def __init__(
        self,
        url: str,
        *,
        facility: str,
        token: Callable[[], str],
        timeout_s: float,
        ca: Path | None = None,
    ) -> None:
        self._base = url.rstrip("/") + "/api/v1"
        self._facility = facility
        self._token = token
        self._timeout_s = timeout_s
        self._pool = urllib3.PoolManager(
            maxsize=4,
            ca_certs=str(ca) if ca else None,
            timeout=urllib3.Timeout(total=timeout_s),
            retries=False,  # whether an act is repeated, and with which ticket, is decided by who sends it
        )

    def register(self, command: RegisterEncounter) -> EncounterRegistered:
        return self._ask("POST", "/encounters", EncounterRegistered, command, key=str(command.request_key))

    def tell_proof(self, message: IdentityProved) -> IdentityHeld:
        key = str(message.request_key)
        return self._ask("PUT", f"/encounters/by-request/{key}/evidence", IdentityHeld, message, key)

    def services(self) -> FacilityServices:
        return self._ask("GET", f"/facilities/{self._facility}/services", FacilityServices)

    def show_slip(self, visit_code: str) -> SlipShown:
        return self._ask("POST", f"/slips/{visit_code}", SlipShown)

    def note_copy(self, ticket_id: UUID, copy_number: int) -> None:
        self._ask("POST", f"/tickets/{ticket_id}/copies", CopyWanted, CopyWanted(copy_number=copy_number))

    def call_staff(self, call: CallStaff) -> None:
        status, body = self._exchange("POST", "/staff-calls", call, key=str(call.request_key))
        if not 200 <= status < 300:
            raise _failure(status, body)

    def find_visitor(self, asked: FindVisitor) -> VisitorFound:
        return self._ask("POST", "/visitors/find", VisitorFound, asked)

    def report(self, report: KioskReport) -> KioskCommands:
        return self._ask("POST", "/kiosk-reports", KioskCommands, report)

    def hand_over(self, message: HandOver) -> HandedOver:
        return self._ask("POST", "/hand-overs", HandedOver, message, key=str(message.key))

    def reprint_slip(self, order: UUID) -> ReprintSlip:
        return self._ask("GET", f"/reprints/{order}", ReprintSlip)

    def card_password(self, order: UUID) -> CardPassword:
        return self._ask("GET", f"/card-passwords/{order}", CardPassword)

    def close(self) -> None:
        self._pool.clear()

    def _ask(self, method: str, path: str, answer: type[A], message: BaseModel | None = None, key: str = "") -> A:
        status, body = self._exchange(method, path, message, key)
        if not 200 <= status < 300:
            raise _failure(status, body)
        try:
            return answer.of_answer(body)
        except ValidationError:
            # Not chained: the cause would carry a patient's data into a log.
            raise ServerUnreachable(f"{path}: an answer that is not ours ({len(body)} bytes)") from None

    def _exchange(self, method: str, path: str, message: BaseModel | None, key: str) -> tuple[int, bytes]:
        try:
            token = self._token()
        except NoToken as error:
            raise DeviceRefused(HTTPStatus.UNAUTHORIZED, error.code) from error
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if message is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers[IDEMPOTENCY_HEADER] = key
        deadline = time.monotonic() + self._timeout_s
        try:
            response = self._pool.request(
                method,
                self._base + path,
                body=message.model_dump_json().encode() if message is not None else None,
                headers=headers,
                redirect=False,
                preload_content=False,
            )
            return response.status, read_body(response, longest_bytes=LONGEST_ANSWER_BYTES, deadline=deadline)
        except (AnswerTooLong, AnswerTooSlow, urllib3.exceptions.HTTPError) as error:
            raise ServerUnreachable(f"{path}: {type(error).__name__}") from error


class CuttableServer:
    """A server whose line can be cut by the simulator page; of the demo profile only."""

    def __init__(self, behind: Server) -> None:
        self._behind = behind
        self.is_cut = False

    def register(self, command: RegisterEncounter) -> EncounterRegistered:
        self._check()
        return self._behind.register(command)

    def tell_proof(self, message: IdentityProved) -> IdentityHeld:
        self._check()
        return self._behind.tell_proof(message)

    def services(self) -> FacilityServices:
        self._check()
        return self._behind.services()

    def show_slip(self, visit_code: str) -> SlipShown:
        self._check()
        return self._behind.show_slip(visit_code)

    def note_copy(self, ticket_id: UUID, copy_number: int) -> None:
        self._check()
        self._behind.note_copy(ticket_id, copy_number)

    def call_staff(self, call: CallStaff) -> None:
        self._check()
        self._behind.call_staff(call)

    def find_visitor(self, asked: FindVisitor) -> VisitorFound:
        self._check()
        return self._behind.find_visitor(asked)

    def report(self, report: KioskReport) -> KioskCommands:
        self._check()
        return self._behind.report(report)

    def hand_over(self, message: HandOver) -> HandedOver:
        self._check()
        return self._behind.hand_over(message)

    def reprint_slip(self, order: UUID) -> ReprintSlip:
        self._check()
        return self._behind.reprint_slip(order)

    def card_password(self, order: UUID) -> CardPassword:
        self._check()
        return self._behind.card_password(order)

    def _check(self) -> None:
        if self.is_cut:
            raise ServerUnreachable("the simulator page cut the line")


def _failure(status: int, body: bytes) -> ServerError:
    try:
        problem = Problem.of_answer(body)
    except ValidationError:
        # A proxy or a captive portal spoke, not our server: it settles nothing about the act.
        return ServerUnreachable(f"status {status} without a problem document")
    if status in _DEVICE_PROBLEMS:
        return DeviceRefused(status, problem.code)
    if 400 <= status < 500 and status not in _PASSING:
        kind = ServiceClosed if problem.code in REFUSALS else ActRefused
        return kind(status, problem.code)
    return ServerFault(f"status {status} {problem.code}")
