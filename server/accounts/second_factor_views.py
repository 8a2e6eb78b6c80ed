"""Pages of the second factor: its code at sign-in, setting it up, turning it off. They belong to the accounts' area."""

from http import HTTPStatus
from typing import Final

import segno
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import second_factor as factors
from server.accounts import service, sessions, signing_in
from server.accounts.addresses import local_address
from server.accounts.asking import better_address, configured, has_key_for, party_here
from server.accounts.security_keys import MOST_KEYS, Purpose, list_keys
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import SignInDelayed, SignInRefused
from server.accounts.totp import enrolment_address, secret_text
from server.accounts.vault import Vault
from server.accounts.views import bp, home_of
from server.accounts.waiting import wait_words
from server.api import clock, database
from server.contract.settings import Profile
from server.pages import texts
from server.security import keep_session, session_token, signed_in

__all__ = ["bp"]

FEW_CODES: Final = 3
"""So many recovery codes are left that new ones should be made."""

_NOTICES: Final = frozenset({"factor.removed", "key.added", "key.removed"})


@bp.get("/sign-in/code")
def code_page() -> ResponseReturnValue:
    staff = awaiting()
    return redirect(url_for("accounts.sign_in_page")) if staff is None else code_form(staff)


@bp.post("/sign-in/code")
def give_code() -> ResponseReturnValue:
    staff = awaiting()
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
            return signed_in_as(staff, token)
        case SignInRefused():
            return code_form(staff, texts()("code.wrong")), HTTPStatus.UNPROCESSABLE_ENTITY
        case SignInDelayed():
            return code_form(staff, wait_words(outcome.until, clock().now())), HTTPStatus.TOO_MANY_REQUESTS


@bp.get("/second-factor")
def second_factor() -> ResponseReturnValue:
    notice = request.args.get("notice", "")
    return settings_page(notice=texts()(notice) if notice in _NOTICES else None)


@bp.post("/second-factor/begin")
def begin_second_factor() -> ResponseReturnValue:
    if mistake := _password_mistake():
        return settings_page(mistake), HTTPStatus.UNPROCESSABLE_ENTITY
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


@bp.post("/second-factor/recovery-codes")
def renew_recovery_codes() -> ResponseReturnValue:
    """Show ten new recovery codes; those that were shown before open nothing any more."""
    staff = signed_in()
    with database().begin() as session:
        codes = factors.renew_recovery_codes(
            session, staff.user_id, vault=_vault(), by=f"staff:{staff.username}", now=clock().now()
        )
    return render_template("accounts/recovery_codes.html", codes=codes)


@bp.post("/second-factor/remove")
def remove_second_factor() -> ResponseReturnValue:
    if mistake := _password_mistake():
        return settings_page(mistake), HTTPStatus.UNPROCESSABLE_ENTITY
    staff = signed_in()
    with database().begin() as session:
        user = service.get_user(session, staff.username)
        factors.remove(session, user, by=f"staff:{staff.username}", now=clock().now())
    return redirect(url_for("accounts.second_factor", notice="factor.removed"), HTTPStatus.SEE_OTHER)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["vault"]
    return vault


def awaiting() -> sessions.Staff | None:
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
        return wait_words(outcome.until, clock().now())
    return None if outcome else texts()("password.wrong")


def signed_in_as(staff: sessions.Staff, token: str) -> ResponseReturnValue:
    """Keep the new session's token and lead to what was asked for before."""
    keep_session(token)
    wanted = local_address(request.form.get("next"))
    return redirect(wanted or home_of(staff.role), HTTPStatus.SEE_OTHER)


def code_form(staff: sessions.Staff, mistake: str | None = None) -> str:
    return render_template(
        "accounts/code.html",
        mistake=mistake,
        next=local_address(request.values.get("next")) or "",
        has_key=has_key_for(staff, Purpose.SIGN_IN),
        better_address=better_address(staff),
    )


def settings_page(mistake: str | None = None, notice: str | None = None) -> str:
    staff = signed_in()
    here = party_here()
    with database().reading() as session:
        left = factors.recovery_codes_left(session, staff.user_id)
        keys = list_keys(session, staff.user_id)
    return render_template(
        "accounts/second_factor.html",
        mistake=mistake,
        notice=notice,
        codes_left=left,
        are_few=left <= FEW_CODES,
        is_required=current_app.extensions["settings"].profile is Profile.PRODUCTION,
        keys=keys,
        most_keys=MOST_KEYS,
        here=here,
        elsewhere=configured(),
    )
