"""What staff put right about a person: each field a fact with its reason, and of two who edit at once one wins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from server import audit, feed
from server.db import insert_row
from server.domain.days import local_day
from server.domain.duplicates import Ground
from server.domain.identity import Identifier, IdentifierSystem, IdentityAssurance
from server.domain.matching import normal
from server.domain.relations import Relationship
from server.errors import NotFound, Refused, StaleVersion
from server.patients.duplicates import describe, note_pair, note_probable
from server.patients.models import Patient, PatientChange, PatientIdentifier, RelatedPerson
from server.patients.service import add_change, note_changes
from server.queues.priorities import reconsider_patient
from server.reasons import checked_reason
from server.registration.models import Encounter

PROVED_FIELDS: Final = frozenset({"full_name", "born_on", "sex"})
"""What a chip signs. Once it was read from a whole one, it is changed with a reason only."""

_PROVING: Final = (IdentityAssurance.CHIP_TRUSTED, IdentityAssurance.CHIP_CONSISTENT)


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """A number that was not added: it belongs to somebody else, and the two are now on the review list."""

    holder_id: UUID


def is_proved(session: Session, patient_id: UUID) -> bool:
    """Whether the person was once read from a chip whose data were signed and whole."""
    query = sa.select(Encounter.id).where(Encounter.patient_id == patient_id, Encounter.assurance.in_(_PROVING))
    return session.scalar(query.limit(1)) is not None


def change_patient(
    session: Session, patient_id: UUID, values: Mapping[str, str | bool | None], *, reason: str, version: int,
    facility: str, by: str, now: datetime,
) -> tuple[str, ...]:  # fmt: skip
    """Put new values into a record; return the fields that changed, empty when nothing did.

    ``version`` is the record's as the member of staff ``by`` saw it. Raises NotFound, StaleVersion; Refused when what a
    chip proved is changed without a reason.
    """
    patient = _locked(session, patient_id, version)
    changing = {field for field, value in values.items() if getattr(patient, field) != value}
    needs_reason = bool(changing & PROVED_FIELDS) and is_proved(session, patient_id)
    kept_reason = checked_reason(reason) if reason.strip() or needs_reason else None
    changed = note_changes(session, patient, values, reason=kept_reason, actor=f"staff:{by}", now=now)
    if changed:
        _record(session, patient, "patient.changed", by, now, {"fields": ",".join(sorted(changed))})
        note_probable(session, patient.id, describe(patient), facility=facility, now=now)
    if "born_on" in changed:
        session.flush()
        reconsider_patient(session, patient.id, day=local_day(now), now=now)
    return changed


def add_number(
    session: Session, patient_id: UUID, number: Identifier, *, version: int, facility: str, by: str, now: datetime
) -> NumberTaken | None:
    """Add a number a person is known by; return who holds it already, None when it was added.

    Belongs inside ``Database.transact``. Raises NotFound, StaleVersion; Refused for a second personal number.
    """
    number = normal(number)
    patient = _locked(session, patient_id, version)
    live = [one for one in patient.identifiers if one.valid_to is None]
    if any((one.system, one.value) == (number.system, number.value) for one in live):
        return None
    personal = IdentifierSystem.PERSONAL_NUMBER
    if number.system is personal and any(one.system is personal for one in live):
        raise Refused("number.second_personal", "the person has a personal number: end the wrong one first")
    holder_id = holder_of(session, number)
    if holder_id is not None:
        note_pair(
            session, patient_id, holder_id, [Ground.SAME_NUMBER], facility=facility, now=now,
            number_system=number.system,
        )  # fmt: skip
        return NumberTaken(holder_id)
    row = PatientIdentifier(
        id=uuid4(), patient_id=patient_id, system=number.system, value=number.value, valid_from=now, source="staff"
    )
    insert_row(session, row)
    _next_version(session, patient)
    add_change(session, patient, number.system, None, number.value, reason=None, actor=f"staff:{by}", now=now)
    _record(session, patient, "patient.number-added", by, now, {"system": number.system.value})
    return None


def end_number(
    session: Session, patient_id: UUID, identifier_id: UUID, *, reason: str, version: int, by: str, now: datetime
) -> None:
    """End a number that was wrong or cancelled; it still finds the person, and may be given to another one.

    Raises NotFound, StaleVersion, Refused without a reason.
    """
    reason = checked_reason(reason)
    patient = _locked(session, patient_id, version)
    row = next((one for one in patient.identifiers if one.id == identifier_id), None)
    if row is None:
        raise NotFound("number.unknown", "the person has no such number")
    if row.valid_to is not None:
        raise StaleVersion("number")
    row.valid_to = now
    _next_version(session, patient)
    add_change(session, patient, row.system, row.value, None, reason=reason, actor=f"staff:{by}", now=now)
    _record(session, patient, "patient.number-ended", by, now, {"system": row.system.value})


def holder_of(session: Session, number: Identifier) -> UUID | None:
    """Return who holds a number (in normal form) now."""
    return session.scalar(
        sa.select(PatientIdentifier.patient_id).where(
            PatientIdentifier.system == number.system,
            PatientIdentifier.value == number.value,
            PatientIdentifier.valid_to.is_(None),
        )
    )


def add_relative(
    session: Session, patient_id: UUID, *, relationship: Relationship, full_name: str, phone: str | None,
    relative_id: UUID | None, by: str, now: datetime,
) -> UUID:  # fmt: skip
    """Note who belongs to a patient, once: the same person in the same relation is found again. Return the row's id."""
    same = sa.select(RelatedPerson).where(
        RelatedPerson.patient_id == patient_id,
        RelatedPerson.relationship == relationship,
        RelatedPerson.full_name == full_name,
        RelatedPerson.ended_at.is_(None),
    )
    known = session.scalars(same.order_by(RelatedPerson.noted_at, RelatedPerson.id).limit(1)).first()
    if known is not None:
        known.phone = phone or known.phone
        known.relative_id = relative_id or known.relative_id
        return known.id
    row = RelatedPerson(
        id=uuid4(), patient_id=patient_id, relative_id=relative_id, relationship=relationship, full_name=full_name,
        phone=phone, noted_at=now, noted_by=by,
    )  # fmt: skip
    session.add(row)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="patient.relative-added", subject_type="patient",
        subject_id=patient_id, details={"relationship": relationship.value, "related_person": str(row.id)},
    )  # fmt: skip
    return row.id


