"""What a member of staff must look at about an arrival; it is registered all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import OfflineTicket, RegisterEncounter
from server.domain.days import local_day
from server.domain.documents import ExpiredDocuments, expiry_rule
from server.domain.encounter import IssueCode
from server.domain.identity import IdentityAssurance
from server.domain.matching import Match
from server.domain.ticket import offline_label, online_label
from server.queues.models import Ticket
from server.queues.service import Place
from server.registration.models import Encounter, EncounterIssue

OPEN_ISSUES: Final = (
    sa.select(sa.func.count())
    .where(EncounterIssue.encounter_id == Encounter.id, EncounterIssue.settled_at.is_(None))
    .correlate(Encounter)
    .scalar_subquery()
)
"""How many issues of a statement's encounter nobody has settled yet."""


@dataclass(frozen=True, slots=True)
class Issue:
    code: IssueCode
    field: str | None = None
    recorded: str | None = None
    presented: str | None = None


def issues_of(
    command: RegisterEncounter, match: Match, arrived_at: datetime, expired_documents: ExpiredDocuments
) -> list[Issue]:
    issues = []
    if command.evidence.assurance is IdentityAssurance.CHIP_CONTRADICTED:
        issues.append(Issue(IssueCode.IDENTITY_CONTRADICTED))
    issues += _expiry_issue(command.evidence.document_expires_on, expired_documents, local_day(arrived_at))
    issues += [Issue(IssueCode.PERSON_DIFFERS, d.field, d.recorded, d.presented) for d in match.differences]
    issues += [Issue(IssueCode.IDENTIFIER_CONFLICT, i.system, None, i.value) for i in match.conflicts]
    if arrived_at != command.arrived_at:
        issues.append(
            Issue(IssueCode.CLOCK_AHEAD, "arrived_at", arrived_at.isoformat(), command.arrived_at.isoformat())
        )
    return issues


def _expiry_issue(expires_on: date | None, rule: ExpiredDocuments, day: date) -> list[Issue]:
    # A kiosk that has not heard of the rule yet gives numbers that it refuses: somebody looks at these as well.
    if expires_on is None or expiry_rule(expires_on, rule, on=day) in {None, ExpiredDocuments.ALLOWED}:
        return []
    return [Issue(IssueCode.DOCUMENT_EXPIRED, "expires_on", None, expires_on.isoformat())]


def paper_issue(ticket: Ticket, place: Place, paper: OfflineTicket | None) -> list[Issue]:
    if paper is None or ticket.kiosk_letter is not None:
        return []
    on_paper = offline_label(place.letter, paper.kiosk_letter, paper.number)
    return [Issue(IssueCode.PAPER_NUMBER_TAKEN, "ticket", ticket.label, on_paper)]


def printed_issue(ticket: Ticket, place: Place, command: RegisterEncounter) -> list[Issue]:
    """Return what staff must look at where the number on paper could not be given back."""
    printed = command.printed_ticket
    if printed is None or ticket.kiosk_letter is not None or ticket.number == printed.number:
        return []
    on_paper = online_label(place.letter, printed.number)
    return [Issue(IssueCode.PAPER_NUMBER_TAKEN, "ticket", ticket.label, on_paper)]


def not_raised_before(session: Session, encounter_id: UUID, issues: Sequence[Issue]) -> list[Issue]:
    """Return those that staff are not asked about already, and have not settled by the very thing presented again."""
    if not issues:
        return []
    columns = EncounterIssue.code, EncounterIssue.field, EncounterIssue.recorded, EncounterIssue.presented
    # A chip that contradicts itself once more says nothing of what was settled: it is looked at again.
    stands = sa.or_(EncounterIssue.settled_at.is_(None), EncounterIssue.presented.is_not(None))
    raised = session.execute(sa.select(*columns).where(EncounterIssue.encounter_id == encounter_id, stands))
    known = {Issue(*row) for row in raised}
    return [issue for issue in issues if issue not in known]


def raise_issues(session: Session, encounter_id: UUID, issues: Sequence[Issue], now: datetime) -> None:
    for issue in issues:
        session.add(
            EncounterIssue(
                encounter_id=encounter_id,
                code=issue.code,
                field=issue.field,
                recorded=issue.recorded,
                presented=issue.presented,
                raised_at=now,
            )
        )
