"""The pages of a counter: choose a place once, then one key for each patient."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from itertools import groupby
from typing import Annotated, Any, Literal, TypedDict
from uuid import UUID

import sqlalchemy as sa
from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlalchemy.orm import Session

from server.api import clock, database
from server.counter.texts import TEXTS
from server.domain.codes import visit_code_in
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Clinic, Room
from server.feed import Change
from server.forms import Form, Line, read_form
from server.live import event_stream
from server.pages import make_area, texts
from server.queues.calling import Act, act_on, call_next, get_counter, get_todays_ticket, send_to_room
from server.queues.lines import line_of
from server.queues.models import Queue
from server.queues.service import services_elsewhere
from server.queues.slips import show_slip
from server.queues.standing import rule_in_force
from server.queues.texts import GROUNDS
from server.queues.undoing import undo
from server.registration.models import Encounter
from server.registration.overrides import change_service
from server.security import signed_in

bp = make_area("counter", __name__, TEXTS, GROUNDS, url_prefix="/counter")


class NextForm(Form):
    current: UUID | Literal[""] = ""  # empty: nobody was at the room


class ActForm(Form):
    act: Literal["recall", "start", "finish", "miss", "skip", "hold", "resume"]


class SendForm(Form):
    to: Annotated[str, Field(max_length=80, pattern=r"^(room:[0-9a-f-]{36}|service:[A-Za-z0-9._-]+)$")]
    reason: Line = ""


class UndoForm(Form):
    press_id: UUID


class SlipForm(Form):
    code: Annotated[str, Field(max_length=200)]


@bp.get("")
def places() -> ResponseReturnValue:
    with database().reading() as session:
        rows = session.execute(
            sa.select(Clinic, Queue, Room)
            .join(Queue, Queue.clinic_id == Clinic.id)
            .join(Room, Room.clinic_id == Clinic.id)
            .where(Clinic.facility_code == signed_in().facility)
            .order_by(Clinic.name, Clinic.id, Queue.letter, Room.name)
        ).all()
    clinics = [(clinic, list(group)) for clinic, group in groupby(rows, key=lambda row: row.Clinic)]
    return render_template("counter/places.html", clinics=clinics)


@bp.get("/<queue>/<uuid:room_id>")
def screen(queue: str, room_id: UUID) -> ResponseReturnValue:
    return _screen(queue, room_id)


@bp.get("/<queue>/<uuid:room_id>/state")
def state(queue: str, room_id: UUID) -> ResponseReturnValue:
    """Return what changes on the screen, for a page that is open."""
    return _state(queue, room_id)


@bp.get("/<queue>/<uuid:room_id>/stream")
def stream(queue: str, room_id: UUID) -> ResponseReturnValue:
    facility = signed_in().facility
    with database().reading() as session:
        place, _ = get_counter(session, facility=facility, queue=queue, room_id=room_id)
    queue_id = str(place.id)

    def is_ours(change: Change) -> bool:
        # A new arrival names its encounter, not its queue; a counter looks again, its page spares us a storm.
        return change.facility_code == facility and (change.topic != "call" or change.subject_id == queue_id)

    return event_stream(is_ours)


@bp.post("/<queue>/<uuid:room_id>/next")
def next_(queue: str, room_id: UUID) -> ResponseReturnValue:
    form = read_form(NextForm, request.form.to_dict())
    staff = signed_in()
    try:
        with database().begin() as session:
            ticket = call_next(
                session,
                facility=staff.facility,
                queue=queue,
                room_id=room_id,
                current=form.current or None,
                by=staff.username,
                now=clock().now(),
            )
    except StaleVersion:
        return _answer(queue, room_id, Notice("counter.conflict"), HTTPStatus.CONFLICT)
    return _answer(queue, room_id, None if ticket else Notice("counter.called_none"))


@bp.post("/<queue>/<uuid:room_id>/tickets/<uuid:ticket_id>")
def act(queue: str, room_id: UUID, ticket_id: UUID) -> ResponseReturnValue:
    form = read_form(ActForm, request.form.to_dict())
    what: Act = form.act
    return _try(queue, room_id, lambda session, asked: act_on(session, ticket_id, what, room_id=room_id, **asked))


@bp.post("/<queue>/<uuid:room_id>/tickets/<uuid:ticket_id>/send")
def send(queue: str, room_id: UUID, ticket_id: UUID) -> ResponseReturnValue:
    """Send a patient to another room of the queue, or to another clinic under a new number; the arrival counts on."""
    form = read_form(SendForm, request.form.to_dict())
    kind, _, where = form.to.partition(":")

    def work(session: Session, asked: Asked) -> Notice | None:
        if kind == "room":
            send_to_room(session, ticket_id, to_room=UUID(where), room_id=room_id, **asked)
            return None
        ticket = get_todays_ticket(session, ticket_id, facility=asked["facility"], now=asked["now"])
        encounter = session.get_one(Encounter, ticket.encounter_id)
        moved = change_service(
            session, encounter_id=encounter.id, service=where, reason=form.reason, version=encounter.version,
            is_being_served=True, **asked,
        )  # fmt: skip
        return Notice("counter.sent", {"label": moved.label})

    return _try(queue, room_id, work)


@bp.post("/<queue>/<uuid:room_id>/undo")
def undo_press(queue: str, room_id: UUID) -> ResponseReturnValue:
    form = read_form(UndoForm, request.form.to_dict())
    return _try(queue, room_id, lambda session, asked: undo(session, form.press_id, **asked))


@bp.post("/<queue>/<uuid:room_id>/slip")
def slip(queue: str, room_id: UUID) -> ResponseReturnValue:
    """Take a slip's code from a scanner or the keyboard: a number whose call was missed is back in line."""
    form = read_form(SlipForm, request.form.to_dict())
    code = visit_code_in(form.code)
    if code is None:
        return _answer(queue, room_id, Notice("counter.slip.unknown"))

    def work(session: Session, asked: Asked) -> Notice:
        by = asked["by"]
        try:
            shown = show_slip(session, code, facility=asked["facility"], by=by, actor=f"staff:{by}", now=asked["now"])
        except NotFound:
            return Notice("counter.slip.unknown")
        values = {"label": shown.ticket.label}
        return Notice("counter.slip.rejoined" if shown.rejoined else f"counter.slip.{shown.ticket.status}", values)

    return _try(queue, room_id, work)


