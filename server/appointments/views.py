"""The pages of the appointments: a day's list, booking for a person, the letter."""

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID, uuid4

import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from sqlalchemy.orm import Session

from server import audit
from server.api import clock, database
from server.appointments.agenda import agenda_of, bookable_services, letter_of
from server.appointments.forms import BookForm, CameForm, CancelForm, ChoiceForm, FindForm
from server.appointments.service import Booking, book, cancel
from server.appointments.slots import slots_of_day
from server.appointments.texts import TEXTS
from server.appointments.visitors import doctor_name
from server.domain.appointments import AppointmentStatus
from server.domain.codes import APPOINTMENT_PREFIX, written_short_code
from server.domain.days import VIETNAM, local_day
from server.domain.search import understand
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.queries import doctors_of
from server.forms import read_form
from server.pages import make_area, refusal, texts
from server.patients.models import Patient
from server.patients.search import search_patients
from server.presenting import Light
from server.registration.appointed import note_came
from server.security import signed_in

bp = make_area("appointments", __name__, TEXTS, url_prefix="/appointments")

NOTED_FOR: Final = timedelta(minutes=10)
"""Service, day and time are chosen on one page after the other: they are one look at the person."""

NOTICES: Final = ("cancelled", "came")

LIGHTS: dict[AppointmentStatus, Light] = {
    AppointmentStatus.BOOKED: "fair",
    AppointmentStatus.FULFILLED: "good",
    AppointmentStatus.CANCELLED: "warn",
    AppointmentStatus.NOSHOW: "warn",
}


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {
        "one_day": timedelta(days=1),
        "status_lights": LIGHTS,
        "doctor_name": doctor_name,
    }


@bp.get("")
def agenda() -> ResponseReturnValue:
    notice = next((one for one in NOTICES if one in request.args), None)
    return _agenda(_day(request.args.get("day", "")), notice=notice)


@bp.post("/find")
def find() -> ResponseReturnValue:
    """Look for a person. A POST: names and numbers must not stand in addresses and their logs."""
    form = read_form(FindForm, request.form.to_dict())
    staff = signed_in()
    with database().begin() as session:
        page = search_patients(session, understand(form.text))
        for one in page.people:
            audit.record(
                session, at=clock().now(), actor=f"staff:{staff.username}", action="patient.found",
                subject_type="patient", subject_id=one.patient_id,
            )  # fmt: skip
    return _agenda(local_day(clock().now()), text=form.text, people=page.people)


@bp.get("/new")
def new() -> ResponseReturnValue:
    """Show what can be booked for a person; with a service and a day, the times of that day."""
    try:
        form = ChoiceForm.model_validate(request.args.to_dict())
    except ValidationError as error:
        raise NotFound("appointment.unknown", "no such person or day") from error
    return _booking(form)


@bp.post("")
def create() -> ResponseReturnValue:
    form = read_form(BookForm, request.form.to_dict())
    staff = signed_in()
    booking = Booking(
        request_key=form.request_key,
        service=form.service,
        starts_at=form.slot or None,
        due_on=None if form.slot else form.day,
        doctor=form.doctor or None,
        number=form.number or None,
    )
    try:
        appointment = database().transact(
            lambda session: book(
                session, booking, patient_id=form.person, facility=staff.facility, by=f"staff:{staff.username}",
                now=clock().now(),
            )
        )  # fmt: skip
    except Refused as error:
        choice = ChoiceForm(person=form.person, service=form.service, day=form.day)
        return _booking(choice, mistake=texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("appointments.letter", appointment_id=appointment.id), HTTPStatus.SEE_OTHER)


