"""Registering an arrival: one command, one transaction, exactly one encounter.

The kiosk does not know the outcome of a request that got no answer. It repeats it with the same key, from its journal,
for as long as it takes; meanwhile it may have put a number of its own on paper, which then comes along as
``offline_ticket``. So the key finds the encounter, the command without that ticket proves that the key is not used for
something else, and the number on paper is the one that counts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.contract.v1 import (
    EncounterRegistered,
    FacilityServices,
    InsuranceClaim,
    OfflineTicket,
    RegisterEncounter,
)
from server.db import claim, insert_row, new_row
from server.domain.days import local_day
from server.domain.documents import ExpiredDocuments
from server.domain.encounter import EncounterStatus, IssueCode, Unverified
from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity
from server.domain.priority import PriorityGround, ground_by_age
from server.domain.queue import TicketStatus
from server.errors import Forbidden, Refused
from server.facilities.models import Clinic, Room, Service
from server.fleet.service import Device
from server.insurance.requests import request_check
from server.patients.models import Patient
from server.patients.service import FoundPatient, find_or_add_patient
from server.prepared import Prepared
from server.queues.models import Queue, QueueService, Ticket
from server.queues.priorities import declare
from server.queues.service import (
    PLACE_COLUMNS,
    Holder,
    Place,
    find_offline,
    get_place,
    holder_like,
    issue_offline,
    issue_online,
    issue_printed,
    live_ticket,
    place_from,
    supersede,
)
from server.registration.appointed import appointment_issues, kept_time, note_kept_time
from server.registration.choice import named_by_appointment, price_of_visit, refuse_closed
from server.registration.evidence import PROVED
from server.registration.issues import (
    Issue,
    issues_of,
    not_raised_before,
    paper_issue,
    printed_issue,
    raise_issues,
)
from server.registration.known import (
    Held,
    SecondNumber,
    answer_for,
    answer_with,
    find_held,
    known_answer,
    note_second_number,
)
from server.registration.models import Encounter

CLOCK_TOLERANCE: Final = timedelta(minutes=10)
# Whoever was called by the number that never was on paper has not heard it, and waits again; the rest goes on.
_GOES_ON: Final = {TicketStatus.SERVING, TicketStatus.HELD, TicketStatus.DONE, TicketStatus.CANCELLED}


_KEY_OR_CODE: Final = Prepared(
    sa.select(Encounter.id, Encounter.request_key).where(
        sa.or_(
            Encounter.request_key == sa.bindparam("request_key"),
            Encounter.visit_code == sa.bindparam("visit_code"),
        )
    )
)
_PLACE_OF_SERVICE: Final = Prepared(
    sa.select(Service.id, Service.withdrawn_on, *PLACE_COLUMNS)
    .join(QueueService, QueueService.service_id == Service.id)
    .join(Queue, Queue.id == QueueService.queue_id)
    .join(Clinic, Clinic.id == Queue.clinic_id)
    .outerjoin(Room, Room.id == Queue.room_id)
    .where(Service.facility_code == sa.bindparam("facility"), Service.code == sa.bindparam("service"))
)


@dataclass(frozen=True, slots=True)
class Registration:
    """The answer to one command; ``is_new`` is False when it repeats the first answer."""

    answer: EncounterRegistered
    is_new: bool


def register_encounter(
    session: Session, command: RegisterEncounter, *, device: Device | None, actor: str, now: datetime,
    checks_insurance: bool = False, chosen: UUID | None = None, second_number: SecondNumber | None = None,
    offered: FacilityServices | None = None, expired_documents: ExpiredDocuments = ExpiredDocuments.ALLOWED,
    fingerprint: str | None = None,
) -> Registration:  # fmt: skip
    """Register an arrival, or return the first answer if its key was registered before.

    Belongs inside ``Database.transact``. ``device`` is the kiosk that sent the command, None at a desk. ``chosen`` is
    the record a member of staff picked for the person. Who has a live number in the queue today is answered with that
    one, unless a kiosk has put another one on paper, which staff then look at, or staff give a ``second_number``.
    ``checks_insurance`` has the insurance gateway asked afterwards. ``offered`` is what the facility offers now: a
    clinic that takes nobody is refused by it; a desk, which may send anybody anywhere, hands in none.
    ``expired_documents`` is the rule for what kiosks read; who registers at a desk has looked at the document.
    ``fingerprint`` is the command's, where it was taken before others had to wait for this one.

    Raises Refused when the key was used for another command or the visit code for another visit, when the service is
    unknown or closed, the appointment that names the person is unknown, or the paper number is not the kiosk's;
    Forbidden for another facility; RequestInProgress.
    """
    _check_sender(command, device)
    claim(session, command.request_key)
    fingerprint = fingerprint or fingerprint_of(command)
    stored = _find_stored(session, command)
    if stored is not None:
        encounter = session.get_one(Encounter, stored)
        return _repeat(session, encounter, command, fingerprint, actor=actor, now=now)
    service_id, place = _place_of(session, command)
    if offered is not None:
        refuse_closed(command, offered)
    person = person_of(command)
    chosen = chosen or named_by_appointment(session, command)
    found = find_or_add_patient(
        session, person, source=command.evidence.method, facility=command.facility, actor=actor, now=now, chosen=chosen
    )
    arrived_at = min(command.arrived_at, now + CLOCK_TOLERANCE)
    held = None
    if not found.is_new:
        held = find_held(
            session, command, fingerprint, patient_id=found.patient_id, queue_id=place.queue_id,
            day=local_day(arrived_at),
        )  # fmt: skip
    if held is not None and not _has_other_paper(command, held.ticket, place) and second_number is None:
        if answer_with(session, held, command, fingerprint, actor=actor, now=now):
            issues = issues_of(command, found.match, arrived_at, expired_documents)
            _note_return(session, held, command, issues, actor=actor, now=now)
        return Registration(known_answer(session, held, now), is_new=False)
    price_vnd = price_of_visit(session, command, service_id, offered, day=local_day(arrived_at))
    encounter = _add_encounter(
        session, command, found.patient_id, service_id, device, fingerprint, arrived_at, now, price_vnd=price_vnd
    )
    if checks_insurance:
        request_check(
            session, encounter_id=encounter.id, facility=command.facility, person=person,
            card_number=encounter.insurance_card, arrived_at=arrived_at, now=now,
        )  # fmt: skip
    # Before the number: the wait on its paper follows from a booked time.
    about_appointment = appointment_issues(session, command, encounter, actor=actor, now=now)
    ground = _ground(session, person, found, encounter.local_day)
    holder = _holder(session, command, encounter, ground, sole_patient_id=found.patient_id if held is None else None)
    ticket = _first_ticket(session, holder, place, command, encounter.local_day, now)
    issues = issues_of(command, found.match, arrived_at, expired_documents)
    issues += paper_issue(ticket, place, command.offline_ticket)
    issues += printed_issue(ticket, place, command)
    issues += about_appointment
    if held is not None:
        issues += note_second_number(session, command, encounter, ticket, held.ticket, second_number, now)
    raise_issues(session, encounter.id, issues, now)
    if command.declared:
        declare(session, encounter.id, command.declared, ticket=ticket, now=now)
    _note(session, encounter, ticket, found, issues, actor, now)
    return Registration(answer_for(encounter, ticket, place), is_new=True)


def fingerprint_of(command: RegisterEncounter) -> str:
    """Return the SHA-256 of a command without the number on paper, which may join it between two attempts.

    Only what differs from its default counts: a field that a later version adds leaves the fingerprints of the visits
    that wait in kiosks' journals as they are.
    """
    bare = command.model_copy(update={"offline_ticket": None, "printed_ticket": None})
    text = bare.model_dump_json(exclude_defaults=True)
    return hashlib.sha256(text.encode()).hexdigest()


def person_of(command: RegisterEncounter) -> PersonIdentity:
    """Return the person of a command, with the number of the insurance card they showed."""
    if command.insurance is None:
        return command.person.identity()
    return command.person.identity(Identifier(IdentifierSystem.INSURANCE_CARD, command.insurance.card_number))


def _check_sender(command: RegisterEncounter, device: Device | None) -> None:
    if device is not None and device.facility != command.facility:
        raise Forbidden("facility.foreign", "this kiosk belongs to another facility")
    paper = command.offline_ticket
    if paper is None:
        return
    if device is None or device.letter != paper.kiosk_letter:
        raise Refused("ticket.foreign_letter", "only the kiosk with this letter gives such numbers")
    # The number may be taken a moment after midnight by somebody who confirmed before it; further apart is an error.
    if abs(paper.local_day - local_day(command.arrived_at)) > timedelta(days=1):
        raise Refused("ticket.foreign_day", "the day on paper is not the day of the arrival")


def _note_return(
    session: Session, held: Held, command: RegisterEncounter, issues: list[Issue], *, actor: str, now: datetime
) -> None:
    """Note what is new about a visit whose person came again: what they showed, and the appointment they came for."""
    issues = issues + appointment_issues(session, command, held.encounter, actor=actor, now=now)
    note_kept_time(session, held.encounter, held.ticket)
    raise_issues(session, held.encounter.id, not_raised_before(session, held.encounter.id, issues), now)


def _find_stored(session: Session, command: RegisterEncounter) -> UUID | None:
    """Return the id of the encounter registered under the command's key before; raises Refused for a code in use."""
    values = {"request_key": command.request_key, "visit_code": command.visit_code}
    rows = _KEY_OR_CODE.all(session, values)
    stored = next((encounter_id for encounter_id, key in rows if key == command.request_key), None)
    if stored is None and rows:
        raise Refused("visit_code.taken", "this code stands on the slip of another visit")
    return stored


