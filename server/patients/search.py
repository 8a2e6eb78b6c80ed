"""Finding people by number, phone, slip, letter, or name and birth date, in time that does not grow with their number.

Every list is in the order of folded name and id, and goes on from the last one shown; work ends with the page, not
with the number of people who would match. A record that was merged is found by its old name and phone and shown as
the one that goes on. Whoever shows what was found records that it was read.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any, Final, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex
from server.domain.matching import KnownPerson
from server.domain.search import CodeQuery, NameQuery, NothingToSearch, NumberQuery, PassportQuery, Query
from server.json_rows import json_row, json_rows
from server.patients.models import Patient, PatientIdentifier, PatientNameWord
from server.registration.models import Encounter

_ESCAPE: Final = "\\"
_LAST: Final = "\U0010ffff"
_FEW: Final = 200
"""Fewer of a year are gathered and sorted; of a word that more bear, a page is full after a look at about as many."""

_FEW_OF_SEVERAL: Final = 1000
"""The same for several words: many may bear each of them and hardly anybody all."""


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


class _By(Enum):
    """What the records of a page are picked by; each form of statement is made once."""

    CODE = auto()
    NUMBER = auto()
    PASSPORT = auto()
    NAME = auto()
    DATES = auto()
    YEAR = auto()  # through the year's people in the list's order, until the page is full
    WORD = auto()  # through the year's people who bear the rarest word: few, sorted
    ID = auto()


@dataclass(frozen=True, slots=True)
class _Found:
    """One record of a page. ``folded_name`` and ``id`` are its place in the list, merged or not."""

    folded_name: str
    id: UUID
    merged_into_id: UUID | None
    person: KnownPerson


def search_patients(session: Session, query: Query, *, after: Cursor | None = None, limit: int = 20) -> PatientPage:
    """Return the people ``query`` means, at most ``limit``; numbers are found in their former holders' records too.

    A page with merged records may show fewer and still have a next one.
    """
    values: dict[str, Any]
    match query:
        case NothingToSearch():
            return PatientPage((), None)
        case CodeQuery(code):
            by, words, values = _By.CODE, 0, {"code": code}
        case NumberQuery(value):
            by, words, values = _By.NUMBER, 0, {"number": value}
        case PassportQuery(number):
            by, words, values = _By.PASSPORT, 0, {"number": number}
        case NameQuery():
            by, words, values = _by_name(session, query)
    if after is not None:
        values |= {"after_name": after.folded_name, "after_id": after.id}
        if by is _By.NAME:  # SQLite begins at the first of two lower bounds, and would walk through the pages before
            values["begins"] = max(values["begins"], after.folded_name)
    found = _records(session, _page(by, words, after is not None, limit + 1), values)
    shown = found[:limit]
    return PatientPage(_live(session, shown), Cursor(shown[-1].folded_name, shown[-1].id) if found[limit:] else None)


def _by_name(session: Session, query: NameQuery) -> tuple[_By, int, dict[str, Any]]:
    """Return how to look for a name, for how many words, and their values."""
    if query.born_on is None:
        # Without a birth date the name is read from its beginning: this is what an index can answer.
        begins = " ".join(query.words)
        return _By.NAME, 0, {"begins": begins, "ends": begins + _LAST}
    by, values, words = _by_birth(session, query.born_on, query.words)
    # The longest first: most names fail it, and are not compared with the others.
    patterns = [_like(word) for word in sorted(words, key=lambda word: (-len(word), word))]
    return by, len(patterns), values | {f"word_{n}": pattern for n, pattern in enumerate(patterns)}


def _by_birth(
    session: Session, born_on: PartialDate, words: tuple[str, ...]
) -> tuple[_By, dict[str, Any], frozenset[str]]:
    """Return how to look for a birth date and words, the date's values, and the words still to be compared."""
    wanted = frozenset(words)
    if born_on.month is not None:
        return _By.DATES, {"dates": _agreeing(born_on)}, wanted
    values: dict[str, Any] = {"birth_year": born_on.year}
    rare = _rare_word(session, words, born_on.year)
    if rare is None:
        return _By.YEAR, values, wanted
    return _By.WORD, values | {"begins": rare, "ends": rare + _LAST}, wanted - {rare}


