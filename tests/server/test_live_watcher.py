"""The watcher behind live pages: what changed arrives, what was missed is said, and nothing is left running."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from threading import Event
from uuid import uuid4

import pytest

from server import feed
from server.db import Database
from server.feed import Change
from server.live import HISTORY_LENGTH, QUEUE_LENGTH, DatabaseFeed, Listener, Live, TooManyListeners
from tests.server.hospital import FACILITY, MORNING

NOW = datetime(2026, 11, 23, tzinfo=UTC)
DESK = uuid4()  # the session of whoever is signed in there
PATIENCE_S = 60.0  # far more than needed: what is awaited comes within milliseconds


class ScriptedFeed:
    """A feed in memory that can fail."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.is_broken = False
        self.was_read = Event()

    def add(self, subject: str, facility: str = FACILITY) -> None:
        self.changes.append(Change(len(self.changes) + 1, facility, "encounter", subject, NOW))

    def newest(self) -> int:
        return self.after(0)[-1].id if self.changes else 0

    def after(self, last_id: int) -> list[Change]:
        self.was_read.set()
        if self.is_broken:
            raise OSError("the database is gone")
        return [change for change in self.changes if change.id > last_id]


@pytest.fixture
def scripted() -> ScriptedFeed:
    return ScriptedFeed()


