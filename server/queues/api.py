"""``/api/v1/tickets`` and ``/api/v1/slips``: one number as it stands now."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.api import Operation, answer, clock, database, describe, device, read_body
from server.contract.queries import SlipShown, TicketState
from server.contract.v1 import CopyWanted
from server.domain.codes import is_code
from server.errors import NotFound
from server.queues.models import Ticket
from server.queues.service import get_place, ticket_message, wait_message
from server.queues.slips import show_slip
from server.queues.standing import standing_of
from server.registration.overrides import reprint_ticket

bp = Blueprint("queues_api", __name__, url_prefix="/api/v1")


@bp.get("/tickets/<uuid:ticket_id>")
@describe(
    Operation(summary="Read one number of an arrival this kiosk sent", answers={200: TicketState}, problems=(404, 503))
)
def read_one(ticket_id: UUID) -> ResponseReturnValue:
    sender = device()
    with database().reading() as session:
        ticket = session.get(Ticket, ticket_id)
        if ticket is None or ticket.encounter.kiosk_id != sender.id:
            raise NotFound("ticket.unknown", "this kiosk asked for no such number")
        state = _state_of(session, ticket)
    return answer(state)


@bp.post("/slips/<code>")
@describe(
    Operation(
        summary="Tell that a slip was shown, of any kiosk; a number whose call was missed rejoins. Safe to repeat",
        answers={200: SlipShown},
        problems=(404, 422, 503),
    )
)
def show(code: str) -> ResponseReturnValue:
    """The code of 100 random bits is what entitles: whoever holds the slip may see its number."""
    sender = device()
    if not is_code(code):
        raise NotFound("slip.unknown", "no slip of this hospital has this code")
    now = clock().now()
    by = f"kiosk {sender.letter or sender.id}"

    def work(session: Session) -> SlipShown:
        shown = show_slip(session, code, facility=sender.facility, by=by, actor=sender.actor, now=now)
        state = _state_of(session, shown.ticket)
        return SlipShown(**dict(state), visit_code=code, rejoined=shown.rejoined)

    return answer(database().transact(work))


@bp.post("/tickets/<uuid:ticket_id>/copies")
@describe(
    Operation(
        summary="Tell that a marked copy of a slip is printed for a person who has its number; safe to repeat",
        body=CopyWanted,
        answers={200: CopyWanted},
        problems=(404, 409, 422, 503),
    )
)
def note_copy(ticket_id: UUID) -> ResponseReturnValue:
    sender = device()
    wanted = read_body(CopyWanted)
    now = clock().now()
    by = f"kiosk {sender.letter or sender.id}"

    def work(session: Session) -> None:
        ticket = session.get(Ticket, ticket_id)
        if ticket is None or ticket.facility_code != sender.facility or ticket.superseded_at is not None:
            raise NotFound("ticket.unknown", "the hospital has no such number")
        reprint_ticket(
            session, encounter_id=ticket.encounter_id, facility=sender.facility, copy=wanted.copy_number, by=by,
            actor=sender.actor, now=now,
        )  # fmt: skip

    database().transact(work)
    return answer(wanted)


def _state_of(session: Session, ticket: Ticket) -> TicketState:
    standing = standing_of(session, ticket, now=clock().now())
    return TicketState(
        encounter_id=ticket.encounter_id,
        ticket=ticket_message(ticket, get_place(session, ticket.queue_id)),
        status=ticket.status,
        waiting_now=standing.before if standing else None,
        wait=wait_message(standing.wait) if standing else None,
    )
