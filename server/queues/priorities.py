"""Grounds for priority that no document proves: declared at the kiosk or the desk, confirmed or refused by staff."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.encounter import IssueCode
from server.domain.identity import PartialDate
from server.domain.priority import DECLARABLE, ClaimState, PriorityGround, ground_by_age, ground_that_counts
from server.domain.queue import HOLDS_A_PLACE
from server.errors import Refused, StaleVersion
from server.patients.models import Patient
from server.queues.models import PriorityClaim, Ticket
from server.queues.service import live_ticket
from server.queues.standing import rule_in_force
from server.reasons import checked_reason
from server.registration.models import Encounter, EncounterIssue
from server.registration.overrides import get_encounter

Decision = Literal["confirmed", "refused"]
STATES: Final[dict[Decision, ClaimState]] = {"confirmed": ClaimState.CONFIRMED, "refused": ClaimState.REFUSED}


def declare(
    session: Session, encounter_id: UUID, grounds: Iterable[PriorityGround], *, ticket: Ticket, now: datetime
) -> None:
    """Keep what the patient said at the kiosk, and have staff look at it; what was declared before stays as it is."""
    known = {claim.ground for claim in claims_of(session, encounter_id)}
    for ground in grounds:
        if ground in known:
            continue
        session.add(PriorityClaim(encounter_id=encounter_id, ground=ground, state=ClaimState.DECLARED, declared_at=now))
        session.add(
            EncounterIssue(
                encounter_id=encounter_id, code=IssueCode.PRIORITY_DECLARED, field=ground.value, raised_at=now
            )
        )
    session.flush()
    reconsider(session, ticket)


def decide(
    session: Session, encounter_id: UUID, ground: PriorityGround, decision: Decision, *, facility: str, reason: str,
    seen: str, by: str, now: datetime,
) -> None:  # fmt: skip
    """Confirm or refuse a ground; a member of staff may also confirm one that nobody declared.

    ``seen`` is the state ``by`` saw, empty for none. A refusal and an emergency need a reason. Raises NotFound, Refused
    for a ground that follows from the birth date and without a reason, StaleVersion when somebody else was faster.
    """
    get_encounter(session, encounter_id, facility=facility)
    if reason or decision == "refused" or ground is PriorityGround.EMERGENCY:
        reason = checked_reason(reason)
    if ground not in DECLARABLE:
        raise Refused("priority.by_age", "age follows from the birth date")
    claim = next((one for one in claims_of(session, encounter_id) if one.ground is ground), None)
    if (claim.state.value if claim else "") != seen:
        raise StaleVersion("priority")
    if claim is None:
        claim = PriorityClaim(encounter_id=encounter_id, ground=ground, declared_at=now, declared_by=by)
        session.add(claim)
    claim.state = STATES[decision]
    claim.decided_at, claim.decided_by, claim.reason = now, by, reason or None
    _settle(session, encounter_id, ground, f"{decision}: {reason}" if reason else decision, by, now)
    audit.record(
        session, at=now, actor=f"staff:{by}", action=f"priority.{decision}", subject_type="encounter",
        subject_id=encounter_id, details={"ground": ground.value},
    )  # fmt: skip
    session.flush()
    ticket = live_ticket(session, encounter_id)
    reconsider(session, ticket)
    feed.publish(session, facility_code=facility, topic="encounter", subject_id=encounter_id, at=now)
    feed.publish(session, facility_code=facility, topic="call", subject_id=ticket.queue_id, at=now)


def claims_of(session: Session, encounter_id: UUID) -> list[PriorityClaim]:
    """Return what was declared or confirmed for an encounter, oldest first."""
    return list(
        session.scalars(
            sa.select(PriorityClaim)
            .where(PriorityClaim.encounter_id == encounter_id)
            .order_by(PriorityClaim.declared_at, PriorityClaim.ground)
        )
    )


def reconsider(session: Session, ticket: Ticket) -> None:
    """Have a number's line follow from the birth date on record and from what staff decided; safe to repeat.

    For whoever changes one of the two: a birth date put right, a claim, the facility's rule.
    """
    encounter = session.get_one(Encounter, ticket.encounter_id)
    born_on = session.scalar(sa.select(Patient.born_on).where(Patient.id == encounter.patient_id))
    by_age = ground_by_age(PartialDate.parse(born_on) if born_on else None, ticket.local_day)
    claims = {claim.ground: claim.state for claim in claims_of(session, encounter.id)}
    rule = rule_in_force(session, ticket.facility_code).rule
    ground = ground_that_counts(by_age, claims, counts_declared=rule.counts_declared)
    session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(priority=ground))
    ticket.priority = ground


def reconsider_patient(session: Session, patient_id: UUID, *, day: date, now: datetime) -> None:
    """Have a person's live numbers follow from a birth date that was put right: of a day, and of the night before."""
    tickets = session.scalars(
        sa.select(Ticket)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .where(
            Encounter.patient_id == patient_id,
            Ticket.local_day >= day - timedelta(days=1),
            Ticket.status.in_(HOLDS_A_PLACE),
            Ticket.superseded_at.is_(None),
        )
    ).all()
    for ticket in tickets:
        before = ticket.priority
        reconsider(session, ticket)
        if ticket.priority is not before:
            feed.publish(session, facility_code=ticket.facility_code, topic="call", subject_id=ticket.queue_id, at=now)


def _settle(
    session: Session, encounter_id: UUID, ground: PriorityGround, decision: str, by: str, now: datetime
) -> None:
    issues = session.scalars(
        sa.select(EncounterIssue).where(
            EncounterIssue.encounter_id == encounter_id,
            EncounterIssue.code == IssueCode.PRIORITY_DECLARED,
            EncounterIssue.field == ground.value,
            EncounterIssue.settled_at.is_(None),
        )
    )
    for issue in issues:
        issue.settled_at, issue.settled_by, issue.decision = now, by, decision
