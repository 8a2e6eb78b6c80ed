"""Taking a number out of its queue with the visit, and putting it back when that was a mistake."""

from datetime import datetime
from typing import Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import feed
from server.domain.calling import RETURNS_AS
from server.domain.queue import TicketStatus
from server.errors import Refused
from server.queues.calling import lock_queue
from server.queues.models import Ticket, TicketMove
from server.queues.service import held_number
from server.registration.models import Encounter

_ACT: Final = "cancel"


def withdraw(session: Session, ticket: Ticket, *, by: str, now: datetime) -> None:
    """Have a number called no more; raises Refused while its person is being served, and when the visit has ended."""
    lock_queue(session, ticket.queue_id)
    session.refresh(ticket)
    if ticket.status not in RETURNS_AS:
        raise Refused("encounter.under_way", "the patient is being served or the visit has ended")
    session.add(
        TicketMove(
            press_id=uuid4(), ticket_id=ticket.id, queue_id=ticket.queue_id, room_id=None, act=_ACT,
            status_before=ticket.status, status_after=TicketStatus.CANCELLED, room_id_before=ticket.room_id,
            wanted_room_id_before=ticket.wanted_room_id, after_call_before=ticket.after_call, by=by, at=now,
        )
    )  # fmt: skip
    ticket.status = TicketStatus.CANCELLED
    _publish(session, ticket, now)


def put_back(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Have a number that was withdrawn live again, with its place by arrival; raises Refused when the person has
    another number in the queue by now.
    """
    lock_queue(session, ticket.queue_id)
    session.refresh(ticket)
    encounter = session.get_one(Encounter, ticket.encounter_id)
    if ticket.sole_patient_id is not None and held_number(
        session, encounter.patient_id, ticket.queue_id, ticket.local_day
    ):
        raise Refused("restore.number", "the person has another number by now")
    withdrawal = session.scalars(
        sa.select(TicketMove)
        .where(TicketMove.ticket_id == ticket.id, TicketMove.act == _ACT, TicketMove.undone_at.is_(None))
        .order_by(TicketMove.at.desc(), TicketMove.id)
    ).first()
    # None where a kiosk's own number has taken the withdrawn one's place since.
    ticket.status = RETURNS_AS[withdrawal.status_before] if withdrawal else TicketStatus.WAITING
    if withdrawal is not None:
        withdrawal.undone_at = now
    session.flush()
    _publish(session, ticket, now)


def _publish(session: Session, ticket: Ticket, now: datetime) -> None:
    feed.publish(session, facility_code=ticket.facility_code, topic="ticket", subject_id=ticket.id, at=now)
    feed.publish(session, facility_code=ticket.facility_code, topic="call", subject_id=ticket.queue_id, at=now)
