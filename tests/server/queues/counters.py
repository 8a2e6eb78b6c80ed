"""What happens at counters in tests: people come, somebody presses, a number is acted on."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from server.db import Database
from server.facilities.models import Clinic, Room
from server.fleet.service import Device
from server.queues.calling import Act, act_on, call_next
from server.queues.lines import Line, line_of
from server.queues.models import Queue, Ticket
from tests.server.hospital import FACILITY, MORNING, arrival, register

NOW = MORNING + timedelta(minutes=30)


def room_of(database: Database, name: str = "Phòng 101") -> UUID:
    with database.reading() as session:
        return session.scalars(sa.select(Room.id).where(Room.name == name)).one()


def add_room(database: Database, name: str) -> UUID:
    with database.begin() as session:
        clinic = session.scalars(sa.select(Clinic).where(Clinic.code == "NOI")).one()
        room = Room(id=uuid4(), clinic_id=clinic.id, name=name, floor="Tầng 1")
        session.add(room)
        return room.id


def arrive(database: Database, kiosk: Device, count: int, born_on: str = "1990-08-15") -> list[str]:
    """Register people at NOI one second apart; return their numbers."""
    commands = [
        arrival(
            f"0341{born_on[2:4]}0{n:05d}", person={"born_on": born_on}, arrived_at=MORNING + timedelta(seconds=n)
        )
        for n in range(count)
    ]  # fmt: skip
    return [register(database, command, kiosk).answer.ticket.label for command in commands]


def press_next(
    database: Database, room: UUID, current: UUID | None = None, *, by: str = "bac.si", minutes: int = 0
) -> Ticket | None:
    with database.begin() as session:
        return call_next(
            session, facility=FACILITY, queue="NOI", room_id=room, current=current, by=by,
            now=NOW + timedelta(minutes=minutes),
        )  # fmt: skip


def act(database: Database, ticket: Ticket | None, what: Act, *, room: UUID | None = None, minutes: int = 0) -> Ticket:
    assert ticket is not None
    now = NOW + timedelta(minutes=minutes)
    with database.begin() as session:
        return act_on(session, ticket.id, what, facility=FACILITY, by="bac.si", now=now, room_id=room)


def line(database: Database, room: UUID) -> Line:
    with database.reading() as session:
        queue = session.scalars(sa.select(Queue).where(Queue.code == "NOI")).one()
        return line_of(session, queue, room, now=NOW)
