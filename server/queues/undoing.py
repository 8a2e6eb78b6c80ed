"""Taking back a slip of the finger at a counter: all that one press did, while nothing has followed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import NotFound, Refused, StaleVersion
from server.queues.calling import Press, lock_queue, note_act
from server.queues.models import Queue, Ticket, TicketCall, TicketMove
from server.queues.service import held_number
from server.registration.models import Encounter

UNDO_WITHIN: Final = timedelta(minutes=5)
"""Later the person has come, gone, or been told otherwise."""


@dataclass(frozen=True, slots=True)
class LastPress:
    """What "undo" takes back at a counter."""

    press_id: UUID
    act: str
    label: str


def undo(session: Session, press_id: UUID, *, facility: str, by: str, now: datetime) -> None:
    """Take back all that one press did, at most five minutes later and while nothing has followed.

    Raises NotFound, Refused when it is too late, StaleVersion when one of the numbers has moved on.
    """
    moves = session.scalars(
        sa.select(TicketMove).where(TicketMove.press_id == press_id).order_by(TicketMove.at, TicketMove.id)
    ).all()
    if not moves:
        raise NotFound("press.unknown", "there is nothing to undo")
    queue = session.get_one(Queue, moves[0].queue_id)
    if queue.facility_code != facility:
        raise NotFound("press.unknown", "there is nothing to undo")
    lock_queue(session, queue.id)
    if now - moves[0].at > UNDO_WITHIN:
        raise Refused("undo.late", "more than five minutes ago")
    if _was_followed(session, moves[0]):
        raise StaleVersion("counter")
    for one in moves:
        session.refresh(one)
        _take_back(session, one, Press(by, now))


def last_press(session: Session, queue_id: UUID, room_id: UUID, *, now: datetime) -> LastPress | None:
    """Return the latest press of a counter if it can be taken back still: nothing has followed it there."""
    newest = session.execute(
        sa.select(TicketMove, Ticket.label)
        .join(Ticket, Ticket.id == TicketMove.ticket_id)
        .where(TicketMove.queue_id == queue_id, TicketMove.room_id == room_id, TicketMove.at >= now - UNDO_WITHIN)
        # Of one press the call is what staff remember, not the end of the one before.
        .order_by(TicketMove.at.desc(), TicketMove.act, TicketMove.id)
        .limit(1)
    ).one_or_none()
    if newest is None or newest.TicketMove.undone_at is not None:
        return None
    return LastPress(newest.TicketMove.press_id, newest.TicketMove.act, newest.label)


def _was_followed(session: Session, move: TicketMove) -> bool:
    """Whether something else was pressed at the same counter since: two people must not stand at one room."""
    later = sa.select(TicketMove.id).where(
        TicketMove.queue_id == move.queue_id,
        TicketMove.room_id == move.room_id,
        TicketMove.at > move.at,
        TicketMove.undone_at.is_(None),
    )
    return session.scalar(later.limit(1)) is not None


def _take_back(session: Session, one: TicketMove, press: Press) -> None:
    ticket = session.get_one(Ticket, one.ticket_id)
    session.refresh(ticket)
    has_moved_on = session.scalar(
        sa.select(sa.func.count()).where(
            TicketMove.ticket_id == ticket.id, TicketMove.at > one.at, TicketMove.undone_at.is_(None)
        )
    )
    if one.undone_at is not None or ticket.status is not one.status_after or has_moved_on:
        raise StaleVersion("ticket")
    if ticket.superseded_at is not None or _has_another(session, ticket):
        raise Refused("undo.number", "the person has another number by now")
    ticket.status = one.status_before
    ticket.room_id, ticket.wanted_room_id = one.room_id_before, one.wanted_room_id_before
    ticket.after_call = one.after_call_before
    one.undone_at = press.now
    session.execute(
        sa.update(TicketCall)
        .where(TicketCall.ticket_id == ticket.id, TicketCall.called_at == one.at)
        .values(undone_at=press.now)
    )
    session.flush()
    note_act(session, ticket, f"undo-{one.act}", press)


def _has_another(session: Session, ticket: Ticket) -> bool:
    encounter = session.get_one(Encounter, ticket.encounter_id)
    other = held_number(session, encounter.patient_id, ticket.queue_id, ticket.local_day)
    return ticket.sole_patient_id is not None and other is not None and other.id != ticket.id
