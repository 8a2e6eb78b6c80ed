"""What staff decide about rooms: closed for a time, open again, how many tables and visits."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.domain.days import day_bounds, local_day
from server.errors import NotFound, Refused
from server.facilities.models import Clinic, Room, RoomClosure
from server.facilities.roster import get_room


def close_room(
    session: Session, *, facility: str, room_id: UUID, day: date, reason: str, by: str, now: datetime
) -> RoomClosure:
    """Take a room out of service for a day, today from now on; closing it again changes the reason only.

    Raises NotFound; Refused for a day that has passed and without a reason.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Refused("closure.no_reason", "a reason must be given")
    if day < local_day(now):
        raise Refused("closure.past", "that day has passed")
    room = get_room(session, room_id, facility=facility)
    begins, ends = day_bounds(day)
    closure = session.scalar(
        sa.select(RoomClosure).where(
            RoomClosure.room_id == room.id, RoomClosure.starts_at < ends, RoomClosure.ends_at > max(begins, now)
        )
    )
    if closure is None:
        closure = RoomClosure(room_id=room.id, starts_at=max(begins, now), ends_at=ends, reason=reason, by=by)
        session.add(closure)
    closure.reason, closure.by = reason, by
    session.flush()
    _note(session, facility, room, "room.closed", {"day": day.isoformat()}, by=by, now=now)
    return closure


def reopen_room(session: Session, *, facility: str, closure_id: UUID, by: str, now: datetime) -> None:
    """End a closure now; one that has ended stays as it is. Raises NotFound."""
    closure = session.scalar(
        sa.select(RoomClosure)
        .join(Room, Room.id == RoomClosure.room_id)
        .join(Clinic, Clinic.id == Room.clinic_id)
        .where(RoomClosure.id == closure_id, Clinic.facility_code == facility)
    )
    if closure is None:
        raise NotFound("closure.unknown", "the facility has no such closure")
    if closure.ends_at <= now:
        return
    closure.ends_at = max(now, closure.starts_at)
    session.flush()
    _note(session, facility, closure.room, "room.reopened", {}, by=by, now=now)


def set_capacity(
    session: Session, *, facility: str, room_id: UUID, tables: int, visits_per_table: int | None, by: str, now: datetime
) -> None:
    """Say how many tables a room has, and how many visits each may have in a day; None takes the facility's figure.

    Raises NotFound.
    """
    room = get_room(session, room_id, facility=facility)
    details = {
        "tables": f"{room.tables} -> {tables}",
        "visits_per_table": f"{room.visits_per_table} -> {visits_per_table}",
    }
    room.tables, room.visits_per_table = tables, visits_per_table
    session.flush()
    _note(session, facility, room, "room.capacity-set", details, by=by, now=now)


def _note(
    session: Session, facility: str, room: Room, action: str, details: dict[str, str], *, by: str, now: datetime
) -> None:
    audit.record(
        session, at=now, actor=f"staff:{by}", action=action, subject_type="room", subject_id=room.id, details=details
    )
    feed.publish(session, facility_code=facility, topic="facility", subject_id=room.id, at=now)
