"""Records that may be one person's: noted when they are written, decided by a person, remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from server import audit, feed
from server.db import insert
from server.domain.duplicates import Described, Ground, birth_dates_like, compare
from server.domain.identity import IdentifierSystem, fold_name
from server.errors import NotFound, StaleVersion
from server.patients.models import DuplicatePair, PairStatus, Patient
from server.prepared import Prepared
from server.reasons import checked_reason

_CANDIDATES: Final = 20
PAGE_LENGTH: Final = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the described person's, and on what ground."""

    patient: Patient
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry of the review list, both records as they are now."""

    id: UUID
    first: Patient
    second: Patient
    grounds: tuple[Ground, ...]
    number_system: IdentifierSystem | None
    found_at: datetime


@dataclass(frozen=True, slots=True)
class PairPage:
    pairs: tuple[Pair, ...]
    next: UUID | None  # the last pair shown, if there are more


def describe(patient: Patient) -> Described:
    """Return a record as the comparison sees it; with its live numbers."""
    return Described(patient.identity, patient.phone)


def find_probable(session: Session, described: Described, *, other_than: UUID | None = None) -> list[Candidate]:
    """Return the records that are probably the described person's, the best grounds first.

    Looked at are those of the same name with a like birth date, and those with the same phone number.
    """
    ids = _ids_like(session, described)
    ids -= {other_than}
    if not ids:
        return []
    patients = session.scalars(
        sa.select(Patient).where(Patient.id.in_(ids)).options(selectinload(Patient.identifiers)).order_by(Patient.id)
    )
    found = [Candidate(patient, compare(described, describe(patient))) for patient in patients]
    return sorted((one for one in found if one.grounds), key=lambda one: -len(one.grounds))


def note_probable(
    session: Session, patient_id: UUID, described: Described, *, facility: str, now: datetime
) -> list[UUID]:
    """Note every record that is probably the same person as ``patient_id``; return their ids."""
    found = find_probable(session, described, other_than=patient_id)
    for one in found:
        note_pair(session, patient_id, one.patient.id, one.grounds, facility=facility, now=now)
    return [one.patient.id for one in found]


def note_pair(
    session: Session, one: UUID, other: UUID, grounds: Sequence[Ground], *, facility: str, now: datetime,
    number_system: IdentifierSystem | None = None,
) -> UUID | None:  # fmt: skip
    """Put two records on the review list; None for a pair that stands there, or that was decided before."""
    first_id, second_id = sorted((one, other))
    statement = (
        insert(session.get_bind().dialect.name, DuplicatePair)
        .values(
            id=uuid4(), facility_code=facility, first_id=first_id, second_id=second_id,
            grounds=[ground.value for ground in grounds], number_system=number_system, status=PairStatus.OPEN,
            found_at=now,
        )
        .on_conflict_do_nothing(index_elements=[DuplicatePair.first_id, DuplicatePair.second_id])
        .returning(DuplicatePair.id)
    )  # fmt: skip
    pair_id = session.execute(statement).scalar()
    if pair_id is not None:
        feed.publish(session, facility_code=facility, topic="duplicate", subject_id=pair_id, at=now)
    return pair_id


def list_pairs(session: Session, *, facility: str, after: UUID | None = None) -> PairPage:
    """Return the open pairs a facility found, oldest first; ``after`` is the last one shown. Raises NotFound."""
    first, second = aliased(Patient), aliased(Patient)
    query = (
        sa.select(DuplicatePair, first, second)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(*_open(facility), first.merged_into_id.is_(None), second.merged_into_id.is_(None))
        .options(selectinload(first.identifiers), selectinload(second.identifiers))
        .order_by(DuplicatePair.found_at, DuplicatePair.id)
        .limit(PAGE_LENGTH + 1)
    )
    if after is not None:
        last = session.execute(_of_facility(after, facility)).scalar_one_or_none()
        if last is None:
            raise _unknown()
        query = query.where(
            sa.or_(
                DuplicatePair.found_at > last.found_at,
                sa.and_(DuplicatePair.found_at == last.found_at, DuplicatePair.id > last.id),
            )
        )
    rows = session.execute(query).all()
    pairs = tuple(
        Pair(row.id, one, other, tuple(map(Ground, row.grounds)), row.number_system, row.found_at)
        for row, one, other in rows[:PAGE_LENGTH]
    )
    return PairPage(pairs, pairs[-1].id if len(rows) > PAGE_LENGTH else None)


def count_open_pairs(session: Session, *, facility: str) -> int:
    first, second = aliased(Patient), aliased(Patient)
    query = (
        sa.select(sa.func.count())
        .select_from(DuplicatePair)
        .join(first, first.id == DuplicatePair.first_id)
        .join(second, second.id == DuplicatePair.second_id)
        .where(*_open(facility), first.merged_into_id.is_(None), second.merged_into_id.is_(None))
    )
    return session.scalar(query) or 0


def keep_apart(session: Session, pair_id: UUID, *, reason: str, facility: str, by: str, now: datetime) -> None:
    """Note that a pair is two people: it is not asked again.

    Raises NotFound, StaleVersion once it is decided, Refused without a reason.
    """
    reason = checked_reason(reason)
    pair = session.scalar(_of_facility(pair_id, facility).with_for_update())
    if pair is None:
        raise _unknown()
    if pair.status is not PairStatus.OPEN:
        raise StaleVersion("pair")
    pair.status, pair.decided_at, pair.decided_by, pair.reason = PairStatus.DIFFERENT, now, by, reason
    for patient_id, other_id in ((pair.first_id, pair.second_id), (pair.second_id, pair.first_id)):
        audit.record(
            session, at=now, actor=f"staff:{by}", action="patient.kept-apart", subject_type="patient",
            subject_id=patient_id, details={"other": str(other_id)},
        )  # fmt: skip
    feed.publish(session, facility_code=facility, topic="duplicate", subject_id=pair.id, at=now)


def _of_facility(pair_id: UUID, facility: str) -> sa.Select[DuplicatePair]:
    return sa.select(DuplicatePair).where(DuplicatePair.id == pair_id, DuplicatePair.facility_code == facility)


def _unknown() -> NotFound:
    return NotFound("pair.unknown", "the facility has no such pair")


def _open(facility: str) -> tuple[sa.ColumnElement[bool], ...]:
    return DuplicatePair.facility_code == facility, DuplicatePair.status == PairStatus.OPEN


_WITH_PHONE: Final = Prepared(
    sa.select(Patient.id)
    .where(Patient.phone == sa.bindparam("phone"), Patient.merged_into_id.is_(None))
    .order_by(Patient.id)
    .limit(_CANDIDATES)
)


def _ids_like(session: Session, described: Described) -> set[UUID]:
    found: set[UUID] = set()
    if dates := birth_dates_like(described.identity.born_on):
        values = {f"date_{n}": date for n, date in enumerate(dates)}
        name = fold_name(described.identity.full_name)
        found.update(one for (one,) in _named_like(len(dates)).all(session, {**values, "folded_name": name}))
    if described.phone:
        found.update(one for (one,) in _WITH_PHONE.all(session, {"phone": described.phone}))
    return found


@cache
def _named_like(count: int) -> Prepared[UUID]:
    """Return the statement for ``count`` birth dates, made once: everybody who comes for the first time asks it."""
    return Prepared(
        sa.select(Patient.id)
        .where(
            Patient.folded_name == sa.bindparam("folded_name"),
            sa.or_(*(Patient.born_on == sa.bindparam(f"date_{n}") for n in range(count))),
            Patient.merged_into_id.is_(None),
        )
        .order_by(Patient.id)
        .limit(_CANDIDATES)
    )
