"""Past days of the demo, light enough for a year of them: who came was registered, called in order, and is gone.

Arrivals go through the kiosks' own service; calls and the gateway's answers are written past the services.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from uuid import uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.demo.day import DOCTOR
from server.demo.hospital import Hospital
from server.demo.load import ARRIVALS_PER_DAY, NAMESPACE, arrivals, request_key_of
from server.demo.plan import instants_of, share_of
from server.domain.card_check import CardStatus
from server.domain.days import VIETNAM, local_day
from server.domain.encounter import EncounterStatus, Unverified
from server.domain.identity import IdentityAssurance
from server.domain.queue import TicketStatus
from server.fleet.service import Device
from server.insurance.models import CardCheck
from server.patients.models import Patient
from server.planner import refresh_statistics
from server.queues.models import Queue, Ticket, TicketCall
from server.registration.models import Encounter
from server.registration.service import register_encounter

_BATCH: Final = 50
_UNANSWERED_PERCENT: Final = 3
_ROOMS_OPEN: Final = time(7)
_LUNCH: Final = (time(11, 40), time(13, 15))

# Of an ordinary day's arrivals, Monday first: who fell ill on Sunday comes on Monday.
_WEEKDAYS: Final = (1.2, 1.05, 1.0, 0.95, 0.9, 0.4, 0.1)


def add_past_days(
    database: Database, facility: str, people: int, days: int, now: datetime, *,
    per_day: int = ARRIVALS_PER_DAY, checks_insurance: bool = False,
) -> int:  # fmt: skip
    """Fill the last ``days`` days before today; return how many people came.

    A day that is complete stays as it is, and so does one on which others came: once it was the demo's today.

    ``people``: those of ``load`` from whom they come; 0 for ten times as many as come on a day. Each comes to a clinic
    for their age and sex, at a kiosk if they were identified by one. ``checks_insurance``: the gateway was asked.
    """
    today = local_day(now)
    with database.begin() as session:
        hospital = Hospital.read(session, facility, now=now)
    added = 0
    for back in range(days, 0, -1):
        day = today - timedelta(days=back)
        wanted = max(round(per_day * _WEEKDAYS[day.weekday()]), 1)
        with database.reading() as session:
            if not _is_wanting(session, facility, day, wanted):
                continue
        commands = _arrivals(hospital, people or 10 * per_day, day, wanted)
        while batch := list(islice(commands, _BATCH)):
            added += database.transact(lambda session, batch=batch: _register(session, hospital, batch))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        with database.begin() as session:
            _see_everybody(session, hospital, day)
            if checks_insurance:
                _confirm_cards(session, facility, day)
    if added:
        refresh_statistics(database)
    return added


def _is_wanting(session: Session, facility: str, day: date, wanted: int) -> bool:
    """Return whether a day is empty, or was begun here and not brought to its end."""
    of_day = (Encounter.facility_code == facility, Encounter.local_day == day)
    came = session.scalar(sa.select(sa.func.count()).where(*of_day)) or 0
    first = sa.select(Encounter.id).where(Encounter.request_key == request_key_of(facility, day, 0))
    return came == 0 or (came < wanted and session.scalar(first) is not None)


def _arrivals(hospital: Hospital, people: int, day: date, count: int) -> Iterator[RegisterEncounter]:
    """Yield the arrivals of ``load``, at the hours at which people come and at a clinic for their age and sex."""
    chance = random.Random(f"clinics/{day}")  # noqa: S311 - the same day each time
    instants = instants_of(chance, day, count)
    for command, at in zip(arrivals(hospital.facility, hospital.services, people, day, count), instants, strict=True):
        one = command.person.model_dump()
        shares = [share_of(service, one, day) for service in hospital.services]
        suited = chance.choices(hospital.services, shares)[0] if any(shares) else command.service
        evidence = command.evidence.model_copy(update={"read_at": at})
        yield command.model_copy(update={"service": suited, "arrived_at": at, "evidence": evidence})


def _register(session: Session, hospital: Hospital, commands: Sequence[RegisterEncounter]) -> int:
    registered = [
        register_encounter(
            session, command, device=(device := _place_of(hospital, command)),
            actor=device.actor if device else "system", now=command.arrived_at,
        ).is_new
        for command in commands
    ]  # fmt: skip
    return sum(registered)


def _place_of(hospital: Hospital, command: RegisterEncounter) -> Device | None:
    """Return the kiosk an arrival came to, one after the other; None: the desk."""
    if command.evidence.assurance is IdentityAssurance.STAFF or not hospital.kiosks:
        return None
    return hospital.kiosks[sorted(hospital.kiosks)[command.request_key.int % len(hospital.kiosks)]]


def _see_everybody(session: Session, hospital: Hospital, day: date) -> None:
    """Have the rooms of each queue call who came that day, in order, and everybody go home."""
    everybody = (
        sa.select(Ticket.id, Ticket.queue_id, Ticket.arrived_at, Queue.code)
        .join(Queue, Queue.id == Ticket.queue_id)
        .where(
            Ticket.facility_code == hospital.facility, Ticket.local_day == day, Ticket.status == TicketStatus.WAITING
        )
        .order_by(Ticket.arrived_at, Ticket.number)
    )
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in session.execute(everybody):
        lines[row.code].append(row)
    calls = [call for code, waiting in lines.items() for call in _calls(hospital, code, waiting, day)]
    if calls:
        session.execute(sa.insert(TicketCall), calls)
    for model, open_state, over in (
        (Ticket, TicketStatus.WAITING, TicketStatus.DONE),
        (Encounter, EncounterStatus.ARRIVED, EncounterStatus.FINISHED),
    ):
        session.execute(
            sa.update(model)
            .where(model.facility_code == hospital.facility, model.local_day == day, model.status == open_state)
            .values(status=over)
        )


def _confirm_cards(session: Session, facility: str, day: date) -> None:
    """Have the gateway have confirmed the cards of a day, but for those it gave no answer about."""
    cards = (
        sa.select(Encounter, Patient)
        .join(Patient, Patient.id == Encounter.patient_id)
        .outerjoin(CardCheck, CardCheck.encounter_id == Encounter.id)
        .where(
            Encounter.facility_code == facility, Encounter.local_day == day, Encounter.insurance_card.is_not(None),
            CardCheck.id.is_(None),
        )
    )  # fmt: skip
    for encounter, patient in session.execute(cards).all():
        is_answered = encounter.request_key.int % 100 >= _UNANSWERED_PERCENT
        asked_at = encounter.arrived_at + timedelta(seconds=2)
        check = CardCheck(
            encounter_id=encounter.id, facility_code=facility, local_day=day, number=encounter.insurance_card,
            full_name=patient.full_name, born_on=patient.born_on, is_claimed=True, attempts=1, asked_at=asked_at,
        )  # fmt: skip
        if is_answered:
            check.answered_at, check.result_code, check.status = asked_at, "000", CardStatus.ACCEPTED
            encounter.unverified = [one for one in encounter.unverified if one != Unverified.INSURANCE]
        else:
            check.error = "gateway.timeout"
        session.add(check)


def _calls(hospital: Hospital, code: str, waiting: Sequence[Any], day: date) -> Iterator[dict[str, Any]]:
    """Yield the first call of each number of a queue: whichever room is free first takes the next one."""
    chance = random.Random(f"{code}/{day}")  # noqa: S311 - the same day each time
    opens = datetime.combine(day, _ROOMS_OPEN, VIETNAM).astimezone(UTC)
    places = [place for place in hospital.places if place.queue == code]
    free = [(opens, number) for number in range(len(places))]
    for row in waiting if free else ():
        free_at, number = heapq.heappop(free)
        called_at = max(free_at, row.arrived_at + timedelta(seconds=20)).replace(microsecond=0)
        if _LUNCH[0] <= called_at.astimezone(VIETNAM).time() < _LUNCH[1]:
            called_at = datetime.combine(day, _LUNCH[1], VIETNAM).astimezone(UTC)
        takes = timedelta(minutes=places[number].minutes * chance.lognormvariate(-0.12, 0.5))
        heapq.heappush(free, (called_at + takes, number))
        yield {
            "id": uuid5(NAMESPACE, f"call/{row.id}"), "ticket_id": row.id, "queue_id": row.queue_id,
            "room_id": places[number].room_id, "local_day": day, "called_at": called_at, "by": DOCTOR,
            "is_repeat": False, "is_priority": False, "had_choice": False, "had_booked_choice": False,
        }  # fmt: skip
