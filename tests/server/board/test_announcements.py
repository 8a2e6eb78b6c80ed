"""Displays ask the server before they speak: one call at a time in each area, in the order of the calls."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.accounts import tokens
from server.accounts.tokens import Scope
from server.board.speech import Clips, SpeechSection
from server.config import ServerSection
from server.contract.settings import Profile
from server.db import Database
from server.domain.announcing import call_clips, clips_for
from server.domain.speaking import TAKEN_OVER_AFTER, TURN_LIMIT
from server.queues.calling import act_on
from server.queues.models import Ticket, TicketCall
from tests.server.board.calls import call
from tests.server.hospital import FACILITY, MORNING, build_hospital
from tests.server.staff import Browser, SettableClock

HALL, DOOR = "a" * 32, "b" * 32


class Room:
    """A waiting room whose displays ask; ``data_dir`` holds the recorded pieces."""

    def __init__(self, database: Database, data_dir: Path, **speech: object) -> None:
        section = ServerSection(data_dir=data_dir, speech=SpeechSection.model_validate(speech))
        self.clock = SettableClock(MORNING + timedelta(minutes=1, seconds=1))
        self.browser = Browser(database, self.clock, section=section)

    def post(self, area: str = "all", **body: object) -> TestResponse:
        return self.browser.client.post(f"/board/{area}/announcements", json=body)

    def ask(self, display: str, *, area: str = "all", spoken: str | None = None) -> dict[str, Any]:
        answer = self.post(area, display=display, spoken=spoken)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        return found


@pytest.fixture
def room(morning: Database, tmp_path: Path) -> Room:
    """The waiting room just after 07:15, when the first are called."""
    return Room(morning, tmp_path)


def call_of(database: Database, ticket: Ticket) -> str:
    with database.reading() as session:
        found = session.scalars(
            sa.select(TicketCall.id).where(TicketCall.ticket_id == ticket.id).order_by(TicketCall.called_at.desc())
        )
        return str(found.first())


def test_calls_are_given_out_one_after_the_other_in_their_order(room: Room, hospital: Database) -> None:
    first, second = call(hospital, "NOI", "Phòng 101"), call(hospital, "NHI", "Phòng 102", minutes=1)
    calls = sorted([call_of(hospital, first), call_of(hospital, second)], key=lambda one: UUID(one))
    given = room.ask(HALL)
    assert given == {"call": {"id": calls[0], "clips": [], "is_rush": False}, "ask_again_s": None}
    assert room.ask(DOOR) == {"call": None, "ask_again_s": 2.0}  # the hall is being spoken to
    assert room.ask(HALL, spoken=calls[0])["call"]["id"] == calls[1]
    assert room.ask(HALL, spoken=calls[1]) == {"call": None, "ask_again_s": None}
    assert room.ask(DOOR) == {"call": None, "ask_again_s": None}


def test_another_display_takes_over_when_the_one_that_spoke_lets_a_call_lie(room: Room, hospital: Database) -> None:
    first = call(hospital, "NOI", "Phòng 101")
    room.ask(HALL)
    room.ask(HALL, spoken=call_of(hospital, first))
    second = call(hospital, "NHI", "Phòng 102")
    assert 0 < room.ask(DOOR)["ask_again_s"] <= TAKEN_OVER_AFTER.total_seconds()
    room.clock.pass_by(TAKEN_OVER_AFTER)
    assert room.ask(DOOR)["call"]["id"] == call_of(hospital, second)


def test_a_display_that_vanishes_while_it_speaks_holds_the_hall_up_for_a_while_only(
    room: Room, hospital: Database
) -> None:
    call(hospital, "NOI", "Phòng 101")
    room.ask(HALL)
    room.clock.pass_by(timedelta(seconds=20))
    later = call(hospital, "NHI", "Phòng 102")
    assert room.ask(DOOR)["call"] is None
    room.clock.pass_by(TURN_LIMIT - timedelta(seconds=20) + TAKEN_OVER_AFTER)
    assert room.ask(DOOR)["call"]["id"] == call_of(hospital, later)


def test_a_call_that_was_answered_before_its_turn_is_not_spoken(room: Room, hospital: Database) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    with hospital.begin() as session:
        act_on(session, ticket.id, "miss", facility=FACILITY, by="bac.si", now=MORNING + timedelta(minutes=1))
    assert room.ask(HALL) == {"call": None, "ask_again_s": None}


def test_a_repeated_call_is_spoken_again(room: Room, hospital: Database) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    first = room.ask(HALL)["call"]["id"]
    with hospital.begin() as session:
        act_on(session, ticket.id, "recall", facility=FACILITY, by="bac.si", now=MORNING + timedelta(seconds=61))
    again = room.ask(HALL, spoken=first)["call"]["id"]
    assert again != first


def test_each_area_has_an_announcer_of_its_own_however_its_address_is_written(room: Room, hospital: Database) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    for area in ("NOI", "all", "NHI+NOI"):
        assert room.ask(HALL, area=area)["call"]["id"] == call_of(hospital, ticket)
    assert room.ask(DOOR, area="NOI+NHI") == {"call": None, "ask_again_s": None}  # spoken there already
    assert room.ask(HALL, area="NHI") == {"call": None, "ask_again_s": None}  # of another clinic


def test_a_call_names_its_pieces_and_in_quiet_hours_nothing_is_given_out(
    room: Room, hospital: Database, tmp_path: Path
) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    quiet = Room(hospital, tmp_path, quiet=("07:00-08:00",))
    assert quiet.ask(HALL) == {"call": None, "ask_again_s": None}
    folder = Clips.of(tmp_path, SpeechSection()).folder
    folder.mkdir(parents=True)
    clips = Clips.of(tmp_path, SpeechSection())
    for name, words in clips_for(["Phòng 101"]).items():
        (folder / clips.file_name(name, words)).write_bytes(b"RIFF")
    addresses = room.ask(HALL)["call"]["clips"]
    assert len(addresses) == len(call_clips(ticket.label, "Phòng 101"))
    answer = room.browser.get(addresses[0])
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "audio/wav", b"RIFF")
    answer.close()


def test_of_displays_that_ask_at_the_same_moment_one_speaks(room: Room, hospital: Database) -> None:
    call(hospital, "NOI", "Phòng 101")
    call(hospital, "NHI", "Phòng 102")
    displays = [uuid4().hex for _ in range(6)]

    def ask(display: str) -> dict[str, Any]:
        client = room.browser.app.test_client()
        answer: dict[str, Any] = client.post("/board/all/announcements", json={"display": display}).get_json()
        return answer

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(ask, displays))
    assert sum(answer["call"] is not None for answer in answers) == 1
    assert sum(answer["ask_again_s"] is not None for answer in answers) == 5


def test_what_is_no_question_of_a_display_is_refused(room: Room) -> None:
    assert room.post(display="a' OR 1=1").status_code == 422
    assert room.post("MAT", display=HALL).status_code == 404
    form = room.browser.client.post("/board/all/announcements", data={"display": HALL})
    assert form.status_code == 422  # all that another site's page could send here


def test_a_display_that_is_told_to_be_silent_stays_so(room: Room) -> None:
    silent, loud = 'data-mute="yes"', 'data-mute=""'
    assert loud in room.browser.get("/board/all").text
    assert silent in room.browser.get("/board/all?sound=off").text
    assert silent in room.browser.get("/board/all").text  # switched on the next morning
    assert loud in room.browser.get("/board/all?sound=on").text
    assert loud in room.browser.get("/board/all").text


NO_KEY = "chưa được cấp khóa phát tiếng"


@pytest.fixture
def production(room: Room) -> Room:
    settings = room.browser.app.extensions["settings"]
    room.browser.app.extensions["settings"] = settings.model_copy(update={"profile": Profile.PRODUCTION})
    return room


def key_for(database: Database, *scopes: Scope, name: str = "Màn hình sảnh", facility: str = FACILITY) -> str:
    with database.begin() as session:
        _, key = tokens.create_token(session, facility=facility, name=name, scopes=scopes, by="quan.tri", now=MORNING)
        return key


def test_in_production_a_page_without_a_key_is_read_and_does_not_speak(production: Room, hospital: Database) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    page = production.browser.get("/board/all")
    assert ticket.label in page.text
    assert NO_KEY in page.text
    assert 'data-mute="yes"' in page.text
    assert production.post(display=HALL).status_code == 401
    assert production.post(display=HALL, spoken=call_of(hospital, ticket)).status_code == 401


def test_a_display_that_brought_its_key_speaks_until_the_key_is_revoked(production: Room, hospital: Database) -> None:
    ticket = call(hospital, "NOI", "Phòng 101")
    key = key_for(hospital, Scope.CALLS_SPEAK)
    kept = production.browser.client.post("/board/all/key", json={"key": key})
    assert kept.status_code == 204
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/board"):
        assert attribute in kept.headers["Set-Cookie"]
    page = production.browser.get("/board/all").text
    assert 'data-mute=""' in page
    assert key not in page
    assert production.ask(HALL)["call"]["id"] == call_of(hospital, ticket)
    with hospital.begin() as session:
        (row,) = tokens.list_tokens(session, facility=FACILITY)
        tokens.revoke_token(session, row.id, facility=FACILITY, by="quan.tri", now=MORNING)
    assert production.post(display=HALL).status_code == 401
    assert NO_KEY in production.browser.get("/board/all").text


def test_a_key_to_something_else_gives_no_voice(production: Room, hospital: Database) -> None:
    build_hospital(hospital, "79999")
    other_scope = key_for(hospital, Scope.METRICS_READ, name="Theo dõi")
    other_hospital = key_for(hospital, Scope.CALLS_SPEAK, facility="79999")
    for key, status in ((other_scope, 401), (other_hospital, 401), (f"tdi_{'x' * 43}", 401), ("mistyped", 401)):
        answer = production.browser.client.post(f"/board/all/key?facility={FACILITY}", json={"key": key})
        assert answer.status_code == status, key
        assert production.browser.client.get_cookie("tiepdon-display", path="/board") is None
