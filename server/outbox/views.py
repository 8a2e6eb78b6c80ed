"""The page on what the hospital's information system is told, for staff who can mend what it refuses."""

from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts.access import may
from server.api import clock, database
from server.config import ServerSettings
from server.errors import Refused, StaleVersion
from server.outbox.service import dead_messages, standing_of
from server.outbox.service import try_again as send_anew
from server.outbox.service import try_all_again as send_all_anew
from server.outbox.texts import TEXTS
from server.pages import make_area
from server.security import signed_in

bp = make_area("outbox", __name__, TEXTS, url_prefix="/outbox")


@bp.get("")
def messages() -> ResponseReturnValue:
    return _page("outbox.done" if request.args.get("done") == "again" else None)


@bp.post("/<int:message_id>/again")
def try_again(message_id: int) -> ResponseReturnValue:
    staff = signed_in()
    attempts = request.form.get("attempts", "")
    if not (attempts.isascii() and attempts.isdecimal() and len(attempts) < 7):
        raise Refused("form.invalid", "the form does not say which attempt it saw")
    try:
        with database().begin() as session:
            send_anew(
                session, message_id, facility=staff.facility, attempts=int(attempts), by=staff.username,
                now=clock().now(),
            )  # fmt: skip
    except StaleVersion:
        return _page("outbox.overtaken"), HTTPStatus.CONFLICT
    return redirect(url_for("outbox.messages", done="again"), HTTPStatus.SEE_OTHER)


@bp.post("/again")
def try_all_again() -> ResponseReturnValue:
    staff = signed_in()
    newest = request.form.get("newest", "")
    if not (newest.isascii() and newest.isdecimal() and len(newest) < 19):
        raise Refused("form.invalid", "the form does not say which messages it saw")
    with database().begin() as session:
        send_all_anew(session, facility=staff.facility, newest_id=int(newest), by=staff.username, now=clock().now())
    return redirect(url_for("outbox.messages", done="again"), HTTPStatus.SEE_OTHER)


def _page(notice: str | None) -> str:
    staff = signed_in()
    settings: ServerSettings = current_app.extensions["settings"]
    his = settings.server.his
    with database().reading() as session:
        standing = standing_of(session, facility=staff.facility)
        dead = dead_messages(session, facility=staff.facility)
    return render_template(
        "outbox/messages.html",
        area="outbox",
        is_on=his is not None and staff.facility in his.facilities,
        standing=standing,
        dead=dead,
        notice=notice,
        # The other system's words may name the patient.
        shows_answers=may(staff.role, "reception.encounter"),
    )
