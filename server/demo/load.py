"""Invented people and their arrivals in any number, the same ones each time: for load tests and past days.

Personal numbers begin with 099, which no province has, so that no living person can hold one.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.v1 import RegisterEncounter
from server.db import Database
from server.domain.codes import code_from
from server.domain.days import VIETNAM
from server.domain.identity import IdentifierSystem, Sex, fold_name
from server.patients.models import Patient, PatientIdentifier, PatientNameWord, words_of
from server.planner import refresh_statistics

NAMESPACE: Final = UUID("5b0f6d58-6f0c-4f0e-9a3e-34999d3e0002")
ARRIVALS_PER_DAY: Final = 400
_CHUNK: Final = 5000

Make = Callable[[int], dict[str, Any]]

_FAMILY: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Giàng",
)
_MIDDLE: Final = {
    Sex.MALE: ("Văn", "Đức", "Minh", "Quốc", "Hữu", "Xuân", "Công", "Thành"),
    Sex.FEMALE: ("Thị", "Ngọc", "Thu", "Thanh", "Thúy", "Kim", "Thị Hồng", "Thị Mỹ"),
}
_GIVEN: Final = {
    Sex.MALE: ("Dũng", "Hùng", "Long", "Nam", "Phúc", "Quân", "Sơn", "Thắng", "Tuấn", "Việt", "Khải", "Đạt"),
    Sex.FEMALE: ("Anh", "Bích", "Chi", "Dung", "Hà", "Hạnh", "Hương", "Lan", "Loan", "Mai", "Nhung", "Yến"),
}


def person(index: int) -> dict[str, Any]:
    """Return the invented person number ``index`` (0 to 9 999 999) as a RegisterEncounter names them."""
    chance = random.Random(index)  # noqa: S311 - invented people must be the same each time
    sex = chance.choice((Sex.MALE, Sex.FEMALE))
    born_on = date(2026, 6, 30) - timedelta(days=int(chance.betavariate(1.3, 1.6) * 93 * 365))
    names = (chance.choice(_FAMILY), chance.choice(_MIDDLE[sex]), chance.choice(_GIVEN[sex]))
    return {
        "full_name": " ".join(names),
        "born_on": born_on.isoformat(),
        "sex": sex,
        "identifiers": [identity_card(index, born_on, sex)],
        "address": f"Thôn {chance.randint(1, 12)}, Xã Mẫu {chance.randint(1, 30)}, Tỉnh Mẫu",
        "nationality": "VNM",
        "ethnicity": "Kinh",
    }


def identity_card(index: int, born_on: date, sex: Sex) -> dict[str, str]:
    """Return the personal number of person ``index`` as an identifier."""
    century = (born_on.year // 100 - 19) * 2 + (sex is Sex.FEMALE)
    # The millions stand where a province would: 099, then 098, and so on down.
    value = f"{99 - index // 1_000_000:03d}{century}{born_on.year % 100:02d}{index % 1_000_000:06d}"
    return {"system": IdentifierSystem.PERSONAL_NUMBER, "value": value}


def card_number(index: int) -> str:
    """Return the invented insurance number of person ``index``."""
    return f"99{index:08d}"


def add_people(database: Database, count: int, now: datetime, *, first: int = 0, make: Make = person) -> int:
    """Store the people ``first`` to ``first + count - 1`` that are missing; return how many were.

    ``make`` returns the person of an index.
    """
    added = 0
    for start in range(first, first + count, _CHUNK):
        found = {index: make(index) for index in range(start, min(start + _CHUNK, first + count))}
        with database.begin() as session:
            added += _add_chunk(session, found, now)
    if added:
        refresh_statistics(database, "patient", "patient_identifier", "patient_name_word")
    return added


def arrivals(facility: str, services: Sequence[str], people: int, day: date, count: int) -> Iterator[RegisterEncounter]:
    """Yield the arrivals of a day in their order: most before nine, four in five with an insurance card."""
    chance = random.Random(day.toordinal())  # noqa: S311 - as above
    opening = datetime.combine(day, time(6, 30), VIETNAM).astimezone(UTC)
    minutes = sorted(chance.triangular(0, 600, 45) for _ in range(count))
    for n, (minute, index) in enumerate(zip(minutes, _some(chance, people, count), strict=True)):
        arrived_at = (opening + timedelta(minutes=minute)).replace(microsecond=0)
        request_key = request_key_of(facility, day, n)
        yield RegisterEncounter.model_validate(
            {
                "request_key": request_key,
                "visit_code": code_from(uuid5(NAMESPACE, str(request_key)).bytes[:13]),
                "facility": facility,
                "service": chance.choices(services, weights=range(len(services), 0, -1))[0],
                "person": person(index),
                "evidence": _evidence(chance, arrived_at),
                "arrived_at": arrived_at,
                "insurance": {"card_number": card_number(index)} if chance.random() < 0.8 else None,
            }
        )


def request_key_of(facility: str, day: date, n: int) -> UUID:
    """Return the key of a day's arrival number ``n``, from 0."""
    return uuid5(NAMESPACE, f"arrival/{facility}/{day}/{n}")


def _some(chance: random.Random, people: int, count: int) -> list[int]:
    if people >= count:
        return chance.sample(range(people), count)
    return [chance.randrange(people) for _ in range(count)]


def _evidence(chance: random.Random, read_at: datetime) -> dict[str, Any]:
    kind = chance.random()
    if kind < 0.7:
        return {"assurance": "chip-trusted", "method": "chip", "access": "PACE-CAN", "read_at": read_at}
    if kind < 0.95:
        return {"assurance": "qr", "method": "qr", "read_at": read_at}
    return {"assurance": "staff", "method": "staff", "read_at": read_at}


def _add_chunk(session: Session, found: dict[int, dict[str, Any]], now: datetime) -> int:
    # Who has arrived before is there already, under an id that registration gave.
    wanted = {one["identifiers"][0]["value"]: index for index, one in found.items()}
    known = sa.select(PatientIdentifier.value).where(PatientIdentifier.value.in_(wanted))
    stored = {wanted[value] for value in session.scalars(known)}
    people, words, identifiers = [], [], []
    for index, one in found.items():
        if index in stored:
            continue
        patient_id = uuid5(NAMESPACE, f"person/{index}")
        numbers = [*one.pop("identifiers"), {"system": IdentifierSystem.INSURANCE_CARD, "value": card_number(index)}]
        folded = fold_name(one["full_name"])
        year = int(one["born_on"][:4])
        derived = {"folded_name": folded, "birth_year": year}
        people.append({"id": patient_id, "created_at": now, "version": 1, **derived, **one})
        words += words_of(patient_id, folded, year)
        for number in numbers:
            key = uuid5(NAMESPACE, f"identifier/{index}/{number['system']}")
            identifiers.append({"id": key, "patient_id": patient_id, "valid_from": now, "source": "demo", **number})
    if people:
        session.execute(sa.insert(Patient), people)
        session.execute(sa.insert(PatientNameWord), words)
        session.execute(sa.insert(PatientIdentifier), identifiers)
    return len(people)
