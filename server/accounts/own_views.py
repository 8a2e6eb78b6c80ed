"""One's own account: where it is signed in, and the way to password and second factor; of the accounts' area."""

from http import HTTPStatus

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import administration, service
from server.accounts.second_factor_views import bp
from server.api import clock, database
from server.domain.days import VIETNAM
from server.pages import texts
from server.security import signed_in

__all__ = ["bp"]


@bp.get("/account")
def own_account() -> ResponseReturnValue:
    staff, now = signed_in(), clock().now()
    with database().reading() as session:
        sessions = administration.list_sessions(session, staff.user_id, now=now, limits=staff.limits)
    return render_template(
        "accounts/own.html",
        sessions=[(one, one.last_seen_at.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")) for one in sessions],
        notice=texts()("own.ended") if request.args.get("done") == "ended" else None,
    )


@bp.route("/session", methods=["GET", "POST"])
def own_session() -> ResponseReturnValue:
    """Tell an open page how long the session lasts; a POST says that somebody is there, and every request notes it."""
    staff, now = signed_in(), clock().now()
    return {"left_s": (staff.ends_at - now).total_seconds(), "can_go_on": staff.ends_at < staff.last_end}


@bp.post("/account/sessions/end")
def end_other_sessions() -> ResponseReturnValue:
    """Sign one's own account out everywhere but here: a browser was left open somewhere."""
    staff = signed_in()
    with database().begin() as session:
        user = service.get_user(session, staff.username)
        service.end_sessions(session, user, but=staff.session_id)
        service.note(session, "staff.sessions-ended", user.id, by=f"staff:{staff.username}", now=clock().now())
    return redirect(url_for("accounts.own_account", done="ended"), HTTPStatus.SEE_OTHER)
