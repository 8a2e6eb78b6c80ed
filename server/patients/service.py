"""Finding and storing people. Whether a person is one we know is decided by ``server.domain.matching``."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.db import insert_row, new_row
from server.domain.duplicates import Described, Ground, compare
from server.domain.identity import Identifier, PartialDate, PersonIdentity, Sex, fold_name
from server.domain.matching import KnownPerson, Match, agree, match_person, normal
from server.errors import NotFound
from server.patients.duplicates import note_pair, note_probable
from server.patients.models import Patient, PatientChange, PatientIdentifier, PatientNameWord, words_of
from server.prepared import Prepared

_ADD_WORD: Final = Prepared(sa.insert(PatientNameWord))


@dataclass(frozen=True, slots=True)
class FoundPatient:
    """The record of a person who is here, and what was decided about it; ``filled`` names fields that were empty."""

    patient_id: UUID
    is_new: bool
    match: Match
    filled: tuple[str, ...] = ()


def find_or_add_patient(
    session: Session, person: PersonIdentity, *, source: str, facility: str, actor: str, now: datetime,
    chosen: UUID | None = None,
) -> FoundPatient:  # fmt: skip
    """Return the record of ``person``, stored now if nobody holds one of their numbers.

    Belongs inside ``Database.transact``: of several transactions that store one new person at the same moment, all but
    one fail on the unique index and must be run again; so does one that meets a merge. What the record lacks is filled
    in, what it contradicts is not touched and stands in ``match.differences``. ``chosen`` is the record a member of
    staff picked, whoever holds the numbers. Whoever may be the same person is put on the review list of ``facility``.
    Raises NotFound for a chosen record that does not exist.
    """
    person = replace(person, identifiers=tuple(normal(i) for i in person.identifiers))
    known = _holders(session, person.identifiers)
    if chosen is not None:
        chosen = live_id(session, chosen)
        known = [*(one for one in known if one.patient_id != chosen), _known_person(session, chosen)]
    match = match_person(person, known, chosen=chosen)
    if match.patient_id is None:
        patient_id = _add(session, person, now)
        _add_identifiers(session, patient_id, match.adds, source, now)
        _note_conflicts(session, patient_id, person, match, known, facility, now)
        note_probable(session, patient_id, Described(person), facility=facility, now=now)
        return FoundPatient(patient_id, True, match)
    _add_identifiers(session, match.patient_id, match.adds, source, now)
    _note_conflicts(session, match.patient_id, person, match, known, facility, now)
    recorded = next(one.identity for one in known if one.patient_id == match.patient_id)
    filled = missing_fields(recorded, person)
    if filled:
        patient = session.get_one(Patient, match.patient_id)
        note_changes(session, patient, dict(filled), reason=None, actor=actor, now=now)
    return FoundPatient(match.patient_id, False, match, tuple(filled))


def live_id(session: Session, patient_id: UUID) -> UUID:
    """Return the id of the record that goes on for a person, and keep it from being merged until the transaction ends.

    Raises NotFound.
    """
    lock = sa.select(Patient.id, Patient.merged_into_id).with_for_update(read=True, key_share=True)
    while True:
        row = session.execute(lock.where(Patient.id == patient_id)).one_or_none()
        if row is None:
            raise NotFound("patient.unknown", "there is no such person")
        if row.merged_into_id is None:
            return patient_id
        patient_id = row.merged_into_id


def note_changes(
    session: Session, patient: Patient, values: Mapping[str, str | bool | None], *, reason: str | None, actor: str,
    now: datetime,
) -> tuple[str, ...]:  # fmt: skip
    """Put new values into a record, each as a fact in its trail; return the fields that did change."""
    changed = {field: value for field, value in values.items() if getattr(patient, field) != value}
    if not changed:
        return ()
    before = {field: getattr(patient, field) for field in changed}
    for field, value in changed.items():
        setattr(patient, field, value)
    if "full_name" in changed:
        patient.folded_name = fold_name(patient.full_name)
    session.flush()
    for field, value in changed.items():
        add_change(session, patient, field, before[field], value, reason=reason, actor=actor, now=now)
    return tuple(changed)


def add_change(
    session: Session, patient: Patient, field: str, old: object, new: object, *, reason: str | None, actor: str,
    now: datetime,
) -> None:  # fmt: skip
    """Note one change of a record that has its new version already."""
    session.add(
        PatientChange(
            patient_id=patient.id, version=patient.version, field=field, old_value=_as_text(old),
            new_value=_as_text(new), reason=reason, by=actor, at=now,
        )
    )  # fmt: skip


def holders_of(session: Session, numbers: tuple[Identifier, ...]) -> dict[Identifier, UUID]:
    """Return who holds which of the numbers now."""
    if not numbers:
        return {}
    rows = session.execute(
        sa.select(PatientIdentifier.system, PatientIdentifier.value, PatientIdentifier.patient_id).where(
            PatientIdentifier.valid_to.is_(None),
            sa.or_(
                *(
                    sa.and_(PatientIdentifier.system == one.system, PatientIdentifier.value == one.value)
                    for one in numbers
                )
            ),
        )
    )
    return {Identifier(row.system, row.value): row.patient_id for row in rows}


def missing_fields(recorded: PersonIdentity, presented: PersonIdentity) -> dict[str, str | Sex]:
    """Return what a document tells that the record does not know yet, by the patient's field."""
    found: dict[str, str | Sex] = {}
    for field in ("address", "nationality", "ethnicity"):
        if getattr(recorded, field) is None and getattr(presented, field) is not None:
            found[field] = getattr(presented, field)
    if recorded.sex is Sex.UNKNOWN and presented.sex is not Sex.UNKNOWN:
        found["sex"] = presented.sex
    if presented.born_on and _tells_more(presented.born_on, recorded.born_on):
        found["born_on"] = str(presented.born_on)
    return found


