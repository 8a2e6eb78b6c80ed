"""The invented day of the demo: a plan that is the same each time, put to work by the real services."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.appointments.models import Appointment
from server.audit import AuditLine, AuditLog, read_or_make_key
from server.db import Database
from server.demo.clinics import furnish
from server.demo.day import add_days
from server.demo.load import person
from server.demo.plan import CUT_KIOSK, Arrival, days_to_fill, morning_shift, plan_day
from server.demo.seeding import FACILITY, add_hospital
from server.demo.villagers import FIRST, villager
from server.domain.appointments import AppointmentStatus
from server.domain.days import VIETNAM
from server.domain.encounter import Unverified
from server.domain.identity import is_personal_number
from server.domain.queue import TicketStatus
from server.queues.models import Ticket, TicketCall
from server.registration.models import Encounter, Override

DAY = date(2026, 11, 23)
SERVICES = ("NOI", "NGOAI", "NHI", "SAN", "MAT", "TMH", "RHM", "YHCT")


def at(hour: int, minute: int = 0) -> datetime:
    return datetime.combine(DAY, time(hour, minute), VIETNAM).astimezone(UTC)


@pytest.fixture(scope="module")
def plan() -> Sequence[Arrival]:
    return list(plan_day("34999", SERVICES, ["L", "M"], DAY))


def test_the_same_day_is_planned_the_same_each_time_and_another_day_is_another(plan: Sequence[Arrival]) -> None:
    assert plan == list(plan_day("34999", SERVICES, ["L", "M"], DAY))
    tomorrow = list(plan_day("34999", SERVICES, ["L", "M"], DAY + timedelta(days=1)))
    keys = [arrival.command.request_key for arrival in [*plan, *tomorrow]]
    assert len(set(keys)) == len(keys)


def test_people_come_early_and_general_medicine_has_most_of_them(plan: Sequence[Arrival]) -> None:
    instants = [arrival.command.arrived_at for arrival in plan]
    assert instants == sorted(instants)
    assert instants[0] >= at(6, 10)
    by_eight = sum(instant < at(8) for instant in instants)
    assert 0.45 < by_eight / len(instants) < 0.65
    assert Counter(arrival.command.service for arrival in plan).most_common(1)[0][0] == "NOI"


def test_a_third_is_called_nguyen_nobody_twice_and_the_old_and_the_small_are_many() -> None:
    people = [villager(number) for number in range(FIRST, FIRST + 900)]
    families = Counter(one["full_name"].split()[0] for one in people)
    assert families.most_common(1)[0][0] == "Nguyễn"
    assert 0.33 < families["Nguyễn"] / len(people) < 0.45
    assert len({one["identifiers"][0]["value"] for one in people}) == len(people)
    assert all(is_personal_number(one["identifiers"][0]["value"]) for one in people)
    assert not {one["identifiers"][0]["value"] for one in people} & {
        person(index)["identifiers"][0]["value"] for index in range(900)
    }, "nor as anybody among the people for load"
    ages = [2026 - int(one["born_on"][:4]) for one in people]
    assert sum(age < 6 for age in ages) > 100
    assert sum(age >= 60 for age in ages) > 200


def test_children_go_to_paediatrics_and_women_to_obstetrics(plan: Sequence[Arrival]) -> None:
    people = {"NHI": set[str](), "SAN": set[str]()}
    for arrival in plan:
        if arrival.command.service in people:
            person = arrival.command.person
            people[arrival.command.service].add(f"{int((person.born_on or '')[:4]) > 2010} {person.sex}")
    assert people["NHI"] <= {"True male", "True female"}
    assert people["SAN"] == {"False female"}


def test_a_day_holds_every_kind_of_visit(plan: Sequence[Arrival]) -> None:
    assert {arrival.source for arrival in plan} == {"L", "M", "desk"}
    assert {"chip-trusted", "chip-consistent", "qr", "staff"} <= {a.command.evidence.assurance.value for a in plan}
    assert {arrival.command.insurance is None for arrival in plan} == {True, False}
    assert {payer.value for a in plan if (payer := a.command.payer)} == {"insured", "self", "on-request"}
    assert {ground.value for a in plan for ground in a.command.declared} == {"pregnancy", "disability", "merit"}
    assert any(a.is_cancelled for a in plan)
    assert any(a.has_appointment for a in plan)
    own = [a.command.offline_ticket for a in plan if a.command.offline_ticket]
    assert [ticket.number for ticket in own] == list(range(1, len(own) + 1))
    assert {ticket.kiosk_letter for ticket in own} == {CUT_KIOSK}


@pytest.mark.parametrize(
    ("now", "first_arrival"),
    [
        (at(7, 15), at(6, 10)),  # a morning in its own time
        (at(11, 29), at(6, 10)),
        (at(11, 30), at(9, 20)),  # the rest would be an empty hall: the morning begins later instead
        (at(19, 44), at(17, 34)),
        (at(6, 30), at(4, 20)),
        (at(2, 10), at(0)),
        (at(0, 5), at(0)),  # yesterday's numbers are yesterday's
    ],
)
def test_whoever_looks_at_any_hour_finds_a_morning_that_began_today(now: datetime, first_arrival: datetime) -> None:
    assert at(6, 10) + morning_shift(now) == first_arrival


def test_a_shifted_day_is_the_same_day_later(plan: Sequence[Arrival]) -> None:
    later = timedelta(hours=8)
    shifted = list(plan_day("34999", SERVICES, ["L", "M"], DAY, shift=later))
    assert [a.command.arrived_at - later for a in shifted] == [a.command.arrived_at for a in plan]
    assert [a.received_after for a in shifted] == [a.received_after for a in plan]
    assert [a.command.request_key for a in shifted] == [a.command.request_key for a in plan]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (at(0, 30), [DAY - timedelta(days=1), DAY]),  # few have come since midnight: yesterday can be looked at
        (at(1, 4), [DAY - timedelta(days=1), DAY]),
        (at(1, 5), [DAY]),
        (at(6, 30), [DAY]),
        (at(23, 59), [DAY]),
    ],
)
def test_just_after_midnight_yesterday_is_there_too(now: datetime, days: list[date]) -> None:
    assert days_to_fill(now) == days


def test_at_a_quarter_past_seven_some_are_served_and_most_wait(database: Database, tmp_path: Path) -> None:
    now, data_dir = at(7, 15), tmp_path / "server"
    with database.begin() as session:
        add_hospital(session, now)
        furnish(session, FACILITY)
    came = add_days(database, FACILITY, now, data_dir=data_dir, checks_insurance=True)
    assert came > 80
    assert add_days(database, FACILITY, now, data_dir=data_dir, checks_insurance=True) == 0, "it is there already"
    with database.reading() as session:
        assert AuditLog(read_or_make_key(data_dir)).verify(session)[1] == []
        tickets = session.scalars(sa.select(Ticket).order_by(Ticket.queue_id, Ticket.number)).all()
        encounters = session.scalars(sa.select(Encounter)).all()
        lines = session.scalars(sa.select(AuditLine)).all()
        calls = session.scalars(sa.select(TicketCall)).all()
        kept = session.scalars(sa.select(Appointment.status)).all()
        overrides = session.scalars(sa.select(Override.field)).all()
    assert AppointmentStatus.FULFILLED in kept
    assert overrides
    states = Counter(ticket.status for ticket in tickets if ticket.superseded_at is None)
    assert states[TicketStatus.WAITING] > states[TicketStatus.DONE] > 0
    assert states[TicketStatus.CALLED] + states[TicketStatus.SERVING] > 0
    online = [ticket for ticket in tickets if ticket.kiosk_letter is None]
    for before, after in pairwise(online):
        assert after.number == (before.number + 1 if before.queue_id == after.queue_id else 1)
    assert max(line.at for line in lines) <= now, "nothing has happened yet that happens later"
    assert max(call.called_at for call in calls) <= now
    is_unverified = [Unverified.INSURANCE.value in one.unverified for one in encounters if one.insurance_card]
    assert 0 < sum(is_unverified) < len(is_unverified) / 3, "the gateway has confirmed most cards"
