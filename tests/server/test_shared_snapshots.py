"""What is read once for many open pages, and never older than a page was told of."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from server import feed
from server.db import Database
from server.feed import find_newest_id
from server.snapshots import KEPT, KEPT_FOR, Snapshots
from tests.server.hospital import FACILITY, MORNING

PATIENCE_S = 60.0


class Camera:
    """Takes snapshots of the newest change's id, and counts them."""

    def __init__(self, database: Database) -> None:
        self.snapshots = Snapshots(database)
        self.taken = 0

    def look(self, key: str = "list", *, later: timedelta = timedelta(), holding: int | None = None) -> int:
        return self.snapshots.get(key, self.take, now=MORNING + later, holding=holding)

    def take(self, session: Session) -> int:
        self.taken += 1
        return feed.newest_id(session)


@pytest.fixture
def camera(hospital: Database) -> Camera:
    return Camera(hospital)


def change(database: Database) -> int:
    """Have something change and return the change's id."""
    with database.begin() as session:
        feed.publish(session, facility_code=FACILITY, topic="call", subject_id="A", at=MORNING)
    return find_newest_id(database)


def test_all_pages_share_a_snapshot_until_something_changes(camera: Camera, hospital: Database) -> None:
    assert camera.look() == camera.look() == camera.look()
    assert camera.taken == 1
    newest = change(hospital)
    assert camera.look() == newest
    assert camera.taken == 2


def test_a_page_that_was_told_of_a_change_gets_no_older_snapshot(camera: Camera, hospital: Database) -> None:
    told = change(hospital)
    camera.look()
    newest = change(hospital)
    assert camera.look(holding=told) == told  # all it knows of is in it
    assert camera.look(holding=newest) == newest
    assert camera.taken == 2


def test_what_changes_without_a_word_is_seen_a_second_later(camera: Camera, hospital: Database) -> None:
    camera.look()
    camera.look(later=KEPT_FOR - timedelta(milliseconds=1))
    assert camera.taken == 1
    camera.look(later=KEPT_FOR)
    assert camera.taken == 2
    camera.look(later=-timedelta(seconds=5))  # the clock was put back: no snapshot is of the future
    assert camera.taken == 3


def test_each_key_has_a_snapshot_of_its_own_and_those_used_last_are_kept(camera: Camera, hospital: Database) -> None:
    for number in range(KEPT):
        camera.look(str(number))
    camera.look("0")
    camera.look("one more")
    assert camera.taken == KEPT + 1
    camera.look("0")
    assert camera.taken == KEPT + 1
    camera.look("1")
    assert camera.taken == KEPT + 2


def test_pages_that_ask_while_a_snapshot_is_taken_wait_and_share_the_next(hospital: Database) -> None:
    snapshots = Snapshots(hospital)
    is_being_taken, may_go_on = threading.Event(), threading.Event()
    taken: list[int] = []

    def take(session: Session) -> int:
        taken.append(feed.newest_id(session))
        is_being_taken.set()
        assert may_go_on.wait(PATIENCE_S)
        return taken[-1]

    with ThreadPoolExecutor(5) as pages:
        first = pages.submit(snapshots.get, "list", take, now=MORNING)
        assert is_being_taken.wait(PATIENCE_S)
        newest = change(hospital)  # after the first one's view of the data was fixed
        others = [
            pages.submit(snapshots.get, "list", take, now=MORNING + timedelta(milliseconds=n)) for n in (40, 10, 30, 20)
        ]
        may_go_on.set()
        assert first.result(PATIENCE_S) < newest
        assert {other.result(PATIENCE_S) for other in others} == {newest}
    assert len(taken) == 2


def test_one_that_fails_is_not_kept(camera: Camera, hospital: Database) -> None:
    def fail(_: Session) -> int:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            camera.snapshots.get("list", fail, now=MORNING)
    camera.look()
    assert camera.taken == 1
