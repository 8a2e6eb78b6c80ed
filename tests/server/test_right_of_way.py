"""Registrations let pages go first, and not for ever."""

import threading

from server.right_of_way import RightOfWay

PATIENCE_S = 10.0


def test_with_nobody_at_a_page_nothing_waits() -> None:
    way = RightOfWay()
    with way.looking():
        pass
    way.give_way()


def test_a_registration_goes_on_when_the_last_page_is_drawn() -> None:
    way = RightOfWay(limit_s=PATIENCE_S)
    way.begin_look()
    way.begin_look()
    went_on = threading.Event()
    thread = threading.Thread(target=lambda: (way.give_way(), went_on.set()))
    thread.start()
    way.end_look()
    assert not went_on.wait(0.05)
    way.end_look()
    assert went_on.wait(PATIENCE_S)
    thread.join()


def test_pages_without_end_hold_a_registration_up_for_a_moment_only() -> None:
    way = RightOfWay(limit_s=0.01)
    with way.looking():
        way.give_way()  # returns
