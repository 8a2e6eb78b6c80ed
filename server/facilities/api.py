"""``/api/v1/facilities``: what a patient can choose."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

from server.api import Operation, answer, clock, database, describe, device
from server.backup.epoch import current_epoch
from server.contract.v1 import FacilityServices
from server.errors import Forbidden
from server.facilities.queries import facility_services

bp = Blueprint("facilities_api", __name__, url_prefix="/api/v1/facilities")


@bp.get("/<code>/services")
@describe(
    Operation(
        summary="List what the kiosk's facility offers now, with price and load",
        answers={200: FacilityServices},
        problems=(403, 404, 503),
    )
)
def services(code: str) -> ResponseReturnValue:
    sender = device()
    if code != sender.facility:
        raise Forbidden("facility.foreign", "this kiosk belongs to another facility")
    with database().reading() as session:
        offered = facility_services(session, code, kiosk_letter=sender.letter, now=clock().now())
        epoch = current_epoch(session)
    section = current_app.extensions["settings"].server
    more = {
        "red_flags": section.red_flags,
        "expired_documents": section.expired_documents,
        "public_url": section.public_url,
        "epoch": epoch,
    }
    return answer(offered.model_copy(update=more))
