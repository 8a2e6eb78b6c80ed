"""Putting a visit right at the desk; they belong to the reception's area."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.accounts.roles import LEADS
from server.api import clock, database
from server.config import ServerSettings
from server.coverage import service as coverage
from server.errors import Refused, StaleVersion
from server.forms import read_form
from server.reception.correction_forms import CardForm, CorrectionForm, FeeForm, PapersForm, PayerForm
from server.reception.refused_forms import Typed
from server.reception.views import bp, conflict_page, refused_page
from server.registration import corrections
from server.registration.corrections import Act
from server.security import signed_in

__all__ = ["bp"]

F = TypeVar("F", bound=CorrectionForm)


@bp.post("/encounters/<uuid:encounter_id>/identity")
def confirm_identity(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, _: CorrectionForm, act: Act) -> None:
        corrections.confirm_identity(session, encounter_id, act)

    return _correct(encounter_id, CorrectionForm, work)


@bp.post("/encounters/<uuid:encounter_id>/card")
def change_card(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, form: CardForm, act: Act) -> None:
        corrections.change_card(session, encounter_id, form.card(), act, checks_insurance=_checks_insurance())

    return _correct(encounter_id, CardForm, work)


@bp.post("/encounters/<uuid:encounter_id>/papers")
def note_papers(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, form: PapersForm, act: Act) -> None:
        grounds = form.vouched_grounds()
        disease = coverage.read_shown_disease(session, encounter_id, form.disease, grounds, act)
        coverage.note_papers(session, encounter_id, form.papers(disease), act)

    return _correct(encounter_id, PapersForm, work)


@bp.post("/encounters/<uuid:encounter_id>/payer")
def change_payer(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, form: PayerForm, act: Act) -> None:
        corrections.change_payer(session, encounter_id, form.payer, act)

    return _correct(encounter_id, PayerForm, work)


@bp.post("/encounters/<uuid:encounter_id>/fee")
def change_fee(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, form: FeeForm, act: Act) -> None:
        corrections.change_fee(session, encounter_id, form.price_vnd, act)

    return _correct(encounter_id, FeeForm, work)


@bp.post("/encounters/<uuid:encounter_id>/cancel")
def cancel(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, _: CorrectionForm, act: Act) -> None:
        corrections.cancel_encounter(session, encounter_id, act)

    return _correct(encounter_id, CorrectionForm, work)


@bp.post("/encounters/<uuid:encounter_id>/restore")
def restore(encounter_id: UUID) -> ResponseReturnValue:
    def work(session: Session, _: CorrectionForm, act: Act) -> None:
        is_lead = signed_in().role in LEADS
        corrections.restore_encounter(session, encounter_id, act, is_lead=is_lead, checks_insurance=_checks_insurance())

    return _correct(encounter_id, CorrectionForm, work)


def _checks_insurance() -> bool:
    settings: ServerSettings = current_app.extensions["settings"]
    insurance = settings.server.insurance
    return insurance is not None and signed_in().facility in insurance.facilities


def _correct(encounter_id: UUID, kind: type[F], work: Callable[[Session, F, Act], None]) -> ResponseReturnValue:
    staff = signed_in()
    version = int(request.form.get("version", "0")) if request.form.get("version", "").isdecimal() else 0
    try:
        form = read_form(kind, request.form.to_dict())
        with database().begin() as session:
            work(session, form, Act(staff.facility, form.reason, form.version, staff.username, clock().now()))
    except StaleVersion:
        return conflict_page(encounter_id, version)
    except Refused as error:
        return refused_page(encounter_id, error, typed=Typed(request.endpoint or "", request.form))
    return redirect(url_for("reception.encounter", encounter_id=encounter_id, done="corrected"), HTTPStatus.SEE_OTHER)
