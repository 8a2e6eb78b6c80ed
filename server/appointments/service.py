"""Promising a time or a day to a patient, finding the promise again, and using it once."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit, feed
from server.appointments.models import Appointment
from server.appointments.slots import check_slot
from server.db import claim
from server.domain import appointments as rules
from server.domain.appointments import (
    UNUSED,
    USABLE,
    AppointmentSource,
    AppointmentStatus,
    CheckIn,
)
from server.domain.codes import SHORT_CODES, code_from, is_short_code, short_code_from
from server.domain.days import local_day
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.load import holidays_of
from server.facilities.models import Facility, Practitioner, Service
from server.registration.models import Encounter

BOOKED_AHEAD: Final = timedelta(days=400)
"""A re-examination of a long illness may be a year away; further is a typing mistake."""

_LOCKS: Final = UUID("7c9a4b52-5a0f-4e0e-8f5e-0a9b1d2c3e4f")  # names the advisory locks of this module


@dataclass(frozen=True, slots=True)
class Booking:
    """What is to be promised: ``starts_at`` (an aware instant) or ``due_on`` (a local day). ``doctor`` is a code."""

    request_key: UUID
    service: str
    starts_at: datetime | None = None
    due_on: date | None = None
    doctor: str | None = None
    number: str | None = None
    from_encounter_id: UUID | None = None

    @property
    def source(self) -> AppointmentSource:
        return AppointmentSource.LETTER if self.starts_at is None else AppointmentSource.SLOT

    @property
    def day(self) -> date:
        if self.starts_at is not None:
            return local_day(self.starts_at)
        if self.due_on is None:
            raise Refused("appointment.no_day", "neither a time nor a day")
        return self.due_on


def book(session: Session, booking: Booking, *, patient_id: UUID, facility: str, by: str, now: datetime) -> Appointment:
    """Promise what ``booking`` says and return the appointment; the first one when it is sent again.

    Belongs inside ``Database.transact``. Raises Refused for a key used for something else, an unknown service or
    doctor, a day that has passed or is a holiday, a slot that does not exist or is full, and for a person who has an
    appointment of the service on the day.
    """
    claim(session, booking.request_key)
    stored = session.scalar(sa.select(Appointment).where(Appointment.request_key == booking.request_key))
    if stored is not None:
        if (stored.patient_id, stored.due_on, stored.starts_at) != (patient_id, booking.day, booking.starts_at):
            raise Refused("request.key_reused", "this key was used for another appointment")
        return stored
    service = _service(session, facility, booking)
    doctor_id = _doctor(session, facility, booking)
    _check_day(session, facility, booking, now)
    _check_origin(session, booking, facility, patient_id)
    # One lock for a clinic's day: two desks must not both see the last place, nor one person get two promises.
    claim(session, uuid5(_LOCKS, f"{service.clinic_id}/{booking.day}"))
    _check_person(session, patient_id, service.id, booking.day)
    if booking.starts_at is not None:
        check_slot(session, service, booking.starts_at)
    appointment = Appointment(
        id=uuid4(),
        facility_code=facility,
        request_key=booking.request_key,
        code=code_from(secrets.token_bytes(13)),
        short_code=_free_short_code(session, facility),
        number=booking.number,
        source=booking.source,
        status=AppointmentStatus.BOOKED,
        patient_id=patient_id,
        service_id=service.id,
        practitioner_id=doctor_id,
        due_on=booking.day,
        starts_at=booking.starts_at,
        from_encounter_id=booking.from_encounter_id,
        booked_at=now,
        booked_by=by,
    )
    session.add(appointment)
    session.flush()
    note(session, appointment, "appointment.booked", {"service": service.code, "due_on": str(booking.day)}, by, now)
    return appointment


def cancel(
    session: Session, appointment_id: UUID, *, facility: str, reason: str, by: str, now: datetime,
    version: int | None = None,
) -> Appointment:  # fmt: skip
    """Take a promise back; cancelling it again changes nothing.

    ``version`` is the appointment's as the page showed it. Raises NotFound, StaleVersion, and Refused once it was used.
    """
    appointment = get_appointment(session, appointment_id, facility=facility)
    if appointment.status is AppointmentStatus.CANCELLED:
        return appointment
    if version is not None and appointment.version != version:
        raise StaleVersion("appointment")
    if appointment.status is AppointmentStatus.FULFILLED:
        raise Refused("appointment.used", "the patient has come already")
    appointment.status = AppointmentStatus.CANCELLED
    appointment.cancel_reason = reason
    session.flush()
    note(session, appointment, "appointment.cancelled", {}, by, now)
    return appointment


def get_appointment(session: Session, appointment_id: UUID, *, facility: str) -> Appointment:
    """Return an appointment of the facility; raises NotFound, for another facility's too."""
    appointment = session.scalar(
        sa.select(Appointment)
        .where(Appointment.id == appointment_id, Appointment.facility_code == facility)
        .options(joinedload(Appointment.service), joinedload(Appointment.practitioner), joinedload(Appointment.patient))
    )
    if appointment is None:
        raise NotFound("appointment.unknown", "the facility has no such appointment")
    return appointment


