"""At a desk: whoever the devices identify goes to the desk's browser at once, and the devices are free for the next.

The conversation is the kiosk's own, as far as the person is known: card or code, the number that opens the chip, its
proof. Nothing is asked of the patient and nothing is kept here.
"""

import logging
from typing import Final

from kiosk.background import Background
from kiosk.flow import Kiosk
from kiosk.server import Server, ServerError
from server.contract.fleet import HandOver

log = logging.getLogger(__name__)

ATTEMPTS: Final = 5
_LOOK_EVERY_S: Final = 1.0


class DeskReadings(Background):
    """One thread. What cannot be sent within a few seconds is dropped: the card still lies there, and is read again."""

    def __init__(self, kiosk: Kiosk, server: Server, *, pause_s: float = 1.0) -> None:
        super().__init__("desk-readings")
        self._kiosk = kiosk
        self._server = server
        self._pause_s = pause_s

    def run_once(self) -> bool:
        """Send the person just identified; return whether there was one."""
        handed = self._kiosk.desk.read_for_desk()
        if handed is not None:
            self._send(handed)
        return handed is not None

    def _send(self, handed: HandOver) -> None:
        for _ in range(ATTEMPTS):
            try:
                self._server.hand_over(handed)
            except ServerError as error:
                log.warning("reading not at the desk yet: %s", error.code)
                if self._stopping.wait(self._pause_s):
                    return
            else:
                return
        log.error("a reading was dropped: the server is out of reach")

    def _run(self) -> None:
        seen = -1
        while not self._stopping.is_set():
            try:
                self.run_once()
            except Exception:
                # The next card must be read whatever this one was.
                log.exception("desk reading")
            view = self._kiosk.wait_for_view(seen, _LOOK_EVERY_S)
            if view.revision == seen:  # nothing happened, or the kiosk is closing and lets nobody wait
                self._stopping.wait(_LOOK_EVERY_S / 5)
            seen = view.revision
