"""Asking the gateway: a question is taken in one transaction, put outside of any, and stored in another.

Each server process has threads for it; the rows' leases keep them from asking twice. Registration never waits for them.
"""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Final

from server.db import Database
from server.insurance.errors import CircuitOpen, GatewayError
from server.insurance.gateway import InsuranceGateway
from server.insurance.sealing import Seal
from server.insurance.service import TakenCheck, has_due_check, store_answer, store_failure, take_due_check

PAUSE_S: Final = 1.0
"""How long a thread rests when nothing is due; one look costs about a millisecond."""

_logger = logging.getLogger(__name__)


class CardChecker:
    """Asks one due question at a time; used by several threads."""

    def __init__(
        self, database: Database, gateway: InsuranceGateway, seal: Seal, *, facilities: Collection[str],
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._gateway = gateway
        self._seal = seal
        self._facilities = tuple(facilities)
        self._now = now

    def work(self) -> float:
        """Put one question; return how many seconds to rest."""
        return 0.0 if self.check_next() else PAUSE_S

    def check_next(self) -> bool:
        """Put the question that has been due for longest; return whether there was one."""
        taken = self._take()
        if taken is None:
            return False
        try:
            reply = self._gateway.check_card(taken.facility, taken.inquiry)
        except GatewayError as error:
            reason, wait_s = error.reason, error.retry_after_s if isinstance(error, CircuitOpen) else 0.0
            _logger.warning("insurance check %s, attempt %d: %s", taken.id, taken.attempt, reason)
            self._database.transact(
                lambda session: store_failure(session, taken, reason=reason, retry_after_s=wait_s, now=self._now())
            )
            return True
        sealed = self._seal.close(taken.id, reply.raw)
        self._database.transact(
            lambda session: store_answer(session, taken, reply.answer, sealed=sealed, now=self._now())
        )
        return True

    def _take(self) -> TakenCheck | None:
        # Looking first keeps an idle server from taking SQLite's one write lock each second.
        with self._database.reading() as session:
            if not has_due_check(session, facilities=self._facilities, now=self._now()):
                return None
        return self._database.transact(
            lambda session: take_due_check(session, facilities=self._facilities, now=self._now())
        )
