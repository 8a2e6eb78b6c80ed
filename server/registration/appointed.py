"""Which appointment a visit uses: the one the patient showed, or the one a kiosk out of reach could not ask about."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments import service as appointments
from server.appointments.models import Appointment
from server.appointments.service import get_appointment, is_by_appointment, promised_today, use, window_of
from server.contract.v1 import RegisterEncounter
from server.domain.appointments import USABLE
from server.domain.encounter import EncounterStatus, IssueCode
from server.errors import Refused, StaleVersion
from server.facilities.models import Service
from server.queues.models import Ticket
from server.queues.service import live_ticket
from server.registration.issues import Issue
from server.registration.models import Encounter


def appointment_issues(
    session: Session, command: RegisterEncounter, encounter: Encounter, *, actor: str, now: datetime
) -> list[Issue]:
    """Mark the appointment of a command as used by its visit; return what staff must look at.

    A kiosk that gave a number of its own could not ask whether the person has one. The number on paper stays, and staff
    are told where the appointment is for another service.
    """
    if command.appointment_code is not None:
        outcome = _use(session, command.appointment_code, encounter, actor, now)
        if outcome in USABLE:
            return []
        return [Issue(IssueCode.APPOINTMENT_NOT_USED, f"appointment.{outcome or 'unknown'}")]
    if command.offline_ticket is None or is_by_appointment(session, encounter.id):
        return []
    promised = promised_today(
        session, encounter.patient_id, facility=encounter.facility_code, service_id=encounter.service_id,
        at=encounter.arrived_at,
    )  # fmt: skip
    if promised is None or _use(session, promised.code, encounter, actor, now) not in USABLE:
        return []
    if promised.service_id == encounter.service_id:
        return []
    printed = session.get_one(Service, encounter.service_id)
    return [Issue(IssueCode.APPOINTMENT_ELSEWHERE, "service", promised.service.name, printed.name)]


def note_came(
    session: Session, appointment_id: UUID, *, facility: str, version: int, by: str, now: datetime
) -> Appointment:
    """Have an appointment count as kept by the visit its patient made without showing it; return it.

    ``version`` is the appointment's as the page showed it. Raises NotFound, StaleVersion, and Refused when the person
    made no visit that it holds for, or it is used or cancelled.
    """
    appointment = get_appointment(session, appointment_id, facility=facility)
    if appointment.version != version:
        raise StaleVersion("appointment")
    for encounter in _visits_without(session, appointment):
        if _use(session, appointment.code, encounter, by, now) in USABLE:
            note_kept_time(session, encounter, live_ticket(session, encounter.id))
            return appointment
    raise Refused("appointment.no_visit", "the person made no visit that the appointment holds for")


def _visits_without(session: Session, appointment: Appointment) -> Sequence[Encounter]:
    """Return the visits an appointment may have been meant for and that used none, the likeliest first."""
    first, last = window_of(session, appointment)
    return session.scalars(
        sa.select(Encounter)
        .where(
            Encounter.patient_id == appointment.patient_id,
            Encounter.facility_code == appointment.facility_code,
            Encounter.local_day.between(first, last),
            Encounter.status != EncounterStatus.CANCELLED,
            ~sa.exists().where(Appointment.encounter_id == Encounter.id),
        )
        .order_by(Encounter.service_id != appointment.service_id, Encounter.arrived_at, Encounter.id)
    ).all()


def kept_time(session: Session, encounter: Encounter) -> datetime | None:
    """Return the booked time that a visit keeps at its clinic, for its number; None without one."""
    return appointments.kept_time(
        session, encounter.id, service_id=encounter.service_id, facility=encounter.facility_code,
        arrived_at=encounter.arrived_at,
    )  # fmt: skip


def note_kept_time(session: Session, encounter: Encounter, ticket: Ticket) -> None:
    """Have a number that was given before count from the booked time its visit keeps now, or not any more."""
    ticket.due_at = kept_time(session, encounter)


def _use(session: Session, code: str, encounter: Encounter, actor: str, now: datetime) -> str | None:
    return use(
        session, code, facility=encounter.facility_code, patient_id=encounter.patient_id, encounter_id=encounter.id,
        at=encounter.arrived_at, now=now, by=actor,
    )  # fmt: skip
