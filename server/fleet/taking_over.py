"""From "somebody is stuck there" to what the desk continues with: found, or asked for at the kiosk."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from server import audit
from server.contract.fleet import CommandKind
from server.errors import Refused
from server.fleet.calls import answer_call
from server.fleet.commands import give_command
from server.fleet.hand_overs import find_hand_over, find_of_session
from server.fleet.models import KioskState, StaffCall


@dataclass(frozen=True, slots=True)
class TakenOver:
    """``hand_over`` is at the server already, or ``command`` asks the kiosk for it; neither: nobody is there."""

    hand_over: UUID | None = None
    command: UUID | None = None


def take_over_at(session: Session, kiosk_id: UUID, *, person: UUID, facility: str, by: str, now: datetime) -> TakenOver:
    """Take over who stands at a kiosk: ``person`` is the stay the member of staff saw, so that it is not the next one.

    Raises NotFound, Conflict for a revoked kiosk.
    """
    handed = find_of_session(session, person, facility=facility, now=now)
    if handed is not None and handed.kiosk_id == kiosk_id:
        return TakenOver(hand_over=handed.id)
    arguments = {"session": str(person)}
    command = give_command(
        session, kiosk_id=kiosk_id, facility=facility, kind=CommandKind.HAND_OVER, by=by, now=now, arguments=arguments
    )
    return TakenOver(command=command.id)


def take_over_call(session: Session, call_id: UUID, *, facility: str, by: str, now: datetime) -> TakenOver:
    """Answer a call from a kiosk by asking the person to the desk; raises NotFound, Refused when a colleague goes."""
    if not answer_call(session, call_id, facility=facility, by=by, now=now):
        raise Refused("call.taken", "somebody else answered this call")
    call = session.get_one(StaffCall, call_id)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="staff.call-taken-over", subject_type="staff-call",
        subject_id=call.id,
    )  # fmt: skip
    handed = find_hand_over(session, facility=facility, now=now, call_key=call.request_key)
    if handed is not None:
        return TakenOver(hand_over=handed.id)
    state = session.get(KioskState, call.kiosk_id)
    if state is None or state.session is None:
        return TakenOver()
    return take_over_at(session, call.kiosk_id, person=state.session, facility=facility, by=by, now=now)
