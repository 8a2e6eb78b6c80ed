"""Transactions of several threads run as one: one lock, one audit head, one flush to disk for all that wait.

What every writing transaction costs (the lock, the chain's head, the commit's flush) is as much as its own statements.
While one group is under way, in this process or another, the next one gathers. So nobody waits for company: a lone
request runs at once, alone.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from server.db import Database, is_lost_race, take_turn
from server.errors import ServerError

T = TypeVar("T")

GROUP_LIMIT: Final = 32
"""How many run in one transaction at most; the first of them waits for what the last one adds."""

GROUP_LIMIT_S: Final = 0.25
"""How long one transaction goes on with the next one's work: on a machine with too much to do, too, its locks are given
back long before somebody gives up waiting for them."""


class _Waiting(Generic[T]):
    """One thread's work and what came of it: a result, an error, or neither when it must run by itself."""

    def __init__(self, work: Callable[[Session], T]) -> None:
        self.work = work
        self.woken = threading.Event()
        self.leads = False
        self.results: tuple[T, ...] = ()
        self.error: Exception | None = None


class _OneFailed(Exception):
    """The work of one of a group raised an error."""


class GroupCommit:
    """Runs the writing work of one process's threads, in the order they came, in as few transactions as possible."""

    def __init__(self, database: Database, *, give_way: Callable[[], None] = lambda: None) -> None:
        """``give_way`` is called between one thread's work and the next: it returns when others have gone first."""
        self._database = database
        self._give_way = give_way
        self._mutex = threading.Lock()  # guards the two below
        self._waiting: deque[_Waiting[Any]] = deque()
        self._is_led = False

    @property
    def waiting(self) -> int:
        """How many threads wait for a transaction under way."""
        return len(self._waiting)

    def transact(self, work: Callable[[Session], T]) -> T:
        """Return the result of ``work`` once it is committed, as ``Database.transact`` does, but perhaps with others'.

        ``work`` must have no effect outside the database. Where one of a group fails or the group loses a race, it is
        rolled back and each runs again by itself, so that an error reaches the thread it belongs to and no other.
        """
        mine = _Waiting(work)
        with self._mutex:
            self._waiting.append(mine)
            mine.leads, self._is_led = not self._is_led, True
        if not mine.leads:
            mine.woken.wait()
        if mine.leads:
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.results[0] if mine.results else self._database.transact(work)

    def _lead(self) -> None:
        """Run what has gathered, the caller's own work first; then the first of those that came meanwhile leads."""
        group: list[_Waiting[Any]] = []
        try:
            self._run(group)
        finally:
            # Where it could not begin they must not wait for a leader that has gone.
            group = group or self._taken(GROUP_LIMIT)
            with self._mutex:
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].leads = True
                    self._waiting[0].woken.set()
            for one in group:
                one.woken.set()

    def _run(self, group: list[_Waiting[Any]]) -> None:
        """Run as many as the time allows, and have ``group`` hold those that are done with; the rest waits again."""
        results: list[Any] = []
        try:
            with self._database.begin() as session:
                ends_at_s = time.monotonic() + GROUP_LIMIT_S
                is_alone = self.waiting == 1
                if not is_alone:
                    take_turn(session)
                # On PostgreSQL who began without a turn stays alone: to ask for it with rows locked is a deadlock.
                limit = 1 if is_alone and self._database.kind == "postgresql" else GROUP_LIMIT
                group += self._taken(limit)
                while len(results) < len(group):
                    self._give_way()
                    results.append(_run_one(session, group[len(results)].work))
                    if time.monotonic() >= ends_at_s:
                        break
                    if len(results) == len(group):
                        group += self._taken(limit - len(group))
        except (_OneFailed, StaleDataError):
            return
        except (ServerError, SQLAlchemyError) as error:
            if isinstance(error, DBAPIError) and is_lost_race(error):
                return
            # It could not begin, or nobody knows whether it was committed: true for all of them.
            group += [] if group else self._taken(GROUP_LIMIT)
            for one in group:
                one.error = error
            return
        with self._mutex:
            self._waiting.extendleft(reversed(group[len(results) :]))
        del group[len(results) :]
        for one, result in zip(group, results, strict=True):
            one.results = (result,)

    def _taken(self, limit: int) -> list[_Waiting[Any]]:
        with self._mutex:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), limit))]


def _run_one(session: Session, work: Callable[[Session], T]) -> T:
    try:
        result = work(session)
        session.flush()
    except Exception as error:
        raise _OneFailed from error
    session.expunge_all()  # the next one reads what it needs from the database, as in a transaction of its own
    return result