class Asked(TypedDict):
    """Who asks for something at which moment."""

    facility: str
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the person at the counter."""

    code: str
    values: dict[str, str] = field(default_factory=dict)


def _try(queue: str, room_id: UUID, work: Callable[[Session, Asked], object]) -> ResponseReturnValue:
    """Do ``work`` in one transaction; what staff must know of a refusal stands above the new state."""
    staff = signed_in()
    asked = Asked(facility=staff.facility, by=staff.username, now=clock().now())
    try:
        with database().begin() as session:
            done = work(session, asked)
    except StaleVersion:
        return _answer(queue, room_id, Notice("counter.conflict"), HTTPStatus.CONFLICT)
    except Refused as error:
        code = f"refusal.{error.code}"
        if not texts().has(code):
            raise
        return _answer(queue, room_id, Notice(code), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _answer(queue, room_id, done if isinstance(done, Notice) else None)


def _answer(
    queue: str, room_id: UUID, notice: Notice | None = None, status: HTTPStatus = HTTPStatus.OK
) -> ResponseReturnValue:
    """Show the new state: to a page's script as a fragment, to a plain form by a page that can be reloaded."""
    if "X-Fragment" in request.headers:
        # The conflict is for the person to read, not an error of the script's: it is answered as a page would be.
        return _state(queue, room_id, notice)
    if notice is None:
        return redirect(url_for("counter.screen", queue=queue, room_id=room_id), HTTPStatus.SEE_OTHER)
    return _screen(queue, room_id, notice), status


def _screen(queue: str, room_id: UUID, notice: Notice | None = None) -> str:
    return render_template("counter/screen.html", **_values(queue, room_id, notice))


def _state(queue: str, room_id: UUID, notice: Notice | None = None) -> Response:
    return Response(render_template("counter/state.html", **_values(queue, room_id, notice)), mimetype="text/html")


def _values(queue: str, room_id: UUID, notice: Notice | None) -> dict[str, Any]:
    with database().reading() as session:
        place, room = get_counter(session, facility=signed_in().facility, queue=queue, room_id=room_id)
        line = line_of(session, place, room.id, now=clock().now())
        rule = rule_in_force(session, signed_in().facility).rule
        clinic = session.get_one(Clinic, place.clinic_id)
        rooms = [one for one in clinic.rooms if one.id != room.id]
        services = services_elsewhere(session, place)
    return {
        "queue": place,
        "room": room,
        "clinic": clinic,
        "line": line,
        "rule": rule,
        "notice": texts()(notice.code, **notice.values) if notice else None,
        "rooms": rooms,
        "services": services,
    }
