"""What the desk shows: plain values read in one query per list, and of each table only the columns that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.domain.card_check import CardStatus
from server.domain.documents import has_expired
from server.domain.encounter import EncounterStatus, IssueCode, Unverified
from server.domain.identity import IdentifierSystem, IdentityAssurance, Sex, fold_name
from server.domain.queue import REPLACED, TicketStatus
from server.domain.search import (
    CodeQuery,
    NameQuery,
    NothingToSearch,
    NumberQuery,
    PassportQuery,
    Query,
    understand,
)
from server.errors import NotFound
from server.facilities.models import Clinic, Room
from server.fleet.models import Kiosk
from server.insurance.models import CardCheck
from server.patients.models import Patient, PatientIdentifier
from server.queues.models import Queue, Ticket
from server.registration.issues import OPEN_ISSUES
from server.registration.models import Encounter, EncounterIssue

PAGE_LENGTH: Final = 100
_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One line of the list."""

    encounter_id: UUID
    status: EncounterStatus
    arrived_at: datetime
    label: str
    is_offline: bool
    due_at: datetime | None  # the booked time that was kept
    full_name: str
    birth_year: str | None
    sex: Sex
    clinic_name: str
    clinic_name_en: str
    room: str
    floor: str
    assurance: IdentityAssurance
    document_expires_on: date | None
    local_day: date
    has_insurance: bool
    is_insurance_unverified: bool
    card_status: CardStatus | None  # what the insurance gateway said; None: not asked, no answer, or no card
    kiosk: str | None  # None: registered at the desk
    open_issues: int
    first_issue: IssueCode | None  # of the open ones, the one raised first

    @property
    def was_document_expired(self) -> bool:
        return has_expired(self.document_expires_on, on=self.local_day)

    @property
    def needs_staff(self) -> bool:
        return self.why is not None

    @property
    def why(self) -> IssueCode | None:
        """Why a member of staff must look; None when nobody must."""
        if self.assurance is IdentityAssurance.CHIP_CONTRADICTED:
            return IssueCode.IDENTITY_CONTRADICTED
        return self.first_issue


class Show(StrEnum):
    """Which visits of a day are wanted."""

    ALL = ""
    WAITING = "waiting"  # for a room, or for something else meanwhile
    INSURANCE_UNVERIFIED = "insurance-unverified"
    UNPROVED = "unproved"  # identity read off print or typed in, and not confirmed by staff
    CANCELLED = "cancelled"


