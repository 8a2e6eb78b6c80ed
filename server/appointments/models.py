from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.domain.appointments import AppointmentSource, AppointmentStatus
from server.facilities.models import Practitioner, Service
from server.patients.models import Patient
from server.registration.models import Encounter

BOOKED = text("status = 'booked'")
"""Promises nobody has come to yet; written out, as SQLite sees only so that the index fits."""


class Appointment(Base):
    """A time or a day promised to a patient (FHIR Appointment). Rows are cancelled or used, never deleted."""

    __tablename__ = "appointment"
    __table_args__ = (
        Index("ix_appointment_day", "facility_code", "due_on", "starts_at", "id"),
        UniqueConstraint("short_code", "facility_code"),
        # What days that are over have left booked: found without reading the years before.
        Index("ix_appointment_booked", "due_on", "id", sqlite_where=BOOKED, postgresql_where=BOOKED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    request_key: Mapped[UUID] = mapped_column(unique=True)  # minted by who books; a replay finds this row again
    code: Mapped[str] = mapped_column(unique=True)  # stands in the letter's QR behind TA1:
    short_code: Mapped[str | None]  # digits to type, one a check; empty: printed without
    number: Mapped[str | None]  # the hospital's number of the letter (SO_GIAYHEN_KL)
    source: Mapped[AppointmentSource]
    status: Mapped[AppointmentStatus] = mapped_column(default=AppointmentStatus.BOOKED)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    practitioner_id: Mapped[UUID | None] = mapped_column(ForeignKey("practitioner.id"))
    due_on: Mapped[date]  # local day
    starts_at: Mapped[datetime | None]  # empty: the letter names a day only
    from_encounter_id: Mapped[UUID | None] = mapped_column(ForeignKey("encounter.id"), unique=True)  # one of each visit
    encounter_id: Mapped[UUID | None] = mapped_column(ForeignKey("encounter.id"), unique=True)  # the visit that used it
    used_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    booked_at: Mapped[datetime]
    booked_by: Mapped[str]  # an actor, e.g. "staff:le.tan"
    version: Mapped[int] = mapped_column()  # optimistic: a stale update raises StaleDataError

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    patient: Mapped[Patient] = relationship()
    service: Mapped[Service] = relationship()
    practitioner: Mapped[Practitioner | None] = relationship()
    encounter: Mapped[Encounter | None] = relationship(foreign_keys=encounter_id)
