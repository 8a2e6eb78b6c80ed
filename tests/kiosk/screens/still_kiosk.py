"""A kiosk that stands still: it shows one picture and writes down what fingers ask of it."""

import threading
from dataclasses import replace
from pathlib import Path

from flask import Flask

from kiosk.conversation.view import Language, ScreenView
from kiosk.screens.events import event_stream
from kiosk.screens.guard import install_guard
from kiosk.screens.patient import patient_pages
from server.domain.catalogue import Payer

ROOT = Path(__file__).parents[3]


class StillKiosk:
    """Controls over a picture that only a test changes; ``touches`` holds (action, what was given, revision)."""

    def __init__(self, view: ScreenView) -> None:
        self.shown = view
        self._changed = threading.Condition()
        self.touches: list[tuple[str, str | None, int]] = []

    def view(self) -> ScreenView:
        return self.shown

    def wait_for_view(self, after_revision: int, timeout_s: float) -> ScreenView:
        with self._changed:
            self._changed.wait_for(lambda: self.shown.revision != after_revision, timeout_s)
            return self.shown

    def show(self, view: ScreenView) -> int:
        """Show ``view`` under a new revision, and return that."""
        with self._changed:
            self.shown = replace(view, revision=self.shown.revision + 1)
            self._changed.notify_all()
            return self.shown.revision

    def _touch(self, action: str, revision: int, given: str | None = None) -> None:
        self.touches.append((action, given, revision))

    def confirm(self, revision: int) -> None:
        self._touch("confirm", revision)

    def reject(self, revision: int) -> None:
        self._touch("reject", revision)

    def choose(self, service: str, revision: int) -> None:
        self._touch("choose", revision, service)

    def check_in(self, revision: int) -> None:
        self._touch("check_in", revision)

    def choose_payer(self, payer: Payer, revision: int) -> None:
        self._touch("choose_payer", revision, payer)

    def ask_red_flags(self, revision: int) -> None:
        self._touch("ask_red_flags", revision)

    def name_red_flag(self, code: str, revision: int) -> None:
        self._touch("name_red_flag", revision, code)

    def no_red_flag(self, revision: int) -> None:
        self._touch("no_red_flag", revision)

    def ask_priority(self, revision: int) -> None:
        self._touch("ask_priority", revision)

    def name_priority(self, ground: str, revision: int) -> None:
        self._touch("name_priority", revision, ground)

    def print_again(self, revision: int) -> None:
        self._touch("print_again", revision)

    def enter_number(self, digits: str, revision: int) -> None:
        self._touch("enter_number", revision, digits)

    def show_document(self, revision: int) -> None:
        self._touch("show_document", revision)

    def type_document(self, revision: int) -> None:
        self._touch("type_document", revision)

    def enter_field(self, text: str, revision: int) -> None:
        self._touch("enter_field", revision, text)

    def previous_field(self, revision: int) -> None:
        self._touch("previous_field", revision)

    def type_appointment(self, revision: int) -> None:
        self._touch("type_appointment", revision)

    def enter_appointment(self, digits: str, revision: int) -> None:
        self._touch("enter_appointment", revision, digits)

    def skip_chip(self, revision: int) -> None:
        self._touch("skip_chip", revision)

    def try_again(self, revision: int) -> None:
        self._touch("try_again", revision)

    def start_over(self, revision: int) -> None:
        self._touch("start_over", revision)

    def call_staff(self, revision: int) -> None:
        self._touch("call_staff", revision)

    def still_here(self, revision: int) -> None:
        self._touch("still_here", revision)

    def set_language(self, language: Language, revision: int) -> None:
        self._touch("set_language", revision, language)


def pages_of(kiosk: StillKiosk) -> Flask:
    app = Flask("kiosk", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    install_guard(app, home="patient.home")
    app.register_blueprint(patient_pages(kiosk))
    app.register_blueprint(event_stream(kiosk))
    return app