def end_relative(
    session: Session, patient_id: UUID, related_person_id: UUID, *, reason: str, by: str, now: datetime
) -> None:
    """End what was noted about a relative, where it was wrong or is no longer so.

    Raises NotFound, StaleVersion once it is ended, Refused without a reason.
    """
    reason = checked_reason(reason)
    patient = session.scalars(sa.select(Patient).where(Patient.id == patient_id).with_for_update()).one_or_none()
    row = session.get(RelatedPerson, related_person_id)
    if patient is None or row is None or row.patient_id != patient_id:
        raise NotFound("relative.unknown", "the person has no such relative")
    if row.ended_at is not None:
        raise StaleVersion("relative")
    row.ended_at = now
    _next_version(session, patient)
    add_change(session, patient, "relative", row.full_name, None, reason=reason, actor=f"staff:{by}", now=now)
    _record(session, patient, "patient.relative-ended", by, now, {"related_person": str(row.id)})


def changes_since(session: Session, patient_id: UUID, version: int) -> list[PatientChange]:
    """Return what was changed after a version was looked at, oldest first: what the slower of two editors is told."""
    query = sa.select(PatientChange).where(PatientChange.patient_id == patient_id, PatientChange.version > version)
    return list(session.scalars(query.order_by(PatientChange.version, PatientChange.at, PatientChange.id)))


def _locked(session: Session, patient_id: UUID, version: int) -> Patient:
    patient = session.scalars(
        sa.select(Patient)
        .where(Patient.id == patient_id)
        .options(selectinload(Patient.identifiers))
        .with_for_update(of=Patient)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if patient is None:
        raise NotFound("patient.unknown", "there is no such person")
    if patient.version != version or patient.merged_into_id is not None:
        raise StaleVersion("patient")
    return patient


def _next_version(session: Session, patient: Patient) -> None:
    """Raise the record's version though none of its own columns changed."""
    flag_modified(patient, "full_name")
    session.flush()


def _record(
    session: Session, patient: Patient, action: str, by: str, now: datetime, details: dict[str, str | int | bool | None]
) -> None:
    """Note an act, and have open pages show the person's visits of today anew."""
    audit.record(
        session, at=now, actor=f"staff:{by}", action=action, subject_type="patient", subject_id=patient.id,
        details=details,
    )  # fmt: skip
    todays = sa.select(Encounter.id, Encounter.facility_code).where(
        Encounter.patient_id == patient.id, Encounter.local_day == local_day(now)
    )
    for encounter_id, facility in session.execute(todays):
        feed.publish(session, facility_code=facility, topic="encounter", subject_id=encounter_id, at=now)
