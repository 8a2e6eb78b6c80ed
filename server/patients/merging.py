"""Two records that are one person's become one, and can become two again; every old id goes on answering.

What belongs to the record that is given up (visits, numbers, relatives) changes hands row by row, and the rows are
named in the merge: undoing it moves exactly these back. What came afterwards stays where it came.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, selectinload
from sqlalchemy.orm.attributes import flag_modified

from server import audit, feed
from server.db import Base
from server.domain.days import local_day
from server.domain.duplicates import Ground
from server.domain.identity import IdentifierSystem, Sex
from server.errors import NotFound, Refused, StaleVersion
from server.patients.duplicates import note_pair
from server.patients.models import DuplicatePair, PairStatus, Patient, PatientChange, PatientMerge
from server.patients.service import add_change, missing_fields, note_changes
from server.queues.models import Ticket
from server.reasons import checked_reason
from server.registration.models import Encounter

STAYS: Final = frozenset(
    {
        "patient.merged_into_id",  # the pointers themselves
        "patient_name_word.patient_id",  # found by its old name as well: the search follows the pointer
        "patient_change.patient_id",  # what was done to this record, under this id
        "patient_merge.survivor_id",
        "patient_merge.merged_id",
        "duplicate_pair.first_id",
        "duplicate_pair.second_id",
    }
)
"""References to a patient that a merge leaves alone; all others move, of tables to come as well."""

_SOLE_NUMBER: Final = "ticket.sole_patient_id"
_FIELDS: Final = "fields"
_MERGED: Final = "merged-record"  # as a field in the survivor's trail
_PAIRS: Final = "pairs"
_SECOND_NUMBERS: Final = "second-numbers"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records as the member of staff saw it."""

    id: UUID
    version: int


def merge_patients(
    session: Session, *, survivor: Side, merged: Side, reason: str, facility: str, by: str, now: datetime
) -> UUID:
    """Join two records into ``survivor``; return the merge's id, by which it can be undone.

    The survivor's own data stands; only what it lacks is taken from the other. Belongs inside ``Database.transact``.
    Raises NotFound; StaleVersion when a record changed since it was looked at, or was merged by somebody else; Refused
    for a record with itself, for two citizens with a personal number each, and for two who both hold what a person
    has once.
    """
    reason = checked_reason(reason)
    if survivor.id == merged.id:
        raise Refused("merge.same_record", "a record cannot be merged with itself")
    records = _locked(session, survivor.id, merged.id)
    for side in (survivor, merged):
        if records[side.id].merged_into_id is not None or records[side.id].version != side.version:
            raise StaleVersion("patient")
    kept, given_up = records[survivor.id], records[merged.id]
    if _personal_numbers(kept) and _personal_numbers(given_up):
        raise Refused("merge.two_personal_numbers", "two personal numbers are two citizens: end the wrong one first")
    moved = _move(session, given_up.id, kept.id)
    moved[_FIELDS] = _fill(session, kept, given_up, reason, by, now)
    moved[_PAIRS] = _take_over_pairs(session, given_up.id, kept.id, now)
    given_up.merged_into_id = kept.id
    flag_modified(kept, "full_name")  # its numbers changed: whoever has its page open must look again
    merge = PatientMerge(
        id=uuid4(), survivor_id=kept.id, merged_id=given_up.id, moved=moved, reason=reason, by=by, at=now
    )
    session.add(merge)
    session.flush()
    session.expire(kept, ["identifiers"])
    session.expire(given_up, ["identifiers"])
    add_change(session, kept, _MERGED, None, given_up.full_name, reason=reason, actor=f"staff:{by}", now=now)
    _note(session, merge, "patient.merged", facility=facility, by=by, now=now)
    return merge.id


