"""The thread that sends: a message is taken in one transaction, sent outside of any, and its outcome stored in another.

Each server process has one; the rows' leases keep them from sending a message twice. Registration never waits for it.
"""

import logging
import random
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from server.contract.logs import Failure
from server.db import Database
from server.domain.outbound import OutboundState, Verdict
from server.errors import Unavailable
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


class OutboxThread:
    """One thread that works through the messages until it is stopped."""

    def __init__(self, sender: OutboxSender, *, pause_s: float = PAUSE_S) -> None:
        self._sender = sender
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._unreachable = 0
        self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Take no further message; one under way may be sent again after its lease, under its key."""
        self._stopping.set()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._work())

    def _work(self) -> float:
        """Send one message; return how many seconds to rest."""
        try:
            verdict = self._sender.send_next()
        except Unavailable as error:
            log.warning("the outbox waits: %s", error.code)
            return self._pause_s
        except Exception as error:  # noqa: BLE001 - any: one bad row must not end the thread
            log.error("the outbox failed\n%s", Failure(error))
            return self._pause_s
        self._unreachable = self._unreachable + 1 if verdict is Verdict.UNREACHABLE else 0
        if self._unreachable:
            return min(self._pause_s * 2.0 ** min(self._unreachable, 10), LONGEST_PAUSE_S)
        return self._pause_s if verdict is None else 0.0
