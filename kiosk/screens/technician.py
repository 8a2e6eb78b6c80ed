"""The technician's page: how the devices, the line to the server and the journal are, at this moment.

It holds no personal data. In the demo profile it is open; in production it asks for the secret of this machine, and
shows nothing while none is set.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.config import KioskSettings
from kiosk.flow import Kiosk
from kiosk.screens.language import asked_language
from kiosk.screens.technician_access import SESSION_S, Refusal, TechnicianAccess
from kiosk.screens.texts.technician import TechnicianTexts
from server.domain.days import VIETNAM

COOKIE: Final = "tiepdon-technician"


def technician_pages(
    kiosk: Kiosk, settings: KioskSettings, *, monotonic: Callable[[], float] = time.monotonic
) -> Blueprint:
    """Return ``/technician`` with its sign-in."""
    blueprint = Blueprint("technician", __name__, url_prefix="/technician")
    access = TechnicianAccess(settings.kiosk.data_dir, monotonic)

    def is_allowed() -> bool:
        return settings.is_demo or access.is_signed_in(request.cookies.get(COOKIE))

    def texts() -> TechnicianTexts:
        return TechnicianTexts(asked_language(settings.kiosk.language))

    def door(refusal: Refusal | None) -> ResponseReturnValue:
        page = render_template("technician/sign-in.html", t=texts(), refusal=refusal, is_set=access.is_set)
        return page, 401 if refusal is None else 403

    def status(template: str) -> ResponseReturnValue:
        page = render_template(
            template,
            t=texts(),
            status=kiosk.status(),
            blocks=sorted(kiosk.blocks),
            is_demo=settings.is_demo,
            clock=_clock,
            age=_age,
        )
        return make_response(page)

    @blueprint.get("")
    def home() -> ResponseReturnValue:
        return status("technician/status.html") if is_allowed() else door(None)

    @blueprint.get("/panel")
    def panel() -> ResponseReturnValue:
        return status("technician/panel.html") if is_allowed() else door(None)

    @blueprint.post("/sign-in")
    def sign_in() -> ResponseReturnValue:
        result = access.sign_in(request.form.get("secret", ""))
        if isinstance(result, Refusal):
            return door(result)
        response = redirect(url_for("technician.home", lang=texts().language), 303)
        response.set_cookie(
            COOKIE, result, max_age=int(SESSION_S), httponly=True, samesite="Strict", path="/technician"
        )
        return response

    @blueprint.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        access.sign_out(request.cookies.get(COOKIE))
        response = redirect(url_for("patient.home"), 303)
        response.delete_cookie(COOKIE, path="/technician")
        return response

    return blueprint


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM):%d/%m %H:%M:%S}"


def _age(moment: datetime) -> timedelta:
    return max(datetime.now(UTC) - moment, timedelta())
