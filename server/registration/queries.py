"""Reading arrivals. Every list has a total order and goes on from a key, so a page never repeats or skips a row."""

import base64
import binascii
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from server.contract.queries import EncounterDetail, EncounterPage, EncounterSummary
from server.coverage.service import coverages_of
from server.domain.encounter import Unverified
from server.domain.identity import mask_name
from server.domain.visit_coverage import VisitCoverage
from server.queues.models import Ticket
from server.queues.service import get_place, ticket_message
from server.registration.models import Encounter


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page."""

    arrived_at: datetime
    id: UUID

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` gave; raises ValueError."""
        try:
            instant, _, key = base64.urlsafe_b64decode(text.encode("ascii")).decode("ascii").partition(" ")
        except (binascii.Error, UnicodeError) as error:
            raise ValueError("not a cursor") from error
        arrived_at = datetime.fromisoformat(instant)
        if arrived_at.tzinfo is None:
            raise ValueError("not a cursor")
        return cls(arrived_at, UUID(key))

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.arrived_at.isoformat()} {self.id}".encode()).decode()


def list_encounters(
    session: Session, *, facility: str, day: date, after: Cursor | None, limit: int, kiosk_id: UUID | None = None
) -> EncounterPage:
    """Return arrivals of a day in the order of arrival; with ``kiosk_id`` only those of one kiosk."""
    query = (
        _with_ticket()
        .where(Encounter.facility_code == facility, Encounter.local_day == day)
        .order_by(Encounter.arrived_at, Encounter.id)
        .limit(limit + 1)
    )
    if kiosk_id is not None:
        query = query.where(Encounter.kiosk_id == kiosk_id)
    if after is not None:
        # Written out: SQLite's driver cannot bind a row of our types.
        query = query.where(
            sa.or_(
                Encounter.arrived_at > after.arrived_at,
                sa.and_(Encounter.arrived_at == after.arrived_at, Encounter.id > after.id),
            )
        )
    rows = session.execute(query).all()
    coverages = coverages_of(session, [encounter for encounter, _ in rows[:limit]])
    items = tuple(_summary(encounter, ticket, coverages[encounter.id]) for encounter, ticket in rows[:limit])
    following = rows[limit - 1][0] if len(rows) > limit else None
    return EncounterPage(
        day=day, items=items, next=str(Cursor(following.arrived_at, following.id)) if following else None
    )


def find_encounter(session: Session, encounter_id: UUID) -> tuple[Encounter, Ticket] | None:
    """Return an arrival and the number that counts for it."""
    row = session.execute(_with_ticket().where(Encounter.id == encounter_id)).one_or_none()
    return None if row is None else (row[0], row[1])


def find_encounter_of_code(session: Session, visit_code: str, *, facility: str) -> UUID | None:
    """Return the facility's visit with the code on a slip; None when there is none."""
    return session.scalar(
        sa.select(Encounter.id).where(Encounter.visit_code == visit_code, Encounter.facility_code == facility)
    )


def encounter_detail(
    session: Session, encounter: Encounter, ticket: Ticket, coverage: VisitCoverage | None
) -> EncounterDetail:
    summary = _summary(encounter, ticket, coverage)
    percent = coverage.effective_percent if coverage else None
    return EncounterDetail(
        **summary.model_dump(),
        visit_code=encounter.visit_code,
        method=encounter.method,
        access=encounter.access,
        reasons=tuple(encounter.reasons),
        document_expires_on=encounter.document_expires_on,
        language=encounter.language,
        ticket=ticket_message(ticket, get_place(session, ticket.queue_id)),
        effective_percent=None if percent is None else f"{percent:f}",
    )


def _with_ticket() -> sa.Select[Encounter, Ticket]:
    return (
        sa.select(Encounter, Ticket)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .options(
            joinedload(Encounter.patient),
            joinedload(Encounter.service),
            joinedload(Encounter.kiosk),
            selectinload(Encounter.issues),
        )
    )


def _summary(encounter: Encounter, ticket: Ticket, coverage: VisitCoverage | None) -> EncounterSummary:
    return EncounterSummary(
        encounter_id=encounter.id,
        request_key=encounter.request_key,
        patient_id=encounter.patient_id,
        patient_name=mask_name(encounter.patient.full_name),
        service=encounter.service.code,
        service_name=encounter.service.name,
        status=encounter.status,
        arrived_at=encounter.arrived_at,
        received_at=encounter.received_at,
        local_day=encounter.local_day,
        kiosk_letter=encounter.kiosk.letter if encounter.kiosk else None,
        assurance=encounter.assurance,
        unverified=tuple(Unverified(value) for value in encounter.unverified),
        issues=tuple(issue.code for issue in encounter.issues if issue.settled_at is None),
        ticket_id=ticket.id,
        ticket_label=ticket.label,
        ticket_status=ticket.status,
        patient_type=coverage.patient_type.code if coverage else None,
        patient_type_reason=coverage.patient_type.reason if coverage else None,
    )
