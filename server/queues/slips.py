"""A slip that is shown: at a kiosk or to a counter's scanner, it brings its number back into the line."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.queue import TicketStatus
from server.errors import NotFound
from server.queues.calling import Press, apply_act, get_todays_ticket, lock_queue
from server.queues.models import Ticket
from server.registration.models import Encounter


@dataclass(frozen=True, slots=True)
class ShownSlip:
    """The number that counts for a slip, as it stands now. ``rejoined``: its call was missed, and it waits again."""

    ticket: Ticket
    rejoined: bool


def show_slip(session: Session, code: str, *, facility: str, by: str, actor: str, now: datetime) -> ShownSlip:
    """Return the number behind a slip's code of 100 random bits; one that missed its call rejoins after three others.

    ``by`` and ``actor``: where the slip was shown, see ``Press``. Safe to repeat. Raises NotFound for a code of
    another hospital, Refused for a slip of another day.
    """
    ticket_id = session.scalar(
        sa.select(Ticket.id)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .where(Encounter.visit_code == code, Ticket.facility_code == facility, Ticket.superseded_at.is_(None))
    )
    if ticket_id is None:
        raise NotFound("slip.unknown", "no slip of this hospital has this code")
    ticket = get_todays_ticket(session, ticket_id, facility=facility, now=now)
    return ShownSlip(ticket, rejoin_if_missed(session, ticket, Press(by, now, actor=actor)))


def rejoin_if_missed(session: Session, ticket: Ticket, press: Press) -> bool:
    """Put a number whose call was missed back in line, as its person is here; whether that was so."""
    if ticket.status is not TicketStatus.MISSED:
        return False
    lock_queue(session, ticket.queue_id)
    session.refresh(ticket)
    apply_act(session, ticket, "resume", press)
    session.flush()
    return True
