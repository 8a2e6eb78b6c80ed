"""The thread that keeps queues and promises while nobody presses anything: no-shows by rule, days that are over."""

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from server.appointments.no_shows import close_past_promises, has_promises_left_open
from server.background import Background
from server.clock import Clock
from server.config import ServerSettings
from server.db import Database
from server.domain.days import local_day
from server.queues.no_shows import close_past_days, find_absent, miss_if_absent, queues_left_open

PAUSE_S: Final = 10.0
"""Between two rounds; the rules count minutes. A round that finds nothing reads a few rows and writes none."""

_LOCK_FILE: Final = "queue-keeper.lock"


class Duty:
    """What one process of this machine does for all; the kernel hands it on when that process ends, however it ends.

    It saves work and no more: each round decides again under the queue's lock, so that servers on two machines with one
    database may both keep its queues.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def is_mine(self) -> bool:
        """Take the duty if nobody has it; return whether it is this one's."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def give_up(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class QueueKeeper:
    """Does what the rules ask for at a moment."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def look(self) -> None:
        """Go round once, over all facilities. Safe to run beside another one, and after any time off."""
        now = self._now()
        # Looking first keeps an idle server from taking SQLite's one write lock at each round.
        with self._database.reading() as session:
            absent = find_absent(session, now=now)
            left_open = queues_left_open(session, now=now)
            has_promises = has_promises_left_open(session, today=local_day(now))
        for ticket_id in absent:
            self._database.transact(partial(miss_if_absent, ticket_id=ticket_id, now=now))
        for queue_id in left_open:
            while self._database.transact(partial(close_past_days, queue_id=queue_id, now=now)):
                pass
        while has_promises and self._database.transact(partial(close_past_promises, now=now)):
            pass


def start_keeper(settings: ServerSettings, database: Database, clock: Clock) -> Background:
    """Return the running thread of this server process."""
    keeper, duty = QueueKeeper(database, now=clock.now), Duty(settings.server.data_dir / _LOCK_FILE)

    def work() -> float:
        if duty.is_mine():
            keeper.look()
        return PAUSE_S

    thread = Background("queue-keeper", work, pause_s=PAUSE_S)
    thread.start()
    return thread
