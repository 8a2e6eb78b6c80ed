"""What a facility offers at this moment."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import FacilityServices, ServiceOffer
from server.domain.days import local_day
from server.errors import NotFound
from server.facilities.models import Clinic, Facility, Room, Service, ServicePrice
from server.queues.models import Queue, QueueService
from server.queues.service import waiting_counts


def facility_services(session: Session, code: str, *, kiosk_letter: str | None, now: datetime) -> FacilityServices:
    """Return the services of a facility with today's price and load; raises NotFound.

    A service that has no price today, or no queue, is not offered yet.
    """
    facility = session.get(Facility, code)
    if facility is None:
        raise NotFound("facility.unknown", "there is no such facility")
    day = local_day(now)
    price_vnd = (
        sa.select(ServicePrice.price_vnd)
        .where(ServicePrice.service_id == Service.id, ServicePrice.valid_from <= day)
        .order_by(ServicePrice.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Service, Queue, Clinic, Room, price_vnd)
        .join(QueueService, QueueService.service_id == Service.id)
        .join(Queue, Queue.id == QueueService.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .outerjoin(Room, Room.id == Queue.room_id)
        .where(
            Service.facility_code == code,
            sa.or_(Service.withdrawn_on.is_(None), Service.withdrawn_on > day),
            price_vnd.is_not(None),
        )
        .order_by(Service.position, Service.code)
    ).all()
    waiting: dict[UUID, int] = waiting_counts(session, code, day)
    return FacilityServices(
        facility=code,
        facility_name=facility.name,
        facility_name_en=facility.name_en,
        kiosk_letter=kiosk_letter,
        services=tuple(
            ServiceOffer(
                service=service.code,
                name=service.name,
                name_en=service.name_en,
                queue=queue.code,
                queue_letter=queue.letter,
                clinic_name=clinic.name,
                clinic_name_en=clinic.name_en,
                room=room.name if room else "",
                floor=room.floor if room else "",
                price_vnd=price,
                waiting=waiting.get(queue.id, 0),
                open=queue.is_open,
            )
            for service, queue, clinic, room, price in rows
        ),
        as_of=now,
    )