def _place_of(session: Session, command: RegisterEncounter) -> tuple[UUID, Place]:
    values = {"facility": command.facility, "service": command.service}
    row = _PLACE_OF_SERVICE.find(session, values)
    if row is None:
        raise Refused("service.unknown", "the facility does not offer this service")
    service_id, withdrawn_on, *place = row
    # What is on paper already is registered, whatever was decided in the meantime.
    if not command.is_on_paper and withdrawn_on is not None and withdrawn_on <= local_day(command.arrived_at):
        raise Refused("service.withdrawn", "the facility no longer offers this service")
    return service_id, place_from(place)


def _holder(
    session: Session, command: RegisterEncounter, encounter: Encounter, ground: PriorityGround | None, *,
    sole_patient_id: UUID | None,
) -> Holder:  # fmt: skip
    has_appointment = command.appointment_code is not None or command.offline_ticket is not None
    return Holder(
        encounter.id, encounter.facility_code, encounter.arrived_at, ground, sole_patient_id,
        due_at=kept_time(session, encounter) if has_appointment else None,
    )  # fmt: skip


def _add_encounter(
    session: Session, command: RegisterEncounter, patient_id: UUID, service_id: UUID, device: Device | None,
    fingerprint: str, arrived_at: datetime, now: datetime, *, price_vnd: int | None,
) -> Encounter:  # fmt: skip
    evidence = command.evidence
    insurance: InsuranceClaim | None = command.insurance
    encounter = new_row(
        Encounter,
        id=uuid4(),
        facility_code=command.facility,
        patient_id=patient_id,
        service_id=service_id,
        kiosk_id=device.id if device else None,
        request_key=command.request_key,
        fingerprint=fingerprint,
        visit_code=command.visit_code,
        status=EncounterStatus.ARRIVED,
        arrived_at=arrived_at,
        received_at=now,
        local_day=local_day(arrived_at),
        language=command.language,
        assurance=evidence.assurance,
        method=evidence.method,
        access=evidence.access,
        reasons=list(evidence.reasons),
        document_expires_on=evidence.document_expires_on,
        read_at=evidence.read_at,
        insurance_card=insurance.card_number if insurance else None,
        insurance_facility=insurance.primary_facility if insurance else None,
        insurance_from=insurance.valid_from if insurance else None,
        insurance_to=insurance.valid_to if insurance else None,
        payer=command.payer,
        price_vnd=price_vnd,
        unverified=_unverified(command),
        version=1,
    )
    insert_row(session, encounter)
    return encounter


