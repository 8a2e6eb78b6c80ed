"""Calling numbers to rooms, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.queue import TicketStatus
from server.domain.waiting import ExpectedWait
from server.errors import NotFound, Refused, StaleVersion
from server.fleet.service import Device
from server.queues.calling import Act, act_on, call_next, send_to_room
from server.queues.lines import line_of
from server.queues.models import Queue, Ticket, TicketCall, TicketMove
from server.queues.slips import show_slip
from server.queues.standing import standing_of
from server.queues.undoing import undo
from server.registration.models import Encounter
from tests.server.hospital import FACILITY
from tests.server.queues.counters import NOW, act, add_room, arrive, line, press_next, room_of


@pytest.fixture
def room(hospital: Database) -> UUID:
    return room_of(hospital)


def test_one_key_finishes_who_is_there_and_calls_the_next(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 3)
    first = press_next(hospital, room)
    assert first is not None
    assert (first.label, first.status, first.room_id) == ("A001", TicketStatus.CALLED, room)
    second = press_next(hospital, room, first.id)
    assert second is not None
    now = line(hospital, room)
    assert now.current is not None
    assert (now.current.label, [one.label for one in now.waiting], now.served) == ("A002", ["A003"], 1)


def test_pressing_twice_calls_one_person(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 3)
    press_next(hospital, room)
    with pytest.raises(StaleVersion):
        press_next(hospital, room)
    assert [one.label for one in line(hospital, room).waiting] == ["A002", "A003"]


def test_eight_rooms_that_press_at_once_call_eight_different_people(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 10)
    rooms = [room, *(add_room(hospital, f"Phòng 11{n}") for n in range(7))]
    with ThreadPoolExecutor(8) as pool:
        called = list(pool.map(lambda one: press_next(hospital, one), rooms))
    assert sorted(ticket.label for ticket in called if ticket) == [f"A{n:03d}" for n in range(1, 9)]
    with hospital.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(TicketCall)) == 8


def test_when_nobody_waits_the_last_one_is_finished_and_nobody_called(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 1)
    only = press_next(hospital, room)
    assert only is not None
    assert press_next(hospital, room, only.id) is None
    now = line(hospital, room)
    assert (now.current, now.waiting, now.served) == (None, [], 1)


def test_the_old_are_mixed_in_by_the_rule_and_the_trail_says_who_had_a_choice(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 4)
    arrive(hospital, kiosk, 2, born_on="1948-01-01")  # 78 years: A005 and A006
    waiting = line(hospital, room).waiting
    assert [one.label for one in waiting] == ["A005", "A001", "A002", "A006", "A003", "A004"]
    assert [one.label for one in waiting if one.priority] == ["A005", "A006"]
    current = None
    called = []
    for _ in range(6):
        ticket = press_next(hospital, room, current)
        assert ticket is not None
        called.append(ticket.label)
        current = ticket.id
    assert called == [one.label for one in waiting]
    with hospital.reading() as session:
        query = sa.select(TicketCall.had_choice).join(Ticket, Ticket.id == TicketCall.ticket_id).order_by(Ticket.label)
        assert list(session.scalars(query)) == [True, True, False, False, True, True]


def test_who_missed_the_call_comes_back_after_three_others(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 6)
    missed = act(hospital, press_next(hospital, room), "miss")
    assert [one.label for one in line(hospital, room).missed] == ["A001"]
    press_next(hospital, room)
    act(hospital, missed, "resume")
    assert [one.label for one in line(hospital, room).waiting] == ["A003", "A004", "A005", "A001", "A006"]


def test_who_was_held_keeps_the_place_by_arrival(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 3)
    held = act(hospital, press_next(hospital, room), "hold")
    assert line(hospital, room).current is None
    press_next(hospital, room)
    act(hospital, held, "resume")
    assert [one.label for one in line(hospital, room).waiting] == ["A001", "A003"]


def test_a_repeated_call_is_heard_again_and_moves_nobody(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 2)
    first = press_next(hospital, room)
    assert first is not None
    act(hospital, first, "recall")
    with hospital.reading() as session:
        calls = session.scalars(sa.select(TicketCall).order_by(TicketCall.is_repeat)).all()
    assert [(call.is_repeat, call.ticket_id) for call in calls] == [(False, first.id), (True, first.id)]
    assert [one.label for one in line(hospital, room).waiting] == ["A002"]


def test_an_act_on_a_number_that_has_moved_on_is_a_conflict(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 2)
    first = press_next(hospital, room)
    act(hospital, first, "miss")
    with pytest.raises(StaleVersion):
        act(hospital, first, "recall")


def test_yesterdays_number_is_left_alone(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 1)
    ticket = press_next(hospital, room)
    assert ticket is not None
    with pytest.raises(Refused), hospital.begin() as session:
        act_on(session, ticket.id, "recall", facility=FACILITY, by="bac.si", now=NOW + timedelta(days=1))


def test_a_room_of_another_clinic_or_hospital_cannot_call_this_queue(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 1)
    for facility, queue, place in [
        (FACILITY, "NOI", room_of(hospital, "Phòng 102")),
        (FACILITY, "NOI", uuid4()),
        (FACILITY, "MAT", room),
        ("79999", "NOI", room),
    ]:
        with pytest.raises(NotFound), hospital.begin() as session:
            call_next(session, facility=facility, queue=queue, room_id=place, current=None, by="bac.si", now=NOW)


def test_a_position_follows_the_order_of_calls_and_todays_pace(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 9)
    current = None
    for minute in range(0, 25, 5):
        ticket = press_next(hospital, room, current, minutes=minute)
        assert ticket is not None
        current = ticket.id
    with hospital.reading() as session:
        last = session.scalars(sa.select(Ticket).where(Ticket.label == "A009")).one()
        done = session.scalars(sa.select(Ticket).where(Ticket.label == "A001")).one()
        position = standing_of(session, last, now=NOW + timedelta(minutes=20))
        assert standing_of(session, done, now=NOW) is None
    assert position is not None
    assert (position.before, position.wait) == (3, ExpectedWait(15, 20))


def test_who_is_skipped_comes_after_the_next_one(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 4)
    act(hospital, press_next(hospital, room), "skip")
    assert [one.label for one in line(hospital, room).waiting] == ["A002", "A001", "A003", "A004"]


def test_who_is_sent_to_another_room_keeps_the_place_and_is_called_there_only(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    other = add_room(hospital, "Phòng 111")
    arrive(hospital, kiosk, 3)
    first = press_next(hospital, room)
    assert first is not None
    with hospital.begin() as session:
        send_to_room(session, first.id, to_room=other, facility=FACILITY, by="bac.si", now=NOW, room_id=room)
    waiting = line(hospital, room).waiting
    assert [(one.label, one.wanted_room) for one in waiting[:2]] == [("A001", "Phòng 111"), ("A002", None)]
    here, there = press_next(hospital, room, minutes=1), press_next(hospital, other, minutes=2)
    assert here is not None
    assert there is not None
    assert (here.label, there.label) == ("A002", "A001")


def test_a_room_of_another_clinic_takes_nobody_of_this_queue(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 1)
    first = press_next(hospital, room)
    assert first is not None
    with pytest.raises(NotFound), hospital.begin() as session:
        send_to_room(
            session, first.id, to_room=room_of(hospital, "Phòng 102"), facility=FACILITY, by="bac.si", now=NOW,
            room_id=room,
        )  # fmt: skip


def take_back(database: Database, room: UUID, *, minutes: int = 0) -> None:
    with database.begin() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        at = NOW + timedelta(minutes=minutes)
        last = line_of(session, queue, room, now=at).last_press
        assert last is not None
        undo(session, last.press_id, facility=FACILITY, by="bac.si", now=at)


def test_undo_takes_the_whole_press_back(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 3)
    first = press_next(hospital, room)
    assert first is not None
    press_next(hospital, room, first.id, minutes=1)
    take_back(hospital, room, minutes=1)
    now = line(hospital, room)
    assert now.current is not None
    assert (now.current.label, now.served) == ("A001", 0)
    assert [one.label for one in now.waiting] == ["A002", "A003"]
    with hospital.reading() as session:
        undone = session.scalars(sa.select(TicketCall.undone_at).order_by(TicketCall.called_at)).all()
        acts = session.scalars(sa.select(AuditLine.action).where(AuditLine.action.like("ticket.undo%"))).all()
    assert undone == [None, NOW + timedelta(minutes=1)]
    assert sorted(acts) == ["ticket.undo-call", "ticket.undo-finish"]


def test_undo_gives_the_turn_back(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 2)
    arrive(hospital, kiosk, 2, born_on="1948-01-01")
    before = [one.label for one in line(hospital, room).waiting]
    press_next(hospital, room)
    take_back(hospital, room)
    assert [one.label for one in line(hospital, room).waiting] == before


def test_a_mistaken_absence_is_undone_and_the_number_stays_at_the_room(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 1)
    act(hospital, press_next(hospital, room), "miss", room=room, minutes=1)
    take_back(hospital, room, minutes=1)
    current = line(hospital, room).current
    assert current is not None
    assert (current.label, current.status) == ("A001", TicketStatus.CALLED)


def test_undo_is_too_late_after_five_minutes_and_after_something_followed(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 2)
    first = press_next(hospital, room)
    assert first is not None
    with hospital.reading() as session:
        press = session.scalars(sa.select(TicketMove.press_id)).one()
    with pytest.raises(Refused), hospital.begin() as session:
        undo(session, press, facility=FACILITY, by="bac.si", now=NOW + timedelta(minutes=6))
    act(hospital, first, "start", room=room, minutes=1)
    with pytest.raises(StaleVersion), hospital.begin() as session:
        undo(session, press, facility=FACILITY, by="bac.si", now=NOW + timedelta(minutes=1))
    for facility, unknown in [("79999", press), (FACILITY, uuid4())]:
        with pytest.raises(NotFound), hospital.begin() as session:
            undo(session, unknown, facility=facility, by="bac.si", now=NOW)


def test_an_older_press_is_not_undone_beside_a_newer_one(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 2)
    first = act(hospital, press_next(hospital, room), "miss", room=room, minutes=1)
    with hospital.reading() as session:
        missing = session.scalars(sa.select(TicketMove.press_id).where(TicketMove.act == "miss")).one()
    press_next(hospital, room, minutes=2)
    with pytest.raises(StaleVersion), hospital.begin() as session:
        undo(session, missing, facility=FACILITY, by="bac.si", now=NOW + timedelta(minutes=2))
    assert [one.label for one in line(hospital, room).missed] == [first.label]


def test_a_slip_that_is_shown_brings_its_number_back_after_three_others_once(
    hospital: Database, kiosk: Device, room: UUID
) -> None:
    arrive(hospital, kiosk, 6)
    missed = act(hospital, press_next(hospital, room), "miss")
    with hospital.reading() as session:
        code = session.get_one(Encounter, missed.encounter_id).visit_code

    def show(facility: str = FACILITY, days: int = 0) -> bool:
        with hospital.begin() as session:
            at = NOW + timedelta(days=days)
            return show_slip(session, code, facility=facility, by="kiosk K", actor="kiosk:x", now=at).rejoined

    assert [show(), show()] == [True, False]
    assert [one.label for one in line(hospital, room).waiting] == ["A002", "A003", "A004", "A001", "A005", "A006"]
    with pytest.raises(NotFound):
        show("79999")
    with pytest.raises(Refused):
        show(days=1)


def test_every_call_stands_in_the_trail_of_its_encounter(hospital: Database, kiosk: Device, room: UUID) -> None:
    arrive(hospital, kiosk, 1)
    ticket = press_next(hospital, room)
    assert ticket is not None
    acts: tuple[Act, ...] = ("recall", "start", "finish")
    for what in acts:
        act(hospital, ticket, what)
    with hospital.reading() as session:
        lines = session.scalars(
            sa.select(AuditLine).where(AuditLine.subject_id == str(ticket.encounter_id)).order_by(AuditLine.sequence)
        ).all()
    assert [line.action for line in lines] == [
        "encounter.registered", "ticket.call", "ticket.recall", "ticket.start", "ticket.finish",
    ]  # fmt: skip
