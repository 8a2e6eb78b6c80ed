"""Signing in and out, one's own password, the language of the pages."""

from http import HTTPStatus
from typing import Final

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import signing_in
from server.accounts.access import may
from server.accounts.addresses import local_address
from server.accounts.passwords import PasswordRefused
from server.accounts.roles import Role
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import SignInDelayed, SignInRefused
from server.accounts.waiting import seconds_until, wait_words
from server.api import clock, database
from server.errors import Refused
from server.pages import LANGUAGE_COOKIE, make_area, texts
from server.security import forget_session, keep_session, signed_in
from server.texts import LANGUAGES

bp = make_area("accounts", __name__)

# Where somebody lands after signing in: the first of these that the role may reach.
HOMES: Final = (
    "reception.arrivals",
    "counter.places",
    "staff.accounts",
    "fleet.kiosks",
    "reports.day",
    "auditing.trail",
)


@bp.get("/")
def home() -> ResponseReturnValue:
    return redirect(home_of(signed_in().role))


@bp.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    if g.staff is not None:
        return redirect(local_address(request.args.get("next")) or url_for("accounts.home"))
    notice = request.args.get("notice", "")
    return _sign_in_form(texts()(notice) if notice in {"sign_in.ended", "password.done"} else None)


@bp.post("/sign-in")
def sign_in() -> ResponseReturnValue:
    now = clock().now()
    outcome = signing_in.sign_in(
        database(),
        username=request.form.get("username", ""),
        password=request.form.get("password", ""),
        address=request.remote_addr or "unknown",
        now=now,
    )
    match outcome:
        case SignedIn(token=token, awaits_second_factor=True):
            keep_session(token)
            wanted = local_address(request.form.get("next"))
            return redirect(url_for("accounts.code_page", next=wanted), HTTPStatus.SEE_OTHER)
        case SignedIn(token=token, staff=staff):
            keep_session(token)
            wanted = local_address(request.form.get("next"))
            return redirect(wanted or home_of(staff.role), HTTPStatus.SEE_OTHER)
        case SignInRefused(closed=closed):
            mistake = texts()(f"sign_in.closed.{closed.value}" if closed else "sign_in.wrong")
            return _sign_in_form(mistake=mistake), HTTPStatus.UNPROCESSABLE_ENTITY
        case SignInDelayed(until=until):
            seconds = seconds_until(until, now)
            page = _sign_in_form(mistake=wait_words(until, now))
            return page, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(seconds)}


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    with database().begin() as session:
        signing_in.sign_out(session, signed_in(), now=clock().now())
    forget_session()
    return redirect(url_for("accounts.sign_in_page"), HTTPStatus.SEE_OTHER)


@bp.get("/password")
def password_page() -> ResponseReturnValue:
    return render_template("accounts/password.html", mistake=None)


@bp.post("/password")
def change_password() -> ResponseReturnValue:
    t = texts()
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _password_form(t("password.differ"))
    try:
        outcome = signing_in.change_own_password(
            database(),
            signed_in(),
            current=request.form.get("current", ""),
            new=new,
            address=request.remote_addr or "unknown",
            now=clock().now(),
        )
    except PasswordRefused as error:
        return _password_form(t(f"password.{error.fault}"))
    if isinstance(outcome, SignInDelayed):
        return _password_form(wait_words(outcome.until, clock().now()))
    if isinstance(outcome, SignInRefused):
        return _password_form(t("password.wrong"))
    forget_session()
    return redirect(url_for("accounts.sign_in_page", notice="password.done"), HTTPStatus.SEE_OTHER)


@bp.post("/confirm")
def confirm_presence() -> ResponseReturnValue:
    """Go on to what was asked for; that it is still the person was shown on the way here (``access.STEP_UP``)."""
    return redirect(local_address(request.form.get("next")) or url_for("accounts.home"), HTTPStatus.SEE_OTHER)


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Refused("language.unknown")
    response = redirect(local_address(request.form.get("next")) or url_for("accounts.home"), HTTPStatus.SEE_OTHER)
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=365 * 24 * 3600, secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return response


def _sign_in_form(notice: str | None = None, *, mistake: str | None = None) -> str:
    return render_template(
        "accounts/sign_in.html",
        notice=notice,
        mistake=mistake,
        username=request.form.get("username", "")[:64],
        next=local_address(request.values.get("next")) or "",
    )


def _password_form(mistake: str) -> ResponseReturnValue:
    return render_template("accounts/password.html", mistake=mistake), HTTPStatus.UNPROCESSABLE_ENTITY


def home_of(role: Role) -> str:
    return next(url_for(endpoint) for endpoint in HOMES if may(role, endpoint))
