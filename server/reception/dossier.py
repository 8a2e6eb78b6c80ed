"""One encounter as the desk sees it: who, how sure we are and why, what differs, what was done about it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.actors import names_of
from server.audit import AuditLine
from server.coverage.service import Papers, coverage_of, papers_of
from server.domain.card_check import CardStatus
from server.domain.documents import has_expired
from server.domain.identity import IdentifierSystem
from server.domain.visit_coverage import VisitCoverage
from server.errors import NotFound
from server.facilities.models import Clinic, Service
from server.fleet.models import Kiosk
from server.insurance.models import CardCheck
from server.patients.models import Patient, PatientIdentifier
from server.queues.live_days import is_of_live_day
from server.queues.models import Queue, QueueService, Ticket
from server.queues.service import Place, get_place
from server.registration.corrections import overrides_since
from server.registration.models import Encounter, EncounterIssue, Override
from server.registration.overrides import can_be_moved, count_reprints


@dataclass(frozen=True, slots=True)
class ServiceChoice:
    """A clinic somebody may be sent to; names in both languages."""

    code: str
    name: str
    name_en: str
    clinic_name: str
    clinic_name_en: str


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One act in the life of an encounter. ``actor`` is a person's or kiosk's name; ``details`` are codes.

    ``times``: how often the same person read the record from ``at`` on, while nothing else happened.
    """

    at: datetime
    actor_kind: str  # "staff", "kiosk", "system"
    actor: str
    action: str
    details: dict[str, str]
    reason: str | None = None
    changes: tuple[Override, ...] = ()
    times: int = 1


@dataclass(frozen=True, slots=True)
class TrailChange:
    """One field that a colleague put right, as the page tells whoever was slower."""

    at: datetime
    actor: str
    field: str
    old_value: str | None
    new_value: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Dossier:
    encounter: Encounter
    patient: Patient
    identifiers: list[tuple[IdentifierSystem, str]]
    ticket: Ticket
    place: Place
    service: ServiceChoice
    kiosk: str | None
    issues: list[EncounterIssue]
    old_tickets: list[Ticket]
    card_status: CardStatus | None  # what the insurance gateway said; None: not asked, no answer, or no card
    coverage: VisitCoverage | None  # None: nobody has said what the facility is licensed for
    papers: Papers
    copies: int
    choices: list[ServiceChoice]
    trail: list[TrailEntry]

    @property
    def was_document_expired(self) -> bool:
        """On the day of the visit; what expires later changes nothing about it."""
        return has_expired(self.encounter.document_expires_on, on=self.encounter.local_day)

    @property
    def open_issues(self) -> list[EncounterIssue]:
        return [issue for issue in self.issues if issue.settled_at is None]


def open_dossier(session: Session, encounter_id: UUID, *, facility: str, by: str, now: datetime) -> Dossier:
    """Return all about one encounter and note who read it; raises NotFound, for another facility's too."""
    encounter = session.scalar(
        sa.select(Encounter).where(Encounter.id == encounter_id, Encounter.facility_code == facility)
    )
    if encounter is None:
        raise NotFound("encounter.unknown", "the facility has no such encounter")
    audit.record(
        session, at=now, actor=f"staff:{by}", action=_READ, subject_type="encounter",
        subject_id=encounter.id,
    )  # fmt: skip
    tickets = session.scalars(
        sa.select(Ticket).where(Ticket.encounter_id == encounter.id).order_by(Ticket.issued_at, Ticket.id)
    ).all()
    live = next(ticket for ticket in tickets if ticket.superseded_at is None)
    service = session.get_one(Service, encounter.service_id)
    choices = _choices(session, facility, encounter.local_day)
    is_movable = can_be_moved(encounter, live) and is_of_live_day(session, live, at=now)
    return Dossier(
        encounter=encounter,
        patient=session.get_one(Patient, encounter.patient_id),
        identifiers=_identifiers(session, encounter.patient_id),
        ticket=live,
        place=get_place(session, live.queue_id),
        service=_choice(service, session.get_one(Clinic, service.clinic_id)),
        kiosk=session.get_one(Kiosk, encounter.kiosk_id).name if encounter.kiosk_id else None,
        issues=list(encounter.issues),
        old_tickets=[ticket for ticket in tickets if ticket.superseded_at is not None],
        card_status=session.scalar(sa.select(CardCheck.status).where(CardCheck.encounter_id == encounter.id)),
        coverage=coverage_of(session, encounter),
        papers=papers_of(session, encounter.id),
        copies=count_reprints(session, live.id),
        choices=[choice for choice in choices if choice.code != service.code] if is_movable else [],
        trail=_trail(session, encounter.id),
    )


