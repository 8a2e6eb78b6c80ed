"""The page of a day's figures, and its files."""

from datetime import date
from http import HTTPStatus

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from server import audit
from server.accounts.access import may
from server.accounts.sessions import Staff
from server.api import clock, database
from server.domain.days import local_day
from server.errors import NotFound, Refused
from server.facilities.models import Facility
from server.pages import make_area, texts
from server.presenting import written_date
from server.reception.correction_texts import TEXTS as CORRECTION_TEXTS
from server.reception.texts import TEXTS as RECEPTION_TEXTS
from server.reports import charts, figures
from server.reports.downloads import CSV_TYPE, XLSX_TYPE, csv_file, xlsx_file
from server.reports.tables import Report, clinic_names, shown, summary_of, tables_of
from server.reports.texts import TEXTS
from server.reports.visits import changes_of, days_around, promises_of, visits_of
from server.security import signed_in
from server.texts import Texts

bp = make_area("reports", __name__, TEXTS, RECEPTION_TEXTS, CORRECTION_TEXTS, url_prefix="/reports")


@bp.get("")
def day() -> ResponseReturnValue:
    staff, t = signed_in(), texts()
    report = _read(staff, _wanted_day(request.args.get("day")))
    with database().reading() as session:
        around = days_around(session, report.day, facility=staff.facility)
    today = local_day(report.as_of)
    return render_template(
        "reports/day.html",
        report=report,
        total=report.total,
        tables=tables_of(report, t, with_visits=_sees_visits(staff)),
        shown=shown,
        pictures=_pictures(report, t),
        today=today,
        first_day=min(around.first or today, today),
        before=around.before,
        after=around.after or (today if report.day < today else None),
    )


@bp.post("/<form>")
def export(form: str) -> ResponseReturnValue:
    """Give a table as CSV or all of them as a workbook; each download is an audited act."""
    staff, t = signed_in(), texts()
    if form not in {"csv", "xlsx"}:
        raise NotFound("report.form", "a report is given as csv or xlsx")
    report = _read(staff, _wanted_day(request.form.get("day")))
    tables = tables_of(report, t, with_visits=_sees_visits(staff))
    wanted = request.form.get("table", "") if form == "csv" else "all"
    chosen = next((table for table in tables if table.code == wanted), None)
    if form == "csv" and chosen is None:
        raise NotFound("report.table", "there is no such table")
    with database().begin() as session:
        audit.record(
            session, at=clock().now(), actor=f"staff:{staff.username}", action="report.exported",
            subject_type="facility", subject_id=staff.facility,
            details={"day": report.day.isoformat(), "table": wanted, "form": form},
        )  # fmt: skip
    name = f"tiepdon-{staff.facility}-{report.day.isoformat()}-{wanted}.{form}"
    if chosen is None:
        heading = f"{report.facility_name} · {t('report.title')} {written_date(report.day)}"
        content = xlsx_file([summary_of(report, t), *tables], heading=heading)
    else:
        content = csv_file(chosen, t.language)
    return Response(
        content,
        HTTPStatus.OK,
        content_type=XLSX_TYPE if chosen is None else CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _read(staff: Staff, wanted: date) -> Report:
    now = clock().now()
    with database().reading() as session:
        facility = session.get_one(Facility, staff.facility)
        visits = visits_of(session, facility=staff.facility, day=wanted)
        changes = changes_of(session, facility=staff.facility, day=wanted)
        promises = promises_of(session, facility=staff.facility, day=wanted)
    return Report(texts().either(facility.name, facility.name_en), wanted, now, visits, changes, promises)


def _wanted_day(text: str | None) -> date:
    """Return the day asked for, today without one; raises Refused for what is no day or lies ahead."""
    today = local_day(clock().now())
    if not text:
        return today
    try:
        wanted = date.fromisoformat(text)
    except ValueError as error:
        raise Refused("form.invalid", "not a day") from error
    return min(wanted, today)


def _sees_visits(staff: Staff) -> bool:
    """Whether the tables with a line for each visit are shown: to who may open the visits themselves."""
    return may(staff.role, "reception.encounter")


def _pictures(report: Report, t: Texts) -> dict[str, charts.Columns | charts.Bars]:
    hours = figures.by_hour(report.visits)
    names = [f"{hour}h" for hour in hours]
    clinics = figures.by_clinic(report.visits)
    names_of = clinic_names(report, t)
    return {
        "hours": charts.columns(
            names, [[one.insured for one in hours.values()], [one.not_insured for one in hours.values()]]
        ),
        "waits": charts.columns(names, [[one.waits.median_min if one.waits else 0 for one in hours.values()]]),
        "clinics": charts.bars([names_of[code] for code in clinics], [one.arrived for one in clinics.values()]),
    }
