"""Who looks at a page goes before the machines' registrations: a page is short, and a person waits for it.

Python runs one thread of a process at a time. While 32 kiosks register as fast as they are answered a page gets its
turns between theirs: without this the median look took 19 to 27 ms, with it 14 to 19 (``bench/boards.py``, flat-out).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

GIVEN_WAY_S: Final = 0.05
"""How long a registration stands aside at one point of its way, whoever comes: desks that never stop looking must not
keep patients waiting."""


class RightOfWay:
    """Of one process; safe to use from any thread."""

    def __init__(self, *, limit_s: float = GIVEN_WAY_S) -> None:
        self._limit_s = limit_s
        self._changed = threading.Condition()
        self._lookers = 0

    def begin_look(self) -> None:
        with self._changed:
            self._lookers += 1

    def end_look(self) -> None:
        with self._changed:
            self._lookers -= 1
            if not self._lookers:
                self._changed.notify_all()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Run the block before those who give way."""
        self.begin_look()
        try:
            yield
        finally:
            self.end_look()

    def give_way(self) -> None:
        """Return when nobody looks at a page, after the limit at the latest.

        Letting two registrations compute at once, and the others wait, was tried beside it and gained nothing.
        """
        if not self._lookers:  # one read, without the lock: a looker who comes just now is given way the next time
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._lookers, self._limit_s)
