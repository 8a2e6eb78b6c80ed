"""Finding who is at the desk, and registering them by the same command as the kiosks do."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from server.contract.v1 import (
    IdentityEvidence,
    InsuranceClaim,
    PersonMessage,
    RegisterEncounter,
)
from server.db import claim as claim_key
from server.desk.checks import LikePerson, Situation, VisitToday
from server.desk.entry import Entry, Relative
from server.desk.forms import PersonKind, RegistrationForm
from server.domain.catalogue import Payer
from server.domain.codes import code_from, temporary_code_from
from server.domain.days import local_day
from server.domain.duplicates import Described
from server.domain.encounter import EncounterStatus
from server.domain.identity import Identifier, IdentifierSystem, IdentityAssurance, PersonIdentity, Sex, fold_name
from server.domain.matching import differences
from server.domain.priority import DECLARABLE, PriorityGround
from server.domain.queue import HOLDS_A_PLACE
from server.domain.relations import Relationship
from server.errors import Refused
from server.facilities.models import Clinic, Service
from server.facilities.queries import prices_of
from server.patients.duplicates import find_probable
from server.patients.editing import add_relative
from server.patients.models import Patient
from server.patients.service import find_or_add_patient, holders_of, live_id, note_changes
from server.queues.models import Queue, QueueService, Ticket
from server.queues.priorities import decide
from server.reasons import checked_reason
from server.registration.known import SecondNumber
from server.registration.models import Encounter
from server.registration.service import register_encounter

_OWN: Final = (IdentifierSystem.PERSONAL_NUMBER, IdentifierSystem.PASSPORT, IdentifierSystem.OLD_ID_NUMBER)
_PRINTED_CODES: Final = frozenset({"qr", "insurance-qr", "mrz"})


@dataclass(frozen=True, slots=True)
class Desk:
    """Who registers, where and when. ``checks_insurance``: the facility has the insurance gateway asked."""

    facility: str
    by: str
    now: datetime
    checks_insurance: bool = False


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it. ``had_number``: the person has a live number in this queue today, and nothing was registered."""

    encounter_id: UUID
    patient_id: UUID
    had_number: bool = False


def find_record(session: Session, patient_id: UUID) -> Patient | None:
    """Return the record that goes on for an id, None where there is none."""
    patient = session.get(Patient, patient_id, options=[selectinload(Patient.identifiers)])
    while patient is not None and patient.merged_into_id is not None:
        patient = session.get(Patient, patient.merged_into_id, options=[selectinload(Patient.identifiers)])
    return patient


def person_behind(person: PersonIdentity, holders: Mapping[Identifier, UUID]) -> UUID | None:
    """Return whose record the numbers shown lead to: a number of one's own, or any where there is no such number.

    An insurance card may have been lent: beside a personal number it says nothing about who is here.
    """
    by_system = {number.system: patient_id for number, patient_id in holders.items()}
    own = next((by_system[system] for system in _OWN if system in by_system), None)
    if own is not None or any(one.system in _OWN for one in person.identifiers):
        return own
    return next(iter(by_system.values()), None)


def look_at(session: Session, form: RegistrationForm, entry: Entry, desk: Desk) -> Situation:
    """Return everything that is known about a registration before it is made."""
    person, today = entry.person, local_day(desk.now)
    holders = holders_of(session, person.identifiers)
    patient_id = form.patient_id or person_behind(person, holders)
    record = find_record(session, patient_id) if patient_id else None
    like: tuple[LikePerson, ...] = ()
    if record is None and person.full_name:
        like = tuple(
            LikePerson(str(one.patient.id), one.patient.full_name, one.patient.born_on, one.grounds)
            for one in find_probable(session, Described(person, entry.phone))
        )
    recorded = record.identity if record else None
    own = recorded.personal_number if recorded else None
    return Situation(
        entry=entry,
        today=today,
        is_new_person=record is None,
        record_id=str(record.id) if record else None,
        visits_today=_visits_today(session, record.id, form.service, desk) if record else (),
        like_people=like,
        held_elsewhere=tuple(one.system for one, holder in holders.items() if record is None or holder != record.id),
        differences=tuple(differences(recorded, person)) if recorded and person.full_name else (),
        other_personal_number=own is not None and person.personal_number not in {None, own},
        payer=form.payer or None,
        prices_vnd=_prices_vnd(session, form.service, desk),
        is_other_person=form.is_other_person,
        second_reason=form.second_reason,
    )