def _first_ticket(
    session: Session, holder: Holder, place: Place, command: RegisterEncounter, day: date, now: datetime
) -> Ticket:
    paper, printed = command.offline_ticket, command.printed_ticket
    if paper is None and printed is not None and printed.queue == place.code and printed.local_day == day:
        ticket = issue_printed(session, place, printed, holder, now=now)
        if ticket is not None:
            return ticket
    if paper is None or find_offline(session, holder.facility, paper) is not None:
        return issue_online(session, place, holder, day=day, now=now)
    return issue_offline(session, place, paper, holder, now=now)


def _has_other_paper(command: RegisterEncounter, held: Ticket, place: Place) -> bool:
    """Whether the person holds a paper with another number than the one they have in the queue."""
    printed = command.printed_ticket
    return command.offline_ticket is not None or (
        printed is not None and printed.queue == place.code and printed.number != held.number
    )


def _ground(session: Session, person: PersonIdentity, found: FoundPatient, day: date) -> PriorityGround | None:
    """Return the ground of age: by the document, or by the record where the document does not say."""
    born_on = person.born_on
    if born_on is None and not found.is_new:
        recorded = session.scalar(sa.select(Patient.born_on).where(Patient.id == found.patient_id))
        born_on = PartialDate.parse(recorded) if recorded else None
    return ground_by_age(born_on, day)


