"""Bringing a described facility into the database: what is new is added, what differs is changed, what is gone is
withdrawn. Importing the same file again changes nothing.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.db import Base
from server.domain.catalogue import Payer
from server.domain.days import local_day
from server.errors import Refused
from server.facilities.description import ClinicPart, FacilityDescription, RoomPart, ServicePart
from server.facilities.models import (
    Clinic,
    Facility,
    Holiday,
    OpeningHours,
    Practitioner,
    Room,
    Service,
    ServicePrice,
)
from server.queues.models import Queue, QueueService

R = TypeVar("R", bound=Base)


def import_facility(session: Session, wanted: FacilityDescription, *, by: str, now: datetime) -> list[str]:
    """Make the facility what ``wanted`` says and return one sentence for each change, none when all was so already.

    Services, doctors and clinics that the description leaves out are withdrawn from today on, as visits refer to them;
    rooms stay. Prices are added and corrected, never removed. Raises Refused when a room moves to another clinic's
    letter or the like would make two queues of one letter.
    """
    importer = _Importer(session, wanted, local_day(now))
    importer.run()
    if importer.changes:
        audit.record(
            session, at=now, actor=by, action="facility.imported", subject_type="facility",
            subject_id=wanted.facility, details={"changes": len(importer.changes)},
        )  # fmt: skip
        feed.publish(session, facility_code=wanted.facility, topic="facility", subject_id=wanted.facility, at=now)
    return importer.changes


class _Importer:
    """One import; collects its changes as sentences."""

    def __init__(self, session: Session, wanted: FacilityDescription, today: date) -> None:
        self._session = session
        self._wanted = wanted
        self._today = today
        self._code = wanted.facility
        self.changes: list[str] = []

    def run(self) -> None:
        self._facility()
        self._holidays()
        self._doctors()
        for clinic in self._wanted.clinics:
            self._clinic(clinic)
        self._withdraw_services()
        self._session.flush()

    def _facility(self) -> None:
        rules, standing = self._wanted.appointments, self._wanted.standing
        values = {
            "name": self._wanted.name,
            "name_en": self._wanted.name_en,
            "visits_per_table": self._wanted.visits_per_table,
            "appointment_early_days": rules.early_days,
            "appointment_late_working_days": rules.late_working_days,
            "appointment_grace_min": rules.grace_min,
            "technical_level": standing.level if standing else None,
            "former_line": standing.former_line if standing else None,
            "rating_points": standing.points if standing else None,
        }
        found = self._session.get(Facility, self._code)
        self._put(f"facility {self._code}", found, Facility, {"code": self._code}, values)

    def _holidays(self) -> None:
        stored = {
            row.day: row for row in self._session.scalars(sa.select(Holiday).where(Holiday.facility_code == self._code))
        }
        for part in self._wanted.holidays:
            key = {"facility_code": self._code, "day": part.day}
            self._put(f"holiday {part.day}", stored.pop(part.day, None), Holiday, key, {"name": part.name})
        for day, row in sorted(stored.items()):
            self._session.delete(row)
            self.changes.append(f"holiday {day}: removed")

    def _doctors(self) -> None:
        stored = {
            row.code: row
            for row in self._session.scalars(sa.select(Practitioner).where(Practitioner.facility_code == self._code))
        }
        for part in self._wanted.doctors:
            values = {"full_name": part.name, "title": part.title, "licence": part.licence, "withdrawn_on": None}
            key = {"facility_code": self._code, "code": part.code}
            self._put(f"doctor {part.code}", stored.pop(part.code, None), Practitioner, key, values)
        for code, row in sorted(stored.items()):
            self._withdraw(f"doctor {code}", row)

    def _clinic(self, part: ClinicPart) -> None:
        values = {
            "name": part.name,
            "name_en": part.name_en,
            "slot_min": part.slots.minutes if part.slots else None,
            "slot_places": part.slots.places if part.slots else 1,
        }
        clinic = self._keep(f"clinic {part.code}", Clinic, {"facility_code": self._code, "code": part.code}, values)
        self._hours(clinic.id, part)
        rooms = {room.name: self._room(clinic.id, part, room) for room in part.rooms}
        waiting_room = rooms[part.waiting_room or part.rooms[0].name]
        queue = self._queue(clinic.id, part, waiting_room)
        for service in part.services:
            self._service(clinic.id, queue, service, position=self._position(service))

    def _hours(self, clinic_id: UUID, part: ClinicPart) -> None:
        stored = {
            (row.weekday, row.opens_at): row
            for row in self._session.scalars(sa.select(OpeningHours).where(OpeningHours.clinic_id == clinic_id))
        }
        wanted: dict[tuple[int, time], time] = {
            (span.weekday, span.opens): span.closes for hours in part.hours for span in hours.spans()
        }
        if {key: row.closes_at for key, row in stored.items()} == wanted:
            return
        for row in stored.values():
            self._session.delete(row)
        self._session.flush()
        for (weekday, opens), closes in wanted.items():
            self._session.add(OpeningHours(clinic_id=clinic_id, weekday=weekday, opens_at=opens, closes_at=closes))
        self.changes.append(f"clinic {part.code}: other opening hours")

    def _room(self, clinic_id: UUID, clinic: ClinicPart, part: RoomPart) -> Room:
        values = {"floor": part.floor, "tables": part.tables, "visits_per_table": part.visits_per_table}
        key = {"clinic_id": clinic_id, "name": part.name}
        return self._keep(f"clinic {clinic.code}, room {part.name}", Room, key, values)

    def _queue(self, clinic_id: UUID, part: ClinicPart, waiting_room: Room) -> Queue:
        holder = self._session.scalar(sa.select(Queue).filter_by(facility_code=self._code, letter=part.letter))
        if holder is not None and holder.code != part.code:
            raise Refused(
                "import.letter_taken", f"clinic {part.code}: the letter {part.letter} belongs to queue {holder.code}"
            )
        values = {"letter": part.letter, "clinic_id": clinic_id, "room_id": waiting_room.id}
        return self._keep(f"queue {part.code}", Queue, {"facility_code": self._code, "code": part.code}, values)

    def _service(self, clinic_id: UUID, queue: Queue, part: ServicePart, *, position: int) -> None:
        values = {
            "clinic_id": clinic_id,
            "name": part.name,
            "name_en": part.name_en,
            "position": position,
            "withdrawn_on": None,
            "for_sex": part.for_sex,
            "age_from": part.age_from,
            "age_below": part.age_below,
        }
        key = {"facility_code": self._code, "code": part.code}
        service = self._keep(f"service {part.code}", Service, key, values)
        self._prices(service, part)
        link = self._session.get(QueueService, service.id)
        if link is None:
            self._session.add(QueueService(service_id=service.id, queue_id=queue.id))
        elif link.queue_id != queue.id:
            link.queue_id = queue.id
            self.changes.append(f"service {part.code}: goes to queue {queue.code}")

    def _prices(self, service: Service, part: ServicePart) -> None:
        stored: dict[tuple[Payer, date], ServicePrice] = {
            (row.payer, row.valid_from): row
            for row in self._session.scalars(sa.select(ServicePrice).where(ServicePrice.service_id == service.id))
        }
        for price in part.prices:
            key = {"service_id": service.id, "payer": price.payer, "valid_from": price.valid_from}
            values = {"price_vnd": price.vnd, "source": price.source}
            what = f"service {part.code}, price '{price.payer}' from {price.valid_from}"
            self._put(what, stored.get((price.payer, price.valid_from)), ServicePrice, key, values)

    def _position(self, wanted: ServicePart) -> int:
        """Return the service's place in the file, which is its place on the kiosk's screen."""
        in_order = [service.code for clinic in self._wanted.clinics for service in clinic.services]
        return in_order.index(wanted.code)

    def _withdraw_services(self) -> None:
        named = {service.code for clinic in self._wanted.clinics for service in clinic.services}
        for row in self._session.scalars(
            sa.select(Service).where(Service.facility_code == self._code).order_by(Service.code)
        ):
            if row.code not in named:
                self._withdraw(f"service {row.code}", row)

    def _withdraw(self, what: str, row: Service | Practitioner) -> None:
        if row.withdrawn_on is None or row.withdrawn_on > self._today:
            row.withdrawn_on = self._today
            self.changes.append(f"{what}: withdrawn, the file does not name it")

    def _keep(self, what: str, kind: type[R], key: Mapping[str, Any], values: Mapping[str, Any]) -> R:
        return self._put(what, self._session.scalar(sa.select(kind).filter_by(**key)), kind, key, values)

    def _put(self, what: str, found: R | None, kind: type[R], key: Mapping[str, Any], values: Mapping[str, Any]) -> R:
        """Return the row as wanted: made, or changed where it differs, with a sentence about it."""
        if found is None:
            found = kind(**key, **values)
            self._session.add(found)
            self.changes.append(f"{what}: added")
        for name, value in values.items():
            if (old := getattr(found, name)) != value:
                is_reference = name.endswith("_id")  # an id would tell nobody anything
                self.changes.append(f"{what}: {'another ' + name[:-3] if is_reference else f'{name} {old} -> {value}'}")
                setattr(found, name, value)
        self._session.flush()
        return found
