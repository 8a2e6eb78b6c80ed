"""``/api/v1/tickets``: one number as it stands now."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from server.api import Operation, answer, database, describe, device
from server.contract.queries import TicketState
from server.errors import NotFound
from server.queues.models import Ticket
from server.queues.service import get_place, ticket_message, waiting_now

bp = Blueprint("queues_api", __name__, url_prefix="/api/v1/tickets")


@bp.get("/<uuid:ticket_id>")
@describe(
    Operation(summary="Read one number of an arrival this kiosk sent", answers={200: TicketState}, problems=(404, 503))
)
def read_one(ticket_id: UUID) -> ResponseReturnValue:
    sender = device()
    with database().reading() as session:
        ticket = session.get(Ticket, ticket_id)
        if ticket is None or ticket.encounter.kiosk_id != sender.id:
            raise NotFound("ticket.unknown", "this kiosk asked for no such number")
        state = TicketState(
            encounter_id=ticket.encounter_id,
            ticket=ticket_message(ticket, get_place(session, ticket.queue_id)),
            status=ticket.status,
            waiting_now=waiting_now(session, ticket),
        )
    return answer(state)
