"""The life of a message: taken by one worker at a time, sent, and its outcome stored.

A worker that dies loses nothing: what it took is due again when its lease has run out, with the same key and body, and
the receiver knows the key. Two workers never hold one message, and never two of one visit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server import audit
from server.domain.outbound import OutboundState, Verdict, next_of
from server.errors import NotFound, StaleVersion
from server.outbox.fhir import encounter_bundle
from server.outbox.models import OutboundMessage
from server.queues.models import Ticket
from server.registration.models import Encounter

LEASE: Final = timedelta(seconds=90)
"""Longer than one attempt can take: connecting 5 s, the answer 15 s, and twice that for a machine under load."""

DEAD_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """A message under way; ``attempt`` must be shown when its outcome is stored."""

    id: int
    attempt: int
    key: UUID
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: ``error`` is a stable code, ``answer`` the other system's own words."""

    verdict: Verdict
    error: str | None = None
    answer: str | None = None
    retry_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class DeadMessage:
    id: int
    attempts: int
    label: str
    encounter_id: UUID
    written_at: datetime
    error: str
    answer: str | None
    held_up: int  # later messages about the same visit that wait for it


@dataclass(frozen=True, slots=True)
class Standing:
    """How a facility's outbox stands; ``oldest_at`` is that of the oldest message not sent yet and not dead."""

    counts: Mapping[OutboundState, int]
    oldest_at: datetime | None
    last_sent_at: datetime | None
    last_error: str | None  # of the message that has waited longest


def has_due(session: Session, *, now: datetime) -> bool:
    return session.scalar(sa.select(sa.literal(1)).where(*_due(now)).limit(1)) is not None


def take_due(session: Session, *, now: datetime) -> TakenMessage | None:
    """Take the message that has been due for longest, for as long as ``LEASE``; None when there is none."""
    message = session.scalar(
        sa.select(OutboundMessage)
        .where(*_due(now))
        .order_by(OutboundMessage.next_attempt_at, OutboundMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return None
    if message.body is None:  # from now on every attempt says the same: the key belongs to these bytes
        message.body = encounter_bundle(session, message.encounter_id, at=now)
    message.state = OutboundState.SENDING
    message.attempts += 1
    message.next_attempt_at = now + LEASE
    return TakenMessage(message.id, message.attempts, message.key, message.body)


def store_outcome(
    session: Session, taken: TakenMessage, outcome: Outcome, *, jitter: float, now: datetime
) -> OutboundState | None:
    """Note what an attempt came to; None when another worker took the message over meanwhile."""
    message = session.scalar(
        sa.select(OutboundMessage)
        .where(OutboundMessage.id == taken.id, OutboundMessage.attempts == taken.attempt)
        .where(OutboundMessage.state == OutboundState.SENDING)
        .with_for_update()
    )
    if message is None:
        return None
    message.tries += 1
    after = next_of(outcome.verdict, tries=message.tries, jitter=jitter, at_least=outcome.retry_after)
    message.state = after.state
    message.error, message.answer = outcome.error, outcome.answer
    message.next_attempt_at = None if after.wait is None else now + after.wait
    if after.state is OutboundState.SENT:
        message.sent_at, message.body = now, None
    return after.state


def try_again(session: Session, message_id: int, *, facility: str, attempts: int, by: str, now: datetime) -> None:
    """Send a dead message anew, with what the visit says now; raises NotFound, StaleVersion.

    ``attempts`` is the count the member of staff ``by`` saw. The key is a new one: the receiver may have kept its
    refusal under the old one.
    """
    message = session.scalar(
        sa.select(OutboundMessage)
        .where(OutboundMessage.id == message_id, OutboundMessage.facility_code == facility)
        .with_for_update()
    )
    if message is None:
        raise NotFound("outbox.unknown", "the facility has no such message")
    if message.state is not OutboundState.DEAD or message.attempts != attempts:
        raise StaleVersion("message")
    _send_anew(session, message, by=by, now=now)


def try_all_again(session: Session, *, facility: str, newest_id: int, by: str, now: datetime) -> int:
    """Send all dead messages up to ``newest_id``, the newest one ``by`` saw, anew; return how many they were.

    For the day on which the other system refused everything and was mended.
    """
    dead = session.scalars(
        sa.select(OutboundMessage)
        .where(OutboundMessage.facility_code == facility, OutboundMessage.state == OutboundState.DEAD)
        .where(OutboundMessage.id <= newest_id)
        .order_by(OutboundMessage.id)
        .with_for_update()
    ).all()
    for message in dead:
        _send_anew(session, message, by=by, now=now)
    return len(dead)


def _send_anew(session: Session, message: OutboundMessage, *, by: str, now: datetime) -> None:
    message.state, message.tries, message.next_attempt_at = OutboundState.WAITING, 0, now
    message.key, message.body = uuid4(), None
    audit.record(
        session, at=now, actor=f"staff:{by}", action="outbox.tried-again", subject_type="encounter",
        subject_id=message.encounter_id, details={"message": message.id, "error": message.error},
    )  # fmt: skip


def standing_of(session: Session, *, facility: str) -> Standing:
    rows = session.execute(
        sa.select(OutboundMessage.state, sa.func.count())
        .where(OutboundMessage.facility_code == facility)
        .group_by(OutboundMessage.state)
    )
    oldest = session.execute(
        sa.select(OutboundMessage.written_at, OutboundMessage.error)
        .where(
            OutboundMessage.facility_code == facility,
            OutboundMessage.state.in_((OutboundState.WAITING, OutboundState.SENDING)),
        )
        .order_by(OutboundMessage.id)
        .limit(1)
    ).one_or_none()
    last_sent_at = session.scalar(
        sa.select(sa.func.max(OutboundMessage.sent_at)).where(OutboundMessage.facility_code == facility)
    )
    return Standing(
        counts={state: number for state, number in rows},  # noqa: C416 - rows are no pairs to mypy
        oldest_at=oldest.written_at if oldest else None,
        last_sent_at=last_sent_at,
        last_error=oldest.error if oldest else None,
    )


def dead_messages(session: Session, *, facility: str) -> Sequence[DeadMessage]:
    """Return the newest dead messages, ``DEAD_SHOWN`` at most, with the number on the visit's paper."""
    later = aliased(OutboundMessage)
    held_up = (
        sa.select(sa.func.count())
        .where(later.encounter_id == OutboundMessage.encounter_id, later.id > OutboundMessage.id)
        .where(later.state != OutboundState.SENT)
        .correlate(OutboundMessage)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(OutboundMessage, Ticket.label, held_up)
        .join(Encounter, Encounter.id == OutboundMessage.encounter_id)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .where(OutboundMessage.facility_code == facility, OutboundMessage.state == OutboundState.DEAD)
        .order_by(OutboundMessage.id.desc())
        .limit(DEAD_SHOWN)
    )
    return [
        DeadMessage(
            one.id, one.attempts, label, one.encounter_id, one.written_at, one.error or "", one.answer, number
        )
        for one, label, number in rows
    ]  # fmt: skip


def _due(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    earlier = aliased(OutboundMessage)
    # About one visit the other system hears in order: what is not sent yet holds the later ones up, a dead one too.
    is_held_up = sa.exists().where(
        earlier.encounter_id == OutboundMessage.encounter_id,
        earlier.id < OutboundMessage.id,
        earlier.state != OutboundState.SENT,
    )
    return (
        OutboundMessage.state.in_((OutboundState.WAITING, OutboundState.SENDING)),
        OutboundMessage.next_attempt_at <= now,
        ~is_held_up,
    )
