"""Live pages: one thread per process watches the feed table and tells every connected page what changed.

An event is a hint without personal data ("encounter X changed"); the page fetches what it is allowed to see. A page
that comes back says which hint it saw last, and gets the later ones. When these are no longer known (a long absence, a
slow page, another process), it is told to ``reset``: to fetch everything again. ``stale`` says that we ourselves cannot
see the database at the moment.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from threading import Condition, Thread
from typing import Final, Protocol
from uuid import UUID

from flask import Response, current_app, request

from server.db import Database
from server.errors import Unavailable
from server.feed import Change, changes_after, newest_id
from server.security import signed_in

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "text/event-stream"
QUEUE_LENGTH: Final = 256
HISTORY_LENGTH: Final = 2048
READ_AT_ONCE: Final = 500
UNWELL_PAUSE_S: Final = 5.0
_PUBLIC_SHARE: Final = 0.75  # of all places, for pages without sign-in


class Feed(Protocol):
    """Where changes come from; used by the watcher's thread alone."""

    def newest(self) -> int:
        """Return the id of the newest change, 0 when there is none."""
        ...

    def after(self, last_id: int) -> list[Change]:
        """Return some of the oldest changes after ``last_id``, in order."""
        ...


class DatabaseFeed:
    """The feed table, whose ids are in the order of commits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self) -> int:
        with self._database.reading() as session:
            return newest_id(session)

    def after(self, last_id: int) -> list[Change]:
        with self._database.reading() as session:
            return changes_after(session, last_id, READ_AT_ONCE)


class TooManyListeners(Exception):
    """All places are taken; the page polls instead. Each listener holds one thread of the web server."""

    code = "live.too_many_listeners"


class Listener:
    """One connected page's queue of events; made by ``Live.listen``, read by one thread."""

    def __init__(self, wanted: Callable[[Change], bool], condition: Condition, *, session_id: UUID | None) -> None:
        self.session_id = session_id  # of whoever is signed in there; None for a page that nobody signs in to
        self._wanted = wanted
        self._condition = condition
        self._events: deque[str] = deque()
        self._ended = False

    # The methods below are called with the condition held.

    def offer(self, change: Change) -> None:
        if not self._wanted(change):
            return
        if len(self._events) >= QUEUE_LENGTH:
            self.reset(change.id)
        else:
            data = json.dumps({"topic": change.topic, "subject": change.subject_id})
            self._events.append(f"id: {change.id}\nevent: changed\ndata: {data}\n\n")

    def reset(self, newest_id: int) -> None:
        """Have the page fetch everything again, in a state that holds the change ``newest_id``."""
        self._events.clear()
        self._events.append(f"id: {newest_id}\nevent: reset\ndata: {{}}\n\n")

    def say_stale(self) -> None:
        self._events.append("event: stale\ndata: {}\n\n")

    def end(self) -> None:
        self._ended = True

    def next_events(self, timeout_s: float) -> list[str] | None:
        """Return what has come, an empty list after ``timeout_s`` without anything, None when the stream shall end."""
        with self._condition:
            self._condition.wait_for(lambda: self._events or self._ended, timeout_s)
            events = list(self._events)
            self._events.clear()
            return None if self._ended and not events else events


