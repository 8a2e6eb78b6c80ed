"""The page for registration by hand, and the slip that ends it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID, uuid4

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.api import clock, database
from server.appointments.proposing import proposed_offers
from server.config import ServerSettings
from server.contract.v1 import IdentityEvidence, ServiceOffer
from server.desk.checks import Note, Situation, is_ready, notes_of
from server.desk.due import Due, due_appointments
from server.desk.entry import Entry, read_entry
from server.desk.filling import blank, from_hand_over
from server.desk.forms import LookForm, PersonKind, RegistrationForm
from server.desk.looking import Found, known_holder, look_up, note_shown, pick, unnoted
from server.desk.service import Desk, Registered, is_registered, look_at, register_by_hand
from server.desk.texts import TEXTS
from server.domain.catalogue import Payer
from server.domain.days import local_day
from server.domain.identity import IdentityAssurance, PersonIdentity, Sex, mask_number, replaces
from server.domain.priority import DECLARABLE
from server.domain.proposal import Placed
from server.domain.relations import Relationship
from server.errors import NotFound, Refused
from server.facilities.queries import facility_services
from server.fleet.hand_overs import close_draft, open_draft
from server.fleet.pairing import DESK_COOKIE, find_desk
from server.fleet.refused import settle_registered
from server.fleet.texts import TEXTS as FLEET_TEXTS
from server.forms import read_form, read_id
from server.pages import make_area, texts
from server.presenting import written_date, written_vnd
from server.printing.presenting import paper_of, words_of_slips
from server.printing.service import PrinterAtKiosk, find_printer, order_first, paper_work
from server.printing.slips import slip_of
from server.printing.texts import TEXTS as SLIP_TEXTS
from server.queues.service import live_ticket
from server.registration.overrides import get_encounter
from server.security import signed_in

bp = make_area("desk", __name__, TEXTS, SLIP_TEXTS, FLEET_TEXTS, url_prefix="/desk")

_MAY_GO_ON: Final = frozenset({"look.too_little", "look.nobody_of_beginning"})  # what was typed is typed further
FIRST_SLIP: Final = timedelta(minutes=10)
"""So long a visit's first slip is shown; afterwards a paper is a copy, and is marked as one."""


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {
        "kinds": list(PersonKind),
        "sexes": list(Sex),
        "payers": list(Payer),
        "grounds": DECLARABLE,
        "relationships": list(Relationship),
        "mask_number": mask_number,
        "said": _said,
        **words_of_slips(),
    }


@bp.get("")
def register() -> ResponseReturnValue:
    """Show an empty page; with ``person`` one for somebody on record, with ``draft`` for somebody from a kiosk."""
    desk = _desk()
    with database().begin() as session:
        form, kiosk = blank(), None
        if "person" in request.args:
            form = pick(session, form, read_id(request.args["person"]), desk, keeps_typed=False)
        elif "draft" in request.args:
            draft = open_draft(
                session, read_id(request.args["draft"]), facility=desk.facility,
                vault=current_app.extensions["vault"], by=desk.by, now=desk.now,
            )  # fmt: skip
            form, kiosk = from_hand_over(draft.content, draft.id), draft.kiosk
            holder = known_holder(session, form, desk)
            form = pick(session, form, holder, desk, keeps_typed=True) if holder else form
        return _page(session, Found(form), desk, kiosk=kiosk)


@bp.post("/look")
def look() -> ResponseReturnValue:
    """Look for somebody. A POST: names and numbers must not stand in addresses and their logs."""
    form, desk = read_form(LookForm, request.form.to_dict()), _desk()
    with database().begin() as session:
        return _page(session, look_up(session, form, desk), desk, look=form.look)


