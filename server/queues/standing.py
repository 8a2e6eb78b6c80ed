"""Where a number stands and how long it waits: computed here alone, for paper, display, kiosk and phone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.domain.calling import Class, LineUp, Moment, Waiting, class_of, order_of_calls, place_in_order
from server.domain.priority import MixingRule, PriorityGround
from server.domain.queue import TicketStatus
from server.domain.waiting import ExpectedWait, Pace, expected_wait, pace_of
from server.prepared import Prepared
from server.queues.live_days import each_live_since, is_live, live_since
from server.queues.models import MixingRuleChange, Queue, Ticket, TicketCall


@dataclass(frozen=True, slots=True)
class Standing:
    """How many are called before a number if nobody else comes, and how long that takes."""

    before: int
    wait: ExpectedWait | None


@dataclass(frozen=True, slots=True)
class RuleInForce:
    """``since`` and ``id`` are None where nobody has set a rule yet."""

    rule: MixingRule
    since: datetime | None = None
    id: UUID | None = None

    def held_at(self, instant: datetime) -> bool:
        return self.since is None or instant >= self.since


class _Call(NamedTuple):
    called_at: datetime
    had_choice: bool
    had_booked_choice: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What a queue's calls of the day leave for those who wait at a moment; turns count since the rule was set."""

    rule: MixingRule
    calls_made: int
    turns_taken: int
    booked_turns_taken: int
    pace: Pace | None
    now: datetime

    @property
    def moment(self) -> Moment:
        return Moment(self.now, self.pace.middle_s if self.pace else None)

    def order(self, waiting: Iterable[Waiting]) -> list[UUID]:
        """Return those who wait in the order of calls, as far as anybody can tell now."""
        return order_of_calls(
            waiting, calls_made=self.calls_made, turns_taken=self.turns_taken, rule=self.rule,
            booked_turns_taken=self.booked_turns_taken, moment=self.moment,
        )  # fmt: skip


_NEWEST_RULE: Final = Prepared(
    sa.select(
        MixingRuleChange.id,
        MixingRuleChange.priority,
        MixingRuleChange.ordinary,
        MixingRuleChange.counts_declared,
        MixingRuleChange.walk_ins_per_booked,
        MixingRuleChange.set_at,
    )
    .where(MixingRuleChange.facility_code == sa.bindparam("facility"))
    .order_by(MixingRuleChange.set_at.desc(), MixingRuleChange.id.desc())
    .limit(1)
)
_LAST: Final = datetime.max.replace(tzinfo=UTC)
"""When somebody arrives who comes after all who wait."""

_WAITS: Final = (Ticket.status == TicketStatus.WAITING, Ticket.superseded_at.is_(None))
_IS_BEFORE: Final = sa.tuple_(Ticket.arrived_at, Ticket.number, Ticket.id) < sa.tuple_(
    sa.bindparam("arrived_at", type_=Ticket.arrived_at.type),
    sa.bindparam("number", type_=sa.Integer()),
    sa.bindparam("ticket_id", type_=sa.Uuid()),
)
_OUT_OF_ORDER: Final = sa.func.count(Ticket.after_call) + sa.func.count(Ticket.due_at)
"""Where there are any, the order does not follow from counts, and the rows are read."""

_LINE_UP: Final = Prepared(
    sa.select(
        Ticket.priority,
        sa.func.count(),
        sa.func.sum(sa.case((_IS_BEFORE, 1), else_=0)),
        _OUT_OF_ORDER,
    )
    .where(Ticket.queue_id == sa.bindparam("queue_id"), Ticket.local_day >= sa.bindparam("since"), *_WAITS)
    .group_by(Ticket.priority)
)
_WAITING: Final = sa.select(
    Ticket.id, Ticket.number, Ticket.arrived_at, Ticket.priority, Ticket.after_call, Ticket.due_at
).where(Ticket.queue_id == sa.bindparam("queue_id"), Ticket.local_day >= sa.bindparam("since"), *_WAITS)


def rule_in_force(session: Session, facility: str) -> RuleInForce:
    """Return the rule that holds now, and since when: the turns begin anew with it."""
    row = _NEWEST_RULE.find(session, {"facility": facility})
    if row is None:
        return RuleInForce(MixingRule())
    rule_id, priority, ordinary, counts_declared, walk_ins_per_booked, set_at = row
    return RuleInForce(MixingRule(priority, ordinary, counts_declared, walk_ins_per_booked), set_at, rule_id)


def past_of(session: Session, queue_id: UUID, *, facility: str, since: date, now: datetime) -> Past:
    return pasts_of(session, {queue_id: since}, facility=facility, now=now)[queue_id]


def pasts_of(session: Session, since: Mapping[UUID, date], *, facility: str, now: datetime) -> dict[UUID, Past]:
    """Return each queue's past from its first live day on; three statements, however many queues."""
    in_force = rule_in_force(session, facility)
    values: dict[str, object] = {_parameter(n): queue_id for n, queue_id in enumerate(since)}
    values |= {_since(n): day for n, day in enumerate(since.values())}
    calls: dict[UUID, list[_Call]] = {queue_id: [] for queue_id in since}
    for queue_id, called_at, had_choice, had_booked_choice in _calls_of(len(since)).all(session, values):
        calls[queue_id].append(_Call(called_at, had_choice, had_booked_choice))
    usual_gaps_s = dict(_usual_gaps_of(len(since)).all(session, values))
    return {
        queue_id: Past(
            rule=in_force.rule,
            calls_made=len(made),
            turns_taken=sum(one.had_choice for one in made if in_force.held_at(one.called_at)),
            booked_turns_taken=sum(one.had_booked_choice for one in made if in_force.held_at(one.called_at)),
            pace=pace_of([one.called_at for one in made], now=now, usual_gap_s=usual_gaps_s.get(queue_id)),
            now=now,
        )
        for queue_id, made in calls.items()
    }