def undo_merge(session: Session, merge_id: UUID, *, reason: str, facility: str, by: str, now: datetime) -> PatientMerge:
    """Make two records of one again, as they were: each row that changed hands goes back, and nothing else.

    Belongs inside ``Database.transact``. Raises NotFound; StaleVersion when it was undone already; Refused while the
    survivor is itself merged into another record: that merge must be undone first.
    """
    reason = checked_reason(reason)
    merge = session.get(PatientMerge, merge_id)
    if merge is None:
        raise NotFound("merge.unknown", "there is no such merge")
    records = _locked(session, merge.survivor_id, merge.merged_id)
    session.refresh(merge)
    if merge.undone_at is not None:
        raise StaleVersion("merge")
    kept, given_up = records[merge.survivor_id], records[merge.merged_id]
    if kept.merged_into_id is not None:
        raise Refused("merge.merged_further", "the survivor was merged into another record")
    _move_back(session, merge)
    _take_fields_back(session, merge, kept, given_up, reason, by, now)
    _give_back_pairs(session, merge)
    given_up.merged_into_id = None
    flag_modified(kept, "full_name")
    merge.undone_at, merge.undone_by, merge.undone_reason = now, by, reason
    session.flush()
    session.expire(kept, ["identifiers"])
    session.expire(given_up, ["identifiers"])
    add_change(session, kept, _MERGED, given_up.full_name, None, reason=reason, actor=f"staff:{by}", now=now)
    _note(session, merge, "patient.merge-undone", facility=facility, by=by, now=now)
    return merge


def merges_of(session: Session, patient_id: UUID) -> list[PatientMerge]:
    """Return the merges a record went on from, newest first, those that were undone too."""
    query = sa.select(PatientMerge).where(PatientMerge.survivor_id == patient_id)
    return list(session.scalars(query.order_by(PatientMerge.at.desc(), PatientMerge.id)))


def references() -> Iterator[sa.Column[Any]]:
    """Yield every column of the schema that names a patient."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.target_fullname == "patient.id" for key in column.foreign_keys):
                yield column


def _locked(session: Session, one: UUID, other: UUID) -> dict[UUID, Patient]:
    """Return both records, locked in one order, so that two merges of one pair wait for each other."""
    query = (
        sa.select(Patient)
        .where(Patient.id.in_([one, other]))
        .options(selectinload(Patient.identifiers))
        .order_by(Patient.id)
        .with_for_update(of=Patient)
        .execution_options(populate_existing=True)
    )
    found = {patient.id: patient for patient in session.scalars(query)}
    if len(found) < 2:
        raise NotFound("patient.unknown", "there is no such person")
    return found


def _personal_numbers(patient: Patient) -> list[str]:
    return [i.value for i in patient.identifiers if i.system is IdentifierSystem.PERSONAL_NUMBER and i.valid_to is None]


def _move(session: Session, merged_id: UUID, survivor_id: UUID) -> dict[str, list[str]]:
    moved = {_SECOND_NUMBERS: _set_second_numbers_apart(session, merged_id, survivor_id)}
    for column in references():
        if str(column) in STAYS:
            continue
        (key,) = column.table.primary_key.columns
        ids = list(session.execute(sa.select(key).where(column == merged_id).order_by(key)).scalars())
        if ids:
            _hand_over(session, column, merged_id, survivor_id)
            moved[str(column)] = [str(one) for one in ids]
    return moved


def _hand_over(session: Session, column: sa.Column[Any], merged_id: UUID, survivor_id: UUID) -> None:
    statement = sa.update(column.table).where(column == merged_id).values({column.name: survivor_id})
    try:
        session.execute(statement)
    except IntegrityError as error:
        # Both hold what one person has once (an appointment of one day): which of the two, a person must say.
        raise Refused("merge.both_hold", column.table.name) from error


def _set_second_numbers_apart(session: Session, merged_id: UUID, survivor_id: UUID) -> list[str]:
    """Let live numbers stand beside the survivor's of the same queue and day, as staff may allow; return their ids."""
    other = aliased(Ticket)
    is_beside = sa.exists().where(
        other.sole_patient_id == survivor_id, other.queue_id == Ticket.queue_id, other.local_day == Ticket.local_day
    )
    ids = list(session.scalars(sa.select(Ticket.id).where(Ticket.sole_patient_id == merged_id, is_beside)))
    session.execute(sa.update(Ticket).where(Ticket.id.in_(ids)).values(sole_patient_id=None))
    return [str(one) for one in ids]


