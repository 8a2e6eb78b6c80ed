"""What many open pages show, read once for all of them: after a change, every one of them asks for the same.

A snapshot knows the newest change (``server.feed``) it holds. Who asks says which change it must hold at least. One
that does is given out as it is; any other is taken anew, by one thread, while the others that want it wait.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy.orm import Session

from server.db import Database
from server.feed import find_newest_id, newest_id

T = TypeVar("T")

KEPT_FOR: Final = timedelta(seconds=1)
"""How late a page learns what changes without a word in the feed: that time passes, that a kiosk is silent."""

KEPT: Final = 128
"""How many snapshots one process keeps, those used last."""

_TURNS: Final = 64  # not one for each key: a stranger can ask for any number of areas that are none


@dataclass(frozen=True, slots=True)
class _Snapshot:
    content: Any
    newest_change: int
    taken_at: datetime


class Snapshots:
    """One process's snapshots; safe to use from any thread. Their content is shared and must not be changed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mutex = threading.Lock()  # guards the one below
        self._kept: OrderedDict[Hashable, _Snapshot] = OrderedDict()
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def get(self, key: Hashable, take: Callable[[Session], T], *, now: datetime, holding: int | None = None) -> T:
        """Return what ``take`` makes of the data, or made of it less than KEPT_FOR ago for another page.

        ``holding`` is the id of the change it must hold at least, 0 for whatever is kept; None stands for all that was
        committed before this call. ``key`` names everything else the content depends on, the language for example.
        """
        wanted = self.newest_change() if holding is None else holding
        found = self._find(key, wanted, now)
        if found is None:
            with self._turns[hash(key) % _TURNS]:
                # Whoever had the turn before may have begun after we came.
                found = self._find(key, wanted, now) or self._take(key, take, now)
        content: T = found.content
        return content

    def newest_change(self) -> int:
        """Return the id of the newest change that was committed: what a page of several snapshots has them all hold."""
        return find_newest_id(self._database)

    def _find(self, key: Hashable, wanted: int, now: datetime) -> _Snapshot | None:
        with self._mutex:
            snapshot = self._kept.get(key)
            if snapshot is None or snapshot.newest_change < wanted:
                return None
            # One that was taken while we waited for it is a little younger than we are.
            if abs(now - snapshot.taken_at) >= KEPT_FOR:
                return None
            self._kept.move_to_end(key)
            return snapshot

    def _take(self, key: Hashable, take: Callable[[Session], T], now: datetime) -> _Snapshot:
        with self._database.reading() as session:
            snapshot = _Snapshot(newest_change=newest_id(session), content=take(session), taken_at=now)
        with self._mutex:
            self._kept[key] = snapshot
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return snapshot
