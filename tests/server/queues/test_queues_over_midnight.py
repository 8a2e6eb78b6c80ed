"""A clinic at work over midnight: its numbers of the evening live until its work ends, beside those of the new day."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.board.service import find_area, read_display
from server.db import Database
from server.domain.catalogue import Hours
from server.domain.days import VIETNAM
from server.domain.queue import TicketStatus
from server.errors import Refused
from server.facilities.queries import facility_services
from server.fleet.service import Device
from server.queues.calling import act_on, call_next
from server.queues.keeper import QueueKeeper
from server.queues.lines import line_of
from server.queues.models import Queue, Ticket
from server.queues.standing import standing_of
from server.registration.corrections import Act, cancel_encounter, restore_encounter
from server.registration.overrides import change_service
from tests.server.hospital import DAY, FACILITY, arrival, register
from tests.server.queues.counters import room_of
from tests.server.queues.nights import keep_hours

NIGHT = [Hours(day, time(18), time(6)) for day in range(1, 8)]
DAY_CLINIC = [Hours(day, time(7), time(16, 30)) for day in range(1, 8)]
BY_DAY_AND_NIGHT = [Hours(day, time(7), time(7)) for day in range(1, 8)]


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    return datetime.combine(DAY + timedelta(days=days), time(hour, minute), VIETNAM)


def come(database: Database, kiosk: Device, number: int, when: datetime, service: str = "NOI") -> Ticket:
    command = arrival(f"034190{number:06d}", arrived_at=when, service=service)
    answer = register(database, command, kiosk, now=when).answer
    with database.reading() as session:
        return session.get_one(Ticket, answer.ticket.id)


def labels_in_line(database: Database, now: datetime) -> list[str]:
    with database.reading() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        return [one.label for one in line_of(session, queue, room_of(database), now=now).waiting]


def press_next(database: Database, now: datetime, current: UUID | None = None) -> Ticket:
    with database.begin() as session:
        called = call_next(
            session, facility=FACILITY, queue="NOI", room_id=room_of(database), current=current, by="bac.si", now=now
        )
        assert called is not None
        return called


def status_after_a_round(database: Database, ticket: Ticket, now: datetime) -> TicketStatus:
    QueueKeeper(database, now=lambda: now).look()
    with database.reading() as session:
        return session.get_one(Ticket, ticket.id).status


@pytest.mark.parametrize(
    ("hours", "last_live", "closed"),
    [
        (NIGHT, at(5, 59, days=1), at(6, days=1)),
        (BY_DAY_AND_NIGHT, at(6, 59, days=1), at(7, days=1)),  # the shift is relieved at seven
        ([], at(5, 59, days=1), at(6, days=1)),  # open always
        (DAY_CLINIC, at(23, 59), at(0, days=1)),
    ],
    ids=["night", "day and night", "open always", "day"],
)
def test_the_evenings_numbers_are_closed_when_the_clinics_work_ends(
    hospital: Database, kiosk: Device, hours: list[Hours], last_live: datetime, closed: datetime
) -> None:
    keep_hours(hospital, hours)
    ticket = come(hospital, kiosk, 1, at(23, 50) if hours is not DAY_CLINIC else at(15))
    for before in (at(23, 59), last_live):
        assert status_after_a_round(hospital, ticket, before) is TicketStatus.WAITING
    assert status_after_a_round(hospital, ticket, closed) is TicketStatus.NOT_SEEN
    assert labels_in_line(hospital, closed) == []


def test_after_midnight_who_came_in_the_evening_is_called_first_and_everybody_is_told_so(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital, NIGHT)
    keep_hours(hospital, DAY_CLINIC, "NHI")
    register(hospital, arrival("034190000031", arrived_at=at(15), service="NHI"), kiosk, now=at(15))
    for n, minute in enumerate((50, 55)):
        come(hospital, kiosk, n, at(23, minute))
    new = come(hospital, kiosk, 3, at(0, 5, days=1))
    now = at(0, 10, days=1)
    # Numbers are counted by calendar day, whatever the clinic's work: contiguous, and from one.
    assert (new.label, new.local_day, new.waiting_before) == ("A001", DAY + timedelta(days=1), 2)
    assert labels_in_line(hospital, now) == ["A001", "A002", "A001"]
    with hospital.reading() as session:
        standing = standing_of(session, new, now=now)
        display = read_display(session, find_area(session, "all", None), now=now)
        offers = facility_services(session, FACILITY, kiosk_letter="K", now=now).services
    assert standing is not None
    assert standing.before == 2
    assert [(one.letter, one.waiting) for one in display.loads] == [("A", 3), ("B", 0)]
    assert {one.service: one.waiting for one in offers} == {"NOI": 3, "NHI": 0}
    called = press_next(hospital, now)
    assert (called.label, called.local_day) == ("A001", DAY)
    with hospital.reading() as session:
        display = read_display(session, find_area(session, "all", None), now=now)
    assert [call.label for call in display.calls] == ["A001"]
    again = press_next(hospital, now + timedelta(minutes=5), called.id)
    assert (again.label, again.local_day) == ("A002", DAY)


def test_who_holds_a_number_of_the_evening_is_answered_with_it_after_midnight_and_not_after_the_night(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital, NIGHT)
    evening = come(hospital, kiosk, 1, at(23, 50))
    assert come(hospital, kiosk, 1, at(0, 10, days=1)).id == evening.id
    assert come(hospital, kiosk, 1, at(18, 10, days=1)).id != evening.id


def test_who_missed_the_call_before_midnight_rejoins_after_three_others(hospital: Database, kiosk: Device) -> None:
    keep_hours(hospital, NIGHT)
    for n in range(6):
        come(hospital, kiosk, n, at(23, 40 + n))
    missed = press_next(hospital, at(23, 55))
    with hospital.begin() as session:
        act_on(session, missed.id, "miss", facility=FACILITY, by="bac.si", now=at(23, 58))
    with hospital.begin() as session:
        act_on(session, missed.id, "resume", facility=FACILITY, by="bac.si", now=at(0, 2, days=1))
    assert labels_in_line(hospital, at(0, 3, days=1)) == ["A002", "A003", "A004", "A001", "A005", "A006"]


def test_who_rejoined_in_the_night_is_not_made_to_wait_for_the_calls_of_the_closed_evening(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital, BY_DAY_AND_NIGHT)
    for n in range(5):  # a busy evening, over by midnight
        come(hospital, kiosk, n, at(22, n))
        called = press_next(hospital, at(22, n + 30))
        with hospital.begin() as session:
            act_on(session, called.id, "finish", facility=FACILITY, by="bac.si", now=at(22, n + 30))
    first, _ = [come(hospital, kiosk, n, at(6, n, days=1)) for n in (10, 11)]
    with hospital.begin() as session:
        session.get_one(Ticket, first.id).after_call = 8  # five calls of the evening, and three more
    assert labels_in_line(hospital, at(6, 55, days=1)) == ["A002", "A001"]
    assert labels_in_line(hospital, at(7, 1, days=1)) == ["A001", "A002"]


def test_a_number_of_an_evening_that_is_over_cannot_be_pressed(hospital: Database, kiosk: Device) -> None:
    keep_hours(hospital, NIGHT)
    ticket = come(hospital, kiosk, 1, at(23, 50))
    with hospital.begin() as session, pytest.raises(Refused, match="another day"):
        act_on(session, ticket.id, "hold", facility=FACILITY, by="bac.si", now=at(6, days=1))


def test_after_midnight_a_visit_of_the_evening_is_sent_on_taken_back_and_put_back_while_its_clinic_works(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital, NIGHT)
    keep_hours(hospital, DAY_CLINIC, "NHI")
    sent, kept = (come(hospital, kiosk, n, at(23, 50 + n)).encounter_id for n in (1, 2))
    change: dict[str, Any] = {"facility": FACILITY, "reason": "Bác sĩ đề nghị chuyển", "version": 1, "by": "le.tan"}
    with hospital.begin() as session:
        number = change_service(session, encounter_id=sent, service="NHI", now=at(0, 10, days=1), **change)
        assert (number.label, number.local_day) == ("B001", DAY + timedelta(days=1))  # the day clinic's evening is over
    with hospital.begin() as session:
        cancel_encounter(session, kept, Act(FACILITY, "Bấm nhầm", 1, "le.tan", at(0, 20, days=1)))
    with hospital.begin() as session:
        again = Act(FACILITY, "Bấm nhầm", 2, "le.tan", at(0, 30, days=1))
        restore_encounter(session, kept, again, is_lead=False, checks_insurance=False)
    assert labels_in_line(hospital, at(0, 31, days=1)) == ["A002"]
    with hospital.begin() as session, pytest.raises(Refused, match="today's patients"):
        change_service(session, encounter_id=kept, service="NHI", now=at(6, days=1), **{**change, "version": 3})


def test_after_midnight_the_counter_counts_as_seen_today_only_the_new_days_numbers(
    hospital: Database, kiosk: Device
) -> None:
    keep_hours(hospital, NIGHT)

    def seen(now: datetime) -> int:
        with hospital.reading() as session:
            queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
            return line_of(session, queue, room_of(hospital), now=now).served

    for n in range(3):
        come(hospital, kiosk, n, at(23, 50))
    current = None
    for minute in (52, 53, 54):
        current = press_next(hospital, at(23, minute), current).id  # the one before is done
    assert seen(at(23, 55)) == 2
    assert seen(at(0, 1, days=1)) == 0
