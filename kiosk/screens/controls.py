"""What the pages need of the kiosk: the present picture, and the things a finger can ask for."""

from typing import Protocol

from kiosk.conversation.view import Language, ScreenView
from server.domain.catalogue import Payer


class Controls(Protocol):
    """The kiosk as the screen takes part in it; ``kiosk.flow.Kiosk`` is the real one.

    Every action carries the ``revision`` of the picture the finger saw. An action that has no meaning any more, because
    the page has changed since, does nothing: a second tap on "confirm" must not choose a clinic.
    """

    def view(self) -> ScreenView:
        """Return the present picture."""
        ...

    def wait_for_view(self, after_revision: int, timeout_s: float) -> ScreenView:
        """Return the picture as soon as its revision is not ``after_revision``, or the present one after ``timeout_s``.

        "Not" rather than "greater": after a restart of the kiosk revisions begin anew.
        """
        ...

    def confirm(self, revision: int) -> None: ...

    def reject(self, revision: int) -> None: ...

    def choose(self, service: str, revision: int) -> None: ...

    def check_in(self, revision: int) -> None:
        """Confirm the person and register the visit of the appointment on the screen, in one touch."""
        ...

    def choose_payer(self, payer: Payer, revision: int) -> None:
        """Show the prices of another kind of payer."""
        ...

    def ask_red_flags(self, revision: int) -> None:
        """Show the signs at which staff are called instead of giving a number."""
        ...

    def name_red_flag(self, code: str, revision: int) -> None: ...

    def no_red_flag(self, revision: int) -> None: ...

    def ask_priority(self, revision: int) -> None: ...

    def name_priority(self, ground: str, revision: int) -> None:
        """Take a ground for priority; an empty one takes it back."""
        ...

    def print_again(self, revision: int) -> None:
        """Print a marked copy; only where ``ScreenView.can_print_again``."""
        ...

    def enter_number(self, digits: str, revision: int) -> None:
        """Take what was typed: the last six digits of the number on the card, or all twelve."""
        ...

    def show_document(self, revision: int) -> None:
        """Ask for the printed zone of a passport or card; only where ``ScreenView.can_show_document``."""
        ...

    def type_document(self, revision: int) -> None: ...

    def enter_field(self, text: str, revision: int) -> None:
        """Take what was typed of the document: the field that ``ScreenView.asked`` names."""
        ...

    def previous_field(self, revision: int) -> None: ...

    def type_appointment(self, revision: int) -> None:
        """Ask for the short code of a letter; only where ``ScreenView.can_type_appointment``."""
        ...

    def enter_appointment(self, digits: str, revision: int) -> None:
        """Take what was typed of a letter's short code."""
        ...

    def skip_chip(self, revision: int) -> None:
        """Go on by the printed zone; only where ``ScreenView.zone_read``."""
        ...

    def try_again(self, revision: int) -> None:
        """Read the card that still lies there once more; only where ``ScreenView.can_try_again``."""
        ...

    def start_over(self, revision: int) -> None: ...

    def call_staff(self, revision: int) -> None: ...

    def still_here(self, revision: int) -> None:
        """Give the state its full time again."""
        ...

    def set_language(self, language: Language, revision: int) -> None: ...
