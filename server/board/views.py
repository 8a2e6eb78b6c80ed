"""The display's page, its fragment and its stream; public, as whoever stands in the waiting room sees it."""

from typing import Any, Final

from flask import current_app, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.board.service import find_area, read_display
from server.board.speech import CLIP_FILE, Clips, spans_of
from server.board.texts import TEXTS
from server.domain.announcing import is_quiet
from server.domain.days import VIETNAM, local_day
from server.domain.places import place_words
from server.errors import NotFound
from server.feed import Change
from server.live import event_stream
from server.pages import make_area
from server.queues.standing import rule_in_force
from server.texts import Texts

_A_YEAR_S: Final = 365 * 24 * 3600

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


@bp.get("/speech/<file>")
def clip(file: str) -> ResponseReturnValue:
    """Return one recorded piece of a call; its name changes with its content, so it may be kept for ever."""
    if CLIP_FILE.fullmatch(file) is None:
        raise NotFound("board.unknown", "there is no such piece")
    response = send_from_directory(_clips().folder.resolve(), file, mimetype="audio/wav", max_age=_A_YEAR_S)
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
    return response


def _clips() -> Clips:
    section = current_app.extensions["settings"].server
    return Clips.of(section.data_dir, section.speech)


def _values(name: str) -> dict[str, Any]:
    now = clock().now()
    with database().reading() as session:
        area = find_area(session, name, request.args.get("facility"))
        display = read_display(session, area, day=local_day(now), now=now, clips=_clips())
        rule = rule_in_force(session, area.facility).rule
    speech = current_app.extensions["settings"].server.speech
    return {
        "area_name": name,
        "is_quiet": is_quiet(now.astimezone(VIETNAM).time(), spans_of(speech.quiet)),
        "times": speech.times,
        "is_mute": request.args.get("voice") == "off",
        "facility": request.args.get("facility"),
        "display": display,
        "rule": rule,
        "room_words": _room_words,
        "vi": Texts("vi", (TEXTS,)),
        "en": Texts("en", (TEXTS,)),
    }


def _room_words(t: Texts, room: str) -> str:
    """Return where to go in one language: ``Room 101`` from "101" and "Phòng 101"; other names stay as they are."""
    return " ".join(place_words(room, "", room_phrase=t("board.place", name="{name}"), floor_phrase=""))
