"""One announcement at a time in each area: giving a display its turn to speak a call, and noting its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.board.models import Announcement
from server.board.service import Area
from server.db import claim
from server.domain.days import local_day
from server.domain.speaking import FORGOTTEN_AFTER, AskAgain, OpenCall, Speak, Turn, next_turn
from server.facilities.models import Room
from server.queues.calling import AT_THE_ROOM
from server.queues.models import Ticket, TicketCall


@dataclass(frozen=True, slots=True)
class SpokenCall:
    """A call that is the display's to speak now; once where ``is_rush``, as others wait."""

    call_id: UUID
    label: str
    room: str
    is_rush: bool


def whose_turn(session: Session, area: Area, *, display: str, now: datetime) -> SpokenCall | timedelta | None:
    """Return the call that ``display`` may speak, when it shall ask again, or None where nothing is to be spoken.

    ``display`` is the random word its page made for itself.
    """
    calls = {call.id: call for call in _unspoken(session, area, now)}
    open_calls = [OpenCall(call.id, call.called_at) for call in calls.values()]
    match next_turn(open_calls, _last_turn(session, area), display=display, now=now):
        case Speak(call_id, is_rush):
            return SpokenCall(call_id, calls[call_id].label, calls[call_id].name, is_rush)
        case AskAgain(after):
            return after
        case None:
            return None


def take_turn(session: Session, area: Area, *, display: str, now: datetime) -> SpokenCall | timedelta | None:
    """Return what ``whose_turn`` does, and note the turn; of displays that ask at the same time one gets it."""
    claim(session, uuid5(NAMESPACE_OID, f"announcements {area.facility} {area.name}"))
    answer = whose_turn(session, area, display=display, now=now)
    if isinstance(answer, SpokenCall):
        session.add(
            Announcement(
                call_id=answer.call_id, area=area.name, facility_code=area.facility, display=display, began_at=now
            )
        )
    return answer


def end_turn(session: Session, area: Area, call_id: UUID, *, display: str, now: datetime) -> None:
    """Note that a display has spoken a call; harmless when repeated, and when it was not that display's turn."""
    session.execute(
        sa.update(Announcement)
        .where(
            Announcement.call_id == call_id,
            Announcement.area == area.name,
            Announcement.display == display,
            Announcement.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _last_turn(session: Session, area: Area) -> Turn | None:
    row = session.execute(
        sa.select(Announcement.display, Announcement.began_at, Announcement.ended_at)
        .where(Announcement.facility_code == area.facility, Announcement.area == area.name)
        .order_by(Announcement.began_at.desc(), Announcement.call_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Turn(row.display, row.began_at, row.ended_at)


def _unspoken(session: Session, area: Area, now: datetime) -> list[sa.Row[UUID, datetime, str, str]]:
    """Return the calls of the last moments that nobody has spoken and whose number is still at the room."""
    is_spoken = (
        sa.select(Announcement.call_id)
        .where(Announcement.call_id == TicketCall.id, Announcement.area == area.name)
        .exists()
    )
    rows = session.execute(
        sa.select(TicketCall.id, TicketCall.called_at, Ticket.label, Room.name)
        .join(Ticket, Ticket.id == TicketCall.ticket_id)
        .join(Room, Room.id == TicketCall.room_id)
        .where(
            TicketCall.queue_id.in_(area.queue_ids),
            # A number called a moment after midnight may be of the day before.
            TicketCall.local_day >= local_day(now) - timedelta(days=1),
            TicketCall.called_at > now - FORGOTTEN_AFTER,
            TicketCall.undone_at.is_(None),
            Ticket.status.in_(AT_THE_ROOM),
            Ticket.superseded_at.is_(None),
            Ticket.room_id == TicketCall.room_id,
            ~is_spoken,
        )
    )
    return list(rows)
