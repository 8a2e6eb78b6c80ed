"""What an arrival chose: a clinic that takes it, at a price, for the person its appointment names."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from server.appointments.service import find_by_code
from server.contract.v1 import FacilityServices, RegisterEncounter
from server.domain.catalogue import ClinicState, takes
from server.domain.days import local_day
from server.domain.identity import PartialDate
from server.domain.priority import ground_by_age
from server.errors import Refused
from server.facilities.queries import price_for


def refuse_closed(command: RegisterEncounter, offered: FacilityServices) -> None:
    """Raise Refused, with the state in its code, for a clinic that takes nobody now; what is on paper is taken.

    Whoever goes first by law or comes by appointment has a place beyond the cap.
    """
    offer = next((one for one in offered.services if one.service == command.service), None)
    if offer is None or command.is_on_paper:
        return
    born_on = PartialDate.parse(command.person.born_on) if command.person.born_on else None
    is_exempt = (
        command.appointment_code is not None
        or bool(command.declared)
        or ground_by_age(born_on, local_day(command.arrived_at)) is not None
    )
    state = ClinicState.CLOSED if not offer.open and offer.state is ClinicState.OPEN else offer.state
    if not takes(state, is_exempt=is_exempt):
        raise Refused(f"service.{state}", "the clinic takes no more patients now")


def named_by_appointment(session: Session, command: RegisterEncounter) -> UUID | None:
    """Return the person whom nothing but a letter's code names, None for everybody else.

    Raises Refused where the code names nobody here.
    """
    if command.evidence.method != "appointment" or command.person.identifiers:
        return None
    code = command.appointment_code
    appointment = find_by_code(session, code, facility=command.facility) if code else None
    if appointment is None or appointment.facility_code != command.facility:
        raise Refused("appointment.unknown", "the facility has no appointment with this code")
    return appointment.patient_id


def price_of_visit(
    session: Session, command: RegisterEncounter, service_id: UUID, offered: FacilityServices | None, *, day: date
) -> int | None:
    """Return what the service costs the payer the patient chose, in đồng; None where none was chosen."""
    if command.payer is None:
        return None
    offer = next((one for one in offered.services if one.service == command.service), None) if offered else None
    if offer is not None and offered is not None and local_day(offered.as_of) == day:
        return next((one.price_vnd for one in offer.prices if one.payer is command.payer), None)
    return price_for(session, service_id, command.payer, on=day)