def _agreeing(born_on: PartialDate) -> list[str]:
    """Return every date on record that may be a given day or month: records that know the year only included."""
    year, month = f"{born_on.year:04d}", f"{born_on.year:04d}-{born_on.month:02d}"
    days = [born_on.day] if born_on.day is not None else range(1, 32)
    # Of a month too all its days, and no range: PostgreSQL reads a range beside single dates from the table itself.
    return [year, month, *(f"{month}-{day:02d}" for day in days)]


def _rare_word(session: Session, words: tuple[str, ...], birth_year: int) -> str | None:
    """Return the word that few people born in a year bear, None when there is none.

    Only the last and the first word are asked about: one of them is the given name, whichever way it is typed. The
    names between, Thị and Văn, are everybody's.
    """
    asked = tuple(dict.fromkeys((words[-1], words[0])))
    values: dict[str, Any] = {"birth_year": birth_year}
    for n, word in enumerate(asked):
        values |= {f"begins_{n}": word, f"ends_{n}": word + _LAST}
    few = _FEW if len(words) == 1 else _FEW_OF_SEVERAL
    rare = session.connection().execute(_first_rare(len(asked), few), values).scalar()
    return None if rare is None else asked[rare]


@lru_cache(maxsize=8)
def _first_rare(words: int, few: int) -> sa.Select[*tuple[Any, ...]]:
    """Return the statement that tells which of so many words is the first that fewer than ``few`` people bear."""

    def bearers(n: int) -> sa.ScalarSelect[int]:
        born = sa.select(PatientNameWord.word).where(
            PatientNameWord.birth_year == sa.bindparam("birth_year"),
            PatientNameWord.word >= sa.bindparam(f"begins_{n}"),
            PatientNameWord.word < sa.bindparam(f"ends_{n}"),
        )
        return sa.select(sa.func.count()).select_from(born.limit(_number(few)).subquery()).scalar_subquery()

    return sa.select(sa.case(*((bearers(n) < few, n) for n in range(words))))


_AFTER_NAME: Final = sa.bindparam("after_name", type_=sa.String())
_AFTER_ID: Final = sa.bindparam("after_id", type_=sa.Uuid())


@lru_cache(maxsize=256)
def _page(by: _By, words: int, goes_on: bool, limit: int) -> sa.Select[*tuple[Any, ...]]:
    """Return the statement for a page: its records in one value, in no certain order."""
    name, key = (
        (PatientNameWord.folded_name, PatientNameWord.patient_id)
        if by is _By.WORD
        else (Patient.folded_name, Patient.id)
    )
    conditions = [*_PICKED[by], *(_has_word(name, n) for n in range(words))]
    if goes_on:
        conditions.append(sa.tuple_(name, key) > sa.tuple_(_AFTER_NAME, _AFTER_ID))
    # Only what an index holds, so that of a birth year's ten thousand people no row is read that is not shown. Of two
    # words of one person that both begin as typed, one row is kept.
    places = sa.select(key.label("id"), name.label("name")).where(*conditions).order_by(name, key).limit(_number(limit))
    page = (places.distinct() if by is _By.WORD else places).subquery("page")
    return sa.select(json_rows(_RECORD)).select_from(page).join(Patient, Patient.id == page.c.id)


_NUMBERS: Final = (
    sa.select(json_rows(json_row(PatientIdentifier.system, PatientIdentifier.value)))
    .where(PatientIdentifier.patient_id == Patient.id, PatientIdentifier.valid_to.is_(None))
    .correlate(Patient)
    .scalar_subquery()
)
_RECORD: Final = json_row(
    Patient.folded_name,
    Patient.id,
    Patient.merged_into_id,
    Patient.full_name,
    Patient.born_on,
    Patient.sex,
    Patient.address,
    Patient.nationality,
    Patient.ethnicity,
    _NUMBERS,
)