AT_THE_DESK: Final = "desk"


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the day's list is wanted; everything by default.

    ``text``: part of a number on paper, words of a name without marks, with a birth date or without, or a whole number
    or code as ``server.domain.search`` understands it.
    """

    text: str = ""
    clinic: str = ""  # the clinic's code
    needs_staff: bool = False
    place: str = ""  # a kiosk's id, or AT_THE_DESK
    show: Show = Show.ALL


@dataclass(frozen=True, slots=True)
class Totals:
    """Of the whole day, whatever is filtered."""

    arrived: int = 0
    needs_staff: int = 0
    insurance_unverified: int = 0


@dataclass(frozen=True, slots=True)
class ArrivalPage:
    arrivals: list[Arrival] = field(default_factory=list)
    has_more: bool = False


_FIRST_ISSUE: Final = (
    sa.select(EncounterIssue.code)
    .where(EncounterIssue.encounter_id == Encounter.id, EncounterIssue.settled_at.is_(None))
    .order_by(EncounterIssue.raised_at, EncounterIssue.id)
    .limit(1)
    .correlate(Encounter)
    .scalar_subquery()
)
_INSURANCE_UNVERIFIED: Final = sa.cast(Encounter.unverified, sa.String).contains(
    f'"{Unverified.INSURANCE}"', autoescape=True
)
# The live number is told by its status. Until it has counted the table, PostgreSQL takes "superseded_at IS NULL" for
# true in one row of 200, and then reads all numbers again for every visit: 50 ms with 600 in a first morning's minute.
_ARRIVALS: Final = (
    sa.select(
        Encounter.id.label("encounter_id"),
        Encounter.status,
        Encounter.arrived_at,
        Ticket.label,
        Ticket.kiosk_letter.is_not(None).label("is_offline"),
        Ticket.due_at,
        Patient.full_name,
        Patient.born_on,
        Patient.sex,
        Clinic.name.label("clinic_name"),
        Clinic.name_en.label("clinic_name_en"),
        sa.func.coalesce(Room.name, "").label("room"),
        sa.func.coalesce(Room.floor, "").label("floor"),
        Encounter.assurance,
        Encounter.document_expires_on,
        Encounter.local_day,
        Encounter.insurance_card.is_not(None).label("has_insurance"),
        _INSURANCE_UNVERIFIED.label("is_insurance_unverified"),
        CardCheck.status.label("card_status"),
        Kiosk.name.label("kiosk"),
        OPEN_ISSUES.label("open_issues"),
        _FIRST_ISSUE.label("first_issue"),
    )
    .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.status.not_in(REPLACED)))
    .join(Patient, Patient.id == Encounter.patient_id)
    .join(Queue, Queue.id == Ticket.queue_id)
    .join(Clinic, Clinic.id == Queue.clinic_id)
    .outerjoin(Room, Room.id == Queue.room_id)
    .outerjoin(Kiosk, Kiosk.id == Encounter.kiosk_id)
    .outerjoin(CardCheck, CardCheck.encounter_id == Encounter.id)
)
_STILL_WAITS: Final = (TicketStatus.WAITING, TicketStatus.CALLED, TicketStatus.MISSED, TicketStatus.HELD)
_SHOWN: Final[dict[Show, sa.ColumnElement[bool]]] = {
    Show.WAITING: Ticket.status.in_(_STILL_WAITS),
    Show.INSURANCE_UNVERIFIED: _INSURANCE_UNVERIFIED,
    Show.UNPROVED: Encounter.assurance.in_(
        (IdentityAssurance.QR, IdentityAssurance.TYPED, IdentityAssurance.CHIP_CONTRADICTED)
    ),
    Show.CANCELLED: Encounter.status == EncounterStatus.CANCELLED,
}
_NEEDS_STAFF: Final = sa.or_(OPEN_ISSUES > 0, Encounter.assurance == IdentityAssurance.CHIP_CONTRADICTED)
_TOTALS: Final = sa.select(
    sa.func.count(),
    sa.func.coalesce(sa.func.sum(sa.case((_NEEDS_STAFF, 1), else_=0)), 0),
    sa.func.coalesce(sa.func.sum(sa.case((_INSURANCE_UNVERIFIED, 1), else_=0)), 0),
).where(Encounter.status != EncounterStatus.CANCELLED)


def list_arrivals(
    session: Session, *, facility: str, day: date, wanted: Filter, before: UUID | None = None
) -> ArrivalPage:
    """Return the newest arrivals of a day, ``PAGE_LENGTH`` at most; ``before`` is the last one already shown."""
    query = _query(facility, day).order_by(Encounter.arrived_at.desc(), Encounter.id.desc()).limit(PAGE_LENGTH + 1)
    if before is not None:
        query = query.where(_comes_after(session, before))
    for condition in _conditions(wanted):
        query = query.where(condition)
    arrivals = [_arrival(row) for row in session.execute(query)]
    return ArrivalPage(arrivals[:PAGE_LENGTH], has_more=len(arrivals) > PAGE_LENGTH)


def find_arrivals(session: Session, *, facility: str, day: date, ids: Sequence[UUID]) -> list[Arrival]:
    """Return the named arrivals of a day, newest first; those of other days and facilities are left out."""
    query = _query(facility, day).where(Encounter.id.in_(ids[:PAGE_LENGTH]))
    return [_arrival(row) for row in session.execute(query.order_by(Encounter.arrived_at.desc(), Encounter.id.desc()))]


def count_arrivals(session: Session, *, facility: str, day: date) -> Totals:
    row = session.execute(_TOTALS.where(Encounter.facility_code == facility, Encounter.local_day == day)).one()
    return Totals(*(int(number) for number in row))


def list_clinics(session: Session, *, facility: str) -> list[tuple[str, str, str]]:
    """Return code, Vietnamese and English name of the clinics that have a queue."""
    query = (
        sa.select(Clinic.code, Clinic.name, Clinic.name_en)
        .where(Clinic.facility_code == facility, Clinic.id.in_(sa.select(Queue.clinic_id)))
        .order_by(Clinic.name, Clinic.code)
    )
    return [(row.code, row.name, row.name_en) for row in session.execute(query)]


def list_places(session: Session, *, facility: str) -> list[tuple[UUID, str]]:
    """Return id and name of the kiosks where people have registered or may."""
    query = sa.select(Kiosk.id, Kiosk.name).where(Kiosk.facility_code == facility).order_by(Kiosk.name, Kiosk.id)
    return [(row.id, row.name) for row in session.execute(query)]


def _query(facility: str, day: date) -> sa.Select[*tuple[Any, ...]]:
    return _ARRIVALS.where(Encounter.facility_code == facility, Encounter.local_day == day)


def _comes_after(session: Session, encounter_id: UUID) -> sa.ColumnElement[bool]:
    last = session.execute(
        sa.select(Encounter.arrived_at, Encounter.id).where(Encounter.id == encounter_id)
    ).one_or_none()
    if last is None:
        raise NotFound("encounter.unknown", "there is no such encounter to go on from")
    return sa.or_(
        Encounter.arrived_at < last.arrived_at,
        sa.and_(Encounter.arrived_at == last.arrived_at, Encounter.id < last.id),
    )


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.clinic:
        conditions.append(Clinic.code == wanted.clinic)
    if wanted.needs_staff:
        conditions.append(_NEEDS_STAFF)
    if wanted.place == AT_THE_DESK:
        conditions.append(Encounter.kiosk_id.is_(None))
    elif wanted.place:
        conditions.append(Encounter.kiosk_id == UUID(wanted.place))
    if wanted.show is not Show.ALL:
        conditions.append(_SHOWN[wanted.show])
    if text := wanted.text.strip():
        conditions.append(_matches(text))
    return conditions


def _matches(text: str) -> sa.ColumnElement[bool]:
    """Return what a visit must fulfil: its number on paper, its patient's name, or a number or code of theirs."""
    label = "".join(text.split()).upper()
    words = [Patient.folded_name.contains(word, autoescape=True, escape=_ESCAPE) for word in fold_name(text).split()]
    return sa.or_(
        Ticket.label.contains(label, autoescape=True, escape=_ESCAPE),
        sa.and_(*words) if words else sa.false(),
        *_is_meant(understand(text)),
    )


