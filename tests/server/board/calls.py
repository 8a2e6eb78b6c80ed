"""Calls that displays show and speak."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from server.db import Database
from server.facilities.models import Room
from server.queues.calling import call_next
from server.queues.models import Ticket
from tests.server.hospital import FACILITY, MORNING


def call(database: Database, queue: str, room_name: str, current: UUID | None = None, minutes: int = 1) -> Ticket:
    with database.begin() as session:
        room = session.scalars(sa.select(Room.id).where(Room.name == room_name)).one()
        ticket = call_next(
            session, facility=FACILITY, queue=queue, room_id=room, current=current, by="bac.si",
            now=MORNING + timedelta(minutes=minutes),
        )  # fmt: skip
        assert ticket is not None
        return ticket
