"""What a display shows of one area: the latest call of each room, and how many wait."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.queue import TicketStatus
from server.domain.waiting import ExpectedWait
from server.errors import NotFound
from server.facilities.models import Clinic, Facility, Room
from server.queues.calling import AT_THE_ROOM
from server.queues.live_days import each_live_since, is_live
from server.queues.models import Queue, Ticket, TicketCall, TicketMove
from server.queues.service import waiting_counts
from server.queues.standing import newcomers

EVERYTHING = "all"

MISSED_SHOWN: Final = 6
"""Numbers on one line of a display; whoever missed a call longer ago asks at the room or a kiosk."""


@dataclass(frozen=True, slots=True)
class Area:
    """Some clinics of a facility, as one display names them: their codes joined by ``+``, or ``all``."""

    facility: str
    name: str
    queue_ids: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class RoomCall:
    """The number a room has called; ``call_id`` tells a repeated call from the one before."""

    call_id: UUID
    label: str
    room: str
    floor: str
    clinic_name: str
    clinic_name_en: str
    called_at: datetime


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """``wait``: how long somebody without priority who comes now will wait, as it would stand on the slip."""

    letter: str
    clinic_name: str
    clinic_name_en: str
    waiting: int
    wait: ExpectedWait | None


@dataclass(frozen=True, slots=True)
class Display:
    """``calls``: newest first, one of each room that has somebody; ``loads``: by letter.

    ``missed``: numbers that nobody came for, the latest first.
    """

    calls: list[RoomCall]
    loads: list[QueueLoad]
    missed: list[str]
    as_of: datetime


def find_area(session: Session, name: str, facility: str | None) -> Area:
    """Return an area; without a facility's code the only one there is. Raises NotFound."""
    facilities = session.scalars(sa.select(Facility.code).order_by(Facility.code).limit(2)).all()
    code = facility or (facilities[0] if len(facilities) == 1 else None)
    query = sa.select(Queue.id, Clinic.code).join(Clinic, Clinic.id == Queue.clinic_id)
    rows = session.execute(query.where(Queue.facility_code == code)).all()
    wanted = {row.code for row in rows} if name == EVERYTHING else set(name.split("+"))
    if code is None or not wanted or not wanted <= {row.code for row in rows}:
        raise NotFound("board.unknown", "there is no such area")
    name = name if name == EVERYTHING else "+".join(sorted(wanted))  # in whatever order a display's address has them
    return Area(code, name, frozenset(row.id for row in rows if row.code in wanted))


def read_display(session: Session, area: Area, *, now: datetime) -> Display:
    """Return what stands on a display now; neither a name nor anything else of a person is read for it."""
    since = each_live_since(session, area.queue_ids, at=now)
    waiting = waiting_counts(session, area.queue_ids, now=now)
    queues = session.execute(
        sa.select(Queue, Clinic)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .where(Queue.id.in_(area.queue_ids))
        .order_by(Queue.letter)
    ).all()
    standings = newcomers(session, area.queue_ids, facility=area.facility, now=now)
    loads = [
        QueueLoad(queue.letter, clinic.name, clinic.name_en, waiting.get(queue.id, 0), standings[queue.id].wait)
        for queue, clinic in queues
    ]
    return Display(_latest(_calls(session, since)), loads, _missed(session, since), now)


def _missed(session: Session, since: Mapping[UUID, date]) -> list[str]:
    return list(
        session.scalars(
            sa.select(Ticket.label)
            .join(TicketMove, TicketMove.ticket_id == Ticket.id)
            .where(
                is_live(Ticket.queue_id, Ticket.local_day, since),
                Ticket.status == TicketStatus.MISSED,
                Ticket.superseded_at.is_(None),
                TicketMove.status_after == TicketStatus.MISSED,
                TicketMove.undone_at.is_(None),
            )
            .group_by(Ticket.id, Ticket.label)
            .order_by(sa.func.max(TicketMove.at).desc(), Ticket.id)
            .limit(MISSED_SHOWN)
        )
    )


def _calls(session: Session, since: Mapping[UUID, date]) -> Sequence[sa.Row[TicketCall, Ticket, Room, Clinic]]:
    return session.execute(
        sa.select(TicketCall, Ticket, Room, Clinic)
        .join(Ticket, Ticket.id == TicketCall.ticket_id)
        .join(Room, Room.id == TicketCall.room_id)
        .join(Clinic, Clinic.id == Room.clinic_id)
        .where(
            is_live(TicketCall.queue_id, TicketCall.local_day, since),
            TicketCall.undone_at.is_(None),
            Ticket.status.in_(AT_THE_ROOM),
            Ticket.superseded_at.is_(None),
            Ticket.room_id == TicketCall.room_id,
        )
        .order_by(TicketCall.called_at.desc(), TicketCall.id.desc())
    ).all()


def _latest(rows: Sequence[sa.Row[TicketCall, Ticket, Room, Clinic]]) -> list[RoomCall]:
    latest: dict[UUID, RoomCall] = {}
    for call, ticket, room, clinic in rows:
        latest.setdefault(
            room.id,
            RoomCall(
                call.id,
                ticket.label,
                room.name,
                room.floor,
                clinic.name,
                clinic.name_en,
                call.called_at,
            ),
        )
    return list(latest.values())
