"""``/api/v1/staff-calls``: somebody at a kiosk asks for help."""

from http import HTTPStatus

from flask import Blueprint
from flask.typing import ResponseReturnValue

from server.api import Operation, answer, clock, database, describe, device, read_body
from server.contract.queries import StaffCalled
from server.contract.v1 import CallStaff
from server.fleet.service import call_staff

bp = Blueprint("fleet_api", __name__, url_prefix="/api/v1/staff-calls")


@bp.post("")
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
