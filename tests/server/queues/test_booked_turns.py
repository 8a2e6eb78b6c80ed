"""A booked time that is kept counts in the order of calls, the same for everybody who looks, on both databases."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.accounts.roles import Role
from server.db import Database
from server.domain.queue import TicketStatus
from server.fleet.service import Device
from server.queues.calling import call_next
from server.queues.lines import line_of
from server.queues.models import Queue, Ticket, TicketCall
from server.queues.rules import set_usual_gap
from server.queues.standing import newcomers, standing_of
from server.registration.corrections import Act, cancel_encounter, restore_encounter
from server.registration.models import Encounter
from server.registration.overrides import change_service
from tests.server.appointments.promises import NUMBER, at, coming, keep_hours, known_patient, promise
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, on_paper, register
from tests.server.queues.counters import room_of
from tests.server.staff import Browser, add_staff


def walk_ins(database: Database, kiosk: Device, count: int, *, since: datetime) -> list[str]:
    """Register people without an appointment, a minute apart; return their numbers."""
    labels = []
    for n in range(count):
        came = since + timedelta(minutes=n)
        command = arrival(f"0341{since:%H%M}00{n:02d}", arrived_at=came)
        labels.append(register(database, command, kiosk, now=came).answer.ticket.label)
    return labels


def booked(database: Database, kiosk: Device, *, slot: datetime, came: datetime, **changes: Any) -> Ticket:
    """Register somebody who has booked a time; return the number."""
    patient = known_patient(database)
    appointment = promise(database, patient, starts_at=slot, now=at(7, day=DAY) - timedelta(days=1))
    answer = register(database, coming(appointment.code, arrived_at=came, **changes), kiosk, now=came).answer
    return ticket_of(database, answer.encounter_id)


def ticket_of(database: Database, encounter_id: UUID) -> Ticket:
    with database.reading() as session:
        query = sa.select(Ticket).where(Ticket.encounter_id == encounter_id, Ticket.superseded_at.is_(None))
        return session.scalars(query).one()


def order(database: Database, now: datetime) -> list[str]:
    """Return the numbers in the order the counter shows, each of which is told the same place."""
    with database.reading() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        waiting = line_of(session, queue, room_of(database), now=now).waiting
        for place, one in enumerate(waiting):
            standing = standing_of(session, session.get_one(Ticket, one.ticket_id), now=now)
            assert standing is not None
            assert standing.before == place
        assert newcomers(session, [queue.id], facility=FACILITY, now=now)[queue.id].before == len(waiting)
        return [one.label for one in waiting]


def call(database: Database, now: datetime, current: Ticket | None = None) -> Ticket:
    with database.begin() as session:
        ticket = call_next(
            session, facility=FACILITY, queue="NOI", room_id=room_of(database), now=now, by="bac.si",
            current=current.id if current else None,
        )  # fmt: skip
        assert ticket is not None
        return ticket


@pytest.fixture
def slots(hospital: Database) -> None:
    keep_hours(hospital)


@pytest.mark.usefixtures("slots")
class TestOrder:
    def test_a_booked_time_counts_from_then_on_and_every_third_ordinary_turn(
        self, hospital: Database, kiosk: Device
    ) -> None:
        walk_ins(hospital, kiosk, 4, since=at(7, 10))  # A001 to A004
        mine = booked(hospital, kiosk, slot=at(7, 40), came=at(7, 20))
        assert (mine.label, mine.due_at, mine.waiting_before) == ("A005", at(7, 40), 4)
        assert order(hospital, at(7, 39)) == ["A001", "A002", "A003", "A004", "A005"]
        assert order(hospital, at(7, 40)) == ["A005", "A001", "A002", "A003", "A004"]
        assert call(hospital, at(7, 41)).label == "A005"
        with hospital.reading() as session:
            made = session.scalars(sa.select(TicketCall)).one()
        assert (made.had_booked_choice, made.had_choice, made.is_priority) == (True, False, False)

    def test_the_wait_on_paper_foresees_the_booked_turn_and_so_do_those_who_are_passed(
        self, hospital: Database, kiosk: Device
    ) -> None:
        with hospital.begin() as session:
            queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
            set_usual_gap(session, facility=FACILITY, queue_id=queue.id, minutes=8, by="truong", now=at(7))
        walk_ins(hospital, kiosk, 6, since=at(7, 10))
        # One each nine minutes (the middle of a usual eight): after three calls it is 7:47, and 7:40 has come.
        mine = booked(hospital, kiosk, slot=at(7, 40), came=at(7, 20))
        assert (mine.waiting_before, mine.wait_least_min, mine.wait_most_min) == (3, 18, 48)
        assert order(hospital, at(7, 20)) == ["A001", "A002", "A003", "A007", "A004", "A005", "A006"]

    def test_the_turns_of_booked_times_begin_where_the_last_call_left_them(
        self, hospital: Database, kiosk: Device
    ) -> None:
        walk_ins(hospital, kiosk, 3, since=at(7, 10))
        first = booked(hospital, kiosk, slot=at(7, 20), came=at(7, 14))
        assert call(hospital, at(7, 21)).label == first.label
        other = known_patient(hospital, "034190000025")
        appointment = promise(hospital, other, starts_at=at(7, 40), now=at(7, 21))
        second = coming(appointment.code, "034190000025", arrived_at=at(7, 22))
        assert register(hospital, second, kiosk, now=at(7, 22)).answer.ticket.label == "A005"
        assert order(hospital, at(7, 45)) == ["A001", "A002", "A005", "A003"]

    @pytest.mark.parametrize(
        ("slot", "came"),
        [
            ((7, 20), (7, 51)),  # after the grace: served as those who come then
            (None, (7, 51)),  # a letter names a day
        ],
    )
    def test_who_keeps_no_time_waits_as_everybody(
        self, hospital: Database, kiosk: Device, slot: tuple[int, int] | None, came: tuple[int, int]
    ) -> None:
        when = {"starts_at": at(*slot)} if slot else {"due_on": DAY}
        appointment = promise(hospital, known_patient(hospital), now=at(7), **when)
        answer = register(hospital, coming(appointment.code, arrived_at=at(*came)), kiosk, now=at(*came)).answer
        assert ticket_of(hospital, answer.encounter_id).due_at is None


@pytest.mark.usefixtures("slots")
class TestWhichVisit:
    def test_a_time_booked_of_one_clinic_gives_no_turn_at_another_until_the_desk_sends_the_patient_there(
        self, hospital: Database, kiosk: Device
    ) -> None:
        elsewhere = booked(hospital, kiosk, slot=at(7, 40), came=at(7, 20), service="NHI")
        assert elsewhere.due_at is None
        with hospital.begin() as session:
            encounter = session.get_one(Encounter, elsewhere.encounter_id)
            moved = change_service(
                session, encounter_id=encounter.id, facility=FACILITY, service="NOI", reason="Hẹn khám nội",
                version=encounter.version, by="le.tan", now=at(7, 25),
            )  # fmt: skip
        assert (moved.label, moved.due_at) == ("A001", at(7, 40))
        with hospital.begin() as session:
            encounter = session.get_one(Encounter, elsewhere.encounter_id)
            back = change_service(
                session, encounter_id=encounter.id, facility=FACILITY, service="NHI", reason="Nhầm",
                version=encounter.version, by="le.tan", now=at(7, 26),
            )  # fmt: skip
        assert back.due_at is None

    def test_a_number_given_out_of_reach_counts_from_the_time_once_it_is_uploaded(
        self, hospital: Database, kiosk: Device
    ) -> None:
        promise(hospital, known_patient(hospital), starts_at=at(7, 40), now=at(7))
        command = on_paper(arrival(NUMBER, arrived_at=at(7, 20)), 12)
        answer = register(hospital, command, kiosk, now=at(7, 50)).answer
        assert (answer.ticket.label, ticket_of(hospital, answer.encounter_id).due_at) == ("A-K012", at(7, 40))

    def test_who_has_a_number_and_then_shows_the_letter_counts_from_the_time(
        self, hospital: Database, kiosk: Device
    ) -> None:
        patient = known_patient(hospital)
        appointment = promise(hospital, patient, starts_at=at(7, 40), now=at(7))
        first = register(hospital, arrival(NUMBER, arrived_at=at(7, 10)), kiosk, now=at(7, 10)).answer
        assert ticket_of(hospital, first.encounter_id).due_at is None
        again = register(hospital, coming(appointment.code, arrived_at=at(7, 20)), kiosk, now=at(7, 20)).answer
        assert again.ticket.id == first.ticket.id
        assert ticket_of(hospital, first.encounter_id).due_at == at(7, 40)

    def test_a_visit_taken_back_and_restored_keeps_its_time_unless_another_visit_uses_it(
        self, hospital: Database, kiosk: Device
    ) -> None:
        mine = booked(hospital, kiosk, slot=at(7, 40), came=at(7, 20))

        def correct(work: Any, **more: Any) -> None:
            with hospital.begin() as session:
                version = session.get_one(Encounter, mine.encounter_id).version
                act = Act(facility=FACILITY, reason="Bấm nhầm", version=version, by="le.tan", now=at(7, 25))
                work(session, mine.encounter_id, act, **more)

        correct(cancel_encounter)
        correct(restore_encounter, is_lead=True, checks_insurance=False)
        restored = ticket_of(hospital, mine.encounter_id)
        assert (restored.status, restored.due_at) == (TicketStatus.WAITING, at(7, 40))


@pytest.mark.usefixtures("slots")
def test_staff_the_patient_and_the_waiting_room_see_the_time_and_the_rule(
    browser: Browser, hospital: Database, kiosk: Device
) -> None:
    mine = booked(hospital, kiosk, slot=at(7, 40), came=at(7, 20))
    with hospital.reading() as session:
        code = session.get_one(Encounter, mine.encounter_id).visit_code
    browser.clock.pass_by(at(7, 30) - MORNING)
    browser.sign_in(add_staff(hospital, "truong", Role.RECEPTION_LEAD))
    assert '<span class="mark">hẹn 07:40</span>' in browser.get(f"/counter/NOI/{room_of(hospital)}").text
    assert '<span class="mark">hẹn 07:40</span>' in browser.get("/reception").text
    assert "Quý vị hẹn lúc 07:40." in browser.get(f"/t/{code}").text
    assert "trong lượt thường, cứ 1 người hẹn đã đến giờ thì 2 người không hẹn" in browser.get("/board/all").text
    off = browser.send("/queues/rule", priority="1", ordinary="2", walk_ins="", reason="Chưa quen", seen="")
    assert off.status_code == 303
    assert "Giờ hẹn không đổi thứ tự gọi." in browser.get("/queues/rule").text
    assert "Quý vị hẹn lúc" not in browser.get(f"/t/{code}").text
