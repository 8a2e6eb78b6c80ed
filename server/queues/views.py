"""Pages on who goes before others: one person's priority, and the rule that mixes the lines."""

import re
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypedDict
from uuid import UUID

import sqlalchemy as sa
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server import audit
from server.api import clock, database
from server.domain.priority import DECLARABLE
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.models import Clinic
from server.forms import read_form
from server.pages import make_area, refusal, texts
from server.queues.forms import NoShowForm, PriorityForm, RuleForm, UsualGapForm
from server.queues.models import Queue
from server.queues.no_shows import no_show_rule_changes, no_show_rule_in_force, set_no_show_rule
from server.queues.priorities import claims_of, decide
from server.queues.rules import rule_changes, set_rule, set_usual_gap
from server.queues.service import live_ticket
from server.queues.standing import rule_in_force
from server.queues.texts import TEXTS
from server.registration.models import Encounter
from server.security import signed_in

bp = make_area("queues", __name__, TEXTS, menu="counter", url_prefix="/queues")

_UUID: Final = re.compile("[0-9a-f-]{36}")
_DONE: Final = {
    "rule": "rule.done",
    "no-shows": "rule.no_shows.done",
    "pace": "rule.saved",
    "priority": "priority.done",
}


@bp.get("/rule")
def rule() -> ResponseReturnValue:
    return _rule_page(notice=_DONE.get(request.args.get("done", "")))


@bp.post("/rule")
def change_rule() -> ResponseReturnValue:
    form = read_form(RuleForm, request.form.to_dict())
    return _change(form, lambda session, change: set_rule(session, form.rule, **change), done="rule")


@bp.post("/no-shows")
def change_no_shows() -> ResponseReturnValue:
    form = read_form(NoShowForm, request.form.to_dict())
    return _change(form, lambda session, change: set_no_show_rule(session, form.rule, **change), done="no-shows")


@bp.post("/pace")
def change_pace() -> ResponseReturnValue:
    form = read_form(UsualGapForm, request.form.to_dict())
    staff = signed_in()
    with database().begin() as session:
        set_usual_gap(
            session, facility=staff.facility, queue_id=form.queue_id, minutes=form.minutes or None, by=staff.username,
            now=clock().now(),
        )  # fmt: skip
    return redirect(url_for("queues.rule", done="pace"), HTTPStatus.SEE_OTHER)


@bp.get("/encounters/<uuid:encounter_id>/priority")
def priority(encounter_id: UUID) -> ResponseReturnValue:
    return _priority_page(encounter_id, notice=_DONE.get(request.args.get("done", "")))


@bp.post("/encounters/<uuid:encounter_id>/priority")
def decide_priority(encounter_id: UUID) -> ResponseReturnValue:
    form = read_form(PriorityForm, request.form.to_dict())
    staff = signed_in()
    try:
        with database().begin() as session:
            decide(
                session, encounter_id, form.ground, form.decision, facility=staff.facility, reason=form.reason,
                seen=form.seen, by=staff.username, now=clock().now(),
            )  # fmt: skip
    except StaleVersion:
        return _priority_page(encounter_id, mistake="priority.conflict"), HTTPStatus.CONFLICT
    except Refused as error:
        return _priority_page(encounter_id, mistake=refusal(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    values: dict[str, Any] = {"encounter_id": encounter_id, "done": "priority", **_counter()}
    # From the visit's page, where the decision was one of several, back to it.
    page = "reception.encounter" if form.is_from_visit else "queues.priority"
    return redirect(url_for(page, **values), HTTPStatus.SEE_OTHER)


class _Change(TypedDict):
    """Who changes a rule, when and why; ``seen`` as ``set_rule`` has it."""

    facility: str
    seen: UUID | None
    reason: str
    by: str
    now: datetime


def _change(
    form: RuleForm | NoShowForm, store: Callable[[Session, _Change], None], *, done: str
) -> ResponseReturnValue:
    """Store what a form says of a rule, or show the page again with what stands in the way."""
    staff = signed_in()
    change = _Change(
        facility=staff.facility, seen=form.seen or None, reason=form.reason, by=staff.username, now=clock().now()
    )
    try:
        with database().begin() as session:
            store(session, change)
    except StaleVersion:
        return _rule_page(mistake="rule.conflict"), HTTPStatus.CONFLICT
    except Refused as error:
        return _rule_page(mistake=refusal(error), typed=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("queues.rule", done=done), HTTPStatus.SEE_OTHER)


def _counter() -> dict[str, str]:
    """Return the counter from which somebody came, for the way back; empty from the desk."""
    queue, room_id = request.args.get("queue", ""), request.args.get("room_id", "")
    return {"queue": queue, "room_id": room_id} if queue and _UUID.fullmatch(room_id) else {}


def _rule_page(
    *, notice: str | None = None, mistake: str | None = None, typed: RuleForm | NoShowForm | None = None
) -> str:
    form = typed if isinstance(typed, RuleForm) else None
    no_shows = typed if isinstance(typed, NoShowForm) else None
    facility = signed_in().facility
    with database().reading() as session:
        queues = session.execute(
            sa.select(Queue, Clinic)
            .join(Clinic, Clinic.id == Queue.clinic_id)
            .where(Queue.facility_code == facility)
            .order_by(Queue.letter)
        ).all()
        in_force = rule_in_force(session, facility)
        changes = rule_changes(session, facility)
        no_shows_in_force = no_show_rule_in_force(session, facility)
        no_show_changes = no_show_rule_changes(session, facility)
    t = texts()
    return render_template(
        "queues/rule.html",
        in_force=in_force,
        shown=form.rule if form else in_force.rule,
        reason=form.reason if form else "",
        changes=changes,
        no_shows_in_force=no_shows_in_force,
        no_shows_shown=no_shows.rule if no_shows else no_shows_in_force.rule,
        no_shows_reason=no_shows.reason if no_shows else "",
        no_show_changes=no_show_changes,
        queues=queues,
        notice=t(notice) if notice else None,
        mistake=t(mistake) if mistake else None,
    )


def _priority_page(encounter_id: UUID, *, notice: str | None = None, mistake: str | None = None) -> str:
    staff = signed_in()
    with database().begin() as session:
        encounter = session.get(Encounter, encounter_id)
        if encounter is None or encounter.facility_code != staff.facility:
            raise NotFound("encounter.unknown", "the facility has no such encounter")
        audit.record(
            session, at=clock().now(), actor=f"staff:{staff.username}", action="encounter.read",
            subject_type="encounter", subject_id=encounter.id,
        )  # fmt: skip
        ticket = live_ticket(session, encounter.id)
        claims = claims_of(session, encounter.id)
        patient = encounter.patient
        full_name, birth_year = patient.full_name, (patient.born_on or "")[:4]
    t = texts()
    return render_template(
        "queues/priority.html",
        encounter=encounter,
        full_name=full_name,
        birth_year=birth_year,
        ticket=ticket,
        claims=claims,
        others=[ground for ground in DECLARABLE if ground not in {claim.ground for claim in claims}],
        counter=_counter(),
        notice=t(notice) if notice else None,
        mistake=t(mistake) if mistake else None,
    )
