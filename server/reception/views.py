"""The pages of the reception desk."""

from datetime import date
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from flask import jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.accounts.roles import LEADS
from server.api import clock, database, snapshots
from server.coverage.texts import TEXTS as COVERAGE_TEXTS
from server.domain.catalogue import Payer
from server.domain.coverage import LivingArea
from server.domain.days import local_day
from server.domain.identity import fold_name
from server.domain.listed_diseases import rows_of
from server.domain.visit_coverage import Circumstance
from server.errors import Refused, StaleVersion
from server.fleet.calls import answer_call as note_answer
from server.fleet.calls import open_calls
from server.fleet.presenting import overview
from server.fleet.texts import TEXTS as FLEET_TEXTS
from server.forms import read_form, read_id
from server.live import change_told, facility_stream
from server.pages import make_area, texts
from server.presenting import written_percent, written_vnd
from server.printing.presenting import PRINTER_COOKIE, paper_of, slips_of, words_of_slips
from server.printing.service import order_copy
from server.printing.slips import get_slip
from server.printing.texts import TEXTS as SLIP_TEXTS
from server.queues.texts import GROUNDS
from server.reception.arrivals import (
    PAGE_LENGTH,
    ArrivalPage,
    Show,
    count_arrivals,
    find_arrivals,
    list_arrivals,
    list_clinics,
    list_places,
)
from server.reception.correction_texts import TEXTS as CORRECTION_TEXTS
from server.reception.dossier import TrailChange, changes_since, open_dossier
from server.reception.drawn_rows import DrawnList, draw_list
from server.reception.forms import ClinicForm, FilterForm, ReprintForm, SettleForm
from server.reception.presenting import CARD_LIGHTS, IDENTITY_LIGHTS
from server.reception.reading_texts import REASONS
from server.reception.refused_forms import NOTHING_TYPED, Typed
from server.reception.texts import TEXTS
from server.reception.values_in_words import nationality_in_words, told, usual_reasons, value_in_words, value_of
from server.registration.corrections import can_be_restored
from server.registration.overrides import change_service, reprint_ticket, settle_issue
from server.security import signed_in

bp = make_area(
    "reception",
    __name__,
    TEXTS,
    CORRECTION_TEXTS,
    REASONS,
    SLIP_TEXTS,
    FLEET_TEXTS,
    GROUNDS,
    COVERAGE_TEXTS,
    url_prefix="/reception",
)

_DONE: Final = {"moved": "change.done", "corrected": "correct.done", "priority": "issue.priority.done"}
_TOPICS: Final = frozenset({"encounter", "ticket", "staff-call", "kiosk", "hand-over"})


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {
        "identity_lights": IDENTITY_LIGHTS,
        "card_lights": CARD_LIGHTS,
        "value_of": value_of,
        "value_in_words": value_in_words,
        "nationality_in_words": nationality_in_words,
        "told": told,
        "usual_reasons": usual_reasons,
        "payers": list(Payer),
        "circumstances": list(Circumstance),
        "areas": list(LivingArea),
        "rows_of": rows_of,
        "fold_name": fold_name,
        "written_vnd": written_vnd,
        "written_percent": lambda percent: written_percent(percent, language=texts().language),
        "shows": [show for show in Show if show],
        **words_of_slips(),
    }


@bp.get("")
def arrivals() -> ResponseReturnValue:
    return _list_page(read_form(FilterForm, {"day": request.args.get("day", "")}))


@bp.post("/search")
def search() -> ResponseReturnValue:
    """Filter the list. A POST, since names and numbers must not stand in addresses and their logs."""
    form = read_form(FilterForm, request.form.to_dict())
    if "X-Fragment" not in request.headers:
        return _list_page(form)
    day = _day(form)
    return _rows(_list_of(form, day, holding=change_told()), day)


@bp.get("/rows")
def rows() -> ResponseReturnValue:
    """Return the named rows anew: what an open page asks for when it hears that something changed."""
    ids = [read_id(text) for text in request.args.getlist("id")[:PAGE_LENGTH]]
    facility, day, t = signed_in().facility, _day(read_form(FilterForm, {"day": request.args.get("day", "")})), texts()

    def take(session: Session) -> DrawnList:
        page = ArrivalPage(find_arrivals(session, facility=facility, day=day, ids=ids))
        return draw_list(page, count_arrivals(session, facility=facility, day=day))

    key = ("rows", facility, day, frozenset(ids), t.language)
    return _rows(snapshots().get(key, take, now=clock().now(), holding=change_told()), day)


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    return facility_stream(signed_in().facility, _TOPICS)


