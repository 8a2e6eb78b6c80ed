"""An invented day put to work: the plan's people go through the real services, minute by minute up to now.

Nothing is written past the services, so that numbers, calls, audit lines and open questions are what a day of real
people leaves behind. One transaction for each day: it is there as a whole, or not at all.
"""

import heapq
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial, wraps
from itertools import count
from pathlib import Path
from typing import Final, ParamSpec
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.service import Booking, book
from server.contract.v1 import CallStaff
from server.db import Database
from server.demo.cards import card_answer
from server.demo.hospital import Hospital, Place
from server.demo.load import add_people
from server.demo.plan import (
    FIRST_ARRIVAL,
    NAMESPACE,
    PEOPLE_KNOWN,
    Arrival,
    days_to_fill,
    morning_shift,
    plan_day,
)
from server.demo.villagers import FIRST, villager
from server.domain.days import VIETNAM, local_day
from server.domain.encounter import IssueCode
from server.domain.priority import ClaimState
from server.errors import Conflict, Refused, StaleVersion
from server.fleet.calls import answer_call, open_calls
from server.fleet.models import Kiosk
from server.fleet.service import Device, call_staff
from server.insurance.models import CardCheck
from server.insurance.sealing import Seal
from server.insurance.service import store_answer, store_failure, take_due_check
from server.patients.models import PatientIdentifier
from server.queues.calling import Act as QueueAct
from server.queues.calling import act_on, call_next
from server.queues.priorities import decide
from server.registration.corrections import Act as Correction
from server.registration.corrections import cancel_encounter, confirm_identity
from server.registration.models import Encounter, EncounterIssue
from server.registration.overrides import change_service, reprint_ticket, settle_issue
from server.registration.service import register_encounter

RECEPTIONIST: Final = "tieptan"
LEAD: Final = "truongtieptan"
DOCTOR: Final = "bacsi"

_ROOMS_OPEN: Final = time(6, 55)
_LUNCH: Final = (time(11, 40), time(13, 15))
_MOVE_REASONS: Final = (
    "Người bệnh chọn nhầm phòng khám trên máy",
    "Bác sĩ hướng dẫn sang chuyên khoa khác",
    "Người bệnh muốn khám chuyên khoa khác",
    "Có giấy chuyển tuyến ghi chuyên khoa khác",
)
_CANCELLED: Final = "Người bệnh về, không khám nữa"
_LOOKED_AT: Final = "Đã so khuôn mặt với căn cước"
_REFUSED: Final = "Chưa có giấy xác nhận"
_DECISIONS: Final = (
    "Đã đối chiếu với căn cước, đúng người",
    "Hồ sơ cũ ghi sai, giữ theo căn cước",
    "Đã xem thẻ giấy và hỏi người bệnh",
)
_HELP: Final = (("PROBLEM", "number.wrong"), ("READING", "card.removed"), ("TICKET", "ticket.may_not_have_printed"))
_SILENT_ATTEMPTS: Final = 6  # about five minutes

Act = Callable[[datetime], None]
P = ParamSpec("P")


def _unless_overtaken(act: Callable[P, None]) -> Callable[P, None]:
    """Let an act of the desk or a room come to nothing where somebody else was faster, as on a real day."""

    @wraps(act)
    def try_to(*arguments: P.args, **named: P.kwargs) -> None:
        with suppress(Conflict, Refused):
            act(*arguments, **named)

    return try_to


