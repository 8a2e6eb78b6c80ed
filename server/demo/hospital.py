"""The rooms and kiosks of the facility in which an invented day takes place."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.demo.plan import ORDINARY, WEIGHTS
from server.errors import Conflict
from server.facilities.models import Room, Service
from server.fleet.models import Kiosk
from server.fleet.service import Device, enrol
from server.queues.models import Queue, QueueService

KIOSKS: Final = (("Kiosk 2", "L"), ("Kiosk 3", "M"))
"""The first kiosk is the one on the screen beside: it has a token and speaks for itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """One room that calls the numbers of one queue."""

    queue: str
    room_id: UUID
    minutes: float


@dataclass(frozen=True, slots=True)
class Hospital:
    """Where a day takes place: what can be registered for, who calls, and at which machines people arrive."""

    facility: str
    services: Sequence[str]
    places: Sequence[Place]
    kiosks: dict[str, Device]

    @classmethod
    def read(cls, session: Session, facility: str, *, now: datetime) -> Self:
        """Return what a facility has, with the invented kiosks enrolled."""
        services = session.scalars(
            sa.select(Service.code)
            .join(QueueService, QueueService.service_id == Service.id)
            .where(Service.facility_code == facility, Service.withdrawn_on.is_(None))
            .order_by(Service.position, Service.code)
        ).all()
        rooms = session.execute(
            sa.select(Queue.code, Room.id)
            .join(Room, Room.clinic_id == Queue.clinic_id)
            .where(Queue.facility_code == facility)
            .order_by(Queue.code, Room.name)
        )
        places = [Place(code, room_id, WEIGHTS.get(code, ORDINARY).minutes) for code, room_id in rooms]
        return cls(facility, list(dict.fromkeys(services)), places, _kiosks(session, facility, now))


def _kiosks(session: Session, facility: str, now: datetime) -> dict[str, Device]:
    """Return the invented kiosks by letter, enrolled if they are not; nobody ever learns their tokens."""
    for name, letter in KIOSKS:
        try:
            enrol(session, facility=facility, name=name, letter=letter, rotate=False, now=now)
        except Conflict:
            continue  # it is enrolled, or somebody gave its name or letter to another one
    rows = session.scalars(
        sa.select(Kiosk).where(
            Kiosk.facility_code == facility, sa.tuple_(Kiosk.name, Kiosk.letter).in_(KIOSKS), Kiosk.revoked_at.is_(None)
        )
    )
    return {row.letter: Device(row.id, row.facility_code, row.name, row.letter) for row in rows}