@bp.get("/calls")
def calls() -> ResponseReturnValue:
    facility = signed_in().facility
    found = snapshots().get(
        ("calls", facility), lambda session: open_calls(session, facility=facility), now=clock().now(),
        holding=change_told(),
    )  # fmt: skip
    return render_template("reception/calls.html", calls=found)


@bp.post("/calls/<uuid:call_id>/answer")
def answer_call(call_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        is_mine = note_answer(session, call_id, facility=staff.facility, by=staff.username, now=clock().now())
    notice = None if is_mine else "calls.taken"
    if "X-Fragment" in request.headers:
        with database().reading() as session:
            found = open_calls(session, facility=staff.facility)
        return render_template("reception/calls.html", calls=found, notice=notice)
    return redirect(url_for("reception.arrivals"), HTTPStatus.SEE_OTHER)


@bp.get("/encounters/<uuid:encounter_id>")
def encounter(encounter_id: UUID) -> ResponseReturnValue:
    done = request.args.get("done", "")
    return _encounter_page(encounter_id, notice=_DONE.get(done))


@bp.post("/encounters/<uuid:encounter_id>/clinic")
def change_clinic(encounter_id: UUID) -> ResponseReturnValue:
    form = read_form(ClinicForm, request.form.to_dict())
    staff = signed_in()
    try:
        with database().begin() as session:
            change_service(
                session,
                encounter_id=encounter_id,
                facility=staff.facility,
                service=form.service,
                reason=form.reason,
                version=form.version,
                by=staff.username,
                now=clock().now(),
            )
    except StaleVersion:
        return conflict_page(encounter_id, form.version, form)
    except Refused as error:
        return refused_page(encounter_id, error, form)
    return redirect(url_for("reception.encounter", encounter_id=encounter_id, done="moved"), HTTPStatus.SEE_OTHER)


@bp.post("/encounters/<uuid:encounter_id>/issues/<uuid:issue_id>")
def settle(encounter_id: UUID, issue_id: UUID) -> ResponseReturnValue:
    form = read_form(SettleForm, request.form.to_dict())
    staff = signed_in()
    try:
        with database().begin() as session:
            settle_issue(
                session,
                encounter_id=encounter_id,
                issue_id=issue_id,
                facility=staff.facility,
                decision=form.decision,
                by=staff.username,
                now=clock().now(),
            )
    except StaleVersion:
        return _encounter_page(encounter_id, mistake="change.conflict"), HTTPStatus.CONFLICT
    except Refused as error:
        return refused_page(encounter_id, error)
    return redirect(url_for("reception.encounter", encounter_id=encounter_id), HTTPStatus.SEE_OTHER)


@bp.post("/encounters/<uuid:encounter_id>/reprint")
def reprint(encounter_id: UUID) -> ResponseReturnValue:
    form = read_form(ReprintForm, {name: value for name, value in request.form.items() if value})
    staff = signed_in()
    address = url_for("reception.encounter", encounter_id=encounter_id)
    try:
        with database().begin() as session:
            if form.printer is not None:
                order_copy(
                    session,
                    encounter_id=encounter_id,
                    kiosk_id=form.printer,
                    facility=staff.facility,
                    copy=form.copy_number,
                    by=staff.username,
                    now=clock().now(),
                )
            else:
                ticket_id, copy = reprint_ticket(
                    session,
                    encounter_id=encounter_id,
                    facility=staff.facility,
                    copy=form.copy_number,
                    by=staff.username,
                    now=clock().now(),
                )
                address = url_for("reception.slip", encounter_id=encounter_id, ticket_id=ticket_id, copy=copy)
    except StaleVersion:
        return _encounter_page(encounter_id, mistake="change.conflict"), HTTPStatus.CONFLICT
    response = redirect(address, HTTPStatus.SEE_OTHER)
    chosen, year_s = str(form.printer or ""), 365 * 24 * 3600
    response.set_cookie(
        PRINTER_COOKIE, chosen, max_age=year_s, secure=request.is_secure, httponly=True, samesite="Strict"
    )
    return response


@bp.get("/encounters/<uuid:encounter_id>/slips/<uuid:ticket_id>/<int:copy>")
def slip(encounter_id: UUID, ticket_id: UUID, copy: int) -> ResponseReturnValue:
    with database().reading() as session:
        found = get_slip(session, ticket_id, facility=signed_in().facility, copy=copy)
    return render_template("reception/slip.html", encounter_id=encounter_id, **paper_of(found))


def _list_page(form: FilterForm) -> ResponseReturnValue:
    facility, now, day, t = signed_in().facility, clock().now(), _day(form), texts()

    def take(session: Session) -> dict[str, Any]:
        return {
            "clinics": list_clinics(session, facility=facility),
            "places": list_places(session, facility=facility),
            "calls": open_calls(session, facility=facility),
            "fleet": overview(session, t, facility=facility, now=now),
        }

    newest = snapshots().newest_change()
    return render_template(
        "reception/arrivals.html",
        list=_list_of(form, day, holding=newest),
        **snapshots().get(("desk", facility, t.language), take, now=now, holding=newest),
        today=local_day(now),
        form=form,
        day=day,
    )


def _list_of(form: FilterForm, day: date, *, holding: int | None) -> DrawnList:
    """Return what of a day's list is wanted; all desks that want everything share one, see ``Snapshots.get``."""
    facility, t = signed_in().facility, texts()

    def take(session: Session) -> DrawnList:
        wanted = form.wanted(today=local_day(clock().now()))
        page = list_arrivals(session, facility=facility, day=day, wanted=wanted, before=form.before)
        return draw_list(page, count_arrivals(session, facility=facility, day=day))

    if form.is_filtered or form.before is not None:
        with database().reading() as session:
            return take(session)
    return snapshots().get(("list", facility, day, t.language), take, now=clock().now(), holding=holding)


def _day(form: FilterForm) -> date:
    """Return the day whose list is wanted: today's unless another one was chosen."""
    return form.day or local_day(clock().now())


def _rows(found: DrawnList, day: date) -> ResponseReturnValue:
    return jsonify(
        day=day.isoformat(),
        rows=[{"id": row.id, "key": row.key, "html": row.html} for row in found.rows],
        totals=found.totals,
        more=found.has_more,
    )


def _encounter_page(
    encounter_id: UUID,
    *,
    notice: str | None = None,
    mistake: str | None = None,
    form: ClinicForm | None = None,
    typed: Typed = NOTHING_TYPED,
    changed: list[TrailChange] | None = None,
) -> str:
    staff = signed_in()
    now = clock().now()
    with database().begin() as session:
        dossier = open_dossier(session, encounter_id, facility=staff.facility, by=staff.username, now=now)
        chosen = request.cookies.get(PRINTER_COOKIE, "")
        slips = slips_of(session, encounter_id, facility=staff.facility, chosen=chosen, now=now)
        is_lead = staff.role in LEADS
        may_restore = can_be_restored(session, dossier.encounter, by=staff.username, is_lead=is_lead, now=now)
    t = texts()
    return render_template(
        "reception/encounter.html",
        d=dossier,
        slips=slips,
        notice=t(notice, label=dossier.ticket.label) if notice else None,
        mistake=t(mistake) if mistake else None,
        form=form,
        typed=typed,
        changed=changed,
        may_restore=may_restore,
        today=local_day(now),
    )


def conflict_page(encounter_id: UUID, version: int, form: ClinicForm | None = None) -> ResponseReturnValue:
    """Tell that a colleague was faster, and what they changed since the page with ``version`` was drawn."""
    with database().reading() as session:
        changed = changes_since(session, encounter_id, version, facility=signed_in().facility)
    return _encounter_page(encounter_id, form=form, changed=changed), HTTPStatus.CONFLICT


def refused_page(
    encounter_id: UUID, error: Refused, form: ClinicForm | None = None, typed: Typed = NOTHING_TYPED
) -> ResponseReturnValue:
    code = f"refusal.{error.code}"
    page = _encounter_page(encounter_id, mistake=code if texts().has(code) else "error.422", form=form, typed=typed)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY
