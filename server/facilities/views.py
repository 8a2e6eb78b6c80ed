"""The pages of the clinics: the day's rooms and doctors, and the catalogue."""

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.domain.catalogue import ClinicState, DutySession, Hours
from server.domain.days import local_day
from server.errors import Refused
from server.facilities.day import plan_of_day, services_with_prices
from server.facilities.forms import CapacityForm, CloseForm, DutyForm, ReopenForm
from server.facilities.rooms import close_room, reopen_room, set_capacity
from server.facilities.roster import set_duty
from server.facilities.texts import TEXTS
from server.forms import read_form, read_id
from server.pages import make_area, refusal, texts
from server.presenting import Light
from server.security import signed_in

bp = make_area("facilities", __name__, TEXTS, url_prefix="/clinics")

LIGHTS: dict[ClinicState, Light] = {
    ClinicState.OPEN: "good",
    ClinicState.LATER: "fair",
    ClinicState.OVER: "fair",
    ClinicState.NOT_TODAY: "fair",
    ClinicState.CLOSED: "warn",
    ClinicState.NO_DOCTOR: "warn",
    ClinicState.FULL: "bad",
}


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {"state_lights": LIGHTS, "sessions": list(DutySession), "hours_words": _hours_words}


@bp.get("")
def day() -> ResponseReturnValue:
    return _page(_asked_day(), done="done" in request.args)


@bp.get("/catalogue")
def catalogue() -> ResponseReturnValue:
    with database().reading() as session:
        services = services_with_prices(session, signed_in().facility)
        return render_template("facilities/catalogue.html", services=services)


@bp.post("/rooms/<uuid:room_id>/duty")
def change_duty(room_id: UUID) -> ResponseReturnValue:
    form = read_form(DutyForm, request.form.to_dict())
    doctors = [read_id(text) for text in request.form.getlist("doctor") if text]
    staff = signed_in()
    try:
        with database().begin() as session:
            set_duty(
                session, facility=staff.facility, room_id=room_id, day=form.day, on_duty=form.on_duty, doctors=doctors,
                by=f"staff:{staff.username}", now=clock().now(),
            )  # fmt: skip
    except Refused as error:
        return _refused(error, form.day)
    return _done(form.day)


@bp.post("/rooms/<uuid:room_id>/close")
def close(room_id: UUID) -> ResponseReturnValue:
    form = read_form(CloseForm, request.form.to_dict())
    staff = signed_in()
    try:
        with database().begin() as session:
            close_room(
                session, facility=staff.facility, room_id=room_id, day=form.day, reason=form.reason, by=staff.username,
                now=clock().now(),
            )  # fmt: skip
    except Refused as error:
        return _refused(error, form.day)
    return _done(form.day)


@bp.post("/closures/<uuid:closure_id>/end")
def reopen(closure_id: UUID) -> ResponseReturnValue:
    form = read_form(ReopenForm, request.form.to_dict())
    staff = signed_in()
    with database().begin() as session:
        reopen_room(
            session, facility=staff.facility, closure_id=closure_id, by=staff.username, now=clock().now()
        )  # fmt: skip
    return _done(form.day)


@bp.post("/rooms/<uuid:room_id>/capacity")
def change_capacity(room_id: UUID) -> ResponseReturnValue:
    form = read_form(CapacityForm, request.form.to_dict())
    staff = signed_in()
    with database().begin() as session:
        set_capacity(
            session, facility=staff.facility, room_id=room_id, tables=form.tables,
            visits_per_table=form.visits_per_table or None, by=staff.username, now=clock().now(),
        )  # fmt: skip
    return _done(form.day)


def _hours_words(hours: Sequence[Hours] | None) -> str:
    """Return a clinic's hours of a day as people write them; None: it is open always."""
    t = texts()
    if hours is None:
        return t("clinics.hours.always")
    words = [
        t(
            "clinics.hours.over_midnight" if one.ends_next_day else "clinics.hours.span",
            opens=f"{one.opens:%H:%M}", closes=f"{one.closes:%H:%M}",
        )
        for one in hours
    ]  # fmt: skip
    return t("clinics.hours", hours=", ".join(words)) if words else t("clinics.hours.none")


def _asked_day() -> date:
    today = local_day(clock().now())
    try:
        return date.fromisoformat(request.args.get("day", "")) if request.args.get("day") else today
    except ValueError:
        return today


def _page(shown: date, *, done: bool = False, mistake: str | None = None) -> str:
    now = clock().now()
    with database().reading() as session:
        plan = plan_of_day(session, signed_in().facility, shown, now=now)
        return render_template(
            "facilities/day.html",
            plan=plan,
            is_past=shown < local_day(now),
            notice=texts()("clinics.done") if done else None,
            mistake=mistake,
        )


def _done(shown: date) -> ResponseReturnValue:
    return redirect(url_for("facilities.day", day=shown.isoformat(), done=""), HTTPStatus.SEE_OTHER)


def _refused(error: Refused, shown: date) -> ResponseReturnValue:
    return _page(shown, mistake=texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
