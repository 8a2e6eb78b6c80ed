"""The demo: one invented district hospital, its staff and, for load, its people and their arrivals.

Everything is made from fixed seeds and stored under fixed keys, so that running it again changes nothing; only
passwords are random, and stand in a file nobody else can read. All people are invented.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.accounts.passwords import make_password
from server.accounts.roles import Role
from server.accounts.service import add_user, find_user
from server.config import ServerSettings
from server.contract.settings import Profile
from server.db import Database
from server.demo.clinics import furnish, plan_today
from server.demo.day import add_days
from server.demo.load import add_people
from server.demo.past import add_past_days
from server.domain.coverage import FormerLine, TechnicalLevel
from server.errors import Refused
from server.facilities.models import Clinic, Facility, Room, Service, ServicePrice
from server.queues.models import Queue, QueueService

FACILITY: Final = "34999"
NAMESPACE: Final = UUID("5b0f6d58-6f0c-4f0e-9a3e-34999d3e0001")
ACCOUNTS_FILE: Final = "demo-accounts.txt"


@dataclass(frozen=True, slots=True)
class DemoClinic:
    code: str
    letter: str
    name: str
    name_en: str
    room: str
    floor: str
    service: str
    service_en: str
    price_vnd: int
    more_rooms: tuple[str, ...] = ()  # that call the same queue


CLINICS: Final = (
    DemoClinic("NOI", "A", "Khoa Nội tổng hợp", "General Medicine", "Phòng 101", "Tầng 1",
               "Khám nội tổng hợp", "General medicine", 39_800, ("Phòng 102", "Phòng 107")),
    DemoClinic("NGOAI", "B", "Khoa Ngoại", "Surgery", "Phòng 103", "Tầng 1",
               "Khám ngoại", "Surgery", 39_800, ("Phòng 104",)),
    DemoClinic("NHI", "C", "Khoa Nhi", "Paediatrics", "Phòng 105", "Tầng 1",
               "Khám nhi", "Paediatrics", 39_800, ("Phòng 106",)),
    DemoClinic("SAN", "D", "Khoa Phụ sản", "Obstetrics and Gynaecology", "Phòng 201", "Tầng 2",
               "Khám phụ sản", "Obstetrics and gynaecology", 39_800, ("Phòng 202",)),
    DemoClinic("MAT", "E", "Phòng khám Mắt", "Eye Clinic", "Phòng 203", "Tầng 2",
               "Khám mắt", "Eyes", 39_800),
    DemoClinic("TMH", "F", "Phòng khám Tai Mũi Họng", "Ear, Nose and Throat Clinic", "Phòng 204", "Tầng 2",
               "Khám tai mũi họng", "Ear, nose and throat", 39_800),
    DemoClinic("RHM", "G", "Phòng khám Răng Hàm Mặt", "Dental Clinic", "Phòng 205", "Tầng 2",
               "Khám răng hàm mặt", "Teeth and jaws", 39_800),
    DemoClinic("YHCT", "H", "Khoa Y học cổ truyền", "Traditional Medicine", "Phòng 301", "Tầng 3",
               "Khám y học cổ truyền", "Traditional medicine", 39_800),
)  # fmt: skip

STAFF: Final = {
    Role.RECEPTION: ("tieptan", "Nguyễn Thị Mẫu"),
    Role.RECEPTION_LEAD: ("truongtieptan", "Trần Thị Thử"),
    Role.CASHIER: ("thungan", "Lê Văn Mẫu"),
    Role.CLINICIAN: ("bacsi", "Phạm Thị Thử"),
    Role.TECHNICIAN: ("kythuat", "Hoàng Văn Mẫu"),
    Role.AUDITOR: ("kiemtra", "Vũ Thị Thử"),
    Role.ADMINISTRATOR: ("quantri", "Đặng Văn Mẫu"),
}


def seed(
    database: Database, settings: ServerSettings, *, people: int = 0, days: int = 0, with_today: bool = False
) -> Iterator[str]:
    """Store what is missing of the demo, and yield a sentence after each step; raises Refused in production."""
    if settings.profile is Profile.PRODUCTION:
        raise Refused("demo.production", "a production profile takes no invented data")
    now = datetime.now(UTC)
    with database.begin() as session:
        is_new = session.get(Facility, FACILITY) is None
        if is_new:
            add_hospital(session, now)
            furnish(session, FACILITY)
    yield f"Hospital {FACILITY}: {'added' if is_new else 'is there'}, {len(CLINICS)} clinics"
    path = settings.server.data_dir / ACCOUNTS_FILE
    added = database.transact(lambda session: _add_staff(session, path, now))
    yield f"Staff: {added} accounts added, {len(STAFF) - added} were there"
    promised = database.transact(lambda session: plan_today(session, FACILITY, now))
    yield f"Appointments of today: {promised} added" if promised else "Appointments of today: are there"
    if people:
        yield f"People: {add_people(database, people, now)} added, {people} in all"
    insurance = settings.server.insurance
    checks_insurance = insurance is not None and FACILITY in insurance.facilities
    if days:
        came = add_past_days(database, FACILITY, people, days, now, checks_insurance=checks_insurance)
        yield f"Past days: {came} people have come on {days} days" if came else "Past days: stay as they are"
    if with_today:
        came = add_days(database, FACILITY, now, data_dir=settings.server.data_dir, checks_insurance=checks_insurance)
        yield f"Today: {came} people have come" if came else "Today: stays as it is"


def has_demo_data(database: Database) -> bool:
    with database.reading() as session:
        return session.scalar(sa.select(Facility.code).where(Facility.is_demo).limit(1)) is not None


def add_hospital(session: Session, now: datetime) -> None:
    session.add(
        Facility(
            code=FACILITY,
            name="Bệnh viện Đa khoa huyện Mẫu",
            name_en="Mau District General Hospital",
            is_demo=True,
            technical_level=TechnicalLevel.BASIC,
            former_line=FormerLine.DISTRICT,
            rating_points=45,
        )
    )
    session.flush()
    for position, one in enumerate(CLINICS):
        clinic_id, room_id, service_id, queue_id = (
            _key(kind, one.code) for kind in ("clinic", "room", "service", "queue")
        )
        session.add(Clinic(id=clinic_id, facility_code=FACILITY, code=one.code, name=one.name, name_en=one.name_en))
        session.flush()
        session.add(Room(id=room_id, clinic_id=clinic_id, name=one.room, floor=one.floor))
        session.add_all(
            Room(id=_key("room", name), clinic_id=clinic_id, name=name, floor=one.floor) for name in one.more_rooms
        )
        session.add(
            Service(
                id=service_id, facility_code=FACILITY, clinic_id=clinic_id, code=one.code, name=one.service,
                name_en=one.service_en, position=position,
            )
        )  # fmt: skip
        session.flush()
        session.add(ServicePrice(service_id=service_id, valid_from=date(2026, 1, 1), price_vnd=one.price_vnd))
        session.add(
            Queue(
                id=queue_id, facility_code=FACILITY, clinic_id=clinic_id, room_id=room_id, code=one.code,
                letter=one.letter,
            )
        )  # fmt: skip
        session.flush()
        session.add(QueueService(service_id=service_id, queue_id=queue_id))
    audit.record(session, at=now, actor="system", action="demo.seeded", subject_type="facility", subject_id=FACILITY)


def _add_staff(session: Session, path: Path, now: datetime) -> int:
    """Add the accounts that are missing; their passwords are written to ``path`` before the commit, never after it."""
    lines = []
    for role, (username, full_name) in STAFF.items():
        if find_user(session, username) is None:
            password = make_password()
            add_user(
                session,
                username=username,
                full_name=full_name,
                role=role,
                password=password,
                facility=FACILITY,
                now=now,
            )
            lines.append(f"{username:<14} {password:<28} {role.value}\n")
    if lines:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        keep = os.O_TRUNC if len(lines) == len(STAFF) else os.O_APPEND  # a new database makes the old lines wrong
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | keep, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
    return len(lines)


def _key(kind: str, code: str) -> UUID:
    return uuid5(NAMESPACE, f"{kind}/{code}")