@pytest.fixture
def live(scripted: ScriptedFeed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    monkeypatch.setattr("server.live.UNWELL_PAUSE_S", 0.01)
    live = Live(scripted, max_listeners=3, interval_s=0.005, heartbeat_s=0.05)
    yield live
    live.stop()


def everything(_: Change) -> bool:
    return True


def wait_for(listener: Listener, name: str) -> list[str]:
    """Return what came, up to and with the first event of this name (or subject)."""
    seen: list[str] = []
    while True:
        events = listener.next_events(PATIENCE_S)
        assert events, f"{name} did not come; before it came {seen}"
        for event in events:
            lines = dict(line.split(": ", 1) for line in event.strip().split("\n"))
            seen.append(json.loads(lines["data"]).get("subject", lines["event"]))
        if name in seen:
            return seen


def begun(live: Live) -> Listener:
    """Return a listener that the watcher knows and has told to reset."""
    listener = live.listen(everything, session_id=DESK)
    wait_for(listener, "reset")
    return listener


def test_a_page_that_opens_is_told_to_fetch_everything_and_then_what_changes(
    live: Live, scripted: ScriptedFeed
) -> None:
    scripted.add("before anybody came")
    listener = live.listen(everything, session_id=DESK)
    assert wait_for(listener, "reset")[0] == "reset"
    settle(scripted.add, listener)
    scripted.add("A")
    assert wait_for(listener, "A") == ["A"]


def settle(add: Callable[[str], None], *listeners: Listener) -> None:
    """Return when the watcher has begun, and all that came of its beginning has been read."""
    for number in count():
        add(f"settled-{number}")  # one that is added before the watcher begins is part of the beginning
        if f"settled-{number}" in "".join(listeners[0].next_events(0.2) or []):
            break
    for listener in listeners[1:]:
        listener.next_events(0)


def test_changes_come_in_order_and_only_those_that_are_wanted(live: Live, scripted: ScriptedFeed) -> None:
    ours = live.listen(lambda change: change.facility_code == FACILITY, session_id=DESK)
    settle(scripted.add, ours)
    for subject, facility in [("A", FACILITY), ("B", "79999"), ("C", FACILITY)]:
        scripted.add(subject, facility)
    assert wait_for(ours, "C") == ["A", "C"]


def test_a_page_that_comes_back_gets_what_it_missed(live: Live, scripted: ScriptedFeed) -> None:
    stays = live.listen(everything, session_id=DESK)
    settle(scripted.add, stays)
    goes = live.listen(everything, session_id=DESK)
    scripted.add("A")
    wait_for(goes, "A")
    last = len(scripted.changes)
    live.leave(goes)
    scripted.add("B")
    scripted.add("C")
    wait_for(stays, "C")
    back = live.listen(everything, session_id=DESK, last_event_id=last)
    assert wait_for(back, "C") == ["B", "C"]


def test_a_page_that_was_away_too_long_is_told_to_fetch_everything(live: Live, scripted: ScriptedFeed) -> None:
    stays = live.listen(everything, session_id=DESK)
    settle(scripted.add, stays)
    for number in range(HISTORY_LENGTH + 10):
        scripted.add(str(number))
    wait_for(stays, str(HISTORY_LENGTH + 9))
    assert wait_for(live.listen(everything, session_id=DESK, last_event_id=1), "reset") == ["reset"]


def test_a_page_that_reads_too_slowly_loses_hints_and_is_told_so(live: Live, scripted: ScriptedFeed) -> None:
    slow, quick = live.listen(everything, session_id=DESK), live.listen(everything, session_id=DESK)
    settle(scripted.add, quick, slow)
    for number in range(QUEUE_LENGTH * 2):
        scripted.add(str(number))
    wait_for(quick, str(QUEUE_LENGTH * 2 - 1))
    events = slow.next_events(0)
    assert events
    assert "event: reset\n" in events[0]
    assert len(events) <= QUEUE_LENGTH + 1


def test_when_the_database_is_gone_pages_learn_it_and_when_it_is_back_they_fetch_everything(
    live: Live, scripted: ScriptedFeed
) -> None:
    listener = live.listen(everything, session_id=DESK)
    settle(scripted.add, listener)
    scripted.is_broken = True
    assert wait_for(listener, "stale")[-1] == "stale"
    scripted.add("meanwhile")
    scripted.is_broken = False
    assert wait_for(listener, "reset") == ["reset"]
    scripted.add("A")
    assert wait_for(listener, "A") == ["A"]


def test_nobody_listens_and_the_feed_is_left_alone(live: Live, scripted: ScriptedFeed) -> None:
    live.leave(begun(live))
    while scripted.was_read.is_set():  # one look may be under way
        scripted.was_read.clear()
        scripted.was_read.wait(0.05)
    assert not scripted.was_read.is_set()


def test_only_so_many_pages_may_listen_and_one_that_leaves_makes_room(live: Live) -> None:
    listeners = [live.listen(everything, session_id=DESK) for _ in range(3)]
    with pytest.raises(TooManyListeners):
        live.listen(everything, session_id=DESK)
    live.leave(listeners[0])
    live.listen(everything, session_id=DESK)


def test_pages_without_sign_in_leave_places_for_the_desks(scripted: ScriptedFeed) -> None:
    live = Live(scripted, max_listeners=4)
    displays = [live.listen(everything, session_id=None) for _ in range(3)]
    with pytest.raises(TooManyListeners):
        live.listen(everything, session_id=None)
    desk = live.listen(everything, session_id=DESK)
    live.leave(displays[0])
    live.leave(desk)
    live.listen(everything, session_id=None)
    live.stop()


def test_a_stream_beats_while_nothing_happens_and_gives_its_place_back(live: Live, scripted: ScriptedFeed) -> None:
    stream = live.stream(live.listen(everything, session_id=DESK))
    assert next(stream) == "retry: 2000\n\n"
    while "heartbeat" not in (text := next(stream)):
        assert "reset" in text
    assert text == "event: heartbeat\ndata: {}\n\n"
    del stream  # the web server closes it when the browser has gone
    for _ in range(3):
        live.listen(everything, session_id=DESK)


def test_a_stream_ends_with_its_lifetime(scripted: ScriptedFeed) -> None:
    live = Live(scripted, max_listeners=1, interval_s=0.005, heartbeat_s=0.01, lifetime_s=0.05)
    assert "retry" in "".join(live.stream(live.listen(everything, session_id=DESK)))
    live.stop()


def test_a_stream_ends_with_the_session_of_whoever_is_signed_in_and_no_other_does(scripted: ScriptedFeed) -> None:
    other_desk, is_over = uuid4(), Event()
    live = Live(
        scripted, max_listeners=4, interval_s=0.005, heartbeat_s=0.01,
        find_open=lambda sessions: [one for one in sessions if one != DESK or not is_over.is_set()],
    )  # fmt: skip
    ends = [live.listen(everything, session_id=DESK) for _ in range(2)]  # two pages of one browser
    stays = [live.listen(everything, session_id=session_id) for session_id in (other_desk, None)]
    settle(scripted.add, *ends, *stays)
    is_over.set()
    for listener in ends:
        while listener.next_events(PATIENCE_S) is not None:
            pass
    for listener in stays:
        assert listener.next_events(0) is not None
    live.stop()


def test_streams_end_when_the_process_is_asked_to_leave(live: Live) -> None:
    stream = live.stream(live.listen(everything, session_id=DESK))
    leaving = Event()
    live.end_when_false(lambda: not leaving.is_set())
    next(stream)
    leaving.set()
    list(stream)  # comes to its end
    with pytest.raises(TooManyListeners):
        live.listen(everything, session_id=DESK)


def test_a_committed_change_reaches_a_page_and_a_rolled_back_one_does_not(hospital: Database) -> None:
    live = Live(DatabaseFeed(hospital), max_listeners=2, interval_s=0.01)
    listener = live.listen(everything, session_id=DESK)

    def publish(subject: str) -> None:
        with hospital.begin() as session:
            feed.publish(session, facility_code=FACILITY, topic="encounter", subject_id=subject, at=MORNING)
            if subject == "lost":
                session.rollback()

    settle(publish, listener)
    publish("lost")
    publish("kept")
    assert "lost" not in wait_for(listener, "kept")
    live.stop()
