"""Finding and storing people. Whether a person is one we know is decided by ``server.domain.matching``."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from server.domain.identity import Identifier, PartialDate, PersonIdentity, Sex, fold_name
from server.domain.matching import KnownPerson, Match, agree, match_person, normal
from server.patients.models import Patient, PatientIdentifier


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """The record of a person who is here, and what was decided about it; ``filled`` names fields that were empty."""

    patient_id: UUID
    is_new: bool
    match: Match
    filled: tuple[str, ...] = ()


def find_or_add_patient(session: Session, person: PersonIdentity, *, source: str, now: datetime) -> FoundPatient:
    """Return the record of ``person``, stored now if nobody holds one of their numbers.

    Belongs inside ``Database.transact``: of several transactions that store one new person at the same moment, all but
    one fail on the unique index and must be run again. What the record lacks is filled in, what it contradicts is not
    touched and stands in ``match.differences``.
    """
    person = replace(person, identifiers=tuple(normal(i) for i in person.identifiers))
    holders = _holders(session, person.identifiers)
    match = match_person(person, [_known(patient) for patient in holders])
    patient = next((one for one in holders if one.id == match.patient_id), None)
    is_new = patient is None
    if patient is None:
        patient = _add(session, person, now)
    _add_identifiers(session, patient.id, match.adds, source, now)
    return FoundPatient(patient.id, is_new, match, () if is_new else _fill(patient, person))


def identity_of(patient: Patient) -> PersonIdentity:
    """Return a record as the rules see it, with its live numbers."""
    return PersonIdentity(
        full_name=patient.full_name,
        born_on=PartialDate.parse(patient.born_on) if patient.born_on else None,
        sex=patient.sex,
        identifiers=tuple(Identifier(i.system, i.value) for i in patient.identifiers if i.valid_to is None),
        address=patient.address,
        nationality=patient.nationality,
        ethnicity=patient.ethnicity,
    )


def _holders(session: Session, identifiers: tuple[Identifier, ...]) -> list[Patient]:
    if not identifiers:
        return []
    held = sa.or_(
        *(sa.and_(PatientIdentifier.system == i.system, PatientIdentifier.value == i.value) for i in identifiers)
    )
    ids = sa.select(PatientIdentifier.patient_id).where(held, PatientIdentifier.valid_to.is_(None))
    return list(
        session.scalars(sa.select(Patient).where(Patient.id.in_(ids)).options(selectinload(Patient.identifiers)))
    )


def _known(patient: Patient) -> KnownPerson:
    return KnownPerson(patient.id, identity_of(patient))


def _add(session: Session, person: PersonIdentity, now: datetime) -> Patient:
    patient = Patient(
        id=uuid4(),
        full_name=person.full_name,
        folded_name=fold_name(person.full_name),
        born_on=str(person.born_on) if person.born_on else None,
        sex=person.sex,
        address=person.address,
        nationality=person.nationality,
        ethnicity=person.ethnicity,
        created_at=now,
    )
    session.add(patient)
    session.flush()
    return patient


def _add_identifiers(
    session: Session, patient_id: UUID, identifiers: tuple[Identifier, ...], source: str, now: datetime
) -> None:
    # In one order everywhere: two transactions that add the same numbers wait for each other, and never both.
    for identifier in sorted(identifiers, key=lambda i: (i.system, i.value)):
        row = PatientIdentifier(
            patient_id=patient_id, system=identifier.system, value=identifier.value, valid_from=now, source=source
        )
        session.add(row)
        session.flush()


def _fill(patient: Patient, person: PersonIdentity) -> tuple[str, ...]:
    """Store what the record does not know yet; return the names of those fields."""
    found: dict[str, str | Sex] = {}
    for field in ("address", "nationality", "ethnicity"):
        if getattr(patient, field) is None and getattr(person, field) is not None:
            found[field] = getattr(person, field)
    if patient.sex is Sex.UNKNOWN and person.sex is not Sex.UNKNOWN:
        found["sex"] = person.sex
    if person.born_on and _tells_more(person.born_on, patient.born_on):
        found["born_on"] = str(person.born_on)
    for field, value in found.items():
        setattr(patient, field, value)
    return tuple(found)


def _tells_more(presented: PartialDate, recorded: str | None) -> bool:
    if recorded is None:
        return True
    return agree(presented, PartialDate.parse(recorded)) and len(str(presented)) > len(recorded)
