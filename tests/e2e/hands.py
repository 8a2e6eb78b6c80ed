"""Hands at a kiosk process: what people do with cards, codes and the printer, by the simulator page's forms."""

import re
from typing import Final

from playwright.sync_api import BrowserContext, Page

PRESS: Final = "(keys) => keys.forEach((key) => document.querySelector(key).click())"


class Hands:
    """Acts on the devices of the kiosk at ``address``; ``context`` is the browser whose connection is used."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self._http = context.request
        self._address = address

    def insert(self, card: str) -> None:
        self._do("card", card=card)

    def remove_card(self) -> None:
        self._do("card/remove")

    def show_card_code(self, person: str) -> None:
        self._do("code", kind="card", of=person)

    def show_page(self, person: str) -> None:
        self._do("code", kind="page", of=person)

    def show_text(self, text: str) -> None:
        """Hold a code with any text before the scanner."""
        self._do("code", kind="typed", text=text)

    def show_other_code(self, name: str) -> None:
        self._do("code", kind="other", of=name)

    def show_last_slip(self) -> None:
        self._do("code", kind="slip", of=self.slips()[0])

    def set_printer(self, fault: str) -> None:
        self._do("printer", fault=fault)

    def cut_server(self, *, cut: bool) -> None:
        self._do("server", cut="yes" if cut else "no")

    def slips(self) -> list[str]:
        """Return the stamps of the printed slips, newest first."""
        panel = self._http.get(f"{self._address}/simulator/panel").text()
        return list(dict.fromkeys(re.findall(r"/simulator/slips/([0-9]+)\.png", panel)))

    def slip_picture(self, stamp: str) -> bytes:
        answer = self._http.get(f"{self._address}/simulator/slips/{stamp}.png")
        assert answer.ok
        return answer.body()

    def _do(self, action: str, **fields: str) -> None:
        panel = self._http.get(f"{self._address}/simulator/panel").text()
        token = re.search(r'name="token" value="([^"]+)"', panel)
        assert token
        # The answer leads to the simulator's page, which nobody looks at.
        answer = self._http.post(
            f"{self._address}/simulator/{action}", form={"token": token[1], **fields}, max_redirects=0
        )
        assert answer.status == 303, f"{action}: {answer.status}"


def at(page: Page, state: str) -> None:
    """Wait until the screen is in ``state`` and takes taps."""
    page.wait_for_selector(f'#screen[data-state="{state}"]:not([data-settling]):not([data-busy])')


def tap_action(page: Page, action: str) -> None:
    """Tap the button of the form that posts to ``action``, with a finger."""
    page.tap(f'#screen form[action="/{action}"] button')


def start_over(page: Page) -> None:
    """Lead the kiosk back to its welcome page, wherever it stands."""
    page.wait_for_selector("#screen:not([data-settling]):not([data-busy])")  # a tap that is under way may do it
    if page.locator("#screen").get_attribute("data-state") != "welcome":
        tap_action(page, "start-over")
    at(page, "welcome")


def type_number(page: Page, digits: str) -> None:
    for digit in digits[:-1]:
        page.tap(f'.pad button[value="{digit}"]')
    # In one breath: on a busy machine a complete number may be sent by itself before a finger finds the last key.
    page.evaluate(PRESS, [f'.pad button[value="{digits[-1]}"]', "[data-enter]"])
