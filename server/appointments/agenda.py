"""A day's appointments as the desk sees them, and one appointment as its letter shows it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server.appointments.models import Appointment
from server.appointments.service import as_value, get_appointment, rules_of, window_of
from server.domain.appointments import UNUSED, AppointmentStatus, is_no_show, window
from server.domain.encounter import EncounterStatus
from server.domain.identity import fold_name
from server.facilities.load import holidays_of
from server.facilities.models import Clinic, Facility, Service
from server.registration.models import Encounter


@dataclass(frozen=True, slots=True)
class Letter:
    """What stands on the paper a patient takes home; ``first`` and ``last`` day are inclusive."""

    appointment: Appointment
    facility: Facility
    clinic: Clinic
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Promise:
    """One line of a day's list. ``good_until`` is the last day, inclusive, on which it opens a visit."""

    appointment: Appointment
    status: AppointmentStatus
    good_until: date
    came_without: bool
    """The person has made a visit since that used no appointment: perhaps the one this was meant for."""

    @property
    def is_open(self) -> bool:
        return self.status in UNUSED


def agenda_of(session: Session, facility: str, day: date, *, today: date) -> list[Promise]:
    """Return a day's appointments by time, letters without one last, as one looks people up: see ``_place``."""
    found = session.scalars(
        sa.select(Appointment)
        .where(Appointment.facility_code == facility, Appointment.due_on == day)
        .options(joinedload(Appointment.patient), joinedload(Appointment.service), joinedload(Appointment.practitioner))
        .order_by(Appointment.starts_at.is_(None), Appointment.starts_at, Appointment.booked_at, Appointment.id)
    )
    rules, holidays = rules_of(session, facility), holidays_of(session, facility)
    came = _came_without(session, facility, day)
    return [
        Promise(
            appointment=one,
            # What the keeper will write down in a moment is true already.
            status=AppointmentStatus.NOSHOW if is_no_show(as_value(one), on=today) else one.status,
            good_until=window(as_value(one), rules, holidays)[1],
            came_without=one.patient_id in came,
        )
        for one in sorted(found, key=_place)
    ]


def _came_without(session: Session, facility: str, day: date) -> set[UUID]:
    """Return those with an appointment on a day who have made a visit since without using one."""
    promised = sa.select(Appointment.patient_id).where(
        Appointment.facility_code == facility, Appointment.due_on == day, Appointment.encounter_id.is_(None)
    )
    return set(
        session.scalars(
            sa.select(Encounter.patient_id).where(
                Encounter.patient_id.in_(promised),
                Encounter.facility_code == facility,
                Encounter.local_day >= day,
                Encounter.status != EncounterStatus.CANCELLED,
                ~sa.exists().where(Appointment.encounter_id == Encounter.id),
            )
        )
    )


def _place(appointment: Appointment) -> tuple[bool, datetime, bool, str, str]:
    """Return where one stands in a day's list: of the same time, who is still to come first, then by given name.

    A Vietnamese list of people goes by the given name, which is written last.
    """
    name = fold_name(appointment.patient.full_name)
    starts_at = appointment.starts_at
    return (
        starts_at is None, starts_at or datetime.min.replace(tzinfo=UTC),
        appointment.status is not AppointmentStatus.BOOKED, name.rpartition(" ")[2], name,
    )  # fmt: skip


def letter_of(session: Session, appointment_id: UUID, *, facility: str) -> Letter:
    """Return what stands on an appointment's letter; raises NotFound."""
    appointment = get_appointment(session, appointment_id, facility=facility)
    first, last = window_of(session, appointment)
    return Letter(
        appointment=appointment,
        facility=session.get_one(Facility, facility),
        clinic=session.get_one(Clinic, appointment.service.clinic_id),
        first=first,
        last=last,
    )


def bookable_services(session: Session, facility: str, day: date) -> list[Service]:
    return list(
        session.scalars(
            sa.select(Service)
            .where(
                Service.facility_code == facility,
                sa.or_(Service.withdrawn_on.is_(None), Service.withdrawn_on > day),
            )
            .order_by(Service.position, Service.code)
        )
    )
