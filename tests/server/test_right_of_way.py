"""Registrations let pages go first, and not for ever."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from server.right_of_way import AT_ONCE, RightOfWay

PATIENCE_S = 10.0


@contextmanager
def registrations(way: RightOfWay, count: int, may_end: threading.Event) -> Iterator[threading.Semaphore]:
    """Yield what is counted up by each of ``count`` registrations that has begun; they go on until they may end."""
    begun = threading.Semaphore(0)

    def register() -> None:
        with way.crossing():
            begun.release()
            assert may_end.wait(PATIENCE_S)

    threads = [threading.Thread(target=register) for _ in range(count)]
    for thread in threads:
        thread.start()
    yield begun
    may_end.set()
    for thread in threads:
        thread.join()


def test_with_nobody_at_a_page_nothing_waits() -> None:
    way, may_end = RightOfWay(limit_s=PATIENCE_S), threading.Event()
    with way.looking():
        pass
    way.give_way()
    with registrations(way, 1, may_end) as begun:
        assert begun.acquire(timeout=PATIENCE_S)


def test_a_registration_goes_on_when_the_last_page_is_drawn() -> None:
    way, may_end = RightOfWay(limit_s=PATIENCE_S), threading.Event()
    way.begin_look()
    way.begin_look()
    with registrations(way, 1, may_end) as begun:
        way.end_look()
        assert not begun.acquire(timeout=0.05)
        way.end_look()
        assert begun.acquire(timeout=PATIENCE_S)


def test_pages_without_end_hold_a_registration_up_for_a_moment_only() -> None:
    way, may_end = RightOfWay(limit_s=0.01), threading.Event()
    with way.looking(), registrations(way, 1, may_end) as begun:
        assert begun.acquire(timeout=PATIENCE_S)


def test_few_registrations_compute_beside_each_other() -> None:
    way, may_end = RightOfWay(), threading.Event()
    with registrations(way, AT_ONCE + 3, may_end) as begun:
        for _ in range(AT_ONCE):
            assert begun.acquire(timeout=PATIENCE_S)
        assert not begun.acquire(timeout=0.05)
        may_end.set()
        for _ in range(3):
            assert begun.acquire(timeout=PATIENCE_S)
