"""An invented hospital and invented people who come to it."""

import secrets
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from server.contract.v1 import OfflineTicket, RegisterEncounter
from server.db import Database
from server.domain.codes import code_from
from server.domain.coverage import FormerLine, TechnicalLevel
from server.facilities.models import Clinic, Facility, Room, Service, ServicePrice
from server.fleet.service import Device, authenticate, enrol
from server.queues.models import Queue, QueueService
from server.registration.service import Registration, register_encounter

MORNING = datetime(2026, 11, 23, 0, 15, tzinfo=UTC)  # 07:15 in Viet Nam
DAY = date(2026, 11, 23)
FACILITY = "34999"


def build_hospital(database: Database, facility: str = FACILITY) -> None:
    clinics = [
        ("NOI", "Khám nội", "General medicine", "A", "Phòng 101", 50_600),
        ("NHI", "Khám nhi", "Paediatrics", "B", "Phòng 102", 45_000),
    ]
    with database.begin() as session:
        session.add(
            Facility(
                code=facility, name="Bệnh viện huyện Thử", name_en="Trial District Hospital",
                technical_level=TechnicalLevel.BASIC, former_line=FormerLine.DISTRICT, rating_points=45,
            )
        )  # fmt: skip
        session.flush()
        for position, (code, name, name_en, letter, room_name, price_vnd) in enumerate(clinics):
            clinic = Clinic(id=uuid4(), facility_code=facility, code=code, name=name, name_en=name_en)
            session.add(clinic)
            session.flush()
            room = Room(id=uuid4(), clinic_id=clinic.id, name=room_name, floor="Tầng 1")
            service = Service(
                id=uuid4(), facility_code=facility, clinic_id=clinic.id, code=code, name=name, name_en=name_en,
                position=position,
            )  # fmt: skip
            session.add_all([room, service])
            session.flush()
            session.add(ServicePrice(service_id=service.id, valid_from=date(2026, 1, 1), price_vnd=price_vnd))
            queue = Queue(
                id=uuid4(), facility_code=facility, clinic_id=clinic.id, room_id=room.id, code=code, letter=letter
            )
            session.add(queue)
            session.flush()
            session.add(QueueService(service_id=service.id, queue_id=queue.id))


def add_kiosk(database: Database, letter: str, facility: str = FACILITY) -> tuple[Device, str]:
    """Return an enrolled kiosk and its token."""
    with database.begin() as session:
        token = enrol(
            session, facility=facility, name=f"Kiosk {letter}", letter=letter, rotate=False, now=MORNING
        )  # fmt: skip
    return authenticate(database, token, now=MORNING), token


def arrival(number: str | None = "034190000017", **changes: Any) -> RegisterEncounter:
    """Return the command of one arrival; ``changes`` replace fields, ``person`` and ``evidence`` are merged."""
    message: dict[str, Any] = {
        "request_key": uuid4(),
        "visit_code": code_from(secrets.token_bytes(13)),
        "facility": FACILITY,
        "service": "NOI",
        "person": {
            "full_name": "Nguyễn Thị Thử Nghiệm",
            "born_on": "1990-08-15",
            "sex": "female",
            "identifiers": [{"system": "vn-personal-number", "value": number}] if number else [],
            "address": "Thôn Thử, Xã Nghiệm, Tỉnh Mẫu",
            **changes.pop("person", {}),
        },
        "evidence": {
            "assurance": "chip-trusted", "method": "chip", "access": "PACE-CAN", "read_at": MORNING,
            **changes.pop("evidence", {}),
        },
        "arrived_at": MORNING,
        **changes,
    }  # fmt: skip
    return RegisterEncounter.model_validate(message)


def on_paper(command: RegisterEncounter, number: int, letter: str = "K", day: date = DAY) -> RegisterEncounter:
    """Return the same command with a number of the kiosk's own series, as the outbox sends it later."""
    paper = OfflineTicket(kiosk_letter=letter, number=number, local_day=day)
    return command.model_copy(update={"offline_ticket": paper})


def register(
    database: Database, command: RegisterEncounter, device: Device | None, now: datetime = MORNING
) -> Registration:
    """Register as the API does: in a transaction that is run again when it loses a race."""
    return database.transact(
        lambda session: register_encounter(
            session, command, device=device, actor=device.actor if device else "staff:thu", now=now
        )
    )
