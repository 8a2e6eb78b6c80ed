"""The patient's pages: one picture per state, forms that work without scripts, Post/Redirect/Get.

The address is ``/`` in every state: what is drawn follows from the kiosk, never from the browser, so neither "back" nor
a reload can bring a person's data up again.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, get_args

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from kiosk.conversation.documents import DOCUMENT_SIGNS, LONGEST_NUMBER
from kiosk.conversation.view import Language, ScreenView
from kiosk.screens.controls import Controls
from kiosk.screens.presentation import NUMBER_DIGITS, Screen, screen_of
from kiosk.session import State
from server.domain.catalogue import Payer
from server.domain.codes import SHORT_CODE_LENGTH

Action = Callable[[int], None]

_TYPING: Final = frozenset({State.ASKING_NUMBER, State.TYPING, State.TYPING_APPOINTMENT})
"""States with a key pad: what stands in it outlives a change of language."""


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

    _add_typing(blueprint, controls, warning_s)
    _add_language(blueprint, controls, warning_s)
    _add_choices(blueprint, controls)
    _add_touches(blueprint, controls)
    return blueprint


def _add_typing(blueprint: Blueprint, controls: Controls, warning_s: float) -> None:
    """Add what is typed, and the key pads of a page without scripts: what stands there so far is in the form."""

    def press(state: State, typed: str) -> ResponseReturnValue:
        if controls.view().state is not state:
            return redirect(url_for("patient.home"), 303)
        controls.still_here(_revision())
        return _page(screen_of(controls.view(), digits=typed, warning_s=warning_s))

    @blueprint.post("/number/key")
    def press_key() -> ResponseReturnValue:
        return press(State.ASKING_NUMBER, _typed(_only_digits, NUMBER_DIGITS))

    @blueprint.post("/number")
    def enter_number() -> ResponseReturnValue:
        digits = _only_digits(request.form.get("digits", ""))
        return _after(lambda revision: controls.enter_number(digits, revision))

    @blueprint.post("/appointment/key")
    def press_appointment_key() -> ResponseReturnValue:
        return press(State.TYPING_APPOINTMENT, _typed(_only_digits, SHORT_CODE_LENGTH))

    @blueprint.post("/appointment")
    def enter_appointment() -> ResponseReturnValue:
        digits = _only_digits(request.form.get("digits", ""))
        return _after(lambda revision: controls.enter_appointment(digits, revision))

    @blueprint.post("/document/key")
    def press_document_key() -> ResponseReturnValue:
        return press(State.TYPING, _typed(_only_signs, LONGEST_NUMBER))

    @blueprint.post("/document")
    def enter_field() -> ResponseReturnValue:
        typed = _only_signs(request.form.get("digits", ""))
        return _after(lambda revision: controls.enter_field(typed, revision))


def _add_language(blueprint: Blueprint, controls: Controls, warning_s: float) -> None:
    @blueprint.post("/language")
    def set_language() -> ResponseReturnValue:
        wanted = request.form.get("language")
        language: Language = next((one for one in get_args(Language) if one == wanted), "vi")
        answer = _after(lambda revision: controls.set_language(language, revision))
        typed = _only_signs(request.form.get("digits", ""))
        if typed and (view := controls.view()).state in _TYPING:
            return _page(screen_of(view, digits=typed, warning_s=warning_s))
        return answer


def _add_choices(blueprint: Blueprint, controls: Controls) -> None:
    """Add the touches that name one of several things."""

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

    @blueprint.post("/red-flag")
    def name_red_flag() -> ResponseReturnValue:
        code = request.form.get("sign", "")[:32]
        return _after(lambda revision: controls.name_red_flag(code, revision))

    @blueprint.post("/priority")
    def name_priority() -> ResponseReturnValue:
        ground = request.form.get("ground", "")[:32]
        return _after(lambda revision: controls.name_priority(ground, revision))


def _add_touches(blueprint: Blueprint, controls: Controls) -> None:
    """Add the touches that carry nothing but the picture they were made on."""
    touches: dict[str, Action] = {
        "confirm": controls.confirm,
        "check-in": controls.check_in,
        "reject": controls.reject,
        "show-document": controls.show_document,
        "type-document": controls.type_document,
        "previous-field": controls.previous_field,
        "type-appointment": controls.type_appointment,
        "skip-chip": controls.skip_chip,
        "try-again": controls.try_again,
        "ask-red-flags": controls.ask_red_flags,
        "no-red-flag": controls.no_red_flag,
        "ask-priority": controls.ask_priority,
        "print-again": controls.print_again,
        "start-over": controls.start_over,
        "call-staff": controls.call_staff,
        "still-here": controls.still_here,
    }
    for name, action in touches.items():
        blueprint.add_url_rule(f"/{name}", name, partial(_after, action), methods=["POST"])


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


def _typed(keep: Callable[[str], str], longest: int) -> str:
    """Return what was typed before and the key just pressed; ``keep`` leaves the signs that may stand there."""
    before, key = keep(request.form.get("digits", "")), request.form.get("key", "")
    return before[:-1] if key == "delete" else (before + keep(key)[:1])[:longest]