def register_by_hand(
    session: Session, form: RegistrationForm, entry: Entry, desk: Desk, *, evidence: IdentityEvidence | None = None
) -> Registered:
    """Register what was typed, once for each ``request_key``; return the visit.

    Belongs inside ``Database.transact``. ``entry`` has no mistakes. ``evidence`` is what a kiosk had found out before
    the desk took over. Raises Refused when the key was used for somebody else, and what ``register_encounter`` raises.
    """
    if form.request_key is None:
        raise Refused("form.invalid", "the page has no key")
    claim_key(session, form.request_key)
    repeated = _registered_before(session, form, entry, desk)
    if repeated is not None:
        return repeated
    entry = _with_temporary_number(session, form, entry)
    answer = register_encounter(
        session, _command(form, entry, desk, evidence), device=None, actor=f"staff:{desk.by}", now=desk.now,
        checks_insurance=desk.checks_insurance, chosen=form.patient_id, second_number=_second_number(form, desk),
    )  # fmt: skip
    patient_id = answer.answer.patient_id
    _complete_record(session, patient_id, entry, desk)
    if entry.relative is not None:
        _note_relative(session, patient_id, entry.relative, desk)
    if form.priority in DECLARABLE and answer.is_new:
        _confirm_priority(session, answer.answer.encounter_id, PriorityGround(form.priority), desk)
    return Registered(answer.answer.encounter_id, patient_id, had_number=answer.answer.is_known)


def is_registered(session: Session, form: RegistrationForm, entry: Entry, desk: Desk) -> bool:
    """Whether this page has registered this person already: its button was pressed twice."""
    try:
        return _registered_before(session, form, entry, desk) is not None
    except Refused:
        return False


def _registered_before(session: Session, form: RegistrationForm, entry: Entry, desk: Desk) -> Registered | None:
    found = session.execute(
        sa.select(Encounter.id, Encounter.patient_id, Encounter.facility_code, Service.code, Patient.folded_name)
        .join(Service, Service.id == Encounter.service_id)
        .join(Patient, Patient.id == Encounter.patient_id)
        .where(Encounter.request_key == form.request_key)
    ).one_or_none()
    if found is None:
        return None
    is_same = found.folded_name == fold_name(entry.person.full_name) or form.kind is PersonKind.UNIDENTIFIED
    if found.facility_code != desk.facility or found.code != form.service or not is_same:
        raise Refused("request.key_reused", "this page has registered somebody else already")
    return Registered(found.id, found.patient_id)


def _with_temporary_number(session: Session, form: RegistrationForm, entry: Entry) -> Entry:
    """Give a person without any number one of ours, by which they are found again and an unknown one is called."""
    record = find_record(session, form.patient_id) if form.patient_id else None
    has_one = record is not None and any(one.valid_to is None for one in record.identifiers)
    if entry.person.identifiers or has_one or form.request_key is None:
        return entry
    code = temporary_code_from(_random_bytes(form.request_key, "temporary")[:5])
    name = f"{entry.person.full_name} {code}" if entry.is_unidentified and record is None else entry.person.full_name
    number = Identifier(IdentifierSystem.TEMPORARY, code)
    return replace(entry, person=replace(entry.person, full_name=name, identifiers=(number,)))


def _random_bytes(request_key: UUID, use: str) -> bytes:
    """Return bytes as random as the key, the same at each attempt: a retried transaction must not change the slip."""
    return hashlib.sha256(use.encode() + request_key.bytes).digest()


def _command(form: RegistrationForm, entry: Entry, desk: Desk, evidence: IdentityEvidence | None) -> RegisterEncounter:
    assert form.request_key is not None
    # The card's number travels in the claim; with it the person gets it in its normal form.
    numbers = (one for one in entry.person.identifiers if one.system is not IdentifierSystem.INSURANCE_CARD)
    return RegisterEncounter(
        request_key=form.request_key,
        visit_code=code_from(_random_bytes(form.request_key, "visit")[:13]),
        facility=desk.facility,
        service=form.service,
        person=PersonMessage.of(replace(entry.person, identifiers=tuple(numbers))),
        evidence=evidence or _evidence(form, entry, desk),
        arrived_at=desk.now,
        language=form.language,
        insurance=_claim(entry),
        payer=form.payer or None,
        appointment_code=form.appointment or None,
    )


