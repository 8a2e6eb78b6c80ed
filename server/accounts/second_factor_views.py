"""Pages of the second factor: its code at sign-in, setting it up, turning it off. They belong to the accounts' area."""

import math
from http import HTTPStatus

import segno
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import second_factor as factors
from server.accounts import service, sessions, signing_in
from server.accounts.addresses import local_address
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import SignInDelayed, SignInRefused
from server.accounts.totp import enrolment_address, secret_text
from server.accounts.vault import Vault
from server.accounts.views import bp, home_of
from server.api import clock, database
from server.contract.settings import Profile
from server.pages import texts
from server.security import keep_session, session_token, signed_in

__all__ = ["bp"]


@bp.get("/sign-in/code")
def code_page() -> ResponseReturnValue:
    if _awaiting() is None:
        return redirect(url_for("accounts.sign_in_page"))
    return _code_form()


@bp.post("/sign-in/code")
def give_code() -> ResponseReturnValue:
    staff = _awaiting()
    if staff is None:
        return redirect(url_for("accounts.sign_in_page", notice="sign_in.ended"), HTTPStatus.SEE_OTHER)
    outcome = signing_in.give_code(
        database(),
        staff,
        code=request.form.get("code", "")[:32],
        address=request.remote_addr or "unknown",
        vault=_vault(),
        now=clock().now(),
    )
    match outcome:
        case SignedIn(token=token):
            keep_session(token)
            wanted = local_address(request.form.get("next"))
            return redirect(wanted or home_of(staff.role), HTTPStatus.SEE_OTHER)
        case SignInRefused():
            return _code_form(texts()("code.wrong")), HTTPStatus.UNPROCESSABLE_ENTITY
        case SignInDelayed():
            return _code_form(_wait(outcome)), HTTPStatus.TOO_MANY_REQUESTS


@bp.get("/second-factor")
def second_factor() -> ResponseReturnValue:
    notice = "factor.removed" if request.args.get("notice") == "factor.removed" else None
    return _settings_page(notice=texts()(notice) if notice else None)


@bp.post("/second-factor/begin")
def begin_second_factor() -> ResponseReturnValue:
    if mistake := _password_mistake():
        return _settings_page(mistake), HTTPStatus.UNPROCESSABLE_ENTITY
    staff = signed_in()
    with database().begin() as session:
        secret = factors.begin(session, staff.user_id, vault=_vault())
    picture = segno.make(enrolment_address(secret, staff.username), error="m", micro=False)
    return render_template(
        "accounts/second_factor_begin.html", picture=picture.svg_inline(scale=5, border=2), key=secret_text(secret)
    )


@bp.post("/second-factor/confirm")
def confirm_second_factor() -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        enrolled = factors.confirm(
            session,
            staff.user_id,
            request.form.get("code", "")[:32],
            vault=_vault(),
            by=f"staff:{staff.username}",
            now=clock().now(),
        )
    if enrolled is None:
        # The secret is not shown again: the app has it, or one begins anew with the password.
        page = render_template("accounts/second_factor_begin.html", picture=None, mistake=texts()("code.wrong"))
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("accounts/recovery_codes.html", codes=enrolled.recovery_codes)


@bp.post("/second-factor/remove")
def remove_second_factor() -> ResponseReturnValue:
    if mistake := _password_mistake():
        return _settings_page(mistake), HTTPStatus.UNPROCESSABLE_ENTITY
    staff = signed_in()
    with database().begin() as session:
        user = service.get_user(session, staff.username)
        factors.remove(session, user, by=f"staff:{staff.username}", now=clock().now())
    return redirect(url_for("accounts.second_factor", notice="factor.removed"), HTTPStatus.SEE_OTHER)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def _awaiting() -> sessions.Staff | None:
    token = session_token()
    if token is None:
        return None
    with database().reading() as session:
        return sessions.find_awaiting(session, token, now=clock().now())


def _password_mistake() -> str | None:
    """Return what is wrong with the password in the form, None when it is the signed-in person's."""
    outcome = signing_in.is_own_password(
        database(),
        signed_in(),
        password=request.form.get("password", ""),
        address=request.remote_addr or "unknown",
        now=clock().now(),
    )
    if isinstance(outcome, SignInDelayed):
        return _wait(outcome)
    return None if outcome else texts()("password.wrong")


def _wait(delayed: SignInDelayed) -> str:
    return texts()("sign_in.delayed", seconds=max(1, math.ceil((delayed.until - clock().now()).total_seconds())))


def _code_form(mistake: str | None = None) -> str:
    return render_template(
        "accounts/code.html", mistake=mistake, next=local_address(request.values.get("next")) or ""
    )  # fmt: skip


def _settings_page(mistake: str | None = None, notice: str | None = None) -> str:
    staff = signed_in()
    with database().reading() as session:
        left = factors.recovery_codes_left(session, staff.user_id)
    return render_template(
        "accounts/second_factor.html",
        mistake=mistake,
        notice=notice,
        codes_left=left,
        is_required=current_app.extensions["settings"].profile is Profile.PRODUCTION,
    )
