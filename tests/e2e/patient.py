"""A patient in front of the kiosk: fingers on the glass, cards and codes."""

from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize

from tests.e2e.hands import Hands, at, start_over, tap_action
from tests.e2e.hospital import Hospital

PORTRAIT: Final[ViewportSize] = {"width": 1080, "height": 1920}
LANDSCAPE: Final[ViewportSize] = {"width": 1920, "height": 1080}


class Patient:
    """One browser at the kiosk, and hands for what lies beside it."""

    def __init__(self, browser: Browser, hospital: Hospital, size: ViewportSize, *, scripts: bool = True) -> None:
        self.context = browser.new_context(
            viewport=size,
            has_touch=True,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=scripts,
        )
        self.context.set_default_timeout(30_000)
        self.hospital = hospital
        self.hands = Hands(self.context, hospital.kiosk_url)
        self.page: Page = self.context.new_page()
        self.page.goto(hospital.kiosk_url)

    def leave(self) -> None:
        """Finish and take the card, so that the next test finds the welcome page."""
        # In this order: the page of a card that was taken may go by itself, and its buttons with it.
        start_over(self.page)
        self.hands.remove_card()
        self.hands.set_printer("")
        self.hands.cut_server(cut=False)
        self.context.close()
        self.hospital.see_everybody()

    def take_number(self, clinic: str) -> str:
        """Go from the confirming page to the ticket, and return its number."""
        at(self.page, "confirming")
        tap_action(self.page, "confirm")
        at(self.page, "choosing")
        self.page.tap(f".clinic:has-text('{clinic}')")
        at(self.page, "ticket")
        return self.page.locator(".ticket__number").inner_text()
