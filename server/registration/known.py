"""A person who is registered already: one live number for each person, queue and day, unless staff say otherwise."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.contract.v1 import EncounterRegistered, RegisterEncounter
from server.domain.encounter import IssueCode
from server.errors import Refused
from server.prepared import Prepared
from server.queues.calling import Press
from server.queues.live_days import live_since
from server.queues.models import Ticket
from server.queues.priorities import declare
from server.queues.service import Place, get_place, held_number, live_ticket, ticket_message, wait_message
from server.queues.slips import rejoin_if_missed
from server.queues.standing import standing_of
from server.registration.issues import Issue
from server.registration.models import Encounter, EncounterRepeat, Override
from server.registration.overrides import count_reprints

_REPEAT: Final = Prepared(
    sa.select(EncounterRepeat.encounter_id, EncounterRepeat.fingerprint).where(
        EncounterRepeat.request_key == sa.bindparam("request_key")
    )
)


@dataclass(frozen=True, slots=True)
class SecondNumber:
    """A member of staff gives a person another number in a queue where they have one, and says why."""

    reason: str
    by: str


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
    repeat = _REPEAT.find(session, {"request_key": command.request_key})
    if repeat is not None:
        encounter_id, first_fingerprint = repeat
        if first_fingerprint != fingerprint:
            raise Refused("request.key_reused", "this key was used for another command")
        encounter = session.get_one(Encounter, encounter_id)
        return Held(encounter, live_ticket(session, encounter.id))
    since = live_since(session, queue_id, at=command.arrived_at)
    ticket = held_number(session, patient_id, queue_id, day, since=min(since, day))
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


def answer_for(
    encounter: Encounter, ticket: Ticket, place: Place, *, is_known: bool = False, copies: int = 0
) -> EncounterRegistered:
    return EncounterRegistered(
        encounter_id=encounter.id,
        patient_id=encounter.patient_id,
        visit_code=encounter.visit_code,
        ticket=ticket_message(ticket, place),
        is_known=is_known,
        copies=copies,
    )


def known_answer(session: Session, held: Held, now: datetime) -> EncounterRegistered:
    """Return the number somebody has as it stands now, which a copy of its slip says too."""
    ticket = held.ticket
    answer = answer_for(
        held.encounter, ticket, get_place(session, ticket.queue_id), is_known=True,
        copies=count_reprints(session, ticket.id),
    )  # fmt: skip
    standing = standing_of(session, ticket, now=now)
    update = {
        "waiting_before": standing.before if standing else 0,
        "wait": wait_message(standing.wait) if standing else None,
    }
    return answer.model_copy(update={"ticket": answer.ticket.model_copy(update=update)})


def note_second_number(
    session: Session, command: RegisterEncounter, encounter: Encounter, ticket: Ticket, other: Ticket,
    second_number: SecondNumber | None, now: datetime,
) -> list[Issue]:  # fmt: skip
    """Note by whose will a person has two numbers: staff gave it with a reason, or staff must look."""
    if second_number is None:
        forget_repeat(session, command.request_key)
        return [Issue(IssueCode.SECOND_NUMBER, "ticket", other.label, ticket.label)]
    session.add(
        Override(
            encounter_id=encounter.id, field="second-number", old_value=other.label, new_value=ticket.label,
            reason=second_number.reason, by=second_number.by, at=now,
        )
    )  # fmt: skip
    return []