@bp.get("/<uuid:appointment_id>/letter")
def letter(appointment_id: UUID) -> ResponseReturnValue:
    staff = signed_in()
    with database().begin() as session:
        found = letter_of(session, appointment_id, facility=staff.facility)
        audit.record(
            session, at=clock().now(), actor=f"staff:{staff.username}", action="appointment.read",
            subject_type="appointment", subject_id=appointment_id,
        )  # fmt: skip
        code = segno.make(APPOINTMENT_PREFIX + found.appointment.code, error="m", micro=False)
        picture = code.svg_inline(scale=5, border=4, omitsize=False, svgclass=None, lineclass=None)
        short = found.appointment.short_code
        return render_template(
            "appointments/letter.html", letter=found, a=found.appointment, picture=picture,
            short_code=written_short_code(short) if short else None,
        )  # fmt: skip


@bp.post("/<uuid:appointment_id>/came")
def came(appointment_id: UUID) -> ResponseReturnValue:
    """Put right that somebody came without showing their appointment: it is kept, by the visit they made."""
    form = read_form(CameForm, request.form.to_dict())
    staff, today = signed_in(), local_day(clock().now())
    try:
        with database().begin() as session:
            appointment = note_came(
                session, appointment_id, facility=staff.facility, version=form.version, by=f"staff:{staff.username}",
                now=clock().now(),
            )  # fmt: skip
            day = appointment.due_on
    except StaleVersion:
        return _agenda(today, mistake=texts()("conflict")), HTTPStatus.CONFLICT
    except Refused as error:
        return _agenda(today, mistake=texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("appointments.agenda", day=day.isoformat(), came=""), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:appointment_id>/cancel")
def cancel_one(appointment_id: UUID) -> ResponseReturnValue:
    form = read_form(CancelForm, request.form.to_dict())
    staff = signed_in()
    try:
        if not form.reason:
            raise Refused("appointment.no_reason", "a reason must be given")
        with database().begin() as session:
            appointment = cancel(
                session, appointment_id, facility=staff.facility, reason=form.reason, by=f"staff:{staff.username}",
                now=clock().now(), version=form.version,
            )  # fmt: skip
            day = appointment.due_on
    except StaleVersion:
        return _agenda(local_day(clock().now()), mistake=texts()("conflict")), HTTPStatus.CONFLICT
    except Refused as error:
        return _agenda(local_day(clock().now()), mistake=texts()(refusal(error))), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("appointments.agenda", day=day.isoformat(), cancelled=""), HTTPStatus.SEE_OTHER)


def _agenda(day: date, *, notice: str | None = None, mistake: str | None = None, **found: Any) -> str:
    with database().reading() as session:
        today = local_day(clock().now())
        promises = agenda_of(session, signed_in().facility, day, today=today)
        return render_template(
            "appointments/agenda.html",
            day=day,
            today=today,
            promises=promises,
            notice=notice,
            mistake=mistake,
            **found,
        )


def _booking(form: ChoiceForm, *, mistake: str | None = None) -> str:
    staff, today = signed_in(), local_day(clock().now())
    facility, day = staff.facility, form.day or today
    with database().begin() as session:
        person = session.get(Patient, form.person)
        if person is None:
            raise NotFound("patient.unknown", "there is no such person")
        _note_shown(session, person, by=staff.username)
        services = bookable_services(session, facility, day)
        is_chosen = bool(form.day) and any(one.code == form.service for one in services)
        return render_template(
            "appointments/book.html",
            person=person,
            services=services,
            doctors=doctors_of(session, facility, day),
            form=form,
            day=day,
            today=today,
            is_chosen=is_chosen,
            slots=slots_of_day(session, facility, form.service, day) if is_chosen else (),
            request_key=uuid4(),
            mistake=mistake,
            now=clock().now().astimezone(VIETNAM),
        )


def _note_shown(session: Session, person: Patient, *, by: str) -> None:
    """Note whose name the page shows, unless the same member of staff has just found or opened the record."""
    actor, now = f"staff:{by}", clock().now()
    is_noted = audit.is_noted(
        session, actor=actor, actions={"patient.found", "patient.read"}, subject_type="patient", subject_id=person.id,
        after=now - NOTED_FOR,
    )  # fmt: skip
    if not is_noted:
        audit.record(session, at=now, actor=actor, action="patient.read", subject_type="patient", subject_id=person.id)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return local_day(clock().now())
