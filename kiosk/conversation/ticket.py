"""A number that was given, online or from the kiosk's own series: what screen and paper show of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from server.contract.queries import SlipShown
from server.contract.v1 import EncounterRegistered, OfflineTicket, ServiceOffer, TicketMessage, WaitMessage
from server.domain.priority import PriorityGround
from server.domain.ticket import offline_label


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """``waiting_before`` is None where only the server would know it. ``issued_at`` is UTC."""

    label: str
    number: int
    queue: str
    local_day: date
    clinic_name: str
    clinic_name_en: str
    room: str
    floor: str
    issued_at: datetime
    visit_code: str
    waiting_before: int | None = None
    wait_min: tuple[int, int] | None = None  # an honest range in minutes
    priority: PriorityGround | None = None
    offline: bool = False
    ticket_id: UUID | None = None  # the server's; None for a number of the kiosk's own series
    copies: int | None = None  # of who has this number already: how many copies of its slip were printed before
    rejoined: bool = False  # its call was missed, and it waits again


def from_answer(answer: EncounterRegistered) -> IssuedTicket:
    ticket = from_message(answer.ticket, answer.visit_code)
    return replace(ticket, copies=answer.copies) if answer.is_known else ticket


def from_shown(shown: SlipShown) -> IssuedTicket:
    """Return the number of a slip that was shown as it stands now."""
    ticket = from_message(shown.ticket, shown.visit_code)
    return replace(ticket, waiting_before=shown.waiting_now, wait_min=_minutes(shown.wait), rejoined=shown.rejoined)


def from_message(ticket: TicketMessage, visit_code: str) -> IssuedTicket:
    return IssuedTicket(
        label=ticket.label,
        number=ticket.number,
        queue=ticket.queue,
        local_day=ticket.local_day,
        clinic_name=ticket.clinic_name,
        clinic_name_en=ticket.clinic_name_en,
        room=ticket.room,
        floor=ticket.floor,
        issued_at=ticket.issued_at,
        waiting_before=ticket.waiting_before,
        wait_min=_minutes(ticket.wait),
        priority=ticket.priority,
        visit_code=visit_code,
        ticket_id=ticket.id,
    )


def _minutes(wait: WaitMessage | None) -> tuple[int, int] | None:
    return (wait.least_min, wait.most_min) if wait else None


def from_own_series(offer: ServiceOffer, own: OfflineTicket, visit_code: str, issued_at: datetime) -> IssuedTicket:
    return IssuedTicket(
        label=offline_label(offer.queue_letter, own.kiosk_letter, own.number),
        number=own.number,
        queue=offer.queue,
        local_day=own.local_day,
        clinic_name=offer.clinic_name,
        clinic_name_en=offer.clinic_name_en,
        room=offer.room,
        floor=offer.floor,
        issued_at=issued_at,
        visit_code=visit_code,
        offline=True,
    )
