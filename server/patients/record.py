"""One person as the desk sees them: data, numbers, relatives, visits, and everything that was done to the record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from server import audit
from server.actors import names_of
from server.domain.encounter import EncounterStatus
from server.domain.identity import IdentityAssurance
from server.errors import NotFound
from server.facilities.models import Clinic
from server.patients.editing import is_proved
from server.patients.merging import merges_of
from server.patients.models import Patient, PatientChange, PatientIdentifier, PatientMerge, RelatedPerson
from server.queues.models import Queue, Ticket
from server.registration.models import Encounter

VISITS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """One line of the record of visits."""

    encounter_id: UUID
    local_day: date
    arrived_at: datetime
    label: str
    clinic_name: str
    clinic_name_en: str
    status: EncounterStatus
    assurance: IdentityAssurance


@dataclass(frozen=True, slots=True)
class Record:
    """``next_visit`` asks for the older visits, None ends them. ``names``: actor -> the name people know them by."""

    patient: Patient
    numbers: list[PatientIdentifier]
    relatives: list[RelatedPerson]
    patients_of: list[tuple[UUID, str]]  # whose relative the person is, with a record of their own
    visits: list[Visit]
    next_visit: UUID | None
    changes: list[PatientChange]
    merges: list[PatientMerge]
    names: dict[str, str]
    is_proved: bool


def get_patient(session: Session, patient_id: UUID) -> Patient:
    """Return a record, one that was merged too; raises NotFound."""
    patient = session.get(Patient, patient_id, options=[selectinload(Patient.identifiers)])
    if patient is None:
        raise NotFound("patient.unknown", "there is no such person")
    return patient


def open_record(
    session: Session, patient_id: UUID, *, facility: str, by: str, now: datetime, before: UUID | None = None
) -> Record:
    """Return all about one person and note who read it; visits are the facility's own. Raises NotFound."""
    patient = get_patient(session, patient_id)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="patient.read", subject_type="patient", subject_id=patient.id
    )
    visits = _visits(session, patient_id, facility, before)
    changes = list(
        session.scalars(
            sa.select(PatientChange)
            .where(PatientChange.patient_id == patient_id)
            .order_by(PatientChange.version.desc(), PatientChange.field, PatientChange.id)
        )
    )
    merges = merges_of(session, patient_id)
    return Record(
        patient=patient,
        numbers=sorted(
            patient.identifiers, key=lambda one: (one.valid_to is not None, one.system, one.valid_from, one.value)
        ),
        relatives=list(
            session.scalars(
                sa.select(RelatedPerson)
                .where(RelatedPerson.patient_id == patient_id, RelatedPerson.ended_at.is_(None))
                .order_by(RelatedPerson.noted_at, RelatedPerson.id)
            )
        ),
        patients_of=_patients_of(session, patient_id),
        visits=visits[:VISITS_SHOWN],
        next_visit=visits[VISITS_SHOWN - 1].encounter_id if len(visits) > VISITS_SHOWN else None,
        changes=changes,
        merges=merges,
        names=names_of(session, [*(one.by for one in changes), *(f"staff:{one.by}" for one in merges)]),
        is_proved=is_proved(session, patient_id),
    )


def _visits(session: Session, patient_id: UUID, facility: str, before: UUID | None) -> list[Visit]:
    query = (
        sa.select(Encounter, Ticket.label, Clinic.name, Clinic.name_en)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .join(Queue, Queue.id == Ticket.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .where(Encounter.patient_id == patient_id, Encounter.facility_code == facility)
        .order_by(Encounter.arrived_at.desc(), Encounter.id.desc())
        .limit(VISITS_SHOWN + 1)
    )
    if before is not None:
        last = session.get(Encounter, before)
        if last is None or last.patient_id != patient_id:
            raise NotFound("encounter.unknown", "the person has no such visit to go on from")
        query = query.where(
            sa.or_(
                Encounter.arrived_at < last.arrived_at,
                sa.and_(Encounter.arrived_at == last.arrived_at, Encounter.id < last.id),
            )
        )
    return [
        Visit(one.id, one.local_day, one.arrived_at, label, name, name_en, one.status, one.assurance)
        for one, label, name, name_en in session.execute(query)
    ]


def _patients_of(session: Session, relative_id: UUID) -> list[tuple[UUID, str]]:
    rows = session.execute(
        sa.select(Patient.id, Patient.full_name)
        .join(RelatedPerson, RelatedPerson.patient_id == Patient.id)
        .where(RelatedPerson.relative_id == relative_id, RelatedPerson.ended_at.is_(None))
        .order_by(Patient.full_name, Patient.id)
    )
    return [(row.id, row.full_name) for row in rows]
