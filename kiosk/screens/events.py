"""The state stream: tells a page that the picture has changed, so that it fetches the new one.

Server-sent events rather than a socket: the browser reconnects by itself, and a page without scripts does without.
"""

import json
import threading
from collections.abc import Callable, Iterator
from typing import Final

from flask import Blueprint, Response, abort, request

from kiosk.screens.controls import Controls

KEEP_ALIVE_S: Final = 5.0
STREAM_LIFE: Final = 40
"""Messages and keep-alives after which a stream ends and the browser opens a new one: no thread is held for ever."""

MAX_STREAMS: Final = 8
"""Each stream holds one thread of the server; one screen needs one, a technician's laptop another."""


def event_stream(controls: Controls) -> Blueprint:
    """Return ``GET /events?after=REVISION``: one message for each revision after that one."""
    blueprint = Blueprint("events", __name__)
    places = threading.BoundedSemaphore(MAX_STREAMS)

    @blueprint.get("/events")
    def events() -> Response:
        after = _seen_revision()
        if not places.acquire(blocking=False):
            abort(503)
        response = Response(_messages(controls, after), mimetype="text/event-stream")
        # The place is given back when the server closes the response, also for a stream that never sent a byte.
        response.call_on_close(_once(places.release))
        response.headers["X-Accel-Buffering"] = "no"
        return response

    return blueprint


def _messages(controls: Controls, after: int) -> Iterator[str]:
    yield "retry: 1000\n\n"
    for _ in range(STREAM_LIFE):
        view = controls.wait_for_view(after, KEEP_ALIVE_S)
        if view.revision == after:
            yield ": still here\n\n"
            continue
        after = view.revision
        yield f"id: {after}\ndata: {json.dumps({'revision': after})}\n\n"


def _seen_revision() -> int:
    """The browser's own memory (Last-Event-ID, after a reconnect) goes before the address it first opened."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1


def _once(action: Callable[[], None]) -> Callable[[], None]:
    lock = threading.Lock()

    def run() -> None:
        if lock.acquire(blocking=False):
            action()

    return run
