"""The display's page, its fragment and its stream; public, as whoever stands in the waiting room sees it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from flask import current_app, jsonify, make_response, render_template, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.api import clock, database, snapshots
from server.board import announcements
from server.board.announcements import SpokenCall, end_turn
from server.board.forms import AskTurn, BringKey, read_message
from server.board.keys import check_key, keep_key, may_speak
from server.board.service import Area, Display, find_area, read_display
from server.board.speech import CLIP_FILE, Clips, spans_of
from server.board.texts import TEXTS
from server.domain.announcing import is_quiet
from server.domain.days import VIETNAM
from server.domain.places import place_words
from server.domain.priority import MixingRule
from server.errors import NotFound, Unauthenticated
from server.feed import Change
from server.live import change_told, event_stream
from server.pages import make_area
from server.queues.standing import rule_in_force
from server.texts import Texts

_A_YEAR_S: Final = 365 * 24 * 3600
_SOUND_COOKIE: Final = "tiepdon-board-sound"

bp = make_area("board", __name__, TEXTS, url_prefix="/board")


@bp.get("/<area>")
def display(area: str) -> ResponseReturnValue:
    has_voice = may_speak(_facility(area))
    response = make_response(render_template("board/display.html", **_values(area), has_voice=has_voice))
    if wish := _sound_wish():
        response.set_cookie(
            _SOUND_COOKIE, wish, max_age=_A_YEAR_S, secure=request.is_secure, httponly=True, samesite="Strict"
        )
    return response


@bp.get("/<area>/state")
def state(area: str) -> ResponseReturnValue:
    return render_template("board/state.html", **_values(area))


@bp.get("/<area>/stream")
def stream(area: str) -> ResponseReturnValue:
    with database().reading() as session:
        found = _area(session, area)
    queues = {str(queue_id) for queue_id in found.queue_ids}

    def is_ours(change: Change) -> bool:
        # Arrivals change how many wait, and nothing that anybody walks by: the display learns them with the next call.
        return change.topic == "call" and change.subject_id in queues

    return event_stream(is_ours, is_public=True)


@bp.get("/speech/<file>")
def clip(file: str) -> ResponseReturnValue:
    """Return one recorded piece of a call; its name changes with its content, so it may be kept for ever."""
    if CLIP_FILE.fullmatch(file) is None:
        raise NotFound("board.unknown", "there is no such piece")
    response = send_from_directory(_clips().folder.resolve(), file, mimetype="audio/wav", max_age=_A_YEAR_S)
    response.headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
    return response


@bp.post("/<area>/key")
def bring_key(area: str) -> ResponseReturnValue:
    """Keep the key of a display as its cookie; 401 for what is none."""
    key = read_message(BringKey).key
    check_key(key, _facility(area))
    response = make_response("", HTTPStatus.NO_CONTENT)
    keep_key(response, key)
    return response


@bp.post("/<area>/announcements")
def take_turn(area: str) -> ResponseReturnValue:
    """Answer what a display is to speak now: ``call`` with its pieces, or after how long it shall ask again.

    For displays with a key (``server.board.keys``); of those, who asks is known by a word its page made for itself.
    Only JSON is listened to, which another site's page cannot send here.
    """
    message, now = read_message(AskTurn), clock().now()
    if not may_speak(_facility(area)):
        raise Unauthenticated("display.no_key", "only the hospital's own displays speak")
    if message.spoken is None:
        # Displays that listen to another one ask every other second: they need no turn among those who write.
        with database().reading() as session:
            answer = _answer(session, area, message.display, now, announcements.whose_turn)
        if not isinstance(answer, SpokenCall):
            return _told(answer)

    def take(session: Session) -> SpokenCall | timedelta | None:
        if message.spoken is not None:
            end_turn(session, _area(session, area), message.spoken, display=message.display, now=now)
        return _answer(session, area, message.display, now, announcements.take_turn)

    return _told(database().transact(take))


def _answer(
    session: Session, area: str, display: str, now: datetime, ask: Callable[..., SpokenCall | timedelta | None]
) -> SpokenCall | timedelta | None:
    return None if _is_quiet(now) else ask(session, _area(session, area), display=display, now=now)


def _told(answer: SpokenCall | timedelta | None) -> ResponseReturnValue:
    if isinstance(answer, SpokenCall):
        clips = [url_for("board.clip", file=file) for file in _clips().find_call(answer.label, answer.room)]
        call = {"id": str(answer.call_id), "clips": clips, "is_rush": answer.is_rush}
        return jsonify(call=call, ask_again_s=None)
    return jsonify(call=None, ask_again_s=None if answer is None else answer.total_seconds())


def _sound_wish() -> str | None:
    """Return what the address says of this display's sound, for now and for later; None where it says nothing."""
    wish = request.args.get("sound")
    return wish if wish in {"on", "off"} else None


def _area(session: Session, name: str) -> Area:
    return find_area(session, name, request.args.get("facility"))


def _facility(name: str) -> str:
    with database().reading() as session:
        return _area(session, name).facility


def _is_quiet(now: datetime) -> bool:
    speech = current_app.extensions["settings"].server.speech
    return is_quiet(now.astimezone(VIETNAM).time(), spans_of(speech.quiet))


def _clips() -> Clips:
    section = current_app.extensions["settings"].server
    return Clips.of(section.data_dir, section.speech)


def _values(name: str) -> dict[str, Any]:
    now, facility = clock().now(), request.args.get("facility")

    def take(session: Session) -> tuple[Display, MixingRule]:
        area = _area(session, name)
        display = read_display(session, area, now=now)
        return display, rule_in_force(session, area.facility).rule

    display, rule = snapshots().get(("board", name, facility), take, now=now, holding=change_told())
    speech = current_app.extensions["settings"].server.speech
    return {
        "area_name": name,
        "is_quiet": _is_quiet(now),
        "times": speech.times,
        "is_mute": (_sound_wish() or request.cookies.get(_SOUND_COOKIE)) == "off",
        "facility": facility,
        "display": display,
        "rule": rule,
        "room_words": _room_words,
        "vi": Texts("vi", TEXTS),
        "en": Texts("en", TEXTS),
    }


def _room_words(t: Texts, room: str) -> str:
    """Return where to go in one language: ``Room 101`` from "101" and "Phòng 101"; other names stay as they are."""
    return " ".join(place_words(room, "", room_phrase=t("board.place", name="{name}"), floor_phrase=""))
