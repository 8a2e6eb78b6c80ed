"""A number that was given, online or from the kiosk's own series: what screen and paper show of it."""

from dataclasses import dataclass
from datetime import date, datetime

from server.contract.v1 import EncounterRegistered, OfflineTicket, ServiceOffer, TicketMessage
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
    offline: bool = False


def from_answer(answer: EncounterRegistered) -> IssuedTicket:
    return from_message(answer.ticket, answer.visit_code)


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
        visit_code=visit_code,
    )


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
