"""Pages of the security keys: adding one, removing one, and what a browser asks them; of the accounts' area."""

import json
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts import security_keys, signing_in
from server.accounts.asking import KEY_FIELD, party_here
from server.accounts.relying_party import RelyingParty
from server.accounts.second_factor_views import awaiting, bp, code_form, settings_page, signed_in_as
from server.accounts.security_keys import Purpose
from server.accounts.sessions import SignedIn
from server.accounts.signing_in import SignInDelayed, SignInRefused
from server.accounts.waiting import wait_words
from server.accounts.webauthn import ANSWER_LENGTH
from server.api import clock, database
from server.errors import NotFound, Refused
from server.pages import refusal, texts
from server.security import signed_in

__all__ = ["bp"]


@bp.post("/second-factor/keys/new")
def begin_key() -> ResponseReturnValue:
    """Show the page that asks for the new key."""
    try:
        name = security_keys.key_name(request.form.get("name", ""))
        party = _party()
        with database().begin() as session:
            options = security_keys.begin_adding(session, signed_in(), party=party, now=clock().now())
    except Refused as error:
        return settings_page(texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    return render_template("accounts/key_begin.html", name=name, options=json.dumps(options))


@bp.post("/second-factor/keys")
def add_key() -> ResponseReturnValue:
    staff, now = signed_in(), clock().now()
    name, answer = request.form.get("name", ""), _answer()
    try:
        party = _party()
        key = database().transact(
            lambda session: security_keys.add_key(session, staff, answer, name=name, party=party, now=now)
        )
    except Refused as error:
        return settings_page(texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    if key is None:
        return settings_page(texts()("key.not_added")), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("accounts.second_factor", notice="key.added"), HTTPStatus.SEE_OTHER)


@bp.post("/second-factor/keys/<uuid:key_id>/remove")
def remove_key(key_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        security_keys.remove_key(session, staff.user_id, key_id, by=f"staff:{staff.username}", now=clock().now())
    return redirect(url_for("accounts.second_factor", notice="key.removed"), HTTPStatus.SEE_OTHER)


@bp.post("/sign-in/key/options")
def key_options() -> ResponseReturnValue:
    """Tell a page what to ask the person's keys, after the password or to confirm an act."""
    staff, purpose = awaiting(), Purpose.SIGN_IN
    if staff is None:
        staff, purpose = signed_in(), Purpose.CONFIRM
    party = party_here()
    if party is None:
        raise NotFound("security_key.nowhere", "no browser offers keys at this address")
    with database().begin() as session:
        return security_keys.begin_asking(session, staff, purpose=purpose, party=party, now=clock().now())


@bp.post("/sign-in/key")
def give_key() -> ResponseReturnValue:
    staff, party = awaiting(), party_here()
    if staff is None or party is None:
        return redirect(url_for("accounts.sign_in_page", notice="sign_in.ended"), HTTPStatus.SEE_OTHER)
    outcome = signing_in.give_key(
        database(),
        staff,
        answer=_answer(),
        party=party,
        address=request.remote_addr or "unknown",
        now=clock().now(),
    )
    match outcome:
        case SignedIn(token=token):
            return signed_in_as(staff, token)
        case SignInRefused():
            return code_form(staff, texts()("key.refused")), HTTPStatus.UNPROCESSABLE_ENTITY
        case SignInDelayed():
            return code_form(staff, wait_words(outcome.until, clock().now())), HTTPStatus.TOO_MANY_REQUESTS


def _party() -> RelyingParty:
    party = party_here()
    if party is None:
        raise Refused("security_key.nowhere", "no browser offers keys at this address")
    return party


def _answer() -> str:
    return request.form.get(KEY_FIELD, "")[: ANSWER_LENGTH + 1]
