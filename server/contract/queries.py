"""What can be asked of the server, beside registering. People appear by masked names only: a device prints, it does not
read records.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from server.contract.v1 import Code, Message, Name, TicketMessage, VisitCode, WaitMessage
from server.domain.encounter import EncounterStatus, IssueCode, Unverified
from server.domain.identity import IdentityAssurance
from server.domain.queue import TicketStatus


class EncounterSummary(Message):
    """One arrival as lists show it. ``issues`` are those a member of staff has not settled yet.

    ``patient_type`` is MA_DOITUONG_KCB (Decision 3276/QD-BYT), ``1.13``, provisional until the visit ends; None while
    the facility's standing is not known. ``patient_type_reason`` is the stable code of what it follows from, e.g.
    ``appointment``.
    """

    encounter_id: UUID
    request_key: UUID
    patient_id: UUID
    patient_name: str
    """Masked: ``NGUYỄN T. T.``"""

    service: Code
    service_name: Name
    status: EncounterStatus
    arrived_at: AwareDatetime
    received_at: AwareDatetime
    local_day: date
    kiosk_letter: str | None
    assurance: IdentityAssurance
    unverified: tuple[Unverified, ...]
    issues: tuple[IssueCode, ...]
    ticket_id: UUID
    ticket_label: str
    ticket_status: TicketStatus
    patient_type: Annotated[str, StringConstraints(pattern=r"^[1-9](\.[0-9]{1,2})?$")] | None = None
    patient_type_reason: Code | None = None


class EncounterPage(Message):
    """Arrivals of one day in the order of arrival; ``next`` asks for the following page, None ends the list."""

    day: date
    items: tuple[EncounterSummary, ...]
    next: str | None


class EncounterDetail(EncounterSummary):
    """One arrival with its slip, and what its health insurance comes to so far.

    ``effective_percent`` is what the fund pays of the covered cost, ``47.5``, provisional as the patient type is; None
    before a card number with a benefit digit is known.
    """

    visit_code: str
    method: str
    access: str | None
    reasons: tuple[str, ...]
    document_expires_on: date | None
    language: str
    ticket: TicketMessage
    effective_percent: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,3}(\.[0-9])?$")] | None = None


class TicketState(Message):
    """One number as it stands now.

    ``waiting_now`` counts who is called before it, ``wait`` how long that takes; None once it no longer waits.
    """

    encounter_id: UUID
    ticket: TicketMessage
    status: TicketStatus
    waiting_now: int | None
    wait: WaitMessage | None = None


class SlipShown(TicketState):
    """The number of a slip that was shown. ``rejoined``: its call was missed, and it waits again since now."""

    visit_code: VisitCode
    rejoined: bool = False


class StaffCalled(Message):
    """The call stands at reception; the same request key again changes nothing."""

    request_key: UUID


class Health(Message):
    """``status`` is ``ok``; anything else is an error answer."""

    status: str = "ok"
