"""Asks the server what is known of the person before the kiosk, in a thread of its own: nobody waits for the answer."""

import logging
import queue
from collections.abc import Callable
from typing import Final

from kiosk.background import Background
from kiosk.conversation.memory import Conversation
from kiosk.registration.gateway import Reach
from kiosk.server import Server, ServerError
from server.contract.appointments import FindVisitor, VisitorFound

log = logging.getLogger(__name__)

Told = Callable[[Conversation, VisitorFound | None], None]


class VisitorFinder(Background):
    """One question after the other. Not the registrar's thread: a slow answer here must not hold up a number."""

    def __init__(self, server: Server, reach: Reach, told: Told) -> None:
        super().__init__("visitor-finder")
        self._server = server
        self._reach = reach
        self._told = told
        self._questions: Final[queue.SimpleQueue[tuple[Conversation, FindVisitor] | None]] = queue.SimpleQueue()

    def stop(self) -> None:
        self._questions.put(None)

    def ask(self, conversation: Conversation, asked: FindVisitor) -> None:
        """Ask; the answer is told later, None when the server gives none."""
        self._questions.put((conversation, asked))

    def _run(self) -> None:
        while (question := self._questions.get()) is not None:
            conversation, asked = question
            self._told(conversation, self._find(asked))

    def _find(self, asked: FindVisitor) -> VisitorFound | None:
        if self._reach.is_down:
            return None
        try:
            return self._server.find_visitor(asked)
        except ServerError as error:
            # A proposal and an appointment are a convenience: the visit itself finds out whether the server is there.
            log.warning("visitor not looked up: %s", error)
            return None
