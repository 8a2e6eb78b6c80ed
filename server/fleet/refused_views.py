"""Refused visits at the desk; the pages belong to the kiosks' area."""

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.contract.fleet import CommandKind
from server.fleet.desk_views import bp
from server.fleet.models import Command
from server.fleet.refused import list_refused, order_for
from server.security import signed_in

__all__ = ["bp"]


@bp.get("/refused")
def refused() -> ResponseReturnValue:
    with database().reading() as session:
        found = list_refused(session, facility=signed_in().facility, now=clock().now())
    return render_template("fleet/refused.html", refused=found)


@bp.post("/<uuid:kiosk_id>/refused/<uuid:request_key>/again")
def send_refused(kiosk_id: UUID, request_key: UUID) -> ResponseReturnValue:
    _order(kiosk_id, request_key, CommandKind.SEND_REFUSED)
    return redirect(url_for("fleet.refused"), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:kiosk_id>/refused/<uuid:request_key>/settled")
def settle_refused(kiosk_id: UUID, request_key: UUID) -> ResponseReturnValue:
    _order(kiosk_id, request_key, CommandKind.SETTLE_REFUSED)
    return redirect(url_for("fleet.refused"), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:kiosk_id>/refused/<uuid:request_key>/take")
def take_refused(kiosk_id: UUID, request_key: UUID) -> ResponseReturnValue:
    """Have the kiosk hand the visit over, and continue it by hand."""
    command = _order(kiosk_id, request_key, CommandKind.TAKE_REFUSED)
    return redirect(url_for("fleet.taking_over", command_id=command.id), HTTPStatus.SEE_OTHER)


def _order(kiosk_id: UUID, request_key: UUID, kind: CommandKind) -> Command:
    staff, now = signed_in(), clock().now()
    with database().begin() as session:
        return order_for(session, kiosk_id, request_key, kind, facility=staff.facility, by=staff.username, now=now)
