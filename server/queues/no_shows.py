"""Numbers that nobody came for: missed by the facility's rule while their day lasts, closed when it is over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.days import local_day
from server.domain.no_shows import NoShowRule, is_no_show
from server.domain.queue import TicketStatus
from server.errors import Refused, StaleVersion
from server.queues.calling import Press, apply_act, lock_queue
from server.queues.live_days import each_live_since, live_since
from server.queues.models import OPEN, NoShowRuleChange, Ticket, TicketCall, TicketMove
from server.reasons import checked_reason

BY_RULE: Final = "rule"
"""Who moved a number, where the facility's rule or the end of the day did."""

CLOSED_AT_ONCE: Final = 50
"""Numbers closed in one transaction: a counter or kiosk waits no longer than that takes."""


@dataclass(frozen=True, slots=True)
class NoShowRuleInForce:
    """``id`` is None where nobody has set a rule yet."""

    rule: NoShowRule
    id: UUID | None = None


def no_show_rule_in_force(session: Session, facility: str) -> NoShowRuleInForce:
    changes = no_show_rule_changes(session, facility, limit=1)
    if not changes:
        return NoShowRuleInForce(NoShowRule())
    return NoShowRuleInForce(NoShowRule(changes[0].after_min, changes[0].after_calls), changes[0].id)


def no_show_rule_changes(session: Session, facility: str, *, limit: int = 50) -> list[NoShowRuleChange]:
    """Return who changed the rule and why, newest first."""
    return list(
        session.scalars(
            sa.select(NoShowRuleChange)
            .where(NoShowRuleChange.facility_code == facility)
            .order_by(NoShowRuleChange.set_at.desc(), NoShowRuleChange.id.desc())
            .limit(limit)
        )
    )


def set_no_show_rule(
    session: Session, rule: NoShowRule, *, facility: str, seen: UUID | None, reason: str, by: str, now: datetime
) -> None:
    """Have ``rule`` hold from now on, for those called already too. ``seen``: the change ``by`` saw in force.

    Raises Refused without a reason and when nothing would change, StaleVersion when somebody else changed it meanwhile.
    """
    reason = checked_reason(reason)
    before = no_show_rule_in_force(session, facility)
    if before.id != seen:
        raise StaleVersion("rule")
    if before.rule == rule:
        raise Refused("rule.same", "this is the rule already")
    session.add(
        NoShowRuleChange(
            facility_code=facility, after_min=rule.after_min, after_calls=rule.after_calls, reason=reason, by=by,
            set_at=now,
        )
    )  # fmt: skip
    audit.record(
        session, at=now, actor=f"staff:{by}", action="queue.no-show-rule-set", subject_type="facility",
        subject_id=facility, details={"old": str(before.rule), "new": str(rule)},
    )  # fmt: skip
    feed.publish(session, facility_code=facility, topic="rule", subject_id=facility, at=now)


def find_absent(session: Session, *, now: datetime) -> list[UUID]:
    """Return the live numbers that were called and count as missed by their facility's rule, of all facilities."""
    rows = session.execute(
        sa.select(Ticket.id, Ticket.facility_code, Ticket.queue_id, Ticket.local_day)
        .where(
            OPEN, Ticket.local_day >= local_day(now) - timedelta(days=1), Ticket.status == TicketStatus.CALLED,
            Ticket.superseded_at.is_(None),
        )
        .order_by(Ticket.queue_id, Ticket.id)
    ).all()  # fmt: skip
    if not rows:
        return []
    since = each_live_since(session, {row.queue_id for row in rows}, at=now)
    called = [row for row in rows if row.local_day >= since[row.queue_id]]
    rules = {
        facility: no_show_rule_in_force(session, facility).rule for facility in {row.facility_code for row in called}
    }
    calls, denials = _calls_of(session, [row.id for row in called]), _denials_of(session, [row.id for row in called])
    return [
        row.id
        for row in called
        if is_no_show(rules[row.facility_code], calls.get(row.id, ()), now=now, denied_at=denials.get(row.id))
    ]


