from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base


class Facility(Base):
    """A hospital (FHIR Organization), known by its 5-digit facility code."""

    __tablename__ = "facility"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)  # invented; a production profile refuses to run with it


class Clinic(Base):
    """A department patients are sent to."""

    __tablename__ = "clinic"
    __table_args__ = (UniqueConstraint("facility_code", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]

    rooms: Mapped[list["Room"]] = relationship(back_populates="clinic", order_by="Room.name")


class Room(Base):
    """A room of a clinic; ``name`` and ``floor`` as they stand on the door and on the slip."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"))
    name: Mapped[str]
    floor: Mapped[str]

    clinic: Mapped[Clinic] = relationship(back_populates="rooms")


class Service(Base):
    """One thing a patient can choose; withdrawn, never deleted, as encounters refer to it."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("facility_code", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int]  # order on the kiosk's screen
    withdrawn_on: Mapped[date | None]

    clinic: Mapped[Clinic] = relationship()
    prices: Mapped[list["ServicePrice"]] = relationship(order_by="ServicePrice.valid_from")


class ServicePrice(Base):
    """What a service costs from a day on, until the next row's day."""

    __tablename__ = "service_price"
    __table_args__ = (CheckConstraint("price_vnd >= 0", name="not_negative"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    price_vnd: Mapped[int]