def _records(session: Session, statement: sa.Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[_Found]:
    rows: list[list[Any]] = session.connection().execute(statement, values).scalar_one()
    return sorted((_record(*row) for row in rows), key=lambda one: (one.folded_name, one.id))


def _record(
    folded_name: str, key: str, merged_into: str | None, full_name: str, born_on: str | None, sex: str,
    address: str | None, nationality: str | None, ethnicity: str | None, numbers: list[list[str]],
) -> _Found:  # fmt: skip
    identity = PersonIdentity(
        full_name=full_name,
        born_on=PartialDate.parse(born_on) if born_on else None,
        sex=Sex(sex),
        identifiers=tuple(Identifier(IdentifierSystem(system), value) for system, value in sorted(numbers)),
        address=address,
        nationality=nationality,
        ethnicity=ethnicity,
    )
    patient_id = UUID(key)
    return _Found(
        folded_name, patient_id, UUID(merged_into) if merged_into else None, KnownPerson(patient_id, identity)
    )


def _live(session: Session, found: Sequence[_Found]) -> tuple[KnownPerson, ...]:
    """Return the people of these records in their order, each once, as the record that goes on knows them."""
    records = {one.id: one for one in found}
    while missing := {one.merged_into_id for one in records.values()} - {None, *records}:
        survivors = _records(session, _page(_By.ID, 0, False, len(missing)), {"ids": list(missing)})
        records |= {one.id: one for one in survivors}
    people: dict[UUID, KnownPerson] = {}
    for one in found:
        while one.merged_into_id is not None:
            one = records[one.merged_into_id]
        people.setdefault(one.id, one.person)
    return tuple(people.values())


def _like(beginning: str) -> str:
    """Return the pattern for a name in which a word begins so; ``%`` and ``_`` are letters like any other."""
    escaped = "".join(_ESCAPE + letter if letter in (_ESCAPE, "%", "_") else letter for letter in beginning)
    return f"% {escaped}%"


def _has_word(name: sa.SQLColumnExpression[str], n: int) -> sa.ColumnElement[bool]:
    return (sa.literal(" ") + name).like(sa.bindparam(f"word_{n}"), escape=_ESCAPE)


def _number(value: int) -> sa.ColumnElement[int]:
    # Written out: PostgreSQL's planner takes a limit that it does not know for a tenth of the table.
    return sa.literal_column(str(value), sa.Integer)


def _within(column: sa.SQLColumnExpression[str]) -> tuple[sa.ColumnElement[bool], ...]:
    # A range and not LIKE: both databases answer it from the index, and no letter means anything else.
    return column >= sa.bindparam("begins"), column < sa.bindparam("ends")


_CAME: Final = sa.select(Encounter.patient_id).where(Encounter.visit_code == sa.bindparam("code"))
_IS_DUE: Final = sa.select(Appointment.patient_id).where(Appointment.code == sa.bindparam("code"))
_TYPES_LETTER: Final = sa.select(Appointment.patient_id).where(Appointment.short_code == sa.bindparam("code"))
_HOLDS: Final = sa.select(PatientIdentifier.patient_id).where(PatientIdentifier.value == sa.bindparam("number"))
# Read from the live numbers' index, of which foreigners are a small part; former holders' records are not.
_BEARS: Final = sa.select(PatientIdentifier.patient_id).where(
    PatientIdentifier.system == IdentifierSystem.PASSPORT,
    PatientIdentifier.valid_to.is_(None),
    sa.func.substr(PatientIdentifier.value, len("FRA/") + 1) == sa.bindparam("number"),
)
_IS_REACHED: Final = sa.select(Patient.id).where(Patient.phone == sa.bindparam("number"))
_PICKED: Final[dict[_By, tuple[sa.ColumnElement[bool], ...]]] = {
    _By.CODE: (Patient.id.in_(_CAME.union_all(_IS_DUE, _TYPES_LETTER)),),
    _By.PASSPORT: (Patient.id.in_(_BEARS),),
    _By.NUMBER: (Patient.id.in_(_HOLDS.union_all(_IS_REACHED)),),
    _By.NAME: _within(Patient.folded_name),
    _By.DATES: (Patient.born_on.in_(sa.bindparam("dates", expanding=True)),),
    _By.YEAR: (Patient.birth_year == sa.bindparam("birth_year"),),
    _By.WORD: (PatientNameWord.birth_year == sa.bindparam("birth_year"), *_within(PatientNameWord.word)),
    _By.ID: (Patient.id.in_(sa.bindparam("ids", expanding=True)),),
}
