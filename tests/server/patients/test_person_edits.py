"""What staff put right about a person: with its reason, in the trail, and never over a colleague's head."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.identity import Identifier, IdentifierSystem
from server.domain.relations import Relationship
from server.errors import NotFound, Refused, StaleVersion
from server.fleet.service import Device
from server.patients.duplicates import list_pairs
from server.patients.editing import (
    NumberTaken,
    add_number,
    add_relative,
    change_patient,
    changes_since,
    end_number,
    is_proved,
)
from server.patients.models import Patient, PatientChange, PatientIdentifier, RelatedPerson
from tests.server.hospital import FACILITY, MORNING, arrival, register

NOW = MORNING + timedelta(hours=1)
REASON = "Theo giấy khai sinh"
CCCD = Identifier(IdentifierSystem.PERSONAL_NUMBER, "034190000017")
OLD_ID = Identifier(IdentifierSystem.OLD_ID_NUMBER, "990000017")


def come(database: Database, kiosk: Device, number: str | None = None, **changes: Any) -> UUID:
    return register(database, arrival(number, **changes), kiosk).answer.patient_id


def change(
    database: Database, patient_id: UUID, values: dict[str, Any], *, reason: str = REASON, version: int = 1,
    by: str = "le.tan",
) -> tuple[str, ...]:  # fmt: skip
    with database.begin() as session:
        return change_patient(
            session, patient_id, values, reason=reason, version=version, facility=FACILITY, by=by, now=NOW
        )


def give(database: Database, patient_id: UUID, number: Identifier, version: int = 1) -> NumberTaken | None:
    return database.transact(
        lambda session: add_number(
            session, patient_id, number, version=version, facility=FACILITY, by="le.tan", now=NOW
        )
    )


def trail(database: Database, patient_id: UUID) -> list[tuple[str, str | None, str | None, str | None, int]]:
    with database.reading() as session:
        return [
            (one.field, one.old_value, one.new_value, one.reason, one.version)
            for one in changes_since(session, patient_id, 0)
        ]


def test_a_change_is_a_fact_with_its_reason(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk)
    changed = change(hospital, patient_id, {"full_name": "Nguyễn Thị Thử", "phone": "0912000017", "sex": "female"})
    assert sorted(changed) == ["full_name", "phone"]  # the sex was female before
    assert sorted(trail(hospital, patient_id)) == [
        ("full_name", "Nguyễn Thị Thử Nghiệm", "Nguyễn Thị Thử", REASON, 2),
        ("phone", None, "0912000017", REASON, 2),
    ]
    with hospital.reading() as session:
        assert session.get_one(Patient, patient_id).folded_name == "nguyen thi thu"
        line = session.scalars(sa.select(AuditLine).where(AuditLine.action == "patient.changed")).one()
    assert (line.actor, line.subject_id) == ("staff:le.tan", str(patient_id))
    assert line.details == {"fields": "full_name,phone"}


def test_nothing_changed_leaves_no_trace(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk)
    assert change(hospital, patient_id, {"full_name": "Nguyễn Thị Thử Nghiệm"}) == ()
    assert trail(hospital, patient_id) == []
    assert change(hospital, patient_id, {"address": "Nơi khác"}, version=1) == ("address",)


@pytest.mark.parametrize(
    ("assurance", "field", "value", "needs_reason"),
    [
        ("chip-trusted", "full_name", "Nguyễn Thị Khác", True),
        ("chip-consistent", "born_on", "1990-08-16", True),
        ("chip-trusted", "sex", "male", True),
        ("chip-trusted", "address", "Nơi khác", False),  # the chip's address grows old by itself
        ("chip-trusted", "phone", "0912000017", False),
        ("chip-read", "full_name", "Nguyễn Thị Khác", False),  # opened, and nothing proved
        ("qr", "full_name", "Nguyễn Thị Khác", False),
        ("staff", "full_name", "Nguyễn Thị Khác", False),
    ],
)
def test_what_a_chip_proved_is_changed_with_a_reason_only(
    hospital: Database, kiosk: Device, assurance: str, field: str, value: str, needs_reason: bool
) -> None:
    patient_id = come(hospital, kiosk, "034190000017", evidence={"assurance": assurance})
    with hospital.reading() as session:
        assert is_proved(session, patient_id) == assurance.startswith(("chip-trusted", "chip-consistent"))
    if needs_reason:
        with pytest.raises(Refused, match=r"override\.reason_missing"):
            change(hospital, patient_id, {field: value}, reason=" ")
        assert trail(hospital, patient_id) == []
    else:
        assert change(hospital, patient_id, {field: value}, reason=" ") == (field,)


def test_of_two_who_edit_one_person_one_wins_and_the_other_sees_what_changed(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk)

    def attempt(by: str) -> str:
        try:
            change(hospital, patient_id, {"address": f"Nhà của {by}"}, by=by)
        except StaleVersion:
            return "conflict"
        return by

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(attempt, [f"nhan.vien.{n}" for n in range(6)]))
    (winner,) = set(outcomes) - {"conflict"}
    assert outcomes.count("conflict") == 5
    with hospital.reading() as session:
        (seen,) = changes_since(session, patient_id, 1)
    assert (seen.field, seen.new_value, seen.by) == ("address", f"Nhà của {winner}", f"staff:{winner}")


def test_what_a_document_fills_in_stands_in_the_same_trail(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk, "034190000017", person={"address": None, "born_on": "1990"})
    come(hospital, kiosk, "034190000017", service="NHI")
    assert sorted(one[:4] for one in trail(hospital, patient_id)) == [
        ("address", None, "Thôn Thử, Xã Nghiệm, Tỉnh Mẫu", None),
        ("born_on", "1990", "1990-08-15", None),
    ]


def test_a_corrected_name_may_turn_out_to_be_somebody_known(hospital: Database, kiosk: Device) -> None:
    known = come(hospital, kiosk, "034190000017")
    misspelt = come(hospital, kiosk, person={"full_name": "Nguyễn Thị Nghiệm Thử", "address": None})
    with hospital.reading() as session:
        assert list_pairs(session, facility=FACILITY).pairs == ()
    change(hospital, misspelt, {"full_name": "Nguyễn Thị Thử Nghiệm"})
    with hospital.reading() as session:
        (pair,) = list_pairs(session, facility=FACILITY).pairs
    assert {pair.first.id, pair.second.id} == {known, misspelt}


# Numbers


def test_a_number_is_added_once_and_finds_the_person(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk)
    assert give(hospital, patient_id, CCCD) is None
    assert give(hospital, patient_id, CCCD, version=2) is None  # pressed twice
    assert trail(hospital, patient_id) == [("vn-personal-number", None, CCCD.value, None, 2)]
    assert come(hospital, kiosk, CCCD.value, service="NHI") == patient_id


def test_a_number_of_somebody_else_stays_there_and_the_two_are_put_side_by_side(
    hospital: Database, kiosk: Device
) -> None:
    holder = come(hospital, kiosk, CCCD.value, person={"full_name": "Trần Văn Khác", "born_on": "1971"})
    patient_id = come(hospital, kiosk)
    assert give(hospital, patient_id, CCCD) == NumberTaken(holder)
    with hospital.reading() as session:
        (pair,) = list_pairs(session, facility=FACILITY).pairs
        owner = session.scalars(sa.select(PatientIdentifier.patient_id)).one()
    assert {pair.first.id, pair.second.id} == {holder, patient_id}
    assert owner == holder


def test_a_second_personal_number_needs_the_first_to_be_ended(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk, "034190000025")
    with pytest.raises(Refused, match=r"number\.second_personal"):
        give(hospital, patient_id, CCCD)
    with hospital.reading() as session:
        old = session.scalars(sa.select(PatientIdentifier.id)).one()
    for reason, error in (("", Refused), (REASON, None), (REASON, StaleVersion)):
        version = 1 if error is not StaleVersion else 2
        if error is None:
            with hospital.begin() as session:
                end_number(session, patient_id, old, reason=reason, version=version, by="le.tan", now=NOW)
            continue
        with pytest.raises(error), hospital.begin() as session:
            end_number(session, patient_id, old, reason=reason, version=version, by="le.tan", now=NOW)
    assert give(hospital, patient_id, CCCD, version=2) is None
    assert [one[:3] for one in trail(hospital, patient_id)] == [
        ("vn-personal-number", "034190000025", None),
        ("vn-personal-number", None, CCCD.value),
    ]
    assert come(hospital, kiosk, "034190000025") != patient_id  # free for whom it really belongs to


def test_of_several_who_give_one_number_to_different_people_one_succeeds(hospital: Database, kiosk: Device) -> None:
    people = [come(hospital, kiosk, person={"full_name": f"Người Thử {n}"}) for n in "ABCD"]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda patient_id: give(hospital, patient_id, OLD_ID), people))
    assert outcomes.count(None) == 1
    owner = people[outcomes.index(None)]
    assert {outcome for outcome in outcomes if outcome} == {NumberTaken(owner)}


def test_a_person_who_is_not_there_cannot_be_changed(hospital: Database) -> None:
    patient_id = UUID(int=7)
    with pytest.raises(NotFound):
        change(hospital, patient_id, {"address": "x"})
    with pytest.raises(NotFound):
        give(hospital, patient_id, CCCD)


# Relatives


def test_the_same_companion_is_noted_once_and_a_phone_learnt_later_is_kept(hospital: Database, kiosk: Device) -> None:
    patient_id = come(hospital, kiosk)
    ids = set()
    for phone in (None, "0912000017", None):
        with hospital.begin() as session:
            ids.add(
                add_relative(
                    session, patient_id, relationship=Relationship.MOTHER, full_name="Lê Thị Mẹ", phone=phone,
                    relative_id=None, by="le.tan", now=NOW,
                )
            )  # fmt: skip
    with hospital.reading() as session:
        (mother,) = session.scalars(sa.select(RelatedPerson)).all()
        assert session.scalars(sa.select(PatientChange)).all() == []
    assert ids == {mother.id}
    assert mother.phone == "0912000017"