def _evidence(form: RegistrationForm, entry: Entry, desk: Desk) -> IdentityEvidence:
    if form.papers_seen:
        assurance, method = IdentityAssurance.STAFF, "staff"
    elif form.scanned in _PRINTED_CODES:
        assurance, method = IdentityAssurance.QR, form.scanned
    else:
        assurance, method = IdentityAssurance.TYPED, "staff"
    return IdentityEvidence.model_validate(
        {
            "assurance": assurance,
            "method": method,
            "document_expires_on": entry.document_expires_on,
            "read_at": desk.now,
        }
    )


def _claim(entry: Entry) -> InsuranceClaim | None:
    claim = entry.claim
    if claim is None:
        return None
    return InsuranceClaim(
        card_number=claim.card_number,
        primary_facility=claim.facility,
        valid_from=claim.valid_from,
        valid_to=claim.valid_to,
    )


def _second_number(form: RegistrationForm, desk: Desk) -> SecondNumber | None:
    return SecondNumber(checked_reason(form.second_reason), desk.by) if form.second_reason else None


def _complete_record(session: Session, patient_id: UUID, entry: Entry, desk: Desk) -> None:
    """Put into the record what only the desk asks for, where it is empty; what is there is changed on its own page."""
    patient = session.get_one(Patient, patient_id)
    values: dict[str, str | bool | None] = {}
    if patient.phone is None and entry.phone is not None:
        values["phone"] = entry.phone
    is_new = patient.version == 1 and patient.created_at == desk.now
    if is_new and (entry.is_birth_estimated or entry.is_unidentified):
        values |= {"is_birth_estimated": entry.is_birth_estimated, "is_unidentified": entry.is_unidentified}
    note_changes(session, patient, values, reason=None, actor=f"staff:{desk.by}", now=desk.now)


def _note_relative(session: Session, patient_id: UUID, relative: Relative, desk: Desk) -> None:
    add_relative(
        session, patient_id, relationship=relative.relationship, full_name=relative.full_name, phone=relative.phone,
        relative_id=_record_of(session, relative, desk), by=desk.by, now=desk.now,
    )  # fmt: skip


def _record_of(session: Session, relative: Relative, desk: Desk) -> UUID | None:
    """Return the companion's record. A mother's is made now if she has none: her newborn's papers hang on it."""
    if relative.personal_number is None:
        return None
    number = Identifier(IdentifierSystem.PERSONAL_NUMBER, relative.personal_number)
    holder = holders_of(session, (number,)).get(number)
    if holder is not None:
        return live_id(session, holder)
    if relative.relationship is not Relationship.MOTHER:
        return None
    mother = PersonIdentity(relative.full_name, None, Sex.FEMALE, (number,))
    found = find_or_add_patient(
        session, mother, source="typed", facility=desk.facility, actor=f"staff:{desk.by}", now=desk.now
    )
    return found.patient_id


def _confirm_priority(session: Session, encounter_id: UUID, ground: PriorityGround, desk: Desk) -> None:
    decide(
        session, encounter_id, ground, "confirmed", facility=desk.facility, reason="Tiếp đón đã xem", seen="",
        by=desk.by, now=desk.now,
    )  # fmt: skip


def _prices_vnd(session: Session, service: str, desk: Desk) -> Mapping[Payer, int]:
    service_id = session.scalar(
        sa.select(Service.id).where(Service.facility_code == desk.facility, Service.code == service)
    )
    return prices_of(session, service_id, on=local_day(desk.now)) if service_id else {}


def _visits_today(session: Session, patient_id: UUID, service: str, desk: Desk) -> tuple[VisitToday, ...]:
    chosen = (
        sa.select(QueueService.queue_id)
        .join(Service, Service.id == QueueService.service_id)
        .where(Service.facility_code == desk.facility, Service.code == service)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Encounter.id, Ticket.label, Ticket.status, Clinic.name, Clinic.name_en, Queue.id == chosen)
        .join(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .join(Queue, Queue.id == Ticket.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .where(
            Encounter.patient_id == patient_id,
            Encounter.facility_code == desk.facility,
            Encounter.local_day == local_day(desk.now),
            Encounter.status != EncounterStatus.CANCELLED,
        )
        .order_by(Encounter.arrived_at, Encounter.id)
    )
    return tuple(
        VisitToday(str(encounter_id), label, name, name_en, bool(is_chosen) and status in HOLDS_A_PLACE)
        for encounter_id, label, status, name, name_en, is_chosen in rows
    )
