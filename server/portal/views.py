"""``/t/<code>``: where a number stands. Public; the code of 100 random bits is all that opens it, and names nobody."""

from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus

import sqlalchemy as sa
from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.api import clock, database
from server.domain.codes import is_code
from server.domain.places import place_words
from server.domain.priority import MixingRule
from server.domain.queue import TicketStatus
from server.facilities.models import Room
from server.pages import make_area, texts
from server.portal.guesses import Guesses
from server.portal.texts import TEXTS
from server.queues.live_days import is_of_live_day
from server.queues.models import Ticket
from server.queues.service import Place, get_place
from server.queues.standing import Standing as Position
from server.queues.standing import rule_in_force, standing_of
from server.registration.models import Encounter

bp = make_area("portal", __name__, TEXTS)


@dataclass(frozen=True, slots=True)
class Standing:
    """All the page says; ``room`` is where the number was called to, otherwise where one waits."""

    label: str
    status: TicketStatus
    place: Place
    room: str
    position: Position | None
    has_priority: bool
    due_at: datetime | None  # a booked time that counts
    rule: MixingRule
    local_day: date
    is_today: bool
    as_of: datetime


@bp.get("/t/<code>")
def standing(code: str) -> ResponseReturnValue:
    return _page(code, "portal/standing.html")


@bp.get("/t/<code>/state")
def state(code: str) -> ResponseReturnValue:
    return _page(code, "portal/state.html")


def _page(code: str, template: str) -> ResponseReturnValue:
    now = clock().now()
    with database().reading() as session:
        found = _find(session, code.upper(), now)
    if found is None:
        return _unknown(now)
    return render_template(template, s=found, code=code, place_in_words=_place_in_words)


def _unknown(now: datetime) -> ResponseReturnValue:
    guesses: Guesses = current_app.extensions["guesses"]
    wait_s = guesses.count(request.remote_addr or "unknown", now)
    if wait_s is None:
        return render_template("portal/unknown.html", wait_s=None), HTTPStatus.NOT_FOUND
    page = render_template("portal/unknown.html", wait_s=wait_s)
    return page, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(wait_s)}


def _place_in_words(room: str, floor: str = "") -> str:
    t = texts()
    phrases = {"room_phrase": t("portal.room", name="{name}"), "floor_phrase": t("portal.floor", name="{name}")}
    return " · ".join(place_words(room, floor, **phrases))


def _find(session: Session, code: str, now: datetime) -> Standing | None:
    if not is_code(code):
        return None
    ticket = session.scalar(
        sa.select(Ticket)
        .join(Encounter, Encounter.id == Ticket.encounter_id)
        .where(Encounter.visit_code == code, Ticket.superseded_at.is_(None))
    )
    if ticket is None:
        return None
    place = get_place(session, ticket.queue_id)
    is_today = is_of_live_day(session, ticket, at=now)
    rule = rule_in_force(session, ticket.facility_code).rule
    called_to = session.get(Room, ticket.room_id) if ticket.room_id else None
    return Standing(
        label=ticket.label,
        status=ticket.status,
        place=place,
        room=called_to.name if called_to else place.room,
        position=standing_of(session, ticket, now=now) if is_today else None,
        has_priority=ticket.priority is not None,
        due_at=ticket.due_at if rule.walk_ins_per_booked and ticket.priority is None else None,
        rule=rule,
        local_day=ticket.local_day,
        is_today=is_today,
        as_of=now,
    )