def _repeat(
    session: Session, encounter: Encounter, command: RegisterEncounter, fingerprint: str, *, actor: str, now: datetime
) -> Registration:
    if encounter.fingerprint != fingerprint:
        raise Refused("request.key_reused", "this key was used for another command")
    ticket = live_ticket(session, encounter.id)
    if command.offline_ticket is not None:
        ticket = _put_on_paper(session, encounter, ticket, command, command.offline_ticket, actor, now)
    return Registration(answer_for(encounter, ticket, get_place(session, ticket.queue_id)), is_new=False)


def _put_on_paper(
    session: Session, encounter: Encounter, ticket: Ticket, command: RegisterEncounter, paper: OfflineTicket,
    actor: str, now: datetime,
) -> Ticket:  # fmt: skip
    """Return the ticket of an encounter after its kiosk has said which number is on paper."""
    holder = find_offline(session, encounter.facility_code, paper)
    if holder is not None and holder.encounter_id == encounter.id:
        return ticket
    if ticket.kiosk_letter is not None:
        raise Refused("ticket.other_on_paper", "another number of this kiosk is on paper for this visit")
    _, command_place = _place_of(session, command)
    if holder is not None:
        known = [issue.code for issue in encounter.issues]
        if IssueCode.PAPER_NUMBER_TAKEN not in known:
            raise_issues(session, encounter.id, paper_issue(ticket, command_place, paper), now)
            feed.publish(
                session, facility_code=encounter.facility_code, topic="encounter", subject_id=encounter.id, at=now
            )
        return ticket
    state = ticket.status
    supersede(session, ticket, now=now)
    printed = issue_offline(
        session, get_place(session, ticket.queue_id), paper, holder_like(ticket), now=now,
        label_letter=command_place.letter, status=state if state in _GOES_ON else TicketStatus.WAITING,
    )  # fmt: skip
    audit.record(
        session, at=now, actor=actor, action="ticket.superseded", subject_type="encounter", subject_id=encounter.id,
        details={"unprinted": ticket.label, "on_paper": printed.label},
    )  # fmt: skip
    raise_issues(session, encounter.id, appointment_issues(session, command, encounter, actor=actor, now=now), now)
    note_kept_time(session, encounter, printed)
    feed.publish(session, facility_code=encounter.facility_code, topic="ticket", subject_id=printed.id, at=now)
    return printed


def _unverified(command: RegisterEncounter) -> list[str]:
    unverified = []
    if command.evidence.assurance not in PROVED:
        unverified.append(Unverified.IDENTITY.value)
    if command.insurance is not None:
        unverified.append(Unverified.INSURANCE.value)
    return unverified


def _note(
    session: Session, encounter: Encounter, ticket: Ticket, found: FoundPatient, issues: Sequence[Issue], actor: str,
    now: datetime,
) -> None:  # fmt: skip
    audit.record(
        session,
        at=now,
        actor=actor,
        action="encounter.registered",
        subject_type="encounter",
        subject_id=encounter.id,
        details={
            "patient": str(found.patient_id),
            "new_patient": found.is_new,
            "filled": ",".join(found.filled),
            "assurance": encounter.assurance.value,
            "ticket": ticket.label,
            "issues": ",".join(issue.code for issue in issues),
        },
    )
    feed.publish(session, facility_code=encounter.facility_code, topic="encounter", subject_id=encounter.id, at=now)
