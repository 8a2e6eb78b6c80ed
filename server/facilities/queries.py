"""What a facility offers at this moment."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import FacilityServices, HoursMessage, PriceMessage, ServiceOffer, WaitMessage
from server.domain.catalogue import Payer, Price, prices_on
from server.domain.days import local_day
from server.domain.waiting import ExpectedWait
from server.errors import NotFound
from server.facilities.load import ClinicLoad, clinic_loads, holidays_of
from server.facilities.models import Clinic, Facility, Practitioner, Room, Service, ServicePrice
from server.queues.models import Queue, QueueService
from server.queues.service import waiting_counts
from server.queues.standing import newcomers


def facility_services(session: Session, code: str, *, kiosk_letter: str | None, now: datetime) -> FacilityServices:
    """Return the services of a facility with today's prices and load; raises NotFound.

    A service that has no price today, or no queue, is not offered yet.
    """
    facility = session.get(Facility, code)
    if facility is None:
        raise NotFound("facility.unknown", "there is no such facility")
    day = local_day(now)
    rows = session.execute(
        sa.select(Service, Queue, Clinic, Room)
        .join(QueueService, QueueService.service_id == Service.id)
        .join(Queue, Queue.id == QueueService.queue_id)
        .join(Clinic, Clinic.id == Queue.clinic_id)
        .outerjoin(Room, Room.id == Queue.room_id)
        .where(Service.facility_code == code, sa.or_(Service.withdrawn_on.is_(None), Service.withdrawn_on > day))
        .order_by(Service.position, Service.code)
    ).all()
    prices = _prices(session, code, day)
    loads = clinic_loads(session, code, now=now)
    waiting = waiting_counts(session, loads.keys(), now=now)
    standings = newcomers(session, loads.keys(), facility=code, now=now)
    return FacilityServices(
        facility=code,
        facility_name=facility.name,
        facility_name_en=facility.name_en,
        kiosk_letter=kiosk_letter,
        services=tuple(
            _offer(
                service,
                queue,
                clinic,
                room,
                prices=prices[service.id],
                waiting=waiting.get(queue.id, 0),
                load=loads[queue.id],
                wait=standings[queue.id].wait,
            )
            for service, queue, clinic, room in rows
            if prices[service.id]
        ),
        holidays=tuple(sorted(one for one in holidays_of(session, code) if one >= day)),
        as_of=now,
    )


def _offer(
    service: Service, queue: Queue, clinic: Clinic, room: Room | None, *, prices: Mapping[Payer, int], waiting: int,
    load: ClinicLoad, wait: ExpectedWait | None,
) -> ServiceOffer:  # fmt: skip
    return ServiceOffer(
        service=service.code,
        name=service.name,
        name_en=service.name_en,
        queue=queue.code,
        queue_letter=queue.letter,
        clinic_name=clinic.name,
        clinic_name_en=clinic.name_en,
        room=room.name if room else "",
        floor=room.floor if room else "",
        price_vnd=prices.get(Payer.INSURED, min(prices.values())),
        prices=tuple(PriceMessage(payer=payer, price_vnd=prices[payer]) for payer in Payer if payer in prices),
        waiting=waiting,
        wait=WaitMessage(least_min=wait.least_min, most_min=wait.most_min) if wait else None,
        open=load.accepts,
        state=load.state,
        opens=load.opens,
        hours=tuple(HoursMessage(weekday=one.weekday, opens=one.opens, closes=one.closes) for one in load.hours),
        places_left=load.places_left,
        for_sex=service.for_sex,
        age_from=service.age_from,
        age_below=service.age_below,
    )


def price_for(session: Session, service_id: UUID, payer: Payer, *, on: date) -> int | None:
    """Return what a service costs a payer on a day; None where it has no such price."""
    return prices_of(session, service_id, on=on).get(payer)


def prices_of(session: Session, service_id: UUID, *, on: date) -> dict[Payer, int]:
    """Return what a service costs each kind of payer on a day, in đồng."""
    rows = session.scalars(sa.select(ServicePrice).where(ServicePrice.service_id == service_id))
    return prices_on([Price(row.payer, row.valid_from, row.price_vnd) for row in rows], on)


def _prices(session: Session, facility: str, day: date) -> Mapping[UUID, dict[Payer, int]]:
    rows: dict[UUID, list[Price]] = defaultdict(list)
    for row in session.scalars(
        sa.select(ServicePrice)
        .join(Service, Service.id == ServicePrice.service_id)
        .where(Service.facility_code == facility, ServicePrice.valid_from <= day)
    ):
        rows[row.service_id].append(Price(row.payer, row.valid_from, row.price_vnd))
    return defaultdict(dict, {service_id: prices_on(prices, day) for service_id, prices in rows.items()})


def doctors_of(session: Session, facility: str, day: date) -> list[Practitioner]:
    """Return the doctors a facility has on a day, by name."""
    return list(
        session.scalars(
            sa.select(Practitioner)
            .where(
                Practitioner.facility_code == facility,
                sa.or_(Practitioner.withdrawn_on.is_(None), Practitioner.withdrawn_on > day),
            )
            .order_by(Practitioner.full_name, Practitioner.code)
        )
    )
