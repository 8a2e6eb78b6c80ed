"""``/api/v1/appointments``: booked by other systems; ``/api/v1/visitors``: what a kiosk asks before a visit."""

from datetime import date
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from server.accounts.tokens import Scope
from server.api import (
    Operation,
    answer,
    clock,
    database,
    describe,
    device,
    integration,
    read_body,
    read_query,
    read_repeatable,
)
from server.appointments.models import Appointment
from server.appointments.service import Booking, as_value, book, cancel, get_appointment, rules_of
from server.appointments.slots import slots_of_day
from server.appointments.visitors import find_visitor
from server.contract.appointments import (
    AppointmentState,
    BookAppointment,
    CancelAppointment,
    FindVisitor,
    SlotMessage,
    SlotsOfDay,
    VisitorFound,
)
from server.contract.v1 import IDEMPOTENCY_HEADER, Code, Message
from server.domain.appointments import window
from server.domain.identity import PersonIdentity
from server.errors import Refused
from server.facilities.load import holidays_of
from server.patients.service import find_or_add_patient

bp = Blueprint("appointments_api", __name__, url_prefix="/api/v1")


class SlotQuery(Message):
    service: Code
    day: date


@bp.post("/visitors/find")
@describe(
    Operation(
        summary="Ask for the appointments and the last clinic of the person before this kiosk",
        body=FindVisitor,
        answers={200: VisitorFound},
        problems=(400, 413, 415, 422, 503),
    )
)
def find() -> ResponseReturnValue:
    """A POST, since numbers and codes must not stand in addresses and their logs."""
    sender = device()
    asked = read_body(FindVisitor)
    now = clock().now()
    if asked.code is None:
        with database().reading() as session:
            return answer(find_visitor(session, asked, facility=sender.facility, actor=sender.actor, now=now))
    with database().begin() as session:  # reading a letter's name leaves a trace
        return answer(find_visitor(session, asked, facility=sender.facility, actor=sender.actor, now=now))


@bp.get("/appointments/slots")
@describe(
    Operation(
        summary="List the bookable times of a service's clinic on a day, full ones too",
        query=SlotQuery,
        answers={200: SlotsOfDay},
        problems=(400, 403, 422, 503),
    )
)
def slots() -> ResponseReturnValue:
    sender = integration(Scope.APPOINTMENTS_READ)
    query = read_query(SlotQuery)
    with database().reading() as session:
        found = slots_of_day(session, sender.facility, query.service, query.day)
    times = tuple(SlotMessage(starts_at=one.starts_at, places_left=one.places_left) for one in found)
    return answer(SlotsOfDay(day=query.day, service=query.service, slots=times))


@bp.post("/appointments")
@describe(
    Operation(
        summary="Promise a time or a day to a person; safe to repeat with the same key",
        body=BookAppointment,
        headers={IDEMPOTENCY_HEADER: "The request_key of the body; a repetition gets the first appointment."},
        answers={201: AppointmentState},
        problems=(400, 403, 409, 413, 415, 422, 503),
    )
)
def create() -> ResponseReturnValue:
    sender = integration(Scope.APPOINTMENTS_WRITE)
    message = read_repeatable(BookAppointment)
    now = clock().now()

    def work(session: Session) -> AppointmentState:
        found = find_or_add_patient(
            session, _person_of(message), source="integration", facility=sender.facility, actor=sender.actor, now=now
        )
        appointment = book(
            session, _booking_of(message), patient_id=found.patient_id, facility=sender.facility, by=sender.actor,
            now=now,
        )  # fmt: skip
        return _state(session, appointment)

    return answer(database().transact(work), HTTPStatus.CREATED)


@bp.get("/appointments/<uuid:appointment_id>")
@describe(Operation(summary="Read one appointment", answers={200: AppointmentState}, problems=(403, 404, 503)))
def read_one(appointment_id: UUID) -> ResponseReturnValue:
    sender = integration(Scope.APPOINTMENTS_READ)
    with database().reading() as session:
        return answer(_state(session, get_appointment(session, appointment_id, facility=sender.facility)))


@bp.post("/appointments/<uuid:appointment_id>/cancel")
@describe(
    Operation(
        summary="Take an appointment back; safe to repeat",
        body=CancelAppointment,
        answers={200: AppointmentState},
        problems=(400, 403, 404, 409, 413, 415, 422, 503),
    )
)
def cancel_one(appointment_id: UUID) -> ResponseReturnValue:
    sender = integration(Scope.APPOINTMENTS_WRITE)
    message = read_body(CancelAppointment)
    if not message.reason:
        raise Refused("appointment.no_reason", "a reason must be given")
    now = clock().now()

    def work(session: Session) -> AppointmentState:
        cancelled = cancel(
            session, appointment_id, facility=sender.facility, reason=message.reason, by=sender.actor, now=now
        )
        return _state(session, cancelled)

    return answer(database().transact(work))


def _booking_of(message: BookAppointment) -> Booking:
    return Booking(
        request_key=message.request_key,
        service=message.service,
        starts_at=message.starts_at,
        due_on=message.due_on,
        doctor=message.doctor,
        number=message.number,
        from_encounter_id=message.from_encounter,
    )


def _person_of(message: BookAppointment) -> PersonIdentity:
    if not message.person.identifiers:
        # Without a number nothing ties the promise to one record: two people of one name would share it.
        raise Refused("person.no_number", "the person must be named with at least one number")
    return message.person.identity()


def _state(session: Session, appointment: Appointment) -> AppointmentState:
    facility = appointment.facility_code
    first, last = window(as_value(appointment), rules_of(session, facility), holidays_of(session, facility))
    return AppointmentState(
        id=appointment.id,
        code=appointment.code,
        status=appointment.status,
        source=appointment.source,
        service=appointment.service.code,
        doctor=appointment.practitioner.code if appointment.practitioner else None,
        due_on=appointment.due_on,
        starts_at=appointment.starts_at,
        valid_from=first,
        valid_to=last,
        number=appointment.number,
        encounter_id=appointment.encounter_id,
        short_code=appointment.short_code,
    )
