"""One's own account: where it is signed in, and the way to password and second factor; of the accounts' area."""

from http import HTTPStatus

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import administration, service, sessions
from server.accounts.security_key_views import bp
from server.accounts.typed_forms import Sealed, Typed, open_typed, seal_typed
from server.accounts.vault import Vault
from server.api import clock, database, read_body
from server.errors import Unauthenticated
from server.pages import texts
from server.security import session_token, signed_in

__all__ = ["bp"]


@bp.get("/account")
def own_account() -> ResponseReturnValue:
    staff, now = signed_in(), clock().now()
    with database().reading() as session:
        sessions = administration.list_sessions(session, staff.user_id, now=now, limits=staff.limits)
    return render_template(
        "accounts/own.html",
        sessions=sessions,
        notice=texts()("own.ended") if request.args.get("done") == "ended" else None,
    )


@bp.route("/session", methods=["GET", "POST"])
def own_session() -> ResponseReturnValue:
    """Tell an open page how long the session lasts; a POST says that somebody is there, and every request notes it."""
    staff, now = signed_in(), clock().now()
    return {"left_s": (staff.ends_at - now).total_seconds(), "can_go_on": staff.ends_at < staff.last_end}


@bp.post("/session/typed")
def keep_typed() -> ResponseReturnValue:
    """Seal what was typed on a page for the person whose session it was, also when it has just ended."""
    with database().reading() as session:
        owner = sessions.find_owner(session, session_token() or "")
    if owner is None:
        raise Unauthenticated("staff.not_signed_in")
    vault: Vault = current_app.extensions["vault"]
    return {"sealed": seal_typed(vault, owner, read_body(Typed).text, now=clock().now())}


@bp.post("/session/typed/open")
def open_typed_again() -> ResponseReturnValue:
    """Give back what the person had typed when their last session ended; 404 for what somebody else typed."""
    vault: Vault = current_app.extensions["vault"]
    return {"text": open_typed(vault, signed_in().user_id, read_body(Sealed).sealed, now=clock().now())}


@bp.post("/account/sessions/end")
def end_other_sessions() -> ResponseReturnValue:
    """Sign one's own account out everywhere but here: a browser was left open somewhere."""
    staff = signed_in()
    with database().begin() as session:
        user = service.get_user(session, staff.username)
        sessions.end_sessions(session, user, but=staff.session_id)
        service.note(session, "staff.sessions-ended", user.id, by=f"staff:{staff.username}", now=clock().now())
    return redirect(url_for("accounts.own_account", done="ended"), HTTPStatus.SEE_OTHER)
