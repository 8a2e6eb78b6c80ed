"""The day of a queue is the hospital's, whatever ran meanwhile: midnight, the rush at 7, a server that was off."""

from datetime import timedelta

import sqlalchemy as sa

from server.db import Database
from server.domain.days import day_bounds, local_day
from server.fleet.service import Device
from server.queues.calling import call_next
from server.queues.lines import line_of
from server.queues.models import Queue
from tests.server.hospital import DAY, FACILITY, MORNING, arrival, register
from tests.server.queues.counters import room_of

TOMORROW, _ = day_bounds(DAY + timedelta(days=1))
SEVEN = TOMORROW + timedelta(hours=7)


def test_numbers_begin_anew_at_local_midnight_though_the_server_was_off_and_stay_without_a_gap(
    hospital: Database, kiosk: Device
) -> None:
    before = [register(hospital, arrival(f"0341900001{n:02d}"), kiosk).answer.ticket.number for n in range(2)]
    hospital.close()  # off from here to the rush: no connection and no process lives over midnight
    seven = [
        register(hospital, arrival(f"0341900002{n:02d}", arrived_at=SEVEN), kiosk, now=SEVEN).answer.ticket
        for n in range(3)
    ]
    assert SEVEN.hour == 0  # UTC midnight: nothing may turn here
    late = arrival("034190000301", arrived_at=TOMORROW - timedelta(seconds=1))  # uploaded in the morning
    uploaded = register(hospital, late, kiosk, now=SEVEN).answer.ticket
    assert before == [1, 2]
    assert [(one.local_day, one.number) for one in seven] == [(local_day(TOMORROW), n) for n in (1, 2, 3)]
    assert (uploaded.local_day, uploaded.number) == (DAY, 3)


def test_who_was_left_over_yesterday_is_neither_called_nor_counted_today(hospital: Database, kiosk: Device) -> None:
    room = room_of(hospital)
    register(hospital, arrival("034190000101", arrived_at=TOMORROW - timedelta(minutes=1)), kiosk, now=MORNING)
    register(hospital, arrival("034190000102", arrived_at=SEVEN), kiosk, now=SEVEN)
    with hospital.reading() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        assert [one.label for one in line_of(session, queue, room, now=SEVEN).waiting] == ["A001"]
    with hospital.begin() as session:
        called = call_next(
            session, facility=FACILITY, queue="NOI", room_id=room, current=None, by="bac.si", now=SEVEN
        )  # fmt: skip
        assert called is not None
        assert (called.local_day, called.label) == (local_day(SEVEN), "A001")