def find_by_code(session: Session, code: str, *, facility: str) -> Appointment | None:
    """Return the appointment of a code off a QR, of any facility, or of a typed one, which is the facility's own."""
    if is_short_code(code):
        return session.scalar(sa.select(Appointment).filter_by(facility_code=facility, short_code=code))
    return session.scalar(sa.select(Appointment).where(Appointment.code == code))


def promised_today(
    session: Session, patient_id: UUID, *, facility: str, service_id: UUID, at: datetime
) -> Appointment | None:
    """Return the appointment that a person who came at an instant most likely came for; None without one of the day.

    The one of the service they got a number for goes before others, and then the nearest in time.
    """
    rows = session.scalars(
        sa.select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.facility_code == facility,
            Appointment.due_on == local_day(at),
            Appointment.status.in_(UNUSED),
        )
        .options(joinedload(Appointment.service))
    ).all()
    return min(
        rows, key=lambda one: (one.service_id != service_id, abs((one.starts_at or at) - at), one.id), default=None
    )


def is_by_appointment(session: Session, encounter_id: UUID) -> bool:
    """Whether a visit used an appointment."""
    return encounter_id in encounters_by_appointment(session, [encounter_id])


def encounters_by_appointment(session: Session, encounter_ids: Collection[UUID]) -> set[UUID]:
    """Return those of some visits that used an appointment."""
    used = session.scalars(sa.select(Appointment.encounter_id).where(Appointment.encounter_id.in_(encounter_ids)))
    return {encounter_id for encounter_id in used if encounter_id is not None}


def kept_time(
    session: Session, encounter_id: UUID, *, service_id: UUID, facility: str, arrived_at: datetime
) -> datetime | None:
    """Return the booked time that a visit keeps, from which on it counts in the order of calls; None without one.

    A time booked of another service than the visit's gives no turn there.
    """
    appointment = session.scalar(
        sa.select(Appointment).where(Appointment.encounter_id == encounter_id, Appointment.service_id == service_id)
    )
    if appointment is None:
        return None
    return rules.due_at(as_value(appointment), arrived_at=arrived_at, rules=rules_of(session, facility))


def use(
    session: Session, code: str, *, facility: str, patient_id: UUID, encounter_id: UUID, at: datetime, now: datetime,
    by: str,
) -> CheckIn | None:  # fmt: skip
    """Mark the appointment of a code as used by an encounter; return what the rules say of it, None for no such code.

    Belongs to the transaction that registers the encounter. Of two that use one appointment at the same moment one
    gets it, and the other is told that it is used. ``at`` is when the patient arrived.
    """
    appointment = find_by_code(session, code, facility=facility)
    if appointment is None:
        return None
    outcome = outcome_of(session, appointment, facility=facility, patient_id=patient_id, at=at)
    if outcome not in USABLE:
        return outcome
    taken = session.execute(
        sa.update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.encounter_id.is_(None))
        .where(Appointment.status.in_(UNUSED))
        .values(
            status=AppointmentStatus.FULFILLED, encounter_id=encounter_id, used_at=now, version=Appointment.version + 1
        )
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    session.expire(appointment)
    if taken is None:
        return CheckIn.USED
    note(session, appointment, "appointment.used", {"encounter": str(encounter_id), "outcome": outcome.value}, by, now)
    return outcome


def release(session: Session, encounter_id: UUID, *, by: str, now: datetime) -> str | None:
    """Let the appointment a visit used be used again: the visit was taken back. Return its code, None without one."""
    appointment = session.scalar(sa.select(Appointment).where(Appointment.encounter_id == encounter_id))
    if appointment is None:
        return None
    appointment.status = AppointmentStatus.BOOKED
    appointment.encounter_id = appointment.used_at = None
    session.flush()
    note(session, appointment, "appointment.released", {"encounter": str(encounter_id)}, by, now)
    return appointment.code


