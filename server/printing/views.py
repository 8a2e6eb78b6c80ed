"""Slips that somebody at the desk has to see to: papers that may not have come out, copies that did not print."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.api import clock, database
from server.fleet.texts import TEXTS as FLEET_TEXTS
from server.forms import Form, read_form
from server.live import facility_stream
from server.pages import make_area
from server.printing.presenting import words_of_slips
from server.printing.service import PaperWork, give_copy_by_hand, give_paper_by_hand, paper_work
from server.printing.texts import TEXTS
from server.reception.texts import TEXTS as RECEPTION_TEXTS
from server.security import signed_in

bp = make_area("printing", __name__, TEXTS, RECEPTION_TEXTS, FLEET_TEXTS, menu="reception", url_prefix="/slips")

_TOPICS: Final = frozenset({"kiosk", "kiosk-command", "paper", "staff-call"})


class OriginForm(Form):
    """``encounter``: whose page the button was on; None on the list of slips."""

    encounter: UUID | None = None


@bp.context_processor
def _template_values() -> dict[str, object]:
    return words_of_slips()


@bp.get("")
def papers() -> ResponseReturnValue:
    return render_template("printing/papers.html", work=_work())


@bp.get("/state")
def state() -> ResponseReturnValue:
    return render_template("printing/work.html", work=_work(), shows_names=True)


@bp.get("/encounters/<uuid:encounter_id>")
def of_encounter(encounter_id: UUID) -> ResponseReturnValue:
    """Return what became of a visit's papers: a part of its page, or the visit itself where the address was opened."""
    work = _work(encounter_id)
    if "X-Fragment" not in request.headers:
        return redirect(url_for("reception.encounter", encounter_id=encounter_id))
    return render_template("printing/work.html", work=work)


@bp.get("/stream")
def stream() -> ResponseReturnValue:
    return facility_stream(signed_in().facility, _TOPICS)


@bp.post("/encounters/<uuid:encounter_id>/given")
def paper_given(encounter_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        give_paper_by_hand(session, encounter_id, facility=staff.facility, by=staff.username, now=clock().now())
    return _back()


@bp.post("/copies/<uuid:order_id>/given")
def copy_given(order_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        give_copy_by_hand(session, order_id, facility=staff.facility, by=staff.username, now=clock().now())
    return _back()


def _work(encounter_id: UUID | None = None) -> PaperWork:
    with database().reading() as session:
        return paper_work(session, facility=signed_in().facility, now=clock().now(), encounter_id=encounter_id)


def _back() -> ResponseReturnValue:
    """Return to the page the button was on: the list of slips, or the encounter named by the form."""
    encounter_id = read_form(OriginForm, request.form.to_dict()).encounter
    if encounter_id is not None:
        return redirect(url_for("reception.encounter", encounter_id=encounter_id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("printing.papers"), HTTPStatus.SEE_OTHER)