def _move_back(session: Session, merge: PatientMerge) -> None:
    columns = {str(column): column for column in references()}
    for name, ids in merge.moved.items():
        column = columns.get(_SOLE_NUMBER if name == _SECOND_NUMBERS else name)
        if column is None:  # not a kind of row
            continue
        (key,) = column.table.primary_key.columns
        session.execute(
            sa.update(column.table).where(key.in_([UUID(one) for one in ids])).values({column.name: merge.merged_id})
        )


def _fill(session: Session, kept: Patient, given_up: Patient, reason: str, by: str, now: datetime) -> list[str]:
    values: dict[str, Any] = dict(missing_fields(kept.identity, given_up.identity))
    if kept.phone is None and given_up.phone is not None:
        values["phone"] = given_up.phone
    return list(note_changes(session, kept, values, reason=reason, actor=f"staff:{by}", now=now))


def _take_fields_back(
    session: Session, merge: PatientMerge, kept: Patient, given_up: Patient, reason: str, by: str, now: datetime
) -> None:
    """Take back what the merge filled in; a field that was changed since is left as somebody wanted it."""
    filled = sa.select(PatientChange.field, PatientChange.old_value).where(
        PatientChange.patient_id == kept.id, PatientChange.at == merge.at, PatientChange.field.in_(merge.moved[_FIELDS])
    )
    taken_back = {
        row.field: Sex(row.old_value) if row.field == "sex" else row.old_value
        for row in session.execute(filled)
        if getattr(kept, row.field) == getattr(given_up, row.field)
    }
    note_changes(session, kept, taken_back, reason=reason, actor=f"staff:{by}", now=now)


def _take_over_pairs(session: Session, merged_id: UUID, survivor_id: UUID, now: datetime) -> list[str]:
    """Close the pair of the two; put what the given-up record was open with beside the survivor, return these ids."""
    added = []
    involved = sa.select(DuplicatePair).where(
        sa.or_(DuplicatePair.first_id == merged_id, DuplicatePair.second_id == merged_id)
    )
    for pair in session.scalars(involved.order_by(DuplicatePair.id).with_for_update()):
        other = pair.second_id if pair.first_id == merged_id else pair.first_id
        if other == survivor_id:
            pair.status = PairStatus.MERGED  # by whom and why, the merge says; an earlier decision stays to be read
        elif pair.status is PairStatus.OPEN:
            pair_id = note_pair(
                session, survivor_id, other, [Ground(one) for one in pair.grounds], facility=pair.facility_code,
                now=now, number_system=pair.number_system,
            )  # fmt: skip
            added += [str(pair_id)] if pair_id else []
    return added


def _give_back_pairs(session: Session, merge: PatientMerge) -> None:
    """Let the pair of the two be what it was, and take what the merge put beside the survivor off the list."""
    first_id, second_id = sorted((merge.survivor_id, merge.merged_id))
    was_decided = DuplicatePair.decided_at.is_not(None)
    session.execute(
        sa.update(DuplicatePair)
        .where(DuplicatePair.first_id == first_id, DuplicatePair.second_id == second_id)
        .values(status=sa.case((was_decided, PairStatus.DIFFERENT), else_=PairStatus.OPEN))
    )
    session.execute(
        sa.delete(DuplicatePair).where(
            DuplicatePair.id.in_([UUID(one) for one in merge.moved[_PAIRS]]), DuplicatePair.status == PairStatus.OPEN
        )
    )


def _note(session: Session, merge: PatientMerge, action: str, *, facility: str, by: str, now: datetime) -> None:
    encounters = [UUID(one) for one in merge.moved.get("encounter.patient_id", [])]
    for subject, other in ((merge.survivor_id, merge.merged_id), (merge.merged_id, merge.survivor_id)):
        audit.record(
            session, at=now, actor=f"staff:{by}", action=action, subject_type="patient", subject_id=subject,
            details={"merge": str(merge.id), "other": str(other), "survivor": subject == merge.survivor_id,
                     "encounters": len(encounters)},
        )  # fmt: skip
    todays = sa.select(Encounter.id, Encounter.facility_code).where(
        Encounter.id.in_(encounters), Encounter.local_day == local_day(now)
    )
    for encounter_id, facility_code in session.execute(todays):
        feed.publish(session, facility_code=facility_code, topic="encounter", subject_id=encounter_id, at=now)
    feed.publish(session, facility_code=facility, topic="duplicate", subject_id=merge.id, at=now)
