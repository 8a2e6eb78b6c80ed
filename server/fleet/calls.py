"""Calls for help that ring at reception until somebody answers."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit, feed
from server.errors import NotFound
from server.fleet.models import StaffCall


def open_calls(session: Session, *, facility: str) -> Sequence[StaffCall]:
    """Return the calls nobody has answered with their kiosks: those of a red flag, then the longest waiting first."""
    return session.scalars(
        sa.select(StaffCall)
        .where(StaffCall.facility_code == facility, StaffCall.answered_at.is_(None))
        .options(joinedload(StaffCall.kiosk))
        .order_by(sa.case((StaffCall.problem.like("urgent.%"), 0), else_=1), StaffCall.received_at, StaffCall.id)
    ).all()


def answer_call(session: Session, call_id: UUID, *, facility: str, by: str, now: datetime) -> bool:
    """Note who goes to a call; False when somebody else goes already. Raises NotFound, for another facility's too."""
    call = session.scalar(
        sa.select(StaffCall).where(StaffCall.id == call_id, StaffCall.facility_code == facility).with_for_update()
    )
    if call is None:
        raise NotFound("call.unknown", "the facility has no such call")
    if call.answered_at is not None:
        return call.answered_by == by
    call.answered_at, call.answered_by = now, by
    audit.record(
        session,
        at=now,
        actor=f"staff:{by}",
        action="staff.call-answered",
        subject_type="staff-call",
        subject_id=call.id,
    )
    feed.publish(session, facility_code=facility, topic="staff-call", subject_id=call.id, at=now)
    return True
