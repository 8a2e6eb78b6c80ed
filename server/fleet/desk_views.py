"""A desk's own devices in its browser; the pages belong to the kiosks' area."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.fleet import pairing
from server.fleet.pairing import DESK_COOKIE
from server.fleet.views import bp
from server.pages import texts
from server.security import signed_in

__all__ = ["bp"]

_ONE_YEAR_S: Final = 365 * 24 * 3600


@bp.get("/desk")
def desk() -> ResponseReturnValue:
    return _page()


@bp.post("/desk/<uuid:kiosk_id>/pair")
def pair_desk(kiosk_id: UUID) -> ResponseReturnValue:
    """Have the devices show a code, and ask for it."""
    staff, now = signed_in(), clock().now()
    with database().begin() as session:
        pairing_id = pairing.begin_pairing(session, kiosk_id, facility=staff.facility, by=staff.username, now=now)
    return _page(pairing_id)


@bp.post("/desk/pairings/<uuid:pairing_id>")
def confirm_desk(pairing_id: UUID) -> ResponseReturnValue:
    staff, now = signed_in(), clock().now()
    code = request.form.get("code", "")[:20]
    with database().begin() as session:
        token = pairing.confirm_pairing(session, pairing_id, code, facility=staff.facility, by=staff.username, now=now)
    if token is None:
        return _page(pairing_id, mistake="devices.wrong_code"), HTTPStatus.UNPROCESSABLE_ENTITY
    response = redirect(url_for("fleet.desk"), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        DESK_COOKIE, token, max_age=_ONE_YEAR_S, secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return response


@bp.post("/desk/unpair")
def unpair_desk() -> ResponseReturnValue:
    with database().begin() as session:
        pairing.unpair(session, request.cookies.get(DESK_COOKIE, ""), by=signed_in().username, now=clock().now())
    response = redirect(url_for("fleet.desk"), HTTPStatus.SEE_OTHER)
    response.delete_cookie(DESK_COOKIE)
    return response


@bp.get("/desk/reading")
def desk_reading() -> ResponseReturnValue:
    """Return where the person whom this desk's devices have just identified is registered; nothing of the person."""
    with database().reading() as session:
        found = pairing.find_desk(session, request.cookies.get(DESK_COOKIE, ""), facility=signed_in().facility)
        draft = pairing.newest_reading(session, found, now=clock().now()) if found else None
    return jsonify(
        desk=found.name if found else None,
        kiosk=str(found.kiosk_id) if found else None,
        address=url_for("desk.register", draft=draft) if draft else None,
    )


def _page(pairing_id: UUID | None = None, mistake: str | None = None) -> str:
    staff = signed_in()
    with database().reading() as session:
        return render_template(
            "fleet/desk.html",
            mine=pairing.find_desk(session, request.cookies.get(DESK_COOKIE, ""), facility=staff.facility),
            desks=pairing.list_desks(session, facility=staff.facility),
            pairing_id=pairing_id,
            mistake=texts()(mistake) if mistake else None,
        )
