"""Appointments nobody came to: not kept once their day is over, though a letter still opens a visit in its window."""

from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import BOOKED, Appointment
from server.appointments.service import as_value, note
from server.domain.appointments import AppointmentStatus, is_no_show
from server.domain.days import local_day

CLOSED_AT_ONCE: Final = 50
"""Appointments closed in one transaction: a desk that books waits no longer than that takes."""


def has_promises_left_open(session: Session, *, today: date) -> bool:
    """Whether a day that is over has left an appointment booked, at any facility."""
    return session.scalar(sa.select(Appointment.id).where(BOOKED, Appointment.due_on < today).limit(1)) is not None


def close_past_promises(session: Session, *, now: datetime) -> int:
    """Have some of what past days have left booked count as not kept; return how many, 0 when nothing is left.

    Safe to repeat, and beside an arrival that uses one of them: of the two the first is stored. A visit that a kiosk
    uploads after the day fulfils its appointment all the same.
    """
    today = local_day(now)
    left = session.scalars(
        sa.select(Appointment)
        .where(BOOKED, Appointment.due_on < today)
        .order_by(Appointment.due_on, Appointment.id)
        .limit(CLOSED_AT_ONCE)
    ).all()
    for appointment in left:
        if is_no_show(as_value(appointment), on=today):
            _close(session, appointment, now)
    return len(left)


def _close(session: Session, appointment: Appointment, now: datetime) -> None:
    # By its state, not its version: whoever uses it at this moment is no conflict, they came.
    closed = session.scalar(
        sa.update(Appointment)
        .where(Appointment.id == appointment.id, Appointment.status == AppointmentStatus.BOOKED)
        .values(status=AppointmentStatus.NOSHOW, version=Appointment.version + 1)
        .returning(Appointment.id)
        .execution_options(synchronize_session=False)
    )
    session.expire(appointment)
    if closed is not None:
        note(session, appointment, "appointment.no-show", {"due_on": str(appointment.due_on)}, "system", now)
