"""The auditor's page: who did what, whether the log is whole, and a file to take away.

The auditor alone: administrators make accounts, and must not see who looks at what they do.
"""

from http import HTTPStatus
from typing import Final

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server import audit
from server.accounts.sessions import Staff
from server.actors import names_of
from server.api import clock, database
from server.auditing import presenting
from server.auditing.action_texts import TEXTS as ACTION_TEXTS
from server.auditing.actions import Kind, actions_of
from server.auditing.checks import check_newest, standing
from server.auditing.forms import DAYS_AT_ONCE, FilterForm, PersonForm
from server.auditing.texts import TEXTS, VALUES
from server.auditing.trail import Filter, read_all, read_page
from server.auditing.visibility import stays_at
from server.domain.days import local_day
from server.domain.search import NameQuery, NothingToSearch, understand
from server.errors import Refused
from server.forms import read_form
from server.pages import make_area, texts
from server.patients.search import search_patients
from server.reports.downloads import CSV_TYPE, csv_file
from server.security import signed_in

bp = make_area("auditing", __name__, TEXTS, ACTION_TEXTS, VALUES, url_prefix="/audit")

MOST_IN_A_FILE: Final = 10_000


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {
        "kinds": [(kind, actions_of(kind)) for kind in Kind],
        "presenting": presenting,
        "most": MOST_IN_A_FILE,
    }


@bp.get("")
def trail() -> ResponseReturnValue:
    return _page(read_form(FilterForm, request.args.to_dict()))


@bp.post("/person")
def find_person() -> ResponseReturnValue:
    """Find whose number was typed. A POST: numbers must not stand in addresses and their logs."""
    query = understand(read_form(PersonForm, request.form.to_dict()).number)
    if isinstance(query, NameQuery | NothingToSearch):
        return _page(FilterForm(), mistake="person.number"), HTTPStatus.UNPROCESSABLE_ENTITY
    with database().reading() as session:
        found = search_patients(session, query, limit=2).people
    if len(found) != 1:
        mistake = "person.several" if found else "person.none"
        return _page(FilterForm(), mistake=mistake), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("auditing.trail", person=found[0].patient_id), HTTPStatus.SEE_OTHER)


@bp.post("/check")
def check() -> ResponseReturnValue:
    """Look at the lines nobody has checked yet, as many as can be while somebody waits."""
    check_newest(database(), by=_actor(signed_in()), now=clock().now())
    return redirect(url_for("auditing.trail"), HTTPStatus.SEE_OTHER)


@bp.post("/csv")
def export() -> ResponseReturnValue:
    """Give the lines that were asked for as a file; raises Refused when they are too many for one."""
    staff, now = signed_in(), clock().now()
    asked, _ = read_form(FilterForm, request.form.to_dict()).understood(local_day(now))
    with database().reading() as session:
        lines = list(read_all(session, asked, facility=staff.facility, most=MOST_IN_A_FILE + 1))
    if len(lines) > MOST_IN_A_FILE:
        raise Refused("audit.too_many", f"more than {MOST_IN_A_FILE} lines")
    _note(staff, "audit.exported", asked, {"lines": len(lines)})
    name = f"tiepdon-{staff.facility}-audit-{asked.first_day.isoformat()}-{asked.last_day.isoformat()}.csv"
    t = texts()
    return Response(
        csv_file(presenting.table_of(lines, t), t.language),
        HTTPStatus.OK,
        content_type=CSV_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(form: FilterForm, *, mistake: str | None = None) -> str:
    staff, now = signed_in(), clock().now()
    asked, is_shortened = form.understood(local_day(now))
    with database().reading() as session:
        page = read_page(session, asked, facility=staff.facility, after=form.after)
        checked = standing(session)
        stays = stays_at(session, staff.facility)
        names = names_of(session, [checked.newest.by] if checked.newest else [])
    _note(staff, "audit.read", asked, {"after": form.after})
    return render_template(
        "auditing/trail.html",
        form=form,
        asked=asked,
        page=page,
        checked=checked,
        checked_by=presenting.who(checked.newest.by, names.get(checked.newest.by), texts()) if checked.newest else "",
        people={stay.user.username: stay.user.full_name for stay in stays},
        today=local_day(now),
        days_at_once=DAYS_AT_ONCE if is_shortened else None,
        mistake=mistake,
    )


def _note(staff: Staff, action: str, asked: Filter, more: audit.Details) -> None:
    subject = ("facility", staff.facility)
    if asked.person is not None:
        subject = ("patient", str(asked.person))
    elif asked.record is not None:
        subject = asked.record
    what = asked.action or (asked.kind.value if asked.kind else None)
    details = {"from": str(asked.first_day), "to": str(asked.last_day), "staff": asked.staff, "what": what, **more}
    with database().begin() as session:
        audit.record(
            session, at=clock().now(), actor=_actor(staff), action=action, subject_type=subject[0],
            subject_id=subject[1], details={name: value for name, value in details.items() if value is not None},
        )  # fmt: skip


def _actor(staff: Staff) -> str:
    return f"staff:{staff.username}"
