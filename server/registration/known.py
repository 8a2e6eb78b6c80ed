"""A person who is registered already: one live number for each person, queue and day, unless staff say otherwise."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.contract.v1 import RegisterEncounter
from server.errors import Refused
from server.queues.calling import Press
from server.queues.models import Ticket
from server.queues.priorities import declare
from server.queues.service import held_number, live_ticket
from server.queues.slips import rejoin_if_missed
from server.registration.models import Encounter, EncounterRepeat


@dataclass(frozen=True, slots=True)
class Held:
    """The visit and the number a person has already."""

    encounter: Encounter
    ticket: Ticket


def find_held(
    session: Session, command: RegisterEncounter, fingerprint: str, *, patient_id: UUID, queue_id: UUID, day: date
) -> Held | None:
    """Return what ``command`` finds there already, None for an arrival of its own.

    That is the person's live number in the queue, or what an earlier attempt with the same key was answered with: its
    number may have been called since. Raises Refused when the key was used for another command.
    """
    repeat = session.get(EncounterRepeat, command.request_key)
    if repeat is not None:
        if repeat.fingerprint != fingerprint:
            raise Refused("request.key_reused", "this key was used for another command")
        encounter = session.get_one(Encounter, repeat.encounter_id)
        return Held(encounter, live_ticket(session, encounter.id))
    ticket = held_number(session, patient_id, queue_id, day)
    return Held(session.get_one(Encounter, ticket.encounter_id), ticket) if ticket else None


def answer_with(
    session: Session, held: Held, command: RegisterEncounter, fingerprint: str, *, actor: str, now: datetime
) -> bool:
    """Keep that ``command`` was answered with a number given before; False when it was kept already.

    A replay finds the same number, whatever became of it. Who missed the call is here now, and waits again.
    """
    if session.get(EncounterRepeat, command.request_key) is not None:
        return False
    session.add(
        EncounterRepeat(
            request_key=command.request_key, encounter_id=held.encounter.id, fingerprint=fingerprint, at=now
        )
    )
    audit.record(
        session, at=now, actor=actor, action="encounter.came-again", subject_type="encounter",
        subject_id=held.encounter.id, details={"ticket": held.ticket.label},
    )  # fmt: skip
    press = Press(actor.partition(":")[2] or actor, now, actor=actor)
    rejoin_if_missed(session, held.ticket, press)
    if command.declared:
        declare(session, held.encounter.id, command.declared, ticket=held.ticket, now=now)
    return True


def forget_repeat(session: Session, request_key: UUID) -> None:
    """Let a command be an arrival after all: its kiosk never had the answer, and has given a number of its own."""
    session.execute(sa.delete(EncounterRepeat).where(EncounterRepeat.request_key == request_key))