def _identifiers(session: Session, patient_id: UUID) -> list[tuple[IdentifierSystem, str]]:
    rows = session.execute(
        sa.select(PatientIdentifier.system, PatientIdentifier.value)
        .where(PatientIdentifier.patient_id == patient_id, PatientIdentifier.valid_to.is_(None))
        .order_by(PatientIdentifier.system, PatientIdentifier.value)
    )
    return [(row.system, row.value) for row in rows]


def _choices(session: Session, facility: str, day: date) -> list[ServiceChoice]:
    rows = session.execute(
        sa.select(Service, Clinic)
        .join(Clinic, Clinic.id == Service.clinic_id)
        .join(QueueService, QueueService.service_id == Service.id)
        .join(Queue, Queue.id == QueueService.queue_id)
        .where(
            Service.facility_code == facility,
            sa.or_(Service.withdrawn_on.is_(None), Service.withdrawn_on > day),
            Queue.is_open,
        )
        .order_by(Service.position, Service.code)
    )
    return [_choice(service, clinic) for service, clinic in rows]


def _choice(service: Service, clinic: Clinic) -> ServiceChoice:
    return ServiceChoice(service.code, service.name, service.name_en, clinic.name, clinic.name_en)


def _trail(session: Session, encounter_id: UUID) -> list[TrailEntry]:
    """Return the acts in order; the reasons stand in the overrides, since the audit log keeps no free text."""
    lines = session.scalars(
        sa.select(AuditLine)
        .where(AuditLine.subject_type == "encounter", AuditLine.subject_id == str(encounter_id))
        .order_by(AuditLine.sequence)
    ).all()
    overrides = session.scalars(sa.select(Override).where(Override.encounter_id == encounter_id)).all()
    names = names_of(session, {line.actor for line in lines})
    trail: list[TrailEntry] = []
    for line in lines:
        kind, _, who = line.actor.partition(":")
        if trail and line.action == trail[-1].action == _READ and trail[-1].actor == names.get(line.actor, who):
            trail[-1] = replace(trail[-1], times=trail[-1].times + 1)
            continue
        details = {key: str(value) for key, value in line.details.items() if value is not None}
        made = tuple(one for one in overrides if (one.at, one.by) == (line.at, who)) if line.action in _CHANGING else ()
        trail.append(
            TrailEntry(
                at=line.at,
                actor_kind=kind,
                actor=names.get(line.actor, who),
                action=line.action,
                details=details,
                reason=made[0].reason if made else None,
                # A change of clinic is told with its numbers, a visit taken back by its own sentence.
                changes=made if line.action in _TOLD_BY_FIELD else (),
            )
        )
    return trail


_READ: Final = "encounter.read"
_TOLD_BY_FIELD: Final = frozenset(
    {
        "encounter.identity-confirmed",
        "encounter.card-changed",
        "encounter.payer-changed",
        "encounter.fee-changed",
        "encounter.papers-noted",
    }
)
_CHANGING: Final = _TOLD_BY_FIELD | {"encounter.service-changed", "encounter.cancelled", "encounter.restored"}


def changes_since(session: Session, encounter_id: UUID, version: int, *, facility: str) -> list[TrailChange]:
    """Return what colleagues put right after the page with ``version`` was drawn; raises NotFound."""
    made = overrides_since(session, encounter_id, version, facility=facility)
    names = names_of(session, {f"staff:{one.by}" for one in made})
    return [
        TrailChange(one.at, names.get(f"staff:{one.by}", one.by), one.field, one.old_value, one.new_value, one.reason)
        for one in made
    ]
