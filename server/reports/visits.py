"""The visits and overrides of one day, read in one query each; nothing in them names a patient."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.accounts.models import User
from server.appointments.models import Appointment
from server.domain.appointments import AppointmentStatus
from server.domain.card_check import CardStatus
from server.domain.encounter import EncounterStatus, Unverified
from server.domain.queue import TicketStatus
from server.facilities.models import Clinic, Service
from server.fleet.models import Kiosk
from server.insurance.models import CardCheck
from server.queues.models import Queue, Ticket, TicketCall, TicketReprint
from server.registration.issues import OPEN_ISSUES
from server.registration.models import Encounter, Override


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit as the figures see it."""

    encounter_id: UUID
    label: str  # the number on paper
    arrived_at: datetime
    clinic: str  # its code
    clinic_name: str
    clinic_name_en: str
    kiosk: str | None  # None: registered at the desk
    is_own_number: bool  # of the kiosk's series, given without the server
    is_cancelled: bool
    ticket_status: TicketStatus
    is_insured: bool  # a card was shown or found
    is_card_unverified: bool
    card_status: CardStatus | None
    first_called_at: datetime | None
    reprints: int
    open_issues: int

    @property
    def waited_s(self) -> float | None:
        """Seconds from the arrival to the first call, None before it."""
        if self.first_called_at is None:
            return None
        return max((self.first_called_at - self.arrived_at).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Change:
    """One override: what staff put right, and why."""

    at: datetime
    label: str
    field: str
    old_value: str | None
    new_value: str | None
    reason: str
    by: str  # full name


@dataclass(frozen=True, slots=True)
class Promised:
    """One appointment of the day, as the figures see it."""

    clinic: str  # its code
    clinic_name: str
    clinic_name_en: str
    status: AppointmentStatus


_REPRINTS: Final = (
    sa.select(sa.func.count())
    .where(TicketReprint.ticket_id == Ticket.id, TicketReprint.copy > 0)
    .correlate(Ticket)
    .scalar_subquery()
)  # fmt: skip


def visits_of(session: Session, *, facility: str, day: date) -> list[Visit]:
    """Return the day's visits in the order of arrival, cancelled ones too."""
    called = aliased(Ticket)
    first_calls = (
        sa.select(called.encounter_id, sa.func.min(TicketCall.called_at).label("called_at"))
        .join(TicketCall, TicketCall.ticket_id == called.id)
        .where(called.facility_code == facility, TicketCall.local_day == day, TicketCall.is_repeat.is_(False))
        .group_by(called.encounter_id)
        .subquery()
    )
    query = (
        sa.select(
            Encounter, Ticket, Clinic, Kiosk.name.label("kiosk"), CardCheck.status.label("card"),
            first_calls.c.called_at, _REPRINTS.label("reprints"), OPEN_ISSUES.label("issues"),
        )
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .join(Queue, Queue.id == Ticket.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .outerjoin(Kiosk, Kiosk.id == Encounter.kiosk_id)
        .outerjoin(CardCheck, CardCheck.encounter_id == Encounter.id)
        .outerjoin(first_calls, first_calls.c.encounter_id == Encounter.id)
        .where(Encounter.facility_code == facility, Encounter.local_day == day)
        .order_by(Encounter.arrived_at, Encounter.id)
    )  # fmt: skip
    return [
        Visit(
            encounter_id=row.Encounter.id,
            label=row.Ticket.label,
            arrived_at=row.Encounter.arrived_at,
            clinic=row.Clinic.code,
            clinic_name=row.Clinic.name,
            clinic_name_en=row.Clinic.name_en,
            kiosk=row.kiosk,
            is_own_number=row.Ticket.kiosk_letter is not None,
            is_cancelled=row.Encounter.status is EncounterStatus.CANCELLED,
            ticket_status=row.Ticket.status,
            is_insured=row.Encounter.insurance_card is not None,
            is_card_unverified=Unverified.INSURANCE.value in row.Encounter.unverified,
            card_status=row.card,
            first_called_at=row.called_at,
            reprints=row.reprints,
            open_issues=row.issues,
        )
        for row in session.execute(query)
    ]


def changes_of(session: Session, *, facility: str, day: date) -> list[Change]:
    """Return what staff put right about the day's visits, in the order of time."""
    query = (
        sa.select(Override, Ticket.label, User.full_name)
        .join(Encounter, Encounter.id == Override.encounter_id)
        .outerjoin(User, User.username == Override.by)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .where(Encounter.facility_code == facility, Encounter.local_day == day)
        .order_by(Override.at, Override.id)
    )
    return [
        Change(one.at, label, one.field, one.old_value, one.new_value, one.reason, name or one.by)
        for one, label, name in session.execute(query)
    ]


def promises_of(session: Session, *, facility: str, day: date) -> list[Promised]:
    """Return the appointments of a day, cancelled ones too; who came on a later day came."""
    query = (
        sa.select(Clinic.code, Clinic.name, Clinic.name_en, Appointment.status)
        .join(Service, Service.id == Appointment.service_id)
        .join(Clinic, Clinic.id == Service.clinic_id)
        .where(Appointment.facility_code == facility, Appointment.due_on == day)
        .order_by(Clinic.code, Appointment.id)
    )
    return [Promised(*row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class DaysAround:
    """``before``, ``after``: the nearest days with any visit; Sundays and holidays have none."""

    first: date | None
    before: date | None
    after: date | None


def days_around(session: Session, day: date, *, facility: str) -> DaysAround:
    of_facility = Encounter.facility_code == facility
    earliest, latest = sa.func.min(Encounter.local_day), sa.func.max(Encounter.local_day)
    return DaysAround(
        first=session.scalar(sa.select(earliest).where(of_facility)),
        before=session.scalar(sa.select(latest).where(of_facility, Encounter.local_day < day)),
        after=session.scalar(sa.select(earliest).where(of_facility, Encounter.local_day > day)),
    )
