"""``/api/v1/reprints``: what stands on a copy that the desk ordered from a kiosk."""

from uuid import UUID

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from server.api import Operation, clock, database, describe, device
from server.contract.fleet import ReprintSlip
from server.printing.service import slip_for

bp = Blueprint("printing_api", __name__, url_prefix="/api/v1/reprints")


@bp.get("/<uuid:order_id>")
@describe(
    Operation(
        summary="Read the slip of an order given to this kiosk, while the order is open",
        answers={200: ReprintSlip},
        problems=(404, 503),
    )
)
def read_slip(order_id: UUID) -> ResponseReturnValue:
    sender = device()
    with database().reading() as session:
        slip = slip_for(session, order_id, device=sender, now=clock().now())
    # A kiosk of an earlier version refuses fields it does not know: those that say nothing are left out.
    return Response(slip.model_dump_json(exclude_defaults=True), mimetype="application/json")