@bp.post("/notes")
def notes() -> ResponseReturnValue:
    """Return what should be known before the button is pressed, for a page that is being filled in."""
    form, desk = read_form(RegistrationForm, request.form.to_dict()), _desk()
    with database().reading() as session:
        situation = _situation(session, form, desk)
        has_news = bool(unnoted(session, situation, desk))
    if has_news:
        with database().begin() as session:
            note_shown(session, situation, desk)
    return render_template("desk/notes.html", form=form, notes=notes_of(situation), situation=situation)


@bp.post("")
def create() -> ResponseReturnValue:
    """Register, and show the slip; or show the page again with what is missing."""
    form, desk = read_form(RegistrationForm, request.form.to_dict()), _desk()
    with database().reading() as session:
        situation = _situation(session, form, desk)
        is_repeated = is_registered(session, form, situation.entry, desk)
    if not is_repeated and not is_ready(notes_of(situation)):
        return _again(form, desk), HTTPStatus.UNPROCESSABLE_ENTITY
    paired = None if is_repeated else request.cookies.get(DESK_COOKIE)
    try:
        done = database().transact(lambda session: _register(session, form, situation.entry, desk, paired))
    except Refused as error:
        code = f"refusal.{error.code}"
        fresh = form.model_copy(update={"request_key": uuid4()})
        return _again(fresh, desk, mistake=code if texts().has(code) else "error.422"), HTTPStatus.UNPROCESSABLE_ENTITY
    # Who had a number already keeps that paper; a copy of it is made, and marked, on the visit's own page.
    page = "reception.encounter" if done.had_number else "desk.visit"
    return redirect(url_for(page, encounter_id=done.encounter_id), HTTPStatus.SEE_OTHER)


@bp.get("/visits/<uuid:encounter_id>")
def visit(encounter_id: UUID) -> ResponseReturnValue:
    """Show a new visit's slip; later, or for a visit a kiosk gave a paper for, the visit itself with its copies."""
    desk = _desk()
    with database().begin() as session:
        encounter = get_encounter(session, encounter_id, facility=desk.facility)
        is_first = encounter.kiosk_id is None and desk.now - encounter.received_at <= FIRST_SLIP
        if not is_first:
            return redirect(url_for("reception.encounter", encounter_id=encounter_id), HTTPStatus.SEE_OTHER)
        slip = slip_of(session, live_ticket(session, encounter_id), copy=0)
        work = paper_work(session, facility=desk.facility, now=desk.now, encounter_id=encounter_id)
        printer = _own_printer(session, desk) if work.is_empty else None
        has_issues = any(issue.settled_at is None for issue in encounter.issues)
    return render_template(
        "desk/slip.html",
        encounter_id=encounter_id,
        has_issues=has_issues,
        work=work,
        printer=printer,
        **paper_of(slip),
    )


def _own_printer(session: Session, desk: Desk) -> PrinterAtKiosk | None:
    """Return the printer of the desk at which this browser stands; None without one."""
    devices = find_desk(session, request.cookies.get(DESK_COOKIE, ""), facility=desk.facility)
    return find_printer(session, devices.kiosk_id, facility=desk.facility, now=desk.now) if devices else None


def _register(session: Session, form: RegistrationForm, entry: Entry, desk: Desk, paired: str | None) -> Registered:
    """Register; the desk's own printer makes the slip where the browser holds that desk's secret, ``paired``."""
    evidence = _evidence_of_draft(session, form, entry.person, desk)
    done = register_by_hand(session, form, entry, desk, evidence=evidence)
    devices = find_desk(session, paired, facility=desk.facility) if paired else None
    if devices is not None and not done.had_number:
        order_first(
            session, encounter_id=done.encounter_id, kiosk_id=devices.kiosk_id, facility=desk.facility, by=desk.by,
            now=desk.now,
        )  # fmt: skip
    if form.draft is not None:
        close_draft(session, form.draft, facility=desk.facility, by=desk.by, now=desk.now)
        settle_registered(session, form.draft, facility=desk.facility, by=desk.by, now=desk.now)
    return done


