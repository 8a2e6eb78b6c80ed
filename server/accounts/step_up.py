"""Before an act of weight: is it still the person who signed in? Asked at most every ten minutes (``access.STEP_UP``).

The question carries the form that was sent, so that nothing is typed twice; the answer carries it out.
"""

from datetime import datetime
from http import HTTPStatus
from typing import Final

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.accounts.access import FILES
from server.accounts.addresses import local_address, path_of
from server.accounts.asking import KEY_FIELD, has_key_for, party_here
from server.accounts.security_keys import Purpose
from server.accounts.sessions import Staff
from server.accounts.signing_in import SignInDelayed, confirm, confirm_with_key
from server.accounts.texts import TEXTS
from server.accounts.vault import Vault
from server.accounts.waiting import wait_words
from server.api import clock, database
from server.errors import Forbidden
from server.pages import page_language
from server.texts import Texts

SECRET_FIELD: Final = "step_up_secret"  # noqa: S105 - a field's name
BACK_FIELD: Final = "step_up_back"


def ask_to_confirm(staff: Staff) -> ResponseReturnValue | None:
    """Return the page that asks for password or code, None when the request may go on.

    Raises Forbidden for what a page's script fetches: only a page can ask.
    """
    now = clock().now()
    if staff.is_confirmed(now):
        return None
    if "X-Fragment" in request.headers:
        raise Forbidden("staff.step_up", "the person must confirm on a page")
    outcome = _outcome(staff, now)
    if outcome is None:
        return _page(staff, HTTPStatus.FORBIDDEN)
    if isinstance(outcome, SignInDelayed):
        return _page(staff, HTTPStatus.TOO_MANY_REQUESTS, wait_words(outcome.until, now))
    if not outcome:
        t = Texts(page_language(), TEXTS)
        return _page(staff, HTTPStatus.UNPROCESSABLE_ENTITY, t("step_up.wrong"))
    return _download_page() if request.endpoint in FILES else None


def _outcome(staff: Staff, now: datetime) -> bool | SignInDelayed | None:
    """Return what a key's answer, the password or a code in the form shows; None where the form has none yet."""
    address = request.remote_addr or "unknown"
    answer, party = request.form.get(KEY_FIELD, ""), party_here()
    if answer and party is not None:
        return confirm_with_key(database(), staff, answer=answer, party=party, address=address, now=now)
    secret = request.form.get(SECRET_FIELD, "")
    if not secret:
        return None
    vault: Vault = current_app.extensions["vault"]
    return confirm(database(), staff, secret=secret[:128], address=address, vault=vault, now=now)


def _download_page() -> ResponseReturnValue:
    """Show a page that asks for the file and leads back: a browser that is sent a file stays where it was."""
    t = Texts(page_language(), TEXTS)
    return render_template("accounts/download.html", t=t, carried=_carried(), back=_back())


def _page(staff: Staff, status: HTTPStatus, mistake: str | None = None) -> ResponseReturnValue:
    t = Texts(page_language(), TEXTS)
    page = render_template(
        "accounts/step_up.html",
        t=t,
        mistake=mistake,
        carried=_carried(),
        back=_back() if request.endpoint in FILES else None,
        back_field=BACK_FIELD,
        is_act=request.method == "POST",
        has_key=has_key_for(staff, Purpose.CONFIRM),
    )
    return page, status


def _carried() -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values_of in request.form.lists()
        for value in values_of
        if name not in {SECRET_FIELD, KEY_FIELD, BACK_FIELD, "csrf_token"}
    ]


def _back() -> str:
    """Return the page the file was asked for on, noted before the first question."""
    noted = local_address(request.form.get(BACK_FIELD))
    return noted or path_of(request.referrer, host=request.host) or url_for("accounts.home")
