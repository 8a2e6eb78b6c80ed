"""The patient's pages: one picture per state, forms that work without scripts, Post/Redirect/Get.

The address is ``/`` in every state: what is drawn follows from the kiosk, never from the browser, so neither "back" nor
a reload can bring a person's data up again.
"""

from collections.abc import Callable
from typing import get_args

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.documents import DOCUMENT_SIGNS, LONGEST_NUMBER
from kiosk.screens.controls import Controls
from kiosk.screens.presentation import NUMBER_DIGITS, Screen, screen_of
from kiosk.session import State
from kiosk.view import Language, ScreenView
from server.domain.catalogue import Payer

Action = Callable[[int], None]


def patient_pages(controls: Controls, *, warning_s: float = 15.0) -> Blueprint:
    """Return ``/`` with all its states, ``/screen`` (the same without head and frame) and the actions.

    ``warning_s``: how long before the end of a session "are you still there?" is asked.
    """
    blueprint = Blueprint("patient", __name__)

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        return _page(_presented(controls.view(), warning_s))

    @blueprint.get("/screen")
    def screen() -> ResponseReturnValue:
        return _without_trace(render_template("kiosk/screen.html", screen=_presented(controls.view(), warning_s)))

    @blueprint.post("/number/key")
    def press_key() -> ResponseReturnValue:
        """The key pad of a page without scripts; the digits so far stand in the form, never in an address."""
        view = controls.view()
        if view.state is not State.ASKING_NUMBER:
            return redirect(url_for("patient.home"), 303)
        controls.still_here(_revision())
        digits = _typed(request.form.get("digits", ""), request.form.get("key"))
        return _page(screen_of(controls.view(), digits=digits, warning_s=warning_s))

    @blueprint.post("/number")
    def enter_number() -> ResponseReturnValue:
        digits = _only_digits(request.form.get("digits", ""))
        return _after(lambda revision: controls.enter_number(digits, revision))

    @blueprint.post("/document/key")
    def press_document_key() -> ResponseReturnValue:
        view = controls.view()
        if view.state is not State.TYPING:
            return redirect(url_for("patient.home"), 303)
        controls.still_here(_revision())
        before = _only_signs(request.form.get("digits", ""))
        key = request.form.get("key", "")
        typed = before[:-1] if key == "delete" else (before + _only_signs(key)[:1])[:LONGEST_NUMBER]
        return _page(screen_of(controls.view(), digits=typed, warning_s=warning_s))

    @blueprint.post("/document")
    def enter_field() -> ResponseReturnValue:
        typed = _only_signs(request.form.get("digits", ""))
        return _after(lambda revision: controls.enter_field(typed, revision))

    @blueprint.post("/choose")
    def choose() -> ResponseReturnValue:
        service = request.form.get("service", "")[:64]
        return _after(lambda revision: controls.choose(service, revision))

    @blueprint.post("/payer")
    def choose_payer() -> ResponseReturnValue:
        wanted = request.form.get("payer", "")
        if wanted not in set(Payer):
            return redirect(url_for("patient.home"), 303)
        return _after(lambda revision: controls.choose_payer(Payer(wanted), revision))

    @blueprint.post("/language")
    def set_language() -> ResponseReturnValue:
        wanted = request.form.get("language")
        language: Language = next((one for one in get_args(Language) if one == wanted), "vi")
        return _after(lambda revision: controls.set_language(language, revision))

    @blueprint.post("/red-flag")
    def name_red_flag() -> ResponseReturnValue:
        code = request.form.get("sign", "")[:32]
        return _after(lambda revision: controls.name_red_flag(code, revision))

    @blueprint.post("/priority")
    def name_priority() -> ResponseReturnValue:
        ground = request.form.get("ground", "")[:32]
        return _after(lambda revision: controls.name_priority(ground, revision))

    def add(name: str, action: Action) -> None:
        blueprint.add_url_rule(f"/{name}", name, lambda: _after(action), methods=["POST"])

    add("confirm", controls.confirm)
    add("check-in", controls.check_in)
    add("reject", controls.reject)
    add("show-document", controls.show_document)
    add("type-document", controls.type_document)
    add("previous-field", controls.previous_field)
    add("skip-chip", controls.skip_chip)
    add("try-again", controls.try_again)
    add("ask-red-flags", controls.ask_red_flags)
    add("no-red-flag", controls.no_red_flag)
    add("ask-priority", controls.ask_priority)
    add("print-again", controls.print_again)
    add("start-over", controls.start_over)
    add("call-staff", controls.call_staff)
    add("still-here", controls.still_here)
    return blueprint


def _presented(view: ScreenView, warning_s: float) -> Screen:
    """Return what to draw of ``view``; the address may name a page of a long list of clinics."""
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    return screen_of(view, page=number, warning_s=warning_s)


def _page(screen: Screen) -> Response:
    return _without_trace(render_template("kiosk/page.html", screen=screen))


def _without_trace(html: str) -> Response:
    """Forbid the browser to keep the page, and drop what a later mistake might have stored beside it."""
    response = make_response(html)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def _after(action: Action) -> ResponseReturnValue:
    action(_revision())
    # Wherever the form stood (the simulator shows the same screen), the script fetches /screen; a browser without
    # scripts is led home.
    return redirect(url_for("patient.screen" if request.headers.get("X-Tiepdon-Screen") else "patient.home"), 303)


def _revision() -> int:
    """The picture the finger saw; -1, which no picture has, for a form without one."""
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _only_signs(text: str) -> str:
    """Return the capital letters and digits of ``text``, which is all that documents' numbers are made of."""
    return "".join(c for c in text[:32].upper() if c in DOCUMENT_SIGNS)


def _only_digits(text: str) -> str:
    return "".join(c for c in text[:32] if c in "0123456789")


def _typed(digits: str, key: str | None) -> str:
    digits = _only_digits(digits)
    if key == "delete":
        return digits[:-1]
    return (digits + _only_digits(key or "")[:1])[:NUMBER_DIGITS]
