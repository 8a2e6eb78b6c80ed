"""Registrations let pages go first, and not for ever."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from server.right_of_way import RightOfWay

PATIENCE_S = 60.0


@contextmanager
def registration(way: RightOfWay) -> Iterator[threading.Event]:
    """Yield what is set when a registration goes on."""
    went_on = threading.Event()

    def register() -> None:
        way.give_way()
        went_on.set()

    thread = threading.Thread(target=register)
    thread.start()
    yield went_on
    thread.join(PATIENCE_S)


def test_with_nobody_at_a_page_nothing_waits() -> None:
    way = RightOfWay(limit_s=PATIENCE_S)
    with way.looking():
        pass
    with registration(way) as went_on:
        assert went_on.wait(PATIENCE_S / 2)


def test_a_registration_goes_on_when_the_last_page_is_drawn() -> None:
    way = RightOfWay(limit_s=PATIENCE_S)
    way.begin_look()
    way.begin_look()
    with registration(way) as went_on:
        way.end_look()
        assert not went_on.wait(0.05)
        way.end_look()
        assert went_on.wait(PATIENCE_S / 2)


def test_pages_without_end_hold_a_registration_up_for_a_moment_only() -> None:
    way = RightOfWay(limit_s=0.01)
    with way.looking(), registration(way) as went_on:
        assert went_on.wait(PATIENCE_S)