def add_days(database: Database, facility: str, now: datetime, *, data_dir: Path, checks_insurance: bool) -> int:
    """Put today to work up to ``now``, just after midnight yesterday too; return how many people came.

    Today's morning is shifted to ``now`` (see morning_shift), yesterday went as planned. A day on which anybody came
    already stays as it is. ``checks_insurance``: the gateway was asked about cards.
    """
    add_people(database, PEOPLE_KNOWN, now, first=FIRST, make=villager)
    seal = Seal.of(data_dir)

    def work(session: Session, day: date) -> int:
        if session.scalar(
            sa.select(Encounter.id).where(Encounter.facility_code == facility, Encounter.local_day == day).limit(1)
        ):
            return 0
        shift = morning_shift(now) if day == local_day(now) else timedelta()
        hospital = Hospital.read(session, facility, now=datetime.combine(day, FIRST_ARRIVAL, VIETNAM) + shift)
        return _Day(session, hospital, day, shift, until=now, seal=seal if checks_insurance else None).run()

    return sum(database.transact(lambda session, day=day: work(session, day)) for day in days_to_fill(now))  # type: ignore[misc]  # mypy cannot infer a lambda with a default


@dataclass
class _Day:
    """A day's events in the order of time; each does one thing by a service and may note later ones."""

    session: Session
    hospital: Hospital
    day: date
    shift: timedelta  # of everything that is planned by the clock
    until: datetime
    seal: Seal | None
    came: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.day.toordinal())  # noqa: S311 - the same day each time
        self._events: list[tuple[datetime, int, Act]] = []
        self._order = count()  # of events at the same moment
        self._cards: dict[UUID, Arrival] = {}  # by encounter
        self._idle: list[Place] = []  # rooms whose line is empty

    def run(self) -> int:
        """Return how many people came."""
        facility = self.hospital.facility
        for planned in plan_day(
            facility, self.hospital.services, sorted(self.hospital.kiosks), self.day, shift=self.shift
        ):
            arrival = self._promised(planned) if planned.has_appointment else planned
            self._at(arrival.command.arrived_at + arrival.received_after, partial(self._arrive, arrival))
        for place in self.hospital.places:
            self._at(self._clock(_ROOMS_OPEN) + self._within(0, 900), partial(self._call_next, place, None))
        for device in self.hospital.kiosks.values():
            for step, problem in _HELP:
                at = self._clock(FIRST_ARRIVAL) + self._within(600, 3 * 3600)
                self._at(at, partial(self._call_for_help, device, step, problem))
        while self._events and self._events[0][0] <= self.until:
            now, _, act = heapq.heappop(self._events)
            act(now)
        return self.came

    def _at(self, instant: datetime, act: Act) -> None:
        heapq.heappush(self._events, (instant, next(self._order), act))

    def _clock(self, local: time) -> datetime:
        return (datetime.combine(self.day, local, VIETNAM) + self.shift).astimezone(UTC)

    def _within(self, least_s: int, most_s: int) -> timedelta:
        return timedelta(seconds=self._chance.randrange(least_s, most_s))

    def _promised(self, arrival: Arrival) -> Arrival:
        """Return an arrival with the appointment it was promised four weeks ago; without one on a holiday."""
        person, earlier = arrival.command.person, self._clock(FIRST_ARRIVAL) - timedelta(days=28)
        patient_id = self.session.scalar(
            sa.select(PatientIdentifier.patient_id).where(
                PatientIdentifier.value == person.identifiers[0].value, PatientIdentifier.valid_to.is_(None)
            )
        )
        if patient_id is None:
            return arrival
        key = uuid5(NAMESPACE, f"appointment/{arrival.command.request_key}")
        with suppress(Refused):
            promise = book(
                self.session, Booking(request_key=key, service=arrival.command.service, due_on=self.day),
                patient_id=patient_id, facility=self.hospital.facility, by=DOCTOR, now=earlier,
            )  # fmt: skip
            return replace(arrival, command=arrival.command.model_copy(update={"appointment_code": promise.code}))
        return arrival

    # People who come

    def _arrive(self, arrival: Arrival, now: datetime) -> None:
        device = self.hospital.kiosks.get(arrival.source)
        actor = device.actor if device else f"staff:{RECEPTIONIST}"
        asks = self.seal is not None
        done = register_encounter(
            self.session, arrival.command, device=device, actor=actor, now=now, checks_insurance=asks
        )
        encounter_id = done.answer.encounter_id
        self.came += 1
        self._wake_rooms(now, done.answer.ticket.queue)
        if device is not None:
            self.session.execute(sa.update(Kiosk).where(Kiosk.id == device.id).values(last_seen_at=now))
        if asks:
            self._cards[encounter_id] = arrival
            self._at(now + self._within(1, 6), self._answer_cards)
        if arrival.is_reprinted:
            self._at(now + self._within(40, 200), partial(self._reprint, encounter_id))
        if arrival.moved_to is not None:
            self._at(now + self._within(120, 600), partial(self._move, encounter_id, arrival.moved_to))
        if arrival.is_looked_at:
            self._at(now + self._within(100, 900), partial(self._put_right, encounter_id, confirm_identity, _LOOKED_AT))
        if arrival.is_cancelled:
            self._at(now + self._within(300, 900), partial(self._put_right, encounter_id, cancel_encounter, _CANCELLED))
        if arrival.command.declared and arrival.decision is not None:
            self._at(now + self._within(120, 700), partial(self._decide, encounter_id, arrival))
        if arrival.is_settled:
            self._at(now + self._within(300, 1500), partial(self._settle, encounter_id))

    def _answer_cards(self, now: datetime) -> None:
        """Answer all checks that are due, as the gateway would."""
        while self.seal is not None:
            taken = take_due_check(self.session, facilities=[self.hospital.facility], now=now)
            if taken is None:
                return
            arrival = self._cards[self.session.get_one(CardCheck, taken.id).encounter_id]
            if arrival.card == "no-answer" and taken.attempt <= _SILENT_ATTEMPTS:
                store_failure(self.session, taken, reason="gateway.timeout", retry_after_s=0, now=now)
                self._at(now + timedelta(seconds=5 * 2**taken.attempt), self._answer_cards)
            else:
                answer = card_answer(arrival, taken.inquiry.number)
                sealed = self.seal.close(taken.id, answer.model_dump_json().encode())
                store_answer(self.session, taken, answer, sealed=sealed, now=now)
            self.session.flush()

    # The desk

    @_unless_overtaken
    def _reprint(self, encounter_id: UUID, now: datetime) -> None:
        reprint_ticket(
            self.session, encounter_id=encounter_id, facility=self.hospital.facility, copy=1, by=RECEPTIONIST, now=now
        )

    @_unless_overtaken
    def _move(self, encounter_id: UUID, service: str, now: datetime) -> None:
        encounter = self.session.get_one(Encounter, encounter_id, populate_existing=True)
        change_service(
            self.session, encounter_id=encounter_id, facility=self.hospital.facility, service=service,
            reason=self._chance.choice(_MOVE_REASONS), version=encounter.version, by=RECEPTIONIST, now=now,
        )  # fmt: skip
        self._wake_rooms(now)

    @_unless_overtaken
    def _put_right(
        self, encounter_id: UUID, correct: Callable[[Session, UUID, Correction], None], reason: str, now: datetime
    ) -> None:
        encounter = self.session.get_one(Encounter, encounter_id, populate_existing=True)
        correction = Correction(self.hospital.facility, reason, encounter.version, LEAD, now)
        correct(self.session, encounter_id, correction)

    @_unless_overtaken
    def _decide(self, encounter_id: UUID, arrival: Arrival, now: datetime) -> None:
        for ground in arrival.command.declared:
            if arrival.decision is not None:
                decide(
                    self.session, encounter_id, ground, arrival.decision, facility=self.hospital.facility,
                    reason=_REFUSED if arrival.decision == "refused" else "", seen=ClaimState.DECLARED.value,
                    by=RECEPTIONIST, now=now,
                )  # fmt: skip
        self._wake_rooms(now)

    @_unless_overtaken
    def _settle(self, encounter_id: UUID, now: datetime) -> None:
        open_issues = sa.select(EncounterIssue.id).where(
            EncounterIssue.encounter_id == encounter_id,
            EncounterIssue.settled_at.is_(None),
            EncounterIssue.code != IssueCode.PRIORITY_DECLARED,  # which is decided, above
        )
        for issue_id in self.session.scalars(open_issues.order_by(EncounterIssue.raised_at, EncounterIssue.code)).all():
            settle_issue(
                self.session, encounter_id=encounter_id, issue_id=issue_id, facility=self.hospital.facility,
                decision=self._chance.choice(_DECISIONS), by=LEAD, now=now,
            )  # fmt: skip

    def _call_for_help(self, device: Device, step: str, problem: str, now: datetime) -> None:
        key = uuid5(NAMESPACE, f"help/{device.letter}/{self.day}/{problem}")
        call_staff(
            self.session, CallStaff(request_key=key, step=step, problem=problem, called_at=now), device=device, now=now
        )
        self._at(now + self._within(30, 240), self._go_to_kiosk)

    def _go_to_kiosk(self, now: datetime) -> None:
        for call in open_calls(self.session, facility=self.hospital.facility)[:1]:
            answer_call(self.session, call.id, facility=self.hospital.facility, by=RECEPTIONIST, now=now)

    # The rooms

    def _call_next(self, place: Place, current: UUID | None, now: datetime) -> None:
        """Finish ``current``, call whoever is next, and note what becomes of them."""
        if self._clock(_LUNCH[0]) <= now < self._clock(_LUNCH[1]) and current is None:
            self._at(self._clock(_LUNCH[1]) + self._within(0, 600), partial(self._call_next, place, None))
            return
        try:
            ticket = call_next(
                self.session, facility=self.hospital.facility, queue=place.queue, room_id=place.room_id,
                current=current, by=DOCTOR, now=now,
            )  # fmt: skip
        except StaleVersion:  # the desk sent the patient elsewhere
            ticket = None
        if ticket is None:
            self._idle.append(place)
        else:
            self._examine(place, ticket.id, now)

    def _wake_rooms(self, now: datetime, queue: str | None = None) -> None:
        """Have the idle rooms of a queue, or all of them, look again in a moment."""
        woken = [place for place in self._idle if queue in {None, place.queue}]
        self._idle = [place for place in self._idle if place not in woken]
        for place in woken:
            self._at(now + self._within(20, 120), partial(self._call_next, place, None))

    def _examine(self, place: Place, ticket_id: UUID, now: datetime) -> None:
        kind = self._chance.random()
        takes = timedelta(minutes=place.minutes * self._chance.lognormvariate(-0.12, 0.5))
        if kind < 0.05:
            self._at(now + timedelta(seconds=60), partial(self._act, ticket_id, "recall"))
            self._at(now + timedelta(seconds=140), partial(self._act, ticket_id, "miss"))
            self._at(now + timedelta(seconds=145), partial(self._call_next, place, None))
            if kind < 0.03:
                self._at(now + self._within(600, 1800), partial(self._act, ticket_id, "resume"))
            return
        if self._chance.random() < 0.4:  # most counters do not tell coming from being served
            self._at(now + self._within(15, 50), partial(self._act, ticket_id, "start"))
        if kind < 0.12:  # sent for a test, and comes back with its result
            self._at(now + takes, partial(self._act, ticket_id, "hold"))
            self._at(now + takes + timedelta(seconds=5), partial(self._call_next, place, None))
            self._at(now + takes + self._within(1500, 3600), partial(self._act, ticket_id, "resume"))
            return
        self._at(now + max(takes, timedelta(seconds=60)), partial(self._call_next, place, ticket_id))

    @_unless_overtaken
    def _act(self, ticket_id: UUID, act: QueueAct, now: datetime) -> None:
        act_on(self.session, ticket_id, act, facility=self.hospital.facility, by=DOCTOR, now=now)
        if act == "resume":
            self._wake_rooms(now)
