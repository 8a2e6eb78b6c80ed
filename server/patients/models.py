from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.domain.identity import IdentifierSystem, Sex

# Compared byte by byte on both databases: an order that the database's language setting cannot change.
_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")


class Patient(Base):
    """One person (FHIR Patient). Rows are never deleted."""

    __tablename__ = "patient"
    __table_args__ = (Index("ix_patient_name", "folded_name", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    full_name: Mapped[str]  # personal
    folded_name: Mapped[str] = mapped_column(_BYTEWISE)  # personal; domain.identity.fold_name of it
    born_on: Mapped[str | None] = mapped_column(_BYTEWISE, index=True)  # personal; FHIR date, YYYY[-MM[-DD]]
    sex: Mapped[Sex]
    address: Mapped[str | None]  # personal
    nationality: Mapped[str | None]
    ethnicity: Mapped[str | None]  # personal
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()  # optimistic: a stale update raises StaleDataError

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    identifiers: Mapped[list["PatientIdentifier"]] = relationship(back_populates="patient")


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
