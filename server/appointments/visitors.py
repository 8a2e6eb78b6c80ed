"""What a kiosk may learn of the person before it: appointments, and the clinic they were at last; never a record."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit
from server.appointments.models import Appointment
from server.appointments.service import as_value, find_by_code, outcome_of, rules_of
from server.contract.appointments import AppointmentOffer, FindVisitor, LetterHolder, VisitorFound
from server.contract.v1 import IdentifierMessage
from server.domain.appointments import UNUSED, window
from server.domain.codes import is_short_code
from server.domain.days import local_day
from server.domain.encounter import EncounterStatus
from server.domain.identity import Identifier, PartialDate
from server.domain.matching import normal
from server.facilities.load import holidays_of
from server.facilities.models import Practitioner, Room, Service
from server.patients.models import Patient
from server.patients.service import holders_of
from server.queues.models import Queue, QueueService
from server.registration.models import Encounter

SHOWN: Final = 3
"""Appointments told of one person; more would not fit a screen."""

NOBODY: Final = UUID(int=0)
"""Somebody who has no record here."""

_SOON: Final = timedelta(days=31)
_PAST: Final = timedelta(days=60)
_RECENT: Final = timedelta(days=365)
"""A visit longer ago says little about where somebody wants to go today."""


def find_visitor(session: Session, asked: FindVisitor, *, facility: str, actor: str, now: datetime) -> VisitorFound:
    """Return what is known of a person; nothing is found for a stranger, and that is an answer.

    Whoever shows an appointment's code is told whose it is, as the letter itself says; each such reading is recorded.
    """
    patient_id = _holder_of(session, asked.identifiers) if asked.identifiers else None
    if asked.code is None:
        return VisitorFound() if patient_id is None else _found(session, patient_id, facility, now)
    appointment = find_by_code(session, asked.code, facility=facility)
    if appointment is None:
        return VisitorFound()
    audit.record(
        session, at=now, actor=actor, action="appointment.read", subject_type="appointment", subject_id=appointment.id
    )
    if not asked.identifiers and appointment.facility_code != facility:
        return VisitorFound()  # whose letter it is, is no business of another hospital's kiosk
    if not asked.identifiers and is_short_code(asked.code) and not _may_be_typed(appointment, local_day(now)):
        return VisitorFound()
    if not asked.identifiers:
        offer = _offer(session, appointment, facility, now)
        return VisitorFound(appointments=(offer,), holder=_letter_holder(session, appointment))
    # A stranger's numbers name nobody yet; whoever they are, they are not the one the letter was given to.
    offer = _offer(session, appointment, facility, now, shown_by=patient_id or NOBODY)
    last_service, last_visit_on = last_visit_of(session, patient_id, facility, now) if patient_id else (None, None)
    return VisitorFound(appointments=(offer,), last_service=last_service, last_visit_on=last_visit_on)


def _may_be_typed(appointment: Appointment, today: date) -> bool:
    """Whether a short code may still name its person: each one that may helps who guesses (``short_code_from``)."""
    if appointment.due_on == today:
        return True  # whoever types it once more is told that it was used
    is_open = appointment.status in UNUSED
    return is_open and appointment.due_on >= today - _PAST


def _letter_holder(session: Session, appointment: Appointment) -> LetterHolder:
    patient = session.get_one(Patient, appointment.patient_id)
    born_on = PartialDate.parse(patient.born_on) if patient.born_on else None
    return LetterHolder(full_name=patient.full_name, birth_year=born_on.year if born_on else None, sex=patient.sex)


def _holder_of(session: Session, identifiers: tuple[IdentifierMessage, ...]) -> UUID | None:
    """Return the one person who holds the numbers now; None for a stranger, and where they name two."""
    numbers = tuple(normal(Identifier(one.system, one.value)) for one in identifiers)
    holders = set(holders_of(session, numbers).values())
    return holders.pop() if len(holders) == 1 else None


def _found(session: Session, patient_id: UUID, facility: str, now: datetime) -> VisitorFound:
    today = local_day(now)
    rows = session.scalars(
        sa.select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.facility_code == facility,
            Appointment.status.in_(UNUSED),
            Appointment.due_on >= today - _PAST,
            Appointment.due_on <= today + _SOON,
        )
        .options(joinedload(Appointment.service), joinedload(Appointment.practitioner))
    ).all()
    nearest = sorted(rows, key=lambda one: (abs((one.due_on - today).days), one.starts_at or now, one.id))
    offers = tuple(_offer(session, one, facility, now) for one in nearest[:SHOWN])
    last_service, last_visit_on = last_visit_of(session, patient_id, facility, now)
    return VisitorFound(appointments=offers, last_service=last_service, last_visit_on=last_visit_on)


def _offer(
    session: Session, appointment: Appointment, facility: str, now: datetime, *, shown_by: UUID | None = None
) -> AppointmentOffer:
    service = appointment.service
    room = session.scalar(
        sa.select(Room)
        .join(Queue, Queue.room_id == Room.id)
        .join(QueueService, QueueService.queue_id == Queue.id)
        .where(QueueService.service_id == service.id)
    )
    _, valid_to = window(
        as_value(appointment),
        rules_of(session, appointment.facility_code),
        holidays_of(session, appointment.facility_code),
    )
    return AppointmentOffer(
        code=appointment.code,
        source=appointment.source,
        service=service.code,
        service_name=service.name,
        service_name_en=service.name_en,
        room=room.name if room else "",
        floor=room.floor if room else "",
        doctor=doctor_name(appointment.practitioner),
        due_on=appointment.due_on,
        starts_at=appointment.starts_at,
        valid_to=valid_to,
        check_in=outcome_of(session, appointment, facility=facility, at=now, patient_id=shown_by),
        short_code=appointment.short_code,
    )


def doctor_name(doctor: Practitioner | None) -> str:
    """Return title and name as they stand on a door; empty without a doctor."""
    return f"{doctor.title} {doctor.full_name}".strip() if doctor else ""


def last_visit_of(session: Session, patient_id: UUID, facility: str, now: datetime) -> tuple[str | None, date | None]:
    """Return the service's code and the day of a person's last visit before today, within a year; None without one."""
    row = session.execute(
        sa.select(Service.code, Encounter.local_day)
        .join(Service, Service.id == Encounter.service_id)
        .where(
            Encounter.patient_id == patient_id,
            Encounter.facility_code == facility,
            Encounter.status != EncounterStatus.CANCELLED,
            Encounter.local_day < local_day(now),
            Encounter.local_day >= local_day(now) - _RECENT,
        )
        .order_by(Encounter.arrived_at.desc(), Encounter.id)
        .limit(1)
    ).one_or_none()
    return (row.code, row.local_day) if row else (None, None)