def outcome_of(
    session: Session, appointment: Appointment, *, facility: str, at: datetime, patient_id: UUID | None = None
) -> CheckIn:
    """Return what the rules say of an appointment shown at an instant; ``patient_id``: by whom, where that is known."""
    return rules.check_in(
        as_value(appointment),
        at=at,
        facility=facility,
        rules=rules_of(session, appointment.facility_code),
        holidays=holidays_of(session, appointment.facility_code),
        is_same_person=patient_id is None or patient_id == appointment.patient_id,
    )


def as_value(appointment: Appointment) -> rules.Appointment:
    return rules.Appointment(
        facility=appointment.facility_code,
        source=appointment.source,
        status=appointment.status,
        due_on=appointment.due_on,
        starts_at=appointment.starts_at,
    )


def window_of(session: Session, appointment: Appointment) -> tuple[date, date]:
    """Return the first and the last day, inclusive, on which an appointment opens a visit."""
    facility = appointment.facility_code
    return rules.window(as_value(appointment), rules_of(session, facility), holidays_of(session, facility))


def rules_of(session: Session, facility: str) -> rules.Rules:
    found = session.get_one(Facility, facility)
    return rules.Rules(
        early_days=found.appointment_early_days,
        late_working_days=found.appointment_late_working_days,
        grace_min=found.appointment_grace_min,
    )


def _free_short_code(session: Session, facility: str) -> str:
    """Return a short code that no appointment of the facility has had; of a million drawn some hundred are taken."""
    while True:
        code = short_code_from(secrets.randbelow(SHORT_CODES))
        if find_by_code(session, code, facility=facility) is None:
            return code


def _service(session: Session, facility: str, booking: Booking) -> Service:
    service = session.scalar(sa.select(Service).filter_by(facility_code=facility, code=booking.service))
    if service is None:
        raise Refused("service.unknown", "the facility does not offer this service")
    if service.withdrawn_on is not None and service.withdrawn_on <= booking.day:
        raise Refused("service.withdrawn", "the facility no longer offers this service on that day")
    return service


def _doctor(session: Session, facility: str, booking: Booking) -> UUID | None:
    if booking.doctor is None:
        return None
    doctor = session.scalar(sa.select(Practitioner).filter_by(facility_code=facility, code=booking.doctor))
    if doctor is None or (doctor.withdrawn_on is not None and doctor.withdrawn_on <= booking.day):
        raise Refused("doctor.unknown", "the facility has no such doctor on that day")
    return doctor.id


def _check_day(session: Session, facility: str, booking: Booking, now: datetime) -> None:
    today = local_day(now)
    if booking.day < today or (booking.starts_at is not None and booking.starts_at <= now):
        raise Refused("appointment.past", "that day or time has passed")
    if booking.day > today + BOOKED_AHEAD:
        raise Refused("appointment.too_far", f"more than {BOOKED_AHEAD.days} days ahead")
    if booking.day in holidays_of(session, facility):
        raise Refused("appointment.holiday", "the hospital does not work on that day")


def _check_origin(session: Session, booking: Booking, facility: str, patient_id: UUID) -> None:
    """The visit an appointment closes is the person's own, and closes with this one only (Circular 01/2025 art. 12)."""
    if booking.from_encounter_id is None:
        return
    visit = session.get(Encounter, booking.from_encounter_id)
    if visit is None or (visit.facility_code, visit.patient_id) != (facility, patient_id):
        raise Refused("appointment.foreign_visit", "the visit is not one of this person here")
    if session.scalar(sa.select(Appointment.id).where(Appointment.from_encounter_id == visit.id)) is not None:
        raise Refused("appointment.visit_has_one", "the visit ended with an appointment already")


def _check_person(session: Session, patient_id: UUID, service_id: UUID, day: date) -> None:
    promised = session.scalar(
        sa.select(Appointment.id)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.service_id == service_id,
            Appointment.due_on == day,
            Appointment.status == AppointmentStatus.BOOKED,
        )
        .limit(1)
    )
    if promised is not None:
        raise Refused("appointment.booked_already", "the person has an appointment of this service on that day")


def note(
    session: Session, appointment: Appointment, action: str, details: dict[str, str], by: str, now: datetime
) -> None:
    """Write an act on an appointment into the audit log, and tell open pages."""
    audit.record(
        session, at=now, actor=by, action=action, subject_type="appointment", subject_id=appointment.id,
        details=details,
    )  # fmt: skip
    feed.publish(
        session, facility_code=appointment.facility_code, topic="appointment", subject_id=appointment.id, at=now
    )