def miss_if_absent(session: Session, ticket_id: UUID, *, now: datetime) -> bool:
    """Have a number count as missed if the rule still says so; return whether it did. Safe to repeat.

    The counter it was called to can take it back as any press of its own.
    """
    ticket = session.get_one(Ticket, ticket_id)
    lock_queue(session, ticket.queue_id)
    session.refresh(ticket)
    if ticket.status is not TicketStatus.CALLED:
        return False
    rule = no_show_rule_in_force(session, ticket.facility_code).rule
    calls, denials = _calls_of(session, [ticket.id]), _denials_of(session, [ticket.id])
    if not is_no_show(rule, calls.get(ticket.id, ()), now=now, denied_at=denials.get(ticket.id)):
        return False
    apply_act(session, ticket, "miss", Press(BY_RULE, now, ticket.room_id, actor="system", rule=str(rule)))
    return True


def queues_left_open(session: Session, *, now: datetime) -> list[UUID]:
    """Return the queues in which a day that is over has left a number waiting, called, held or being served.

    A day is over when its clinic's work is (``server.domain.catalogue.day_ends``).
    """
    rows = session.execute(
        sa.select(Ticket.queue_id, sa.func.min(Ticket.local_day).label("day"))
        .where(OPEN, Ticket.local_day < local_day(now))
        .group_by(Ticket.queue_id)
        .order_by(Ticket.queue_id)
    ).all()
    if not rows:
        return []
    since = each_live_since(session, [row.queue_id for row in rows], at=now)
    return [row.queue_id for row in rows if row.day < since[row.queue_id]]


def close_past_days(session: Session, queue_id: UUID, *, now: datetime) -> int:
    """Close some of what past days have left open in a queue; return how many, 0 when nothing is left.

    A visit that a kiosk uploads after its day is closed by the next round.
    """
    lock_queue(session, queue_id)
    left = session.scalars(
        sa.select(Ticket)
        .where(OPEN, Ticket.local_day < live_since(session, queue_id, at=now), Ticket.queue_id == queue_id)
        .order_by(Ticket.local_day, Ticket.arrived_at, Ticket.id)
        .limit(CLOSED_AT_ONCE)
        .execution_options(populate_existing=True)
    ).all()
    for ticket in left:
        apply_act(session, ticket, "close", Press(BY_RULE, now, actor="system"))
        feed.publish(
            session, facility_code=ticket.facility_code, topic="encounter", subject_id=ticket.encounter_id, at=now
        )
    return len(left)


def missed_by_rule(session: Session, queue_id: UUID, day_start: datetime) -> dict[UUID, datetime]:
    """Return by number of a queue when the rule last had it count as missed, since an instant."""
    rows = session.execute(
        sa.select(TicketMove.ticket_id, sa.func.max(TicketMove.at).label("at"))
        .where(
            TicketMove.queue_id == queue_id, TicketMove.at >= day_start, TicketMove.by == BY_RULE,
            TicketMove.act == "miss", TicketMove.undone_at.is_(None),
        )
        .group_by(TicketMove.ticket_id)
    )  # fmt: skip
    return {row.ticket_id: row.at for row in rows}


def _calls_of(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, list[datetime]]:
    """Return each number's last call and the repetitions of it."""
    rows = session.execute(
        sa.select(TicketCall.ticket_id, TicketCall.called_at, TicketCall.is_repeat)
        .where(TicketCall.ticket_id.in_(ticket_ids), TicketCall.undone_at.is_(None))
        .order_by(TicketCall.called_at)
    )
    calls: dict[UUID, list[datetime]] = {}
    for ticket_id, called_at, is_repeat in rows:
        calls[ticket_id] = [*(calls.get(ticket_id, []) if is_repeat else []), called_at]
    return calls


def _denials_of(session: Session, ticket_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return when staff last took back that a number was missed."""
    rows = session.execute(
        sa.select(TicketMove.ticket_id, sa.func.max(TicketMove.undone_at).label("denied_at"))
        .where(TicketMove.ticket_id.in_(ticket_ids), TicketMove.act == "miss", TicketMove.undone_at.is_not(None))
        .group_by(TicketMove.ticket_id)
    )
    return {row.ticket_id: row.denied_at for row in rows}
