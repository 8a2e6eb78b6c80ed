"""What the demo's clinics are like: doctors on duty today, caps, prices by payer, and two people with appointments.

Both hold cards of the simulated devices, so that whoever tries the demo can check in for an appointment.
"""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.appointments.models import Appointment
from server.appointments.service import Booking, book
from server.domain.catalogue import VISITS_PER_TABLE, DutySession, Payer
from server.domain.days import local_day
from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex
from server.facilities.models import Clinic, Duty, Facility, Practitioner, Room, Service, ServicePrice
from server.patients.service import find_or_add_patient

NAMESPACE: Final = UUID("5b0f6d58-6f0c-4f0e-9a3e-34999d3e0003")
_VALID_FROM: Final = date(2026, 1, 1)
_SOURCES: Final = {
    Payer.INSURED: "Thông tư 39/2024/TT-BYT",
    Payer.ON_REQUEST: "Quyết định của Giám đốc bệnh viện (số liệu mẫu)",
}
_ON_REQUEST_VND: Final = 150_000
_DOCTORS: Final = (
    "Nguyễn Văn Mẫu", "Trần Thị Ví Dụ", "Lê Hữu Thử", "Phạm Ngọc Mẫu", "Hoàng Thị Thử", "Vũ Đức Ví Dụ", "Đặng Thu Mẫu",
    "Bùi Quốc Thử", "Đỗ Thị Mẫu", "Hồ Minh Ví Dụ", "Ngô Thanh Thử", "Dương Thị Ví Dụ", "Lý Văn Thử",
)  # fmt: skip
_EXPECTED: Final = (
    (PersonIdentity(
        "Đặng Hữu Thưởng", PartialDate(1971, 10, 20), Sex.MALE,
        (Identifier(IdentifierSystem.PERSONAL_NUMBER, "034071005532"),),
    ), "MAT"),
    (PersonIdentity(
        "Phạm Gia An", PartialDate(2021, 9, 10), Sex.MALE,
        (Identifier(IdentifierSystem.PERSONAL_NUMBER, "034221004417"),),
    ), "NHI"),
)  # fmt: skip


def furnish(session: Session, facility: str) -> None:
    """Give the demo's clinics caps, audiences, bookable times, prices by payer and doctors."""
    session.get_one(Facility, facility).visits_per_table = VISITS_PER_TABLE
    for clinic in session.scalars(sa.select(Clinic).where(Clinic.facility_code == facility)):
        clinic.slot_min, clinic.slot_places = 20, 2
    for service in session.scalars(sa.select(Service).where(Service.facility_code == facility)):
        if service.code == "NHI":
            service.age_below = 16
        if service.code == "SAN":
            service.for_sex = Sex.FEMALE
        for price in service.prices:
            price.source = _SOURCES[Payer.INSURED]
        if service.code in {"NOI", "NGOAI", "NHI", "SAN"}:
            session.add(
                ServicePrice(
                    service_id=service.id, payer=Payer.ON_REQUEST, valid_from=_VALID_FROM, price_vnd=_ON_REQUEST_VND,
                    source=_SOURCES[Payer.ON_REQUEST],
                )
            )  # fmt: skip
    for number, name in enumerate(_DOCTORS, start=1):
        session.add(
            Practitioner(
                id=uuid5(NAMESPACE, f"doctor/{number}"), facility_code=facility, code=f"BS{number:02d}", full_name=name,
                title="BS CKI" if number % 3 == 0 else "BS", licence=f"{number:06d}/MAU-CCHN",
            )
        )  # fmt: skip
    session.flush()


def plan_today(session: Session, facility: str, now: datetime) -> int:
    """Put a doctor on duty in each room, and promise today to two people; return how many promises are new."""
    today = local_day(now)
    rooms = session.scalars(
        sa.select(Room.id)
        .join(Clinic, Clinic.id == Room.clinic_id)
        .where(Clinic.facility_code == facility)
        .order_by(Room.name)
    ).all()
    is_planned = session.scalar(sa.select(Duty.id).where(Duty.local_day == today, Duty.room_id.in_(rooms)).limit(1))
    if is_planned is None:
        for number, room_id in enumerate(rooms[: len(_DOCTORS)], start=1):
            for on_duty in DutySession:
                doctor_id = uuid5(NAMESPACE, f"doctor/{number}")
                session.add(Duty(practitioner_id=doctor_id, room_id=room_id, local_day=today, session=on_duty))
        session.flush()
    return sum(_promise(session, facility, person, service, now) for person, service in _EXPECTED)


def _promise(session: Session, facility: str, person: PersonIdentity, service: str, now: datetime) -> bool:
    """Promise today to a person, as a visit four weeks ago would have; return whether that is new."""
    today = local_day(now)
    key = uuid5(NAMESPACE, f"appointment/{person.personal_number}/{today}")
    if session.scalar(sa.select(Appointment.id).where(Appointment.request_key == key)) is not None:
        return False
    earlier = now - timedelta(days=28)
    patient = find_or_add_patient(
        session, person, source="demo", facility=facility, actor="system", now=earlier
    ).patient_id
    book(
        session, Booking(request_key=key, service=service, due_on=today), patient_id=patient, facility=facility,
        by="system", now=earlier,
    )  # fmt: skip
    return True
