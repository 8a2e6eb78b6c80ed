"""Noting that a visit's insurance is to be checked: one row, in the transaction that registers the visit."""

from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.domain.days import local_day
from server.domain.encounter import EncounterStatus
from server.domain.identity import PersonIdentity, is_personal_number
from server.insurance.models import CardCheck
from server.registration.models import Encounter

_INSERT: Final = sa.insert(CardCheck)


def request_check(
    session: Session, *, encounter_id: UUID, facility: str, person: PersonIdentity, card_number: str | None,
    arrived_at: datetime, now: datetime,
) -> bool:  # fmt: skip
    """Note a check for a visit already stored in this transaction; return whether there is anything to ask.

    A card shown is asked for by its number, else the person by the personal number. Not asked: without a number or
    birth date, and about an earlier day, which the gateway would answer for today.
    """
    personal = person.personal_number
    number = card_number or (personal if personal and is_personal_number(personal) else None)
    day = local_day(arrived_at)
    if number is None or person.born_on is None or day != local_day(now):
        return False
    values = {
        "id": uuid4(),
        "encounter_id": encounter_id,
        "facility_code": facility,
        "local_day": day,
        "number": number,
        "full_name": person.full_name,
        "born_on": str(person.born_on),
        "is_claimed": card_number is not None,
        "attempts": 0,
        "next_attempt_at": now,
    }
    session.connection().execute(_INSERT, values)
    return True


def ask_unless_answered(session: Session, encounter: Encounter, *, now: datetime) -> None:
    """Have the gateway asked about a visit that stands again, unless it answered before the visit was taken back."""
    answered = sa.select(CardCheck.id).where(CardCheck.encounter_id == encounter.id, CardCheck.answered_at.is_not(None))
    if session.scalar(answered) is None:
        ask_again(session, encounter, now=now)


def ask_again(session: Session, encounter: Encounter, *, now: datetime) -> None:
    """Have the gateway asked about the card a visit has now; about a visit that was taken back nothing more is asked.

    An answer that is on its way still was about another card: raising ``attempts`` makes it one that nobody waits for.
    """
    check = session.scalar(sa.select(CardCheck).where(CardCheck.encounter_id == encounter.id).with_for_update())
    if encounter.status is EncounterStatus.CANCELLED:
        if check is not None:
            check.attempts, check.next_attempt_at = check.attempts + 1, None
        return
    person = encounter.patient.identity
    if check is None:
        request_check(
            session, encounter_id=encounter.id, facility=encounter.facility_code, person=person,
            card_number=encounter.insurance_card, arrived_at=encounter.arrived_at, now=now,
        )  # fmt: skip
        return
    number = encounter.insurance_card or person.personal_number
    check.attempts += 1
    check.status = check.result_code = check.error = check.answered_at = check.sealed_answer = None
    check.five_years_on = check.living_area = None
    check.is_claimed = encounter.insurance_card is not None
    check.number = number or check.number
    check.next_attempt_at = now if number is not None and encounter.local_day == local_day(now) else None
