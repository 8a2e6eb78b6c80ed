"""Pages of the audit log for the auditor of one facility: narrowed down, newest first, going on by key."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import User
from server.actors import names_of
from server.appointments.models import Appointment
from server.audit import AuditLine
from server.auditing.actions import ACTIONS, REFUSED, Kind, actions_of
from server.auditing.visibility import visible
from server.domain.days import day_bounds
from server.errors import NotFound
from server.fleet.models import Kiosk
from server.patients.models import Patient
from server.queues.models import Ticket
from server.registration.models import Encounter

PAGE: Final = 50
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDS_AT_ONCE: Final = 400


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; None means all. ``person`` is a patient's id, ``record`` a subject's type and id."""

    first_day: date
    last_day: date
    staff: str | None = None
    kind: Kind | None = None
    action: str | None = None
    refused: bool | None = None
    person: UUID | None = None
    record: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One act; ``label`` is the number of the visit or the name of whoever or whatever it was done to, if known."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str | None
    action: str
    subject_type: str
    subject_id: str
    label: str | None
    details: dict[str, str | int | bool | None]
    hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """``next`` is the sequence of the last line looked at, to go on from; None ends the list."""

    lines: tuple[Line, ...]
    next: int | None


def read_page(session: Session, asked: Filter, *, facility: str, after: int | None = None, limit: int = PAGE) -> Page:
    """Return the lines behind ``after``, newest first; raises NotFound for an ``after`` that is no line."""
    query = (
        sa.select(AuditLine)
        .where(*_narrowed(session, asked, facility), *visible(session, facility))
        .order_by(AuditLine.at.desc(), AuditLine.sequence.desc())
        .limit(limit + 1)
    )
    if after is not None:
        last = session.get(AuditLine, after)
        if last is None:
            raise NotFound("audit.unknown", "there is no such line to go on from")
        query = query.where(sa.tuple_(AuditLine.at, AuditLine.sequence) < sa.tuple_(last.at, last.sequence))
    found = session.scalars(query).all()
    here = found[:limit]
    return Page(tuple(_told(session, here, facility)), here[-1].sequence if len(found) > limit else None)


def read_all(session: Session, asked: Filter, *, facility: str, most: int) -> Iterator[Line]:
    """Return at most ``most`` lines, page after page."""
    after: int | None = None
    while most > 0:
        page = read_page(session, asked, facility=facility, after=after, limit=min(most, 1000))
        yield from page.lines
        if page.next is None:
            return
        after, most = page.next, most - 1000


def records_of(session: Session, patient_id: UUID, *, facility: str) -> dict[str, list[str]]:
    """Return the ids, by subject type, of everything kept of a person: merged records, visits, appointments."""
    people = {patient_id}
    while more := set(session.scalars(sa.select(Patient.id).where(Patient.merged_into_id.in_(people)))) - people:
        people |= more
    visits = session.scalars(
        sa.select(Encounter.id)
        .where(Encounter.patient_id.in_(people), Encounter.facility_code == facility)
        .order_by(Encounter.arrived_at.desc())
        .limit(_IDS_AT_ONCE)
    )
    appointments = session.scalars(
        sa.select(Appointment.id)
        .where(Appointment.patient_id.in_(people), Appointment.facility_code == facility)
        .limit(_IDS_AT_ONCE)
    )
    return {
        "patient": [str(one) for one in people],
        "encounter": [str(one) for one in visits],
        "appointment": [str(one) for one in appointments],
    }


def _narrowed(session: Session, asked: Filter, facility: str) -> Iterator[sa.ColumnElement[bool]]:
    yield AuditLine.at >= day_bounds(asked.first_day)[0]
    yield AuditLine.at < day_bounds(asked.last_day)[1]
    if asked.staff is not None:
        yield AuditLine.actor == f"staff:{asked.staff}"
    if asked.action is not None:
        yield AuditLine.action == asked.action
    if asked.kind is Kind.CHANGE:  # also what a newer version does, and nobody sorted
        yield AuditLine.action.not_in([action for action, kind in ACTIONS.items() if kind is not Kind.CHANGE])
    elif asked.kind is not None:
        yield AuditLine.action.in_(actions_of(asked.kind))
    if asked.refused is not None:
        is_refused = AuditLine.action.like(f"%{REFUSED}")
        yield is_refused if asked.refused else sa.not_(is_refused)
    if asked.record is not None:
        yield sa.and_(AuditLine.subject_type == asked.record[0], AuditLine.subject_id == asked.record[1])
    if asked.person is not None:
        yield sa.or_(
            *(
                sa.and_(AuditLine.subject_type == kind, AuditLine.subject_id.in_(ids))
                for kind, ids in records_of(session, asked.person, facility=facility).items()
            )
        )


def _told(session: Session, lines: Sequence[AuditLine], facility: str) -> Iterator[Line]:
    """Return the lines with their names, without what a program did to another facility's record."""
    ids = {kind: _ids(lines, kind) for kind in ("encounter", "kiosk", "staff-user", "appointment")}
    visits = {
        str(one): (code, label)
        for one, code, label in session.execute(
            sa.select(Encounter.id, Encounter.facility_code, Ticket.label)
            .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
            .where(Encounter.id.in_(ids["encounter"]))
        )
    }
    kiosks = session.execute(sa.select(Kiosk.id, Kiosk.name).where(Kiosk.id.in_(ids["kiosk"])))
    people = session.execute(sa.select(User.id, User.full_name).where(User.id.in_(ids["staff-user"])))
    promised = session.execute(
        sa.select(Appointment.id, Appointment.facility_code).where(Appointment.id.in_(ids["appointment"]))
    )
    labels = {("encounter", one): label for one, (_, label) in visits.items()}
    labels |= {("kiosk", str(one)): name for one, name in kiosks}
    labels |= {("staff-user", str(one)): name for one, name in people}
    homes = {("encounter", one): code for one, (code, _) in visits.items()}
    homes |= {("appointment", str(one)): code for one, code in promised}
    names = names_of(session, (line.actor for line in lines))
    for line in lines:
        record = (line.subject_type, line.subject_id)
        if homes.get(record, facility) == facility:
            yield Line(
                line.sequence, line.at, line.actor, names.get(line.actor), line.action, *record, labels.get(record),
                line.details, line.hash,
            )  # fmt: skip


def _ids(lines: Sequence[AuditLine], subject_type: str) -> list[UUID]:
    found = {line.subject_id for line in lines if line.subject_type == subject_type}
    return [UUID(one) for one in found if _UUID.fullmatch(one)]