@cache
def _calls_of(count: int) -> Prepared[UUID, datetime, bool, bool]:
    """Return the statement for the live calls of ``count`` queues, made once: every arrival asks for one."""
    return Prepared(
        sa.select(TicketCall.queue_id, TicketCall.called_at, TicketCall.had_choice, TicketCall.had_booked_choice)
        .where(
            sa.or_(
                sa.false(),
                *(
                    sa.and_(
                        TicketCall.queue_id == sa.bindparam(_parameter(n)),
                        TicketCall.local_day >= sa.bindparam(_since(n)),
                    )
                    for n in range(count)
                ),
            ),
            TicketCall.is_repeat.is_(False),
            TicketCall.undone_at.is_(None),
        )
        .order_by(TicketCall.called_at)
    )


@cache
def _usual_gaps_of(count: int) -> Prepared[UUID, int | None]:
    return Prepared(
        sa.select(Queue.id, Queue.usual_gap_s).where(_is_one_of(Queue.id, count), Queue.usual_gap_s.is_not(None))
    )


def _is_one_of(column: InstrumentedAttribute[UUID], count: int) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(column == sa.bindparam(_parameter(n)) for n in range(count)))


def _parameter(n: int) -> str:
    return f"queue_{n}"


def _since(n: int) -> str:
    return f"since_{n}"


def standing_of(session: Session, ticket: Ticket, *, now: datetime) -> Standing | None:
    """Return where a waiting number stands, None when it does not wait."""
    if ticket.status is not TicketStatus.WAITING or ticket.superseded_at is not None:
        return None
    return standing_at(
        session, ticket_id=ticket.id, queue_id=ticket.queue_id, facility=ticket.facility_code,
        arrived_at=ticket.arrived_at, number=ticket.number, ground=ticket.priority, due_at=ticket.due_at, now=now,
    )  # fmt: skip


def standing_at(
    session: Session, *, ticket_id: UUID, queue_id: UUID, facility: str, arrived_at: datetime,
    number: int, ground: PriorityGround | None, due_at: datetime | None, now: datetime,
) -> Standing:  # fmt: skip
    """Return where a number stands, or would stand if it is not stored yet."""
    since = live_since(session, queue_id, at=now)
    past = past_of(session, queue_id, facility=facility, since=since, now=now)
    values = {
        "queue_id": queue_id,
        "since": since,
        "arrived_at": arrived_at,
        "number": number,
        "ticket_id": ticket_id,
    }
    rows = _LINE_UP.all(session, values)
    if due_at is not None or any(out_of_order for *_, out_of_order in rows):
        me = Waiting(ticket_id, arrived_at, class_of(ground), number=number, due_at=due_at)
        before = _place_among(session, me, queue_id, since, past)
    else:
        line = class_of(ground)
        line_up = _line_up(line, [(class_of(their), count, int(earlier)) for their, count, earlier, _ in rows])
        before = place_in_order(line, line_up, turns_taken=past.turns_taken, rule=past.rule)
    return Standing(before, expected_wait(before, past.pace))


def newcomers(session: Session, queue_ids: Collection[UUID], *, facility: str, now: datetime) -> dict[UUID, Standing]:
    """Return where somebody without priority who arrives now would stand in each queue."""
    since = each_live_since(session, queue_ids, at=now)
    pasts = pasts_of(session, since, facility=facility, now=now)
    rows = session.execute(
        sa.select(Ticket.queue_id, Ticket.priority, sa.func.count(), _OUT_OF_ORDER)
        .where(is_live(Ticket.queue_id, Ticket.local_day, since), *_WAITS)
        .group_by(Ticket.queue_id, Ticket.priority)
    ).all()
    standings = {}
    for queue_id, past in pasts.items():
        mine = [row for row in rows if row[0] == queue_id]
        if any(out_of_order for *_, out_of_order in mine):
            before = _place_among(session, Waiting(uuid4(), _LAST), queue_id, since[queue_id], past)
        else:
            line_up = _line_up(Class.ORDINARY, [(class_of(ground), count, count) for _, ground, count, _ in mine])
            before = place_in_order(Class.ORDINARY, line_up, turns_taken=past.turns_taken, rule=past.rule)
        standings[queue_id] = Standing(before, expected_wait(before, past.pace))
    return standings


def _line_up(line: Class, counts: Sequence[tuple[Class, int, int]]) -> LineUp:
    """Return the line-up for somebody of ``line`` from (line, all who wait, those of them who were earlier)."""
    return LineUp(
        before_in_line=sum(earlier for theirs, _, earlier in counts if theirs is line),
        in_other_line=sum(count for theirs, count, _ in counts if theirs not in (line, Class.EMERGENCY)),
        emergencies=sum(count for theirs, count, _ in counts if theirs is Class.EMERGENCY),
    )


def _place_among(session: Session, me: Waiting, queue_id: UUID, since: date, past: Past) -> int:
    rows = session.connection().execute(_WAITING, {"queue_id": queue_id, "since": since})
    waiting = {
        row.id: Waiting(
            row.id, row.arrived_at, class_of(row.priority), row.after_call, number=row.number, due_at=row.due_at
        )
        for row in rows
    }
    waiting.setdefault(me.ticket_id, me)
    return past.order(waiting.values()).index(me.ticket_id)
