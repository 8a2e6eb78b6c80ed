"""Finding people by number, phone, slip, letter, or name and birth date, in time that does not grow with their number.

Every list is in the order of folded name and id, and goes on from the last one shown. Whoever shows what was found
records that it was read.
"""

import base64
import binascii
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.domain.identity import Identifier, PartialDate, PersonIdentity
from server.domain.matching import KnownPerson
from server.domain.search import CodeQuery, NameQuery, NothingToSearch, NumberQuery, Query
from server.patients.models import Patient, PatientIdentifier
from server.registration.models import Encounter

_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last person of a page."""

    folded_name: str
    id: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` gave; raises ValueError."""
        try:
            key, _, folded_name = base64.urlsafe_b64decode(text.encode("ascii")).decode().partition(" ")
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("not a cursor") from error
        return cls(folded_name, UUID(key))

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.id} {self.folded_name}".encode()).decode()


@dataclass(frozen=True, slots=True)
class PatientPage:
    """People with their live numbers; ``next`` asks for the following page, None ends the list."""

    people: tuple[KnownPerson, ...]
    next: Cursor | None


def search_patients(session: Session, query: Query, *, after: Cursor | None = None, limit: int = 20) -> PatientPage:
    """Return the people ``query`` means, at most ``limit``; numbers are found in their former holders' records too."""
    condition = _condition(query)
    if condition is None:
        return PatientPage((), None)
    # Only what an index holds, so that of a birth year's ten thousand people no row is read that is not shown.
    statement = (
        sa.select(Patient.id, Patient.folded_name)
        .where(*condition, Patient.merged_into_id.is_(None))
        .order_by(Patient.folded_name, Patient.id)
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(
            # The first half alone would do; it is what lets the index begin at the right place.
            Patient.folded_name >= after.folded_name,
            sa.or_(Patient.folded_name > after.folded_name, Patient.id > after.id),
        )
    found = session.connection().execute(statement).all()
    shown = found[:limit]
    people = _people(session, [row.id for row in shown])
    return PatientPage(people, Cursor(shown[-1].folded_name, shown[-1].id) if len(found) > limit else None)


_PEOPLE: Final = sa.select(
    Patient.id,
    Patient.full_name,
    Patient.born_on,
    Patient.sex,
    Patient.address,
    Patient.nationality,
    Patient.ethnicity,
).where(Patient.id.in_(sa.bindparam("ids", expanding=True)))
_NUMBERS_OF: Final = (
    sa.select(PatientIdentifier.patient_id, PatientIdentifier.system, PatientIdentifier.value)
    .where(PatientIdentifier.patient_id.in_(sa.bindparam("ids", expanding=True)), PatientIdentifier.valid_to.is_(None))
    .order_by(PatientIdentifier.system, PatientIdentifier.value)
)


def _people(session: Session, ids: list[UUID]) -> tuple[KnownPerson, ...]:
    """Return the people with these ids, in their order."""
    rows = {row.id: row for row in session.connection().execute(_PEOPLE, {"ids": ids})}
    numbers = _live_numbers(session, ids)
    return tuple(
        KnownPerson(
            one,
            PersonIdentity(
                full_name=rows[one].full_name,
                born_on=PartialDate.parse(rows[one].born_on) if rows[one].born_on else None,
                sex=rows[one].sex,
                identifiers=tuple(numbers[one]),
                address=rows[one].address,
                nationality=rows[one].nationality,
                ethnicity=rows[one].ethnicity,
            ),
        )
        for one in ids
    )


def _live_numbers(session: Session, ids: list[UUID]) -> Mapping[UUID, list[Identifier]]:
    numbers: dict[UUID, list[Identifier]] = defaultdict(list)
    for row in session.connection().execute(_NUMBERS_OF, {"ids": ids}):
        numbers[row.patient_id].append(Identifier(row.system, row.value))
    return numbers


def _condition(query: Query) -> tuple[sa.ColumnElement[bool], ...] | None:
    match query:
        case NothingToSearch():
            return None
        case CodeQuery(code):
            came = sa.select(Encounter.patient_id).where(Encounter.visit_code == code)
            is_due = sa.select(Appointment.patient_id).where(Appointment.code == code)
            return (Patient.id.in_(came.union_all(is_due)),)
        case NumberQuery(value):
            holders = sa.select(PatientIdentifier.patient_id).where(PatientIdentifier.value == value)
            reached = sa.select(Patient.id).where(Patient.phone == value)
            return (Patient.id.in_(holders.union_all(reached)),)
        case NameQuery(words, None):
            # Without a birth date the name is read from its beginning: this is what an index can answer.
            return _begins(" ".join(words))
        case NameQuery(words, born_on):
            assert born_on is not None
            return (_born(born_on), *(_has_word(word) for word in words))


def _begins(text: str) -> tuple[sa.ColumnElement[bool], ...]:
    # A range and not LIKE: both databases answer it from the index, and no letter means anything else.
    return Patient.folded_name >= text, Patient.folded_name < text + "\U0010ffff"


def _has_word(beginning: str) -> sa.ColumnElement[bool]:
    escaped = "".join(_ESCAPE + letter if letter in (_ESCAPE, "%", "_") else letter for letter in beginning)
    return (sa.literal(" ") + Patient.folded_name).like(f"% {escaped}%", escape=_ESCAPE)


def _born(born_on: PartialDate) -> sa.ColumnElement[bool]:
    """Return the condition for everybody whose record agrees with a date, year-only records included."""
    if born_on.month is None:
        return Patient.birth_year == born_on.year
    year, text = f"{born_on.year:04d}", str(born_on)
    if born_on.day is None:
        return sa.or_(Patient.born_on == year, sa.and_(Patient.born_on >= text, Patient.born_on < text + "~"))
    return Patient.born_on.in_([text, text[:7], year])