def _as_text(value: object) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _tells_more(presented: PartialDate, recorded: PartialDate | None) -> bool:
    if recorded is None:
        return True
    return agree(presented, recorded) and len(str(presented)) > len(str(recorded))


def _holders(session: Session, identifiers: tuple[Identifier, ...]) -> list[KnownPerson]:
    """Return the records that hold one of the numbers, each with all its live numbers."""
    if not identifiers:
        return []
    values: dict[str, str] = {}
    for n, identifier in enumerate(identifiers):
        values |= {f"system_{n}": identifier.system, f"value_{n}": identifier.value}
    holders: dict[UUID, PersonIdentity] = {}
    numbers: dict[UUID, list[Identifier]] = defaultdict(list)
    for patient_id, *described, system, value in _holders_of(len(identifiers)).all(session, values):
        holders.setdefault(patient_id, _person_from(described))
        numbers[patient_id].append(Identifier(system, value))
    return [
        KnownPerson(patient_id, replace(holder, identifiers=tuple(numbers[patient_id])))
        for patient_id, holder in holders.items()
    ]


_DESCRIPTION: Final = (
    Patient.full_name, Patient.born_on, Patient.sex, Patient.address, Patient.nationality, Patient.ethnicity
)  # fmt: skip


def _person_from(row: Sequence[Any]) -> PersonIdentity:
    """Return the person of a row of _DESCRIPTION, without numbers."""
    full_name, born_on, sex, address, nationality, ethnicity = row
    return PersonIdentity(
        full_name=full_name, born_on=PartialDate.parse(born_on) if born_on else None, sex=sex, identifiers=(),
        address=address, nationality=nationality, ethnicity=ethnicity,
    )  # fmt: skip


@cache
def _holders_of(count: int) -> Prepared[*tuple[Any, ...]]:
    """Return the statement for ``count`` numbers, made once: every arrival asks it."""
    shown, held = aliased(PatientIdentifier), aliased(PatientIdentifier)
    one_of_them = sa.or_(
        *(
            sa.and_(shown.system == sa.bindparam(f"system_{n}"), shown.value == sa.bindparam(f"value_{n}"))
            for n in range(count)
        )
    )
    return Prepared(
        sa.select(Patient.id, *_DESCRIPTION, held.system, held.value)
        .join(held, sa.and_(held.patient_id == Patient.id, held.valid_to.is_(None)))
        .where(
            Patient.id.in_(sa.select(shown.patient_id).where(one_of_them, shown.valid_to.is_(None))),
            Patient.merged_into_id.is_(None),
        )
        .order_by(Patient.id, held.system, held.value)
        # The lock that a new encounter takes on its patient anyway, only earlier. PostgreSQL waits here for a merge
        # that is under way and then leaves its record out: the number meets the unique index, and the next attempt
        # finds the record that goes on.
        .with_for_update(read=True, key_share=True, of=Patient)
    )


def _known_person(session: Session, patient_id: UUID) -> KnownPerson:
    return KnownPerson(patient_id, session.get_one(Patient, patient_id).identity)


def _note_conflicts(
    session: Session, patient_id: UUID, person: PersonIdentity, match: Match, known: list[KnownPerson], facility: str,
    now: datetime,
) -> None:  # fmt: skip
    """Put the holders of numbers that stay with somebody else beside the person who showed them."""
    for number in match.conflicts:
        holder = next(one for one in known if number in one.identity.identifiers)
        grounds = compare(Described(person), Described(holder.identity)) or (Ground.SAME_NUMBER,)
        note_pair(
            session, patient_id, holder.patient_id, grounds, facility=facility, now=now, number_system=number.system
        )


def _add(session: Session, person: PersonIdentity, now: datetime) -> UUID:
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
        version=1,
    )
    insert_row(session, patient)
    if words := words_of(patient.id, patient.folded_name, patient.birth_year):
        _ADD_WORD.run(session, *words)
    return patient.id


def _add_identifiers(
    session: Session, patient_id: UUID, identifiers: tuple[Identifier, ...], source: str, now: datetime
) -> None:
    # In one order everywhere: two transactions that add the same numbers wait for each other, and never both.
    for one in sorted(identifiers, key=lambda i: (i.system, i.value)):
        row = new_row(
            PatientIdentifier, id=uuid4(), patient_id=patient_id, system=one.system, value=one.value, valid_from=now,
            source=source,
        )  # fmt: skip
        insert_row(session, row)
