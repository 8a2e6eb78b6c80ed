from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.domain.catalogue import Payer
from server.domain.encounter import EncounterStatus, IssueCode
from server.domain.identity import IdentityAssurance
from server.facilities.models import Service
from server.fleet.models import Kiosk
from server.patients.models import Patient


class Encounter(Base):
    """One arrival of one patient (FHIR Encounter). Rows are cancelled, never deleted."""

    __tablename__ = "encounter"
    __table_args__ = (Index("ix_encounter_day", "facility_code", "local_day", "arrived_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    kiosk_id: Mapped[UUID | None] = mapped_column(ForeignKey("kiosk.id"))  # empty: registered at the desk

    request_key: Mapped[UUID] = mapped_column(unique=True)  # minted by the kiosk; a replay finds this row again
    fingerprint: Mapped[str]  # SHA-256 of the command without its offline ticket
    visit_code: Mapped[str] = mapped_column(unique=True)  # stands in the slip's QR

    status: Mapped[EncounterStatus] = mapped_column(default=EncounterStatus.ARRIVED)
    cancel_reason: Mapped[str | None]
    arrived_at: Mapped[datetime]
    received_at: Mapped[datetime]
    local_day: Mapped[date]  # of arrived_at, Asia/Ho_Chi_Minh
    language: Mapped[str]

    assurance: Mapped[IdentityAssurance]
    method: Mapped[str]
    access: Mapped[str | None]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    document_expires_on: Mapped[date | None]
    read_at: Mapped[datetime]

    insurance_card: Mapped[str | None]  # personal
    insurance_facility: Mapped[str | None]
    insurance_from: Mapped[date | None]
    insurance_to: Mapped[date | None]

    payer: Mapped[Payer | None]  # whose price; empty: the desk decides
    price_vnd: Mapped[int | None]  # of the service for that payer on the day; a later change of prices leaves it

    unverified: Mapped[list[str]] = mapped_column(JSON)  # values of domain.encounter.Unverified
    version: Mapped[int] = mapped_column()  # optimistic: a stale update raises StaleDataError

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - read by SQLAlchemy

    patient: Mapped[Patient] = relationship()
    service: Mapped[Service] = relationship()
    kiosk: Mapped[Kiosk | None] = relationship()
    issues: Mapped[list["EncounterIssue"]] = relationship(
        back_populates="encounter", order_by="EncounterIssue.raised_at"
    )


class EncounterRepeat(Base):
    """A command that found its person registered already; a replay of it finds the same number again.

    It is not an arrival: the row goes if the kiosk says later that it gave a number of its own for it.
    """

    __tablename__ = "encounter_repeat"

    request_key: Mapped[UUID] = mapped_column(primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    fingerprint: Mapped[str]
    at: Mapped[datetime]


class EncounterIssue(Base):
    """Something about an encounter a member of staff must look at; settled, never deleted."""

    __tablename__ = "encounter_issue"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    code: Mapped[IssueCode]
    field: Mapped[str | None]
    recorded: Mapped[str | None]  # personal; what our record says
    presented: Mapped[str | None]  # personal; what the document says
    raised_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]  # the member of staff's username
    decision: Mapped[str | None]

    encounter: Mapped[Encounter] = relationship(back_populates="issues")


class Override(Base):
    """A member of staff put something about an encounter right: a fact of its own, never changed or deleted."""

    __tablename__ = "override"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    field: Mapped[str]  # what was changed, e.g. "service"
    old_value: Mapped[str | None]  # codes, as the field's own column holds them
    new_value: Mapped[str | None]
    reason: Mapped[str]
    by: Mapped[str]  # the member of staff's username
    at: Mapped[datetime]

    encounter: Mapped[Encounter] = relationship()
