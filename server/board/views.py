"""The display's page, its fragment and its stream; public, as whoever stands in the waiting room sees it."""

from typing import Any

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.board.service import find_area, read_display
from server.board.texts import TEXTS
from server.domain.days import local_day
from server.domain.places import place_words
from server.feed import Change
from server.live import event_stream
from server.pages import make_area
from server.queues.standing import rule_in_force
from server.reception.presenting import clock_time
from server.texts import Texts

bp = make_area("board", __name__, TEXTS, url_prefix="/board")


@bp.get("/<area>")
def display(area: str) -> ResponseReturnValue:
    return render_template("board/display.html", **_values(area))


@bp.get("/<area>/state")
def state(area: str) -> ResponseReturnValue:
    return render_template("board/state.html", **_values(area))


@bp.get("/<area>/stream")
def stream(area: str) -> ResponseReturnValue:
    with database().reading() as session:
        found = find_area(session, area, request.args.get("facility"))
    queues = {str(queue_id) for queue_id in found.queue_ids}

    def is_ours(change: Change) -> bool:
        # Arrivals change how many wait, and nothing that anybody walks by: the display learns them with the next call.
        return change.topic == "call" and change.subject_id in queues

    return event_stream(current_app.extensions["live"], is_ours)


def _values(name: str) -> dict[str, Any]:
    now = clock().now()
    with database().reading() as session:
        area = find_area(session, name, request.args.get("facility"))
        display = read_display(session, area, day=local_day(now), now=now)
        rule = rule_in_force(session, area.facility).rule
    return {
        "area_name": name,
        "facility": request.args.get("facility"),
        "display": display,
        "clock_time": clock_time,
        "rule": rule,
        "room_words": _room_words,
        "vi": Texts("vi", (TEXTS,)),
        "en": Texts("en", (TEXTS,)),
    }


def _room_words(t: Texts, room: str) -> str:
    """Return where to go in one language: ``Room 101`` from "101" and "Phòng 101"; other names stay as they are."""
    return " ".join(place_words(room, "", room_phrase=t("board.place", name="{name}"), floor_phrase=""))
