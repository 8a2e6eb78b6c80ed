"""Sending: a message is taken in one transaction, sent outside of any, and its outcome stored in another.

Each server process has a thread for it; the rows' leases keep them from sending a message twice. Registration never
waits for it.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from server.db import Database
from server.domain.outbound import OutboundState, Verdict
from server.outbox.service import Outcome, TakenMessage, has_due, store_outcome, take_due

PAUSE_S: Final = 1.0
"""How long the thread rests when nothing is due."""

LONGEST_PAUSE_S: Final = 60.0
"""How long at most when the other system cannot be reached: there is no use in trying the next message at once."""

log = logging.getLogger(__name__)


class Receiver(Protocol):
    """The other system, as the worker sees it."""

    def send(self, message: TakenMessage) -> Outcome:
        """Send a message once and return what came of it."""
        ...


class OutboxSender:
    """Sends one due message at a time."""

    def __init__(
        self, database: Database, receiver: Receiver, *, now: Callable[[], datetime],
        jitter: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._database = database
        self._receiver = receiver
        self._now = now
        self._jitter = jitter
        self._unreachable = 0

    def work(self) -> float:
        """Send one message; return how many seconds to rest."""
        verdict = self.send_next()
        self._unreachable = self._unreachable + 1 if verdict is Verdict.UNREACHABLE else 0
        if self._unreachable:
            return min(PAUSE_S * 2.0 ** min(self._unreachable, 10), LONGEST_PAUSE_S)
        return PAUSE_S if verdict is None else 0.0

    def send_next(self) -> Verdict | None:
        """Send the message that has been due for longest and return what came of it; None when nothing was due."""
        taken = self._take()
        if taken is None:
            return None
        outcome = self._receiver.send(taken)
        state = self._database.transact(
            lambda session: store_outcome(session, taken, outcome, jitter=self._jitter(), now=self._now())
        )
        if state is OutboundState.DEAD:
            log.error("message %d is a dead letter: %s", taken.id, outcome.error)
        elif state is OutboundState.WAITING:
            log.warning("message %d, attempt %d: %s", taken.id, taken.attempt, outcome.error)
        return outcome.verdict

    def _take(self) -> TakenMessage | None:
        # Looking first keeps an idle server from taking SQLite's one write lock each second.
        with self._database.reading() as session:
            if not has_due(session, now=self._now()):
                return None
        return self._database.transact(lambda session: take_due(session, now=self._now()))
