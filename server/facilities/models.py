from datetime import date, datetime, time
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.domain.appointments import EARLY_DAYS, GRACE_MIN, LATE_WORKING_DAYS
from server.domain.catalogue import DutySession, Payer
from server.domain.coverage import FacilityStanding, FormerLine, TechnicalLevel
from server.domain.identity import Sex


class Facility(Base):
    """A hospital (FHIR Organization), known by its 5-digit facility code."""

    __tablename__ = "facility"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_en: Mapped[str]
    is_demo: Mapped[bool] = mapped_column(default=False)  # invented; a production profile refuses to run with it
    visits_per_table: Mapped[int | None]  # of one table in eight hours; empty: nobody keeps a cap
    appointment_early_days: Mapped[int] = mapped_column(default=EARLY_DAYS)
    appointment_late_working_days: Mapped[int] = mapped_column(default=LATE_WORKING_DAYS)
    appointment_grace_min: Mapped[int] = mapped_column(default=GRACE_MIN)
    technical_level: Mapped[TechnicalLevel | None]  # with the next two, what insurance pays of a self-referred visit
    former_line: Mapped[FormerLine | None]
    rating_points: Mapped[int | None]  # of the ministry's rating; empty: not rated

    @property
    def standing(self) -> FacilityStanding | None:
        """What insurance goes by; None while nobody has said it."""
        if self.technical_level is None or self.former_line is None:
            return None
        return FacilityStanding(self.technical_level, self.former_line, self.rating_points)


class Holiday(Base):
    """A day on which a facility does not work; weekends need no row."""

    __tablename__ = "holiday"

    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]


class Clinic(Base):
    """A department patients are sent to."""

    __tablename__ = "clinic"
    __table_args__ = (UniqueConstraint("facility_code", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    code: Mapped[str]
    name: Mapped[str]
    name_en: Mapped[str]
    slot_min: Mapped[int | None]  # length of a bookable slot; empty: letters only
    slot_places: Mapped[int] = mapped_column(default=1)  # how many may book one slot

    rooms: Mapped[list["Room"]] = relationship(back_populates="clinic", order_by="Room.name")
    hours: Mapped[list["OpeningHours"]] = relationship(order_by="OpeningHours.weekday, OpeningHours.opens_at")


class OpeningHours(Base):
    """A span in which a clinic is open; a clinic without any is open always. Local times."""

    __tablename__ = "opening_hours"
    __table_args__ = (CheckConstraint("weekday BETWEEN 1 AND 7", name="iso_weekday"),)

    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)  # ISO: 1 is Monday
    opens_at: Mapped[time] = mapped_column(primary_key=True)
    closes_at: Mapped[time]


class Room(Base):
    """A room of a clinic; ``name`` and ``floor`` as they stand on the door and on the slip."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    clinic_id: Mapped[UUID] = mapped_column(ForeignKey("clinic.id"))
    name: Mapped[str]
    floor: Mapped[str]
    tables: Mapped[int] = mapped_column(default=1)  # examination tables, each with its own cap
    visits_per_table: Mapped[int | None]  # empty: the facility's

    clinic: Mapped[Clinic] = relationship(back_populates="rooms")


class RoomClosure(Base):
    """A time in which a room takes nobody; ended early by moving its end, never deleted."""

    __tablename__ = "room_closure"
    __table_args__ = (Index("ix_room_closure_room", "room_id", "ends_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    by: Mapped[str]  # the member of staff's username

    room: Mapped[Room] = relationship()


class Practitioner(Base):
    """A doctor (FHIR Practitioner); withdrawn, never deleted, as rosters and appointments refer to them."""

    __tablename__ = "practitioner"
    __table_args__ = (UniqueConstraint("facility_code", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    code: Mapped[str]
    full_name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")  # before the name, e.g. "BS CKI"
    licence: Mapped[str | None]  # number of the licence to practise (MA_BAC_SI of the insurance tables)
    withdrawn_on: Mapped[date | None]


class Duty(Base):
    """Who examines in a room in one session of a day; nobody is in two rooms at once."""

    __tablename__ = "duty"
    __table_args__ = (
        UniqueConstraint("practitioner_id", "local_day", "session"),
        Index("ix_duty_day", "local_day", "room_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    practitioner_id: Mapped[UUID] = mapped_column(ForeignKey("practitioner.id"))
    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    local_day: Mapped[date]
    session: Mapped[DutySession]

    practitioner: Mapped[Practitioner] = relationship()
    room: Mapped[Room] = relationship()


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
    for_sex: Mapped[Sex | None]  # whom it is meant for: orders the screen, refuses nobody
    age_from: Mapped[int | None]  # completed years
    age_below: Mapped[int | None]  # exclusive

    clinic: Mapped[Clinic] = relationship()
    prices: Mapped[list["ServicePrice"]] = relationship(order_by="ServicePrice.valid_from")


class ServicePrice(Base):
    """What a service costs one kind of payer from a day on, until the next row's day."""

    __tablename__ = "service_price"
    __table_args__ = (CheckConstraint("price_vnd >= 0", name="not_negative"),)

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)
    payer: Mapped[Payer] = mapped_column(primary_key=True, default=Payer.INSURED)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    price_vnd: Mapped[int]
    source: Mapped[str | None]  # the circular or resolution that sets it
