"""How a facility mixes its lines, and how long its calls usually take: set by staff, with a reason, for everybody."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.days import local_day
from server.domain.priority import MixingRule
from server.domain.queue import HOLDS_A_PLACE
from server.errors import NotFound, Refused, StaleVersion
from server.queues.models import MixingRuleChange, Queue, Ticket
from server.queues.priorities import reconsider
from server.queues.standing import rule_in_force
from server.reasons import checked_reason

USUAL_GAP_MIN: Final = range(1, 121)


def rule_changes(session: Session, facility: str) -> list[MixingRuleChange]:
    """Return who changed the rule and why, newest first; the latest fifty."""
    return list(
        session.scalars(
            sa.select(MixingRuleChange)
            .where(MixingRuleChange.facility_code == facility)
            .order_by(MixingRuleChange.set_at.desc(), MixingRuleChange.id.desc())
            .limit(50)
        )
    )


def set_rule(
    session: Session, rule: MixingRule, *, facility: str, seen: UUID | None, reason: str, by: str, now: datetime
) -> None:
    """Have ``rule`` hold from now on. ``seen`` is the change the member of staff ``by`` saw in force.

    Raises Refused without a reason and when nothing would change, StaleVersion when somebody else changed it meanwhile.
    """
    reason = checked_reason(reason)
    before = rule_in_force(session, facility)
    if before.id != seen:
        raise StaleVersion("rule")
    if before.rule == rule:
        raise Refused("rule.same", "this is the rule already")
    session.add(
        MixingRuleChange(
            facility_code=facility, priority=rule.priority, ordinary=rule.ordinary,
            counts_declared=rule.counts_declared, walk_ins_per_booked=rule.walk_ins_per_booked, reason=reason, by=by,
            set_at=now,
        )
    )  # fmt: skip
    audit.record(
        session, at=now, actor=f"staff:{by}", action="queue.rule-set", subject_type="facility", subject_id=facility,
        details={"old": _written(before.rule), "new": _written(rule)},
    )  # fmt: skip
    session.flush()
    if before.rule.counts_declared != rule.counts_declared:
        _reconsider_all(session, facility, now)
    feed.publish(session, facility_code=facility, topic="rule", subject_id=facility, at=now)


def set_usual_gap(
    session: Session, *, facility: str, queue_id: UUID, minutes: int | None, by: str, now: datetime
) -> None:
    """Say how many minutes a queue usually takes from call to call; None: say nothing. Raises NotFound, Refused."""
    queue = session.scalar(sa.select(Queue).where(Queue.id == queue_id, Queue.facility_code == facility))
    if queue is None:
        raise NotFound("queue.unknown", "the facility has no such queue")
    if minutes is not None and minutes not in USUAL_GAP_MIN:
        raise Refused("rule.minutes", "1 to 120 minutes")
    gap_s = None if minutes is None else minutes * 60
    if queue.usual_gap_s == gap_s:
        return
    audit.record(
        session, at=now, actor=f"staff:{by}", action="queue.usual-gap-set", subject_type="facility",
        subject_id=facility, details={"queue": queue.code, "old_s": queue.usual_gap_s, "new_s": gap_s},
    )  # fmt: skip
    queue.usual_gap_s = gap_s
    feed.publish(session, facility_code=facility, topic="call", subject_id=queue.id, at=now)


def _written(rule: MixingRule) -> str:
    booked = f", booked 1:{rule.walk_ins_per_booked}" if rule.walk_ins_per_booked else ""
    return f"{rule.priority}:{rule.ordinary}" + booked + (", declared counts" if rule.counts_declared else "")


def _reconsider_all(session: Session, facility: str, now: datetime) -> None:
    live = session.scalars(
        sa.select(Ticket).where(
            Ticket.facility_code == facility,
            Ticket.local_day >= local_day(now) - timedelta(days=1),  # through a night yesterday's are live, too
            Ticket.status.in_(HOLDS_A_PLACE),
            Ticket.superseded_at.is_(None),
        )
    ).all()
    for ticket in live:
        reconsider(session, ticket)