class Live:
    """The watcher of one process. Its thread starts with the first listener and sleeps while there is none."""

    def __init__(
        self,
        feed: Feed,
        *,
        max_listeners: int,
        interval_s: float = 0.5,
        heartbeat_s: float = 5.0,  # also how long the place of a page that left stays taken
        lifetime_s: float = 600.0,
        find_open: Callable[[Collection[UUID]], Collection[UUID]] = frozenset,  # all of them
    ) -> None:
        """``find_open`` tells which of some staff's sessions have not ended; asked as often as a heart beats."""
        self._feed = feed
        self._max_listeners = max_listeners
        self._interval_s = interval_s
        self._heartbeat_s = heartbeat_s
        self._lifetime_s = lifetime_s  # then the page connects anew, and its right to listen is looked at again
        self._find_open = find_open
        self._sessions_looked_at = 0.0  # time.monotonic
        self._condition = Condition()  # guards all below, and everything inside the listeners
        self._listeners: set[Listener] = set()
        self._history: deque[Change] = deque(maxlen=HISTORY_LENGTH)
        self._complete_after: int | None = None  # the history holds every change after this one; None: it holds none
        self._thread: Thread | None = None
        self._stopped = False
        self._is_alive: Callable[[], bool] = lambda: True

    def end_when_false(self, is_alive: Callable[[], bool]) -> None:
        """End all streams once ``is_alive`` turns false: a worker that is asked to leave waits for its open answers."""
        self._is_alive = is_alive

    def stop(self) -> None:
        with self._condition:
            self._stopped = True
            for listener in self._listeners:
                listener.end()
            self._condition.notify_all()

    def listen(
        self, wanted: Callable[[Change], bool], *, session_id: UUID | None, last_event_id: int | None = None
    ) -> Listener:
        """Return a listener for the wanted changes, with those after ``last_event_id`` already in it.

        It ends with the session of whoever is signed in. Without one the page is public, and some places are not for
        these (``_has_place``). It is given back by ``leave``, which the end of ``stream`` does.

        Raises TooManyListeners.
        """
        with self._condition:
            if self._stopped or not self._has_place(session_id):
                raise TooManyListeners
            listener = Listener(wanted, self._condition, session_id=session_id)
            self._catch_up(listener, last_event_id)
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="live-feed", daemon=True)
                self._thread.start()
            self._condition.notify_all()
            return listener

    def leave(self, listener: Listener) -> None:
        with self._condition:
            self._listeners.discard(listener)

    def stream(self, listener: Listener) -> Iterator[str]:
        """Yield the text of an event stream until the page leaves, the time is up or the process ends."""
        ends_at = time.monotonic() + self._lifetime_s
        try:
            yield "retry: 2000\n\n"
            while (left := ends_at - time.monotonic()) > 0:
                events = listener.next_events(min(self._heartbeat_s, left))
                if events is None:
                    return
                # A named event, since a page's script cannot see a comment and would not know that we are there.
                yield "".join(events) or "event: heartbeat\ndata: {}\n\n"
        finally:
            self.leave(listener)

    def _has_place(self, session_id: UUID | None) -> bool:
        """Whether one more may listen: a stranger who opens display after display must not take the desks' places."""
        if len(self._listeners) >= self._max_listeners:
            return False
        if session_id is not None:
            return True
        most = max(1, round(self._max_listeners * _PUBLIC_SHARE))
        return sum(one.session_id is None for one in self._listeners) < most

    def _catch_up(self, listener: Listener, last_event_id: int | None) -> None:
        if self._complete_after is None:
            listener.reset(0)  # and again by the first look, which knows the newest change
            return
        if last_event_id is None or last_event_id < self._complete_after:
            listener.reset(self._history[-1].id if self._history else self._complete_after)
            return
        for change in self._history:
            if change.id > last_event_id:
                listener.offer(change)

    def _watch(self) -> None:
        is_well = True
        while self._may_go_on():
            try:
                self._look()
                self._end_with_their_sessions()
            except Exception as error:
                # Whatever ails the database: the pages must learn it, and the watch must go on.
                if is_well:
                    log.warning("the feed cannot be read", extra={"code": "live.unreadable"}, exc_info=error)
                    self._tell_all(Listener.say_stale)
                    self._forget_history()  # the next look that succeeds tells everybody to reset
                is_well = False
                self._pause(UNWELL_PAUSE_S)
            else:
                is_well = True
                self._pause(self._interval_s)

    def _may_go_on(self) -> bool:
        """Sleep while nobody listens; return whether to look again."""
        with self._condition:
            if not self._listeners:
                self._forget_history()
                self._condition.wait_for(lambda: self._listeners or self._stopped)
        if not self._stopped and not self._is_alive():
            self.stop()
        return not self._stopped

    def _look(self) -> None:
        """Read what is new, once, and hand it out."""
        if self._complete_after is None:
            newest = self._feed.newest()
            with self._condition:
                self._complete_after = newest
                # They fetched before we began to watch: what came in between is in neither.
                self._tell_all(lambda listener: listener.reset(newest))
            return
        changes = self._feed.after(self._history[-1].id if self._history else self._complete_after)
        if not changes:
            return
        with self._condition:
            self._history.extend(changes)
            if len(self._history) == HISTORY_LENGTH:
                self._complete_after = self._history[0].id
            for listener in self._listeners:
                for change in changes:
                    listener.offer(change)
            self._condition.notify_all()

    def _end_with_their_sessions(self) -> None:
        """End the streams of whoever is signed out by now: the page asks again, and learns it."""
        if time.monotonic() - self._sessions_looked_at < self._heartbeat_s:
            return
        with self._condition:
            sessions = {one.session_id for one in self._listeners if one.session_id is not None}
        ended = sessions.difference(self._find_open(sessions)) if sessions else ()
        if ended:
            with self._condition:
                for listener in self._listeners:
                    if listener.session_id in ended:
                        listener.end()
                self._condition.notify_all()
        self._sessions_looked_at = time.monotonic()

    def _forget_history(self) -> None:
        with self._condition:
            self._history.clear()
            self._complete_after = None

    def _tell_all(self, tell: Callable[[Listener], None]) -> None:
        with self._condition:
            for listener in self._listeners:
                tell(listener)
            self._condition.notify_all()

    def _pause(self, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self._stopped, seconds)


def change_told() -> int | None:
    """Return the id of the newest change a page's script was told of, sent as ``after``; None from one that was not."""
    return _change_id(request.args.get("after", ""))


def _change_id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def facility_stream(facility: str, topics: Collection[str]) -> Response:
    """Return the answer to a page that listens for a facility's changes of some topics; see ``event_stream``."""
    return event_stream(lambda change: change.facility_code == facility and change.topic in topics)


def event_stream(wanted: Callable[[Change], bool], *, is_public: bool = False) -> Response:
    """Return the answer to a page that listens for ``wanted`` changes; raises Unavailable when all places are taken.

    ``is_public``: nobody signs in to the page; every other one's stream ends with its session.
    """
    live: Live = current_app.extensions["live"]
    last_id = _change_id(request.headers.get("Last-Event-ID", ""))
    try:
        session_id = None if is_public else signed_in().session_id
        listener = live.listen(wanted, session_id=session_id, last_event_id=last_id)
    except TooManyListeners as error:
        raise Unavailable(error.code) from error
    # X-Accel-Buffering: a proxy in front must pass each event on at once.
    response = Response(live.stream(listener), mimetype=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})
    # The answer to HEAD has no body: its stream never begins, and so never comes to its end.
    response.call_on_close(lambda: live.leave(listener))
    return response