def _evidence_of_draft(
    session: Session, form: RegistrationForm, person: PersonIdentity, desk: Desk
) -> IdentityEvidence | None:
    """Return what the kiosk had found out about this very person; None when staff typed somebody else's data."""
    if form.draft is None:
        return None
    try:
        draft = open_draft(
            session, form.draft, facility=desk.facility, vault=current_app.extensions["vault"], by=desk.by,
            now=desk.now,
        )  # fmt: skip
    except NotFound:
        return None  # used or expired meanwhile: the visit rests on what stands on the page
    read, evidence = draft.content.person, draft.content.evidence
    if evidence is None or (form.papers_seen and replaces(IdentityAssurance.STAFF, evidence.assurance)):
        return None
    if read is None or read.full_name != person.full_name or (read.born_on or None) != _text(person.born_on):
        return None
    shown = {(one.system, one.value) for one in read.identifiers}
    return evidence if shown <= {(one.system, one.value) for one in person.identifiers} else None


def _again(form: RegistrationForm, desk: Desk, mistake: str = "") -> str:
    with database().begin() as session:
        return _page(session, Found(form, message=mistake), desk, is_refused=True)


def _page(
    session: Session, found: Found, desk: Desk, *, look: str = "", kiosk: str | None = None, is_refused: bool = False
) -> str:
    form = found.form if found.form.request_key else found.form.model_copy(update={"request_key": uuid4()})
    situation = _situation(session, form, desk)
    note_shown(session, situation, desk)
    due = due_appointments(session, form.patient_id, facility=desk.facility, now=desk.now) if form.patient_id else ()
    is_begun = bool(is_refused or form.full_name or form.patient_id or form.personal_number)
    return render_template(
        "desk/register.html",
        form=form,
        found=found,
        look="" if found.people == () and found.message not in _MAY_GO_ON else look,
        kiosk=kiosk,
        due=due,
        offers=_offers(session, form, situation, due, desk),
        situation=situation,
        notes=notes_of(situation) if is_begun else [],
        wrong=situation.entry.mistakes if is_refused else {},
        is_refused=is_refused,
    )


def _offers(
    session: Session, form: RegistrationForm, situation: Situation, due: Sequence[Due], desk: Desk
) -> list[tuple[ServiceOffer, Placed]]:
    """Return the clinics in the order a kiosk would show them to this person."""
    offers = facility_services(session, desk.facility, kiosk_letter=None, now=desk.now).services
    person = situation.entry.person
    return proposed_offers(
        session, offers, facility=desk.facility, patient_id=form.patient_id, born_on=person.born_on, sex=person.sex,
        appointment=next((one.service for one in due if one.code == form.appointment), None), now=desk.now,
    )  # fmt: skip


def _situation(session: Session, form: RegistrationForm, desk: Desk) -> Situation:
    entry = read_entry(form, today=local_day(desk.now))
    return look_at(session, form, entry, desk)


def _said(note: Note) -> str:
    """Return a note in words."""
    t = texts()
    values = dict(note.values)
    if "clinic_name" in values:
        values["clinic"] = t.either(values["clinic_name"], values["clinic_name_en"])
    if "system" in values:
        values["number"] = t("number." + values["system"])
    if "payer" in values:
        values["payer"] = t("payer." + values["payer"])
        values |= {name: written_vnd(int(values[name])) for name in ("price_vnd", "now_vnd")}
    if "recorded" in values:
        of_field: dict[str, Callable[[str], str]] = {"born_on": written_date, "sex": lambda sex: t("sex." + sex)}
        write = of_field.get(values["field"], str)
        values["recorded"], values["field"] = write(values["recorded"]), t("compare." + values["field"])
    return t(f"{note.level.value}.{note.code}", **values)


def _desk() -> Desk:
    staff = signed_in()
    settings: ServerSettings = current_app.extensions["settings"]
    insurance = settings.server.insurance
    checks = insurance is not None and staff.facility in insurance.facilities
    return Desk(staff.facility, staff.username, clock().now(), checks_insurance=checks)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
