"""People: who they are, the numbers they are known by, who belongs to them, and what was put right about them."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    Connection,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    delete,
    event,
    false,
    insert,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
from sqlalchemy.orm.attributes import get_history

from server.db import Base
from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex
from server.domain.relations import Relationship

# Compared byte by byte on both databases: an order that the database's language setting cannot change.
_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
_HAS_PHONE = text("phone IS NOT NULL")
_IS_MERGED = text("merged_into_id IS NOT NULL")


class Patient(Base):
    """One person (FHIR Patient). Rows are never deleted; one that was merged points to the record that goes on."""

    __tablename__ = "patient"
    __table_args__ = (
        # Each with all that its search looks at, so that it reads the index only; in the list's order where it can be,
        # so that it ends with the page: of a year's ten thousand a frequent name takes a few hundred.
        Index("ix_patient_name", "folded_name", "id", "merged_into_id"),
        Index("ix_patient_birth_year", "birth_year", "folded_name", "id", "merged_into_id"),
        Index("ix_patient_born_on", "born_on", "folded_name", "id", "merged_into_id"),
        # Of those who have one only: nearly all have none, and SQLite's planner then takes the index for useless.
        Index("ix_patient_phone", "phone", sqlite_where=_HAS_PHONE, postgresql_where=_HAS_PHONE),
        Index("ix_patient_merged_into_id", "merged_into_id", sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    full_name: Mapped[str]  # personal
    # Both with their old value at hand, whatever was loaded: PatientNameWord follows them.
    folded_name: Mapped[str] = mapped_column(_BYTEWISE, active_history=True)  # personal; fold_name of it
    born_on: Mapped[str | None] = mapped_column(_BYTEWISE)  # personal; FHIR date, YYYY[-MM[-DD]]
    birth_year: Mapped[int | None] = mapped_column(active_history=True)  # of born_on; an index can begin with it
    is_birth_estimated: Mapped[bool] = mapped_column(default=False, server_default=false())  # staff guessed the year
    sex: Mapped[Sex]
    address: Mapped[str | None]  # personal
    phone: Mapped[str | None]  # personal; domain.phone.normal_phone
    nationality: Mapped[str | None]
    ethnicity: Mapped[str | None]  # personal
    is_unidentified: Mapped[bool] = mapped_column(default=False, server_default=false())  # nobody can say who it is
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()  # optimistic: a stale update raises StaleDataError

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    identifiers: Mapped[list["PatientIdentifier"]] = relationship(back_populates="patient")

    @property
    def identity(self) -> PersonIdentity:
        """The record as the rules see it, with its live numbers."""
        return PersonIdentity(
            full_name=self.full_name,
            born_on=PartialDate.parse(self.born_on) if self.born_on else None,
            sex=self.sex,
            identifiers=tuple(Identifier(i.system, i.value) for i in self.identifiers if i.valid_to is None),
            address=self.address,
            nationality=self.nationality,
            ethnicity=self.ethnicity,
        )

    @validates("born_on")
    def _keep_birth_year(self, _: str, born_on: str | None) -> str | None:
        # No computed column: SQLite takes no index for covering that holds one, and would read every row.
        self.birth_year = int(born_on[:4]) if born_on else None
        return born_on


class PatientNameWord(Base):
    """One word of one patient's name, beside the birth year: how a name typed in any order is found among a million.

    A merged record keeps its words, so that the person is found by an old name too. ``server.patients.models`` keeps
    the words of what the ORM writes; who inserts patients by a statement of their own stores ``words_of`` with them.
    """

    __tablename__ = "patient_name_word"
    # SQLite keeps the rows in the key itself: nothing else is ever read of them.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - read by SQLAlchemy

    birth_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # without one, no words are kept
    word: Mapped[str] = mapped_column(_BYTEWISE, primary_key=True)  # personal
    folded_name: Mapped[str] = mapped_column(_BYTEWISE, primary_key=True)  # personal; the whole, as in the record
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), primary_key=True)


def words_of(patient_id: UUID, folded_name: str, birth_year: int | None) -> list[dict[str, Any]]:
    """Return the rows of PatientNameWord for one record, none for a record without a birth year."""
    if birth_year is None:
        return []
    return [
        {"birth_year": birth_year, "word": word, "folded_name": folded_name, "patient_id": patient_id}
        for word in sorted(set(folded_name.split()))
    ]


_FORGET_WORD: Final = delete(PatientNameWord).where(
    PatientNameWord.birth_year == bindparam("old_birth_year"),
    PatientNameWord.word == bindparam("old_word"),
    PatientNameWord.folded_name == bindparam("old_folded_name"),
    PatientNameWord.patient_id == bindparam("old_patient_id"),
)


@event.listens_for(Patient, "after_insert")
@event.listens_for(Patient, "after_update")
def _keep_words(_: object, connection: Connection, patient: Patient) -> None:
    before = words_of(patient.id, _before(patient, "folded_name") or "", _before(patient, "birth_year"))
    after = words_of(patient.id, patient.folded_name, patient.birth_year)
    if before == after:
        return
    if before:
        connection.execute(_FORGET_WORD, [{f"old_{name}": value for name, value in row.items()} for row in before])
    if after:
        connection.execute(insert(PatientNameWord), after)


def _before(patient: Patient, field: str) -> Any:
    """Return what the row held before this flush; None in a new row."""
    history = get_history(patient, field)
    return next(iter(history.deleted or history.unchanged), None)


class PatientIdentifier(Base):
    """A number a person is known by. Of the live rows (``valid_to`` empty) only one may hold a system's value.

    This index, not the look-up before it, is what makes two kiosks that register one new citizen at the same moment
    make one patient.
    """

    __tablename__ = "patient_identifier"
    __table_args__ = (
        Index(
            "uq_patient_identifier_live",
            "system",
            "value",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    system: Mapped[IdentifierSystem]
    value: Mapped[str] = mapped_column(index=True)  # personal; former holders are found too
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    source: Mapped[str]  # how we learnt it: the evidence's method

    patient: Mapped[Patient] = relationship(back_populates="identifiers")


class RelatedPerson(Base):
    """Somebody who belongs to a patient (FHIR RelatedPerson): a newborn's mother, a child's companion."""

    __tablename__ = "related_person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    relative_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), index=True)  # where they have a record
    relationship: Mapped[Relationship]
    full_name: Mapped[str]  # personal
    phone: Mapped[str | None]  # personal
    noted_at: Mapped[datetime]
    noted_by: Mapped[str]  # the member of staff's username
    ended_at: Mapped[datetime | None]


class PatientChange(Base):
    """One field of a record was changed: a fact of its own, never changed or deleted."""

    __tablename__ = "patient_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    version: Mapped[int]  # of the record after the change
    field: Mapped[str]  # a column's name, or an identifier's system
    old_value: Mapped[str | None]  # personal
    new_value: Mapped[str | None]  # personal
    reason: Mapped[str | None]
    by: Mapped[str]  # "staff:<username>", "kiosk:<id>"
    at: Mapped[datetime]


class PatientMerge(Base):
    """Two records were found to be one person's; ``moved`` names every row that changed hands, for the way back."""

    __tablename__ = "patient_merge"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    survivor_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    merged_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    moved: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # kind of row -> ids, and the fields that were filled
    reason: Mapped[str]
    by: Mapped[str]  # the member of staff's username
    at: Mapped[datetime]
    undone_reason: Mapped[str | None]
    undone_by: Mapped[str | None]
    undone_at: Mapped[datetime | None]


class PairStatus(StrEnum):
    OPEN = "open"
    DIFFERENT = "different"  # two people, somebody decided; not asked again
    MERGED = "merged"


class DuplicatePair(Base):
    """Two records that may be one person's; each pair stands here once, the lower id first."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        Index("ix_duplicate_pair_list", "facility_code", "status", "found_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))  # where it was found
    first_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    grounds: Mapped[list[str]] = mapped_column(JSON)  # values of domain.duplicates.Ground
    number_system: Mapped[IdentifierSystem | None]  # of the number both claim
    status: Mapped[PairStatus] = mapped_column(default=PairStatus.OPEN)
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]  # the member of staff's username
    reason: Mapped[str | None]
