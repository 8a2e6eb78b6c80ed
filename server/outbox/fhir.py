"""A visit as FHIR R4 resources: a transaction of Patient, Encounter and Coverage, each put under our own id.

Putting the same again changes nothing, and the latest one holds all there is to know. Source: HL7 FHIR R4,
http.html#transaction.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.encounter import EncounterStatus
from server.domain.identity import IdentifierSystem
from server.domain.queue import TicketStatus
from server.facilities.models import Clinic, Service
from server.patients.models import Patient, PatientIdentifier
from server.queues.models import Ticket
from server.registration.models import Encounter

MEDIA_TYPE: Final = "application/fhir+json"
_SYSTEM: Final = "urn:tiepdon:"
_CLASS: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_IN_PROGRESS: Final = {TicketStatus.CALLED, TicketStatus.SERVING}

Resource = dict[str, Any]


def encounter_bundle(session: Session, encounter_id: UUID, *, at: datetime) -> bytes:
    """Return what the visit says now as a FHIR transaction bundle in JSON."""
    row = session.execute(
        sa.select(Encounter, Ticket, Clinic)
        .join(Service, Service.id == Encounter.service_id)
        .join(Clinic, Clinic.id == Service.clinic_id)
        .outerjoin(Ticket, sa.and_(Ticket.encounter_id == Encounter.id, Ticket.superseded_at.is_(None)))
        .where(Encounter.id == encounter_id)
    ).one()
    encounter: Encounter = row.Encounter
    resources = [_patient(session, encounter.patient), _encounter(encounter, row.Ticket, row.Clinic)]
    resources += _coverage(encounter)
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "timestamp": _instant(at),
        "entry": [
            {
                "fullUrl": f"urn:uuid:{one['id']}",
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one in resources
        ],
    }
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")).encode()


def _patient(session: Session, patient: Patient) -> Resource:
    numbers = session.execute(
        sa.select(PatientIdentifier.system, PatientIdentifier.value)
        .where(PatientIdentifier.patient_id == patient.id, PatientIdentifier.valid_to.is_(None))
        .order_by(PatientIdentifier.system, PatientIdentifier.value)
    )
    resource: Resource = {
        "resourceType": "Patient",
        "id": str(patient.id),
        "identifier": [_identifier(system.value, value) for system, value in numbers],
        "name": [{"use": "official", "text": patient.full_name}],
        "gender": patient.sex.value,
    }
    if patient.born_on:
        resource["birthDate"] = patient.born_on
    if patient.address:
        resource["address"] = [{"text": patient.address}]
    if patient.phone:
        resource["telecom"] = [{"system": "phone", "value": patient.phone}]
    return resource


def _encounter(encounter: Encounter, ticket: Ticket | None, clinic: Clinic) -> Resource:
    resource: Resource = {
        "resourceType": "Encounter",
        "id": str(encounter.id),
        "identifier": [_identifier("encounter", str(encounter.id))],
        "status": _status(encounter, ticket),
        "class": {"system": _CLASS, "code": "AMB"},
        "serviceType": {
            "coding": [{"system": f"{_SYSTEM}{encounter.facility_code}:clinic", "code": clinic.code}],
            "text": clinic.name,
        },
        "subject": {"reference": f"Patient/{encounter.patient_id}"},
        "period": {"start": _instant(encounter.arrived_at)},
        "serviceProvider": {"identifier": _identifier("facility", encounter.facility_code)},
    }
    if ticket is not None:
        resource["identifier"].append(_identifier("ticket", ticket.label))
    if encounter.cancel_reason:
        resource["reasonCode"] = [{"text": encounter.cancel_reason}]
    return resource


def _coverage(encounter: Encounter) -> Iterator[Resource]:
    if encounter.insurance_card is None:
        return
    resource: Resource = {
        "resourceType": "Coverage",
        "id": str(encounter.id),  # of this visit: the next one may show another card
        "identifier": [_identifier(IdentifierSystem.INSURANCE_CARD.value, encounter.insurance_card)],
        "status": "draft" if "insurance" in encounter.unverified else "active",
        "beneficiary": {"reference": f"Patient/{encounter.patient_id}"},
        "payor": [{"display": "Bảo hiểm xã hội Việt Nam"}],
    }
    days = {"start": encounter.insurance_from, "end": encounter.insurance_to}
    if period := {name: day.isoformat() for name, day in days.items() if day is not None}:
        resource["period"] = period
    yield resource


def _status(encounter: Encounter, ticket: Ticket | None) -> str:
    if encounter.status is EncounterStatus.CANCELLED or (ticket and ticket.status is TicketStatus.NOT_SEEN):
        return "cancelled"  # FHIR R4: ended before it has begun
    if encounter.status is EncounterStatus.FINISHED or (ticket and ticket.status is TicketStatus.DONE):
        return "finished"
    return "in-progress" if ticket and ticket.status in _IN_PROGRESS else "arrived"


def _identifier(system: str, value: str) -> Resource:
    return {"system": f"{_SYSTEM}{system}", "value": value}


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
