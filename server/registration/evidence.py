"""Proof that comes after the patient: an identity rises when its chip is proved, or turns out to be contradicted.

Nobody waits at a kiosk for the signatures on a chip, so an encounter may be registered before they are checked.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.contract.v1 import IdentityHeld, IdentityProved
from server.db import claim
from server.domain.encounter import IssueCode, Unverified
from server.domain.identity import IdentityAssurance, replaces, settles
from server.errors import NotFound
from server.fleet.service import Device
from server.registration.models import Encounter, EncounterIssue

PROVED: Final = frozenset({IdentityAssurance.CHIP_TRUSTED, IdentityAssurance.STAFF})
"""What leaves nothing about the identity to verify."""


def take_proof(session: Session, message: IdentityProved, *, device: Device, now: datetime) -> IdentityHeld:
    """Return what the encounter's identity rests on after ``message``; a weaker proof changes nothing.

    The same one changes the reasons of an identity whose proof was awaited.

    Belongs inside ``Database.transact``. Raises NotFound for an encounter ``device`` did not register (yet),
    RequestInProgress.
    """
    claim(session, message.request_key)
    encounter = session.scalars(
        sa.select(Encounter).where(Encounter.request_key == message.request_key)
    ).one_or_none()  # fmt: skip
    if encounter is None or encounter.kiosk_id != device.id:
        raise NotFound("encounter.unknown", "this kiosk sent no such arrival")
    later = message.evidence
    if replaces(later.assurance, encounter.assurance) or (
        later.assurance is encounter.assurance is not IdentityAssurance.CHIP_CONTRADICTED
        and settles(later.reasons, encounter.reasons)
    ):
        _replace(session, encounter, message, actor=device.actor, now=now)
    return IdentityHeld(
        encounter_id=encounter.id, assurance=encounter.assurance, reasons=tuple(encounter.reasons)
    )  # fmt: skip


def _replace(session: Session, encounter: Encounter, message: IdentityProved, *, actor: str, now: datetime) -> None:
    before, after = encounter.assurance, message.evidence.assurance
    evidence = message.evidence
    encounter.assurance, encounter.reasons = after, list(evidence.reasons)
    encounter.method, encounter.access, encounter.read_at = evidence.method, evidence.access, evidence.read_at
    encounter.document_expires_on = evidence.document_expires_on
    others = [one for one in encounter.unverified if one != Unverified.IDENTITY.value]
    encounter.unverified = others if after in PROVED else [Unverified.IDENTITY.value, *others]
    if after is IdentityAssurance.CHIP_CONTRADICTED:
        session.add(EncounterIssue(encounter_id=encounter.id, code=IssueCode.IDENTITY_CONTRADICTED, raised_at=now))
    audit.record(
        session, at=now, actor=actor, action="encounter.proved", subject_type="encounter", subject_id=encounter.id,
        details={
            "before": before.value,
            "assurance": after.value,
            "reasons": ",".join(evidence.reasons),
            "proved_at": message.proved_at.isoformat(),
        },
    )  # fmt: skip
    feed.publish(session, facility_code=encounter.facility_code, topic="encounter", subject_id=encounter.id, at=now)
