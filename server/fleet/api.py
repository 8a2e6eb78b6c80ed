"""What kiosks tell of themselves: ``/api/v1/staff-calls``, ``/api/v1/kiosk-reports``, ``/api/v1/hand-overs``,
``/api/v1/card-passwords``."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from server.api import Operation, answer, clock, database, describe, device, read_body
from server.contract.fleet import CardPassword, HandedOver, HandOver, KioskCommands, KioskReport
from server.contract.queries import StaffCalled
from server.contract.v1 import CallStaff
from server.fleet.card_help import read_password
from server.fleet.hand_overs import take_hand_over
from server.fleet.service import call_staff
from server.fleet.state import take_report

bp = Blueprint("fleet_api", __name__, url_prefix="/api/v1")


@bp.post("/staff-calls")
@describe(
    Operation(
        summary="Call a member of staff to the kiosk; safe to repeat with the same request_key",
        body=CallStaff,
        answers={201: StaffCalled, 200: StaffCalled},
        problems=(400, 413, 415, 422, 503),
    )
)
def create() -> ResponseReturnValue:
    sender = device()
    call = read_body(CallStaff)
    now = clock().now()
    is_new = database().transact(lambda session: call_staff(session, call, device=sender, now=now))
    return answer(StaffCalled(request_key=call.request_key), HTTPStatus.CREATED if is_new else HTTPStatus.OK)


@bp.post("/kiosk-reports")
@describe(
    Operation(
        summary="Tell how the kiosk is, and learn what it is to do; safe to repeat",
        body=KioskReport,
        answers={200: KioskCommands},
        problems=(400, 413, 415, 422, 503),
    )
)
def report() -> ResponseReturnValue:
    sender = device()
    return answer(take_report(database(), read_body(KioskReport), device=sender, now=clock().now()))


@bp.post("/hand-overs")
@describe(
    Operation(
        summary="Hand the person before the kiosk over to the desk; safe to repeat with the same key",
        body=HandOver,
        answers={201: HandedOver, 200: HandedOver},
        problems=(400, 413, 415, 422, 503),
    )
)
def hand_over() -> ResponseReturnValue:
    sender = device()
    message = read_body(HandOver)
    now = clock().now()
    vault = current_app.extensions["vault"]
    kept, is_new = database().transact(
        lambda session: take_hand_over(session, message, device=sender, vault=vault, now=now)
    )
    status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
    return answer(HandedOver(key=kept.id, expires_at=kept.expires_at), status)


@bp.get("/card-passwords/<uuid:command_id>")
@describe(
    Operation(
        summary="Read what opens the card on this kiosk's reader, for the order to open it, until that was tried",
        answers={200: CardPassword},
        problems=(404, 503),
    )
)
def card_password(command_id: UUID) -> ResponseReturnValue:
    sender = device()
    vault = current_app.extensions["vault"]
    with database().reading() as session:
        return answer(read_password(session, command_id, device=sender, vault=vault, now=clock().now()))
