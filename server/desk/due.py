"""Appointments of the person at the desk that a visit made now would use."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.appointments.service import outcome_of
from server.domain.appointments import UNUSED, USABLE
from server.facilities.models import Service


@dataclass(frozen=True, slots=True)
class Due:
    """One appointment; ``starts_at`` is None where the letter names a day only."""

    code: str
    service: str
    service_name: str
    service_name_en: str
    due_on: date
    starts_at: datetime | None


def due_appointments(session: Session, patient_id: UUID, *, facility: str, now: datetime) -> tuple[Due, ...]:
    """Return what the person may check in for at this moment, by early, late and window rules; the nearest first."""
    rows = session.execute(
        sa.select(Appointment, Service)
        .join(Service, Service.id == Appointment.service_id)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.facility_code == facility,
            Appointment.status.in_(UNUSED),
        )
        .order_by(Appointment.due_on.desc(), Appointment.starts_at, Appointment.id)
    )
    return tuple(
        Due(one.code, service.code, service.name, service.name_en, one.due_on, one.starts_at)
        for one, service in rows
        if outcome_of(session, one, facility=facility, at=now, patient_id=patient_id) in USABLE
    )
