"""The pages of a counter: choose a place once, then one key for each patient."""

from http import HTTPStatus
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from flask import Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.counter.texts import TEXTS
from server.errors import StaleVersion
from server.facilities.models import Clinic, Room
from server.feed import Change
from server.live import event_stream
from server.pages import make_area, texts
from server.queues.calling import Act, act_on, call_next, get_counter, line_of
from server.queues.models import Queue
from server.queues.standing import rule_in_force
from server.reception.forms import Form, read_form
from server.reception.presenting import clock_time
from server.security import signed_in

bp = make_area("counter", __name__, TEXTS, url_prefix="/counter")


class NextForm(Form):
    current: UUID | Literal[""] = ""  # empty: nobody was at the room


class ActForm(Form):
    act: Literal["recall", "start", "finish", "miss", "hold", "resume"]


@bp.context_processor
def _words_of_values() -> dict[str, Any]:
    return {"area": "counter", "clock_time": clock_time}


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

    return event_stream(current_app.extensions["live"], is_ours)


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
        return _answer(queue, room_id, "counter.conflict", HTTPStatus.CONFLICT)
    return _answer(queue, room_id, None if ticket else "counter.called_none")


@bp.post("/<queue>/<uuid:room_id>/tickets/<uuid:ticket_id>")
def act(queue: str, room_id: UUID, ticket_id: UUID) -> ResponseReturnValue:
    form = read_form(ActForm, request.form.to_dict())
    what: Act = form.act
    staff = signed_in()
    try:
        with database().begin() as session:
            act_on(session, ticket_id, what, facility=staff.facility, by=staff.username, now=clock().now())
    except StaleVersion:
        return _answer(queue, room_id, "counter.conflict", HTTPStatus.CONFLICT)
    return _answer(queue, room_id)


def _answer(
    queue: str, room_id: UUID, notice: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> ResponseReturnValue:
    """Show the new state: to a page's script as a fragment, to a plain form by a page that can be reloaded."""
    if "X-Fragment" in request.headers:
        # The conflict is for the person to read, not an error of the script's: it is answered as a page would be.
        return _state(queue, room_id, notice)
    if notice is None:
        return redirect(url_for("counter.screen", queue=queue, room_id=room_id), HTTPStatus.SEE_OTHER)
    return _screen(queue, room_id, notice), status


def _screen(queue: str, room_id: UUID, notice: str | None = None) -> str:
    return render_template("counter/screen.html", **_values(queue, room_id, notice))


def _state(queue: str, room_id: UUID, notice: str | None = None) -> Response:
    return Response(render_template("counter/state.html", **_values(queue, room_id, notice)), mimetype="text/html")


def _values(queue: str, room_id: UUID, notice: str | None) -> dict[str, Any]:
    with database().reading() as session:
        place, room = get_counter(session, facility=signed_in().facility, queue=queue, room_id=room_id)
        line = line_of(session, place, room.id, now=clock().now())
        rule = rule_in_force(session, signed_in().facility).rule
        clinic = session.get_one(Clinic, place.clinic_id)
    return {
        "queue": place,
        "room": room,
        "clinic": clinic,
        "line": line,
        "rule": rule,
        "notice": texts()(notice) if notice else None,
    }
