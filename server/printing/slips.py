"""What stands on a number's paper when the desk's own printer prints it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from server.errors import NotFound
from server.facilities.models import Facility
from server.patients.models import Patient
from server.queues.models import Ticket
from server.queues.service import Place, get_place
from server.registration.models import Encounter
from server.registration.overrides import count_reprints


@dataclass(frozen=True, slots=True)
class Slip:
    """What stands on a number's paper; ``copy`` is 0 for the first one."""

    facility_name: str
    facility_name_en: str
    label: str
    place: Place
    full_name: str
    birth_year: str | None
    visit_code: str
    arrived_at: datetime
    local_day: date
    copy: int
    language: str


def get_slip(session: Session, ticket_id: UUID, *, facility: str, copy: int) -> Slip:
    """Return what stands on the given copy of a number; raises NotFound when that copy was never asked for."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or ticket.facility_code != facility or not 1 <= copy <= count_reprints(session, ticket_id):
        raise NotFound("ticket.unknown", "there is no such copy of a ticket")
    return slip_of(session, ticket, copy=copy)


def slip_of(session: Session, ticket: Ticket, *, copy: int) -> Slip:
    """Return what stands on a number's paper; ``copy`` is 0 for the first one, which bears no mark."""
    encounter = session.get_one(Encounter, ticket.encounter_id)
    patient = session.get_one(Patient, encounter.patient_id)
    hospital = session.get_one(Facility, ticket.facility_code)
    return Slip(
        facility_name=hospital.name,
        facility_name_en=hospital.name_en,
        label=ticket.label,
        place=get_place(session, ticket.queue_id),
        full_name=patient.full_name,
        birth_year=patient.born_on[:4] if patient.born_on else None,
        visit_code=encounter.visit_code,
        arrived_at=encounter.arrived_at,
        local_day=ticket.local_day,
        copy=copy,
        language=encounter.language,
    )
