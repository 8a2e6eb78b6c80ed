"""The life of a check: taken by one worker at a time, asked, and its answer carried over to the visit.

A worker that dies loses nothing: what it took is due again when its lease has run out.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.card_check import verdict_of
from server.domain.days import local_day
from server.domain.encounter import EncounterStatus, IssueCode, Unverified
from server.domain.identity import PartialDate
from server.insurance.decisions import Decision, decide, next_wait
from server.insurance.messages import CardAnswer, CardInquiry
from server.insurance.models import CardCheck
from server.registration.models import Encounter, EncounterIssue

LEASE: Final = timedelta(seconds=90)
"""Longer than one question can take: token, look-up, new token, look-up, each 15 s and repeated once after a reset."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TakenCheck:
    """A check under way; ``attempt`` must be shown when its outcome is stored."""

    id: UUID
    attempt: int
    facility: str
    inquiry: CardInquiry


def has_due_check(session: Session, *, facilities: Collection[str], now: datetime) -> bool:
    return session.scalar(sa.select(sa.literal(1)).where(*_due(facilities, now)).limit(1)) is not None


def take_due_check(session: Session, *, facilities: Collection[str], now: datetime) -> TakenCheck | None:
    """Take the check that has been due for longest, for as long as ``LEASE``; None when there is none."""
    check = session.scalar(
        sa.select(CardCheck)
        .where(*_due(facilities, now))
        .order_by(CardCheck.next_attempt_at, CardCheck.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if check is None:
        return None
    check.attempts += 1
    check.asked_at = now
    check.next_attempt_at = now + LEASE
    return TakenCheck(check.id, check.attempts, check.facility_code, _inquiry(check))


def store_failure(session: Session, taken: TakenCheck, *, reason: str, retry_after_s: float, now: datetime) -> None:
    """Note that there was no answer, and when to ask again; the visit stays as it is."""
    check = _under_way(session, taken)
    if check is None:
        return
    check.error = reason
    check.next_attempt_at = now + next_wait(taken.attempt, is_answered=False, at_least_s=retry_after_s)


def store_answer(session: Session, taken: TakenCheck, answer: CardAnswer, *, sealed: bytes, now: datetime) -> None:
    """Keep an answer and carry what follows from it over to the visit; open pages learn of it."""
    check = _under_way(session, taken)
    if check is None:
        return
    encounter = session.scalars(sa.select(Encounter).where(Encounter.id == check.encounter_id).with_for_update()).one()
    decision = decide(answer, is_claimed=check.is_claimed, on=check.local_day)
    is_news = check.result_code != answer.result_code or check.status != decision.status
    check.error = None
    check.answered_at = now
    check.result_code = answer.result_code
    check.status = decision.status
    check.sealed_answer = sealed
    check.five_years_on = answer.five_years_on
    check.living_area = answer.living_area
    # What only a person of ours can mend is no quicker mended by asking; a token is taken anew without one.
    waits_for_us = decision.for_technician and not verdict_of(answer.result_code).refreshes_token
    is_answered = decision.status is None or decision.is_verified or decision.problem is not None or waits_for_us
    check.next_attempt_at = now + next_wait(taken.attempt, is_answered=is_answered) if decision.asks_again else None
    if decision.for_technician:
        _logger.error("insurance gateway: result %s, the facility's set-up needs a look", answer.result_code)
    if is_news:
        _carry_over(session, encounter, check, decision, now)


def _carry_over(session: Session, encounter: Encounter, check: CardCheck, decision: Decision, now: datetime) -> None:
    if encounter.status is EncounterStatus.CANCELLED:
        return
    # By a statement of its own: the version stays, so that somebody who is just changing this visit need not begin
    # again. Nothing here can be changed at the desk.
    session.execute(
        sa.update(Encounter)
        .where(Encounter.id == encounter.id)
        .values(_changes(encounter, check, decision))
        .execution_options(synchronize_session=False)
    )
    if decision.problem is not None and not _is_open(session, encounter.id, decision.problem):
        session.add(
            EncounterIssue(
                encounter_id=encounter.id,
                code=IssueCode.INSURANCE_CARD,
                field=f"bhyt.{decision.problem}",
                presented=_what_was_asked(check, decision.problem),
                raised_at=now,
            )
        )
    audit.record(
        session, at=now, actor="system", action="encounter.card-checked", subject_type="encounter",
        subject_id=encounter.id, details={"result": check.result_code, "attempts": check.attempts},
    )  # fmt: skip
    feed.publish(session, facility_code=encounter.facility_code, topic="encounter", subject_id=encounter.id, at=now)


def _changes(encounter: Encounter, check: CardCheck, decision: Decision) -> dict[str, Any]:
    marks = [mark for mark in encounter.unverified if mark != Unverified.INSURANCE]
    if not decision.is_verified and check.is_claimed:
        marks.append(Unverified.INSURANCE.value)
    changes: dict[str, Any] = {"unverified": marks}
    if decision.is_verified and decision.card is not None:
        card = decision.card
        changes |= {
            "insurance_card": card.number,
            "insurance_facility": card.primary_facility,
            "insurance_from": card.starts_on,
            "insurance_to": card.ends_on,
        }
    return changes


def _is_open(session: Session, encounter_id: UUID, problem: str) -> bool:
    return (
        session.scalar(
            sa.select(EncounterIssue.id).where(
                EncounterIssue.encounter_id == encounter_id,
                EncounterIssue.code == IssueCode.INSURANCE_CARD,
                EncounterIssue.field == f"bhyt.{problem}",
                EncounterIssue.settled_at.is_(None),
            )
        )
        is not None
    )


def _what_was_asked(check: CardCheck, problem: str) -> str:
    """Return what the gateway did not agree with, for staff to look at."""
    if problem in {"060", "061"}:
        return check.full_name
    if problem == "070":
        return _inquiry(check).written_birth_date
    return check.number


def _inquiry(check: CardCheck) -> CardInquiry:
    return CardInquiry(check.number, check.full_name, PartialDate.parse(check.born_on))


def _under_way(session: Session, taken: TakenCheck) -> CardCheck | None:
    """Return the row of a check unless another worker took it over meanwhile."""
    return session.scalar(
        sa.select(CardCheck).where(CardCheck.id == taken.id, CardCheck.attempts == taken.attempt).with_for_update()
    )


def _due(facilities: Collection[str], now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    # Of today only: about an earlier visit the gateway would answer for today.
    return (
        CardCheck.local_day == local_day(now),
        CardCheck.next_attempt_at <= now,
        CardCheck.facility_code.in_(facilities),
    )
