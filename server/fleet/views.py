"""The kiosks as the desk sees them, and taking over who is stuck at one."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final, TypeVar
from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.accounts.sessions import Staff
from server.api import clock, database, snapshots
from server.contract.fleet import CommandKind
from server.errors import NotFound
from server.fleet.commands import DONE, get_command, get_kiosk, give_command, outcome
from server.fleet.hand_overs import HAS_NUMBER, close_draft, find_hand_over, get_hand_over, open_draft
from server.fleet.presenting import Overview, overview
from server.fleet.taking_over import TakenOver, take_over_at, take_over_call
from server.fleet.texts import TEXTS
from server.forms import read_id
from server.live import change_told, facility_stream
from server.pages import make_area, texts
from server.reception.texts import TEXTS as RECEPTION_TEXTS
from server.registration.queries import find_encounter_of_code
from server.security import signed_in

bp = make_area("fleet", __name__, TEXTS, RECEPTION_TEXTS, url_prefix="/kiosks")

TOPICS: Final = frozenset({"kiosk", "kiosk-command", "hand-over", "staff-call"})
_ASK_AGAIN_S: Final = 1
T = TypeVar("T")


@bp.get("")
def kiosks() -> ResponseReturnValue:
    fleet = _overview()
    told = request.args.get("told")
    name = next((tile.name for tile in fleet.tiles if str(tile.kiosk_id) == told), None)
    return render_template("fleet/kiosks.html", fleet=fleet, told=name, refused=sum(one.refused for one in fleet.tiles))


@bp.get("/table")
def table() -> ResponseReturnValue:
    return render_template("fleet/table.html", fleet=_overview())


@bp.get("/strip")
def strip() -> ResponseReturnValue:
    """Return what of the kiosks stands on the day's list: those that need somebody."""
    return render_template("fleet/strip.html", fleet=_overview())


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    return facility_stream(signed_in().facility, TOPICS)


@bp.post("/<uuid:kiosk_id>/take-over")
def take_over(kiosk_id: UUID) -> ResponseReturnValue:
    person = read_id(request.form.get("session", ""))

    def take(session: Session, staff: Staff, now: datetime) -> TakenOver:
        return take_over_at(session, kiosk_id, person=person, facility=staff.facility, by=staff.username, now=now)

    return _go_on(_run(take))


@bp.post("/calls/<uuid:call_id>/take-over")
def take_over_caller(call_id: UUID) -> ResponseReturnValue:
    """Answer a call by asking the person to the desk."""

    def take(session: Session, staff: Staff, now: datetime) -> TakenOver:
        return take_over_call(session, call_id, facility=staff.facility, by=staff.username, now=now)

    return _go_on(_run(take))


@bp.get("/commands/<uuid:command_id>")
def taking_over(command_id: UUID) -> ResponseReturnValue:
    """Wait for what the kiosk hands over; the page asks again by itself, without scripts."""
    staff, now = signed_in(), clock().now()
    with database().reading() as session:
        command = get_command(session, command_id, facility=staff.facility)
        kiosk = get_kiosk(session, command.kiosk_id, facility=staff.facility)
        handed = find_hand_over(session, facility=staff.facility, now=now, command_id=command_id)
        result = outcome(command, now=now)
    if handed is not None:
        return redirect(url_for("fleet.continue_", draft_id=handed.id))
    waits = result in {None, DONE}
    page = render_template("fleet/taking_over.html", kiosk=kiosk.name, waits=waits, mistake=_why_not(result))
    return page, HTTPStatus.OK, {"Refresh": str(_ASK_AGAIN_S)} if waits else {}


@bp.get("/hand-overs/<uuid:draft_id>")
def continue_(draft_id: UUID) -> ResponseReturnValue:
    """Lead to where the person's registration goes on: by hand, or at the visit they have already.

    It only notes who looked, so going back and again leads to the same place until the quarter of an hour is over.
    """
    staff, now = signed_in(), clock().now()
    with database().begin() as session:
        handed = get_hand_over(session, draft_id, facility=staff.facility, now=now)
        if handed.step != HAS_NUMBER:  # what was known is opened, and noted, by the page that shows it
            return redirect(url_for("desk.register", draft=draft_id))
        vault = current_app.extensions["vault"]
        draft = open_draft(session, draft_id, facility=staff.facility, vault=vault, by=staff.username, now=now)
        encounter_id = find_encounter_of_code(session, draft.content.visit_code or "", facility=staff.facility)
        if encounter_id is None:
            raise NotFound("encounter.unknown", "the visit has not reached the server yet")
    return redirect(url_for("reception.encounter", encounter_id=encounter_id))


@bp.post("/hand-overs/<uuid:draft_id>/drop")
def drop(draft_id: UUID) -> ResponseReturnValue:
    def close(session: Session, staff: Staff, now: datetime) -> None:
        get_hand_over(session, draft_id, facility=staff.facility, now=now)
        close_draft(session, draft_id, facility=staff.facility, by=staff.username, now=now)

    _run(close)
    return redirect(url_for("reception.arrivals"), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:kiosk_id>/end-session")
def end_session(kiosk_id: UUID) -> ResponseReturnValue:
    person = read_id(request.form.get("session", ""))
    return _order(kiosk_id, CommandKind.END_SESSION, session=str(person))


@bp.post("/<uuid:kiosk_id>/reload")
def reload_screen(kiosk_id: UUID) -> ResponseReturnValue:
    return _order(kiosk_id, CommandKind.RELOAD_SCREEN)


def _order(kiosk_id: UUID, kind: CommandKind, **arguments: str) -> ResponseReturnValue:
    def give(session: Session, staff: Staff, now: datetime) -> None:
        give_command(
            session, kiosk_id=kiosk_id, facility=staff.facility, kind=kind, by=staff.username, now=now,
            arguments=arguments,
        )  # fmt: skip

    _run(give)
    return redirect(url_for("fleet.kiosks", told=kiosk_id), HTTPStatus.SEE_OTHER)


def _run(work: Callable[[Session, Staff, datetime], T]) -> T:
    staff, now = signed_in(), clock().now()
    with database().begin() as session:
        return work(session, staff, now)


def _go_on(taken: TakenOver) -> ResponseReturnValue:
    if taken.hand_over is not None:
        return redirect(url_for("fleet.continue_", draft_id=taken.hand_over), HTTPStatus.SEE_OTHER)
    if taken.command is not None:
        return redirect(url_for("fleet.taking_over", command_id=taken.command), HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.register"), HTTPStatus.SEE_OTHER)


def _overview() -> Overview:
    facility, t, now = signed_in().facility, texts(), clock().now()
    return snapshots().get(
        ("fleet", facility, t.language),
        lambda session: overview(session, t, facility=facility, now=now),
        now=now,
        holding=change_told(),
    )


def _why_not(result: str | None) -> str | None:
    if result in {None, DONE}:
        return None
    t = texts()
    return t(f"taking.{result}" if t.has(f"taking.{result}") else "taking.failed")