def _is_meant(query: Query) -> list[sa.ColumnElement[bool]]:
    match query:
        case NumberQuery(value):
            return [_bears(PatientIdentifier.value == value), Patient.phone == value]
        case PassportQuery(number):
            is_passport = PatientIdentifier.system == IdentifierSystem.PASSPORT
            return [_bears(is_passport & (sa.func.substr(PatientIdentifier.value, len("FRA/") + 1) == number))]
        case CodeQuery(code):
            by_letter = sa.select(Appointment.encounter_id).where(
                sa.or_(Appointment.code == code, Appointment.short_code == code)
            )
            return [Encounter.visit_code == code, Encounter.id.in_(by_letter)]
        case NameQuery(words, born_on) if born_on is not None:
            named = [Patient.folded_name.contains(word, autoescape=True, escape=_ESCAPE) for word in words]
            return [sa.and_(*named, Patient.born_on.startswith(str(born_on), autoescape=True))]
        case NameQuery() | NothingToSearch():
            return []


def _bears(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.select(PatientIdentifier.id).where(PatientIdentifier.patient_id == Patient.id, condition).exists()


def _arrival(row: sa.Row[*tuple[Any, ...]]) -> Arrival:
    """Return a row of ``_ARRIVALS`` as a value; the names of its columns are those of the value's fields."""
    fields = row._asdict()
    born_on: str | None = fields.pop("born_on")
    return Arrival(**fields, birth_year=born_on[:4] if born_on else None)
