"""One queue's day as a counter sees it: who is there, who comes next, who was missed or is held."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.days import day_bounds, local_day
from server.domain.priority import ClaimState, PriorityGround
from server.domain.queue import TicketStatus
from server.facilities.models import Room
from server.queues.calling import AT_THE_ROOM, rows_of, waiting_of
from server.queues.live_days import live_since
from server.queues.models import PriorityClaim, Queue, Ticket
from server.queues.no_shows import missed_by_rule
from server.queues.standing import past_of
from server.queues.undoing import LastPress, last_press


@dataclass(frozen=True, slots=True)
class InLine:
    """Somebody of a queue as a counter sees them.

    ``priority`` is the ground that counts, ``declared`` what staff have not looked at yet; ``wanted_room`` is the one
    room they wait for.
    """

    ticket_id: UUID
    encounter_id: UUID
    label: str
    status: TicketStatus
    full_name: str
    birth_year: str | None
    arrived_at: datetime
    priority: PriorityGround | None
    room_id: UUID | None
    wanted_room: str | None = None
    declared: tuple[PriorityGround, ...] = ()
    missed_by_rule_at: datetime | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One queue's day at one moment. ``waiting`` stands in the order in which it will be called."""

    current: InLine | None  # at the room asked for
    waiting: list[InLine]
    missed: list[InLine]
    held: list[InLine]
    served: int  # of today's numbers, also while those of the evening before are worked off
    last_press: LastPress | None


def line_of(session: Session, queue: Queue, room_id: UUID, *, now: datetime) -> Line:
    """Return a queue's day as the counter of ``room_id`` sees it."""
    since = live_since(session, queue.id, at=now)
    rows = rows_of(session, queue.id, since)
    rooms = {
        room.id: room.name
        for room in session.execute(sa.select(Room.id, Room.name).where(Room.clinic_id == queue.clinic_id))
    }
    declared = _declared(session, queue.id, since)
    by_rule = missed_by_rule(session, queue.id, day_bounds(since)[0])
    people = {row.Ticket.id: _in_line(row, rooms, declared, by_rule) for row in rows}
    past = past_of(session, queue.id, facility=queue.facility_code, since=since, now=now)
    by_status: dict[TicketStatus, list[InLine]] = {}
    for one in people.values():
        by_status.setdefault(one.status, []).append(one)
    at_rooms = [one for status in AT_THE_ROOM for one in by_status.get(status, []) if one.room_id == room_id]
    return Line(
        current=at_rooms[0] if at_rooms else None,
        waiting=[people[ticket_id] for ticket_id in past.order(waiting_of(rows))],
        missed=by_status.get(TicketStatus.MISSED, []),
        held=by_status.get(TicketStatus.HELD, []),
        served=sum(row.Ticket.status is TicketStatus.DONE and row.Ticket.local_day == local_day(now) for row in rows),
        last_press=last_press(session, queue.id, room_id, now=now),
    )


def _declared(session: Session, queue_id: UUID, since: date) -> dict[UUID, tuple[PriorityGround, ...]]:
    """Return by encounter what was declared and not looked at yet."""
    rows = session.execute(
        sa.select(PriorityClaim.encounter_id, PriorityClaim.ground)
        .join(Ticket, Ticket.encounter_id == PriorityClaim.encounter_id)
        .where(
            Ticket.queue_id == queue_id,
            Ticket.local_day >= since,
            Ticket.superseded_at.is_(None),
            PriorityClaim.state == ClaimState.DECLARED,
        )
        .order_by(PriorityClaim.ground)
    )
    found: dict[UUID, tuple[PriorityGround, ...]] = {}
    for encounter_id, ground in rows:
        found[encounter_id] = (*found.get(encounter_id, ()), ground)
    return found


def _in_line(
    row: sa.Row[Ticket, str, str | None],
    rooms: dict[UUID, str],
    declared: dict[UUID, tuple[PriorityGround, ...]],
    by_rule: dict[UUID, datetime],
) -> InLine:
    ticket: Ticket = row.Ticket
    return InLine(
        ticket_id=ticket.id,
        encounter_id=ticket.encounter_id,
        label=ticket.label,
        status=ticket.status,
        full_name=row.full_name,
        birth_year=row.born_on[:4] if row.born_on else None,
        arrived_at=ticket.arrived_at,
        priority=ticket.priority,
        room_id=ticket.room_id,
        wanted_room=rooms.get(ticket.wanted_room_id) if ticket.wanted_room_id else None,
        declared=declared.get(ticket.encounter_id, ()),
        due_at=ticket.due_at,
        missed_by_rule_at=by_rule.get(ticket.id) if ticket.status is TicketStatus.MISSED else None,
    )
