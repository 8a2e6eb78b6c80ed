"""Records that may be one person's are found when they are written, shown to a person, and her answer is remembered."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.duplicates import Ground
from server.domain.identity import IdentifierSystem
from server.errors import NotFound, StaleVersion
from server.fleet.service import Device
from server.patients.duplicates import Pair, PairPage, count_open_pairs, keep_apart, list_pairs
from server.patients.models import DuplicatePair, PairStatus
from server.patients.service import find_or_add_patient
from server.registration.service import person_of
from tests.server.hospital import FACILITY, MORNING, arrival, build_hospital, register

LATER = MORNING + timedelta(hours=1)
REASON = "Hai chị em sinh đôi"


def come(database: Database, kiosk: Device, number: str | None = None, **changes: Any) -> UUID:
    """Register an arrival; return the patient's id."""
    return register(database, arrival(number, **changes), kiosk).answer.patient_id


def pairs(database: Database, facility: str = FACILITY, after: UUID | None = None) -> PairPage:
    with database.reading() as session:
        return list_pairs(session, facility=facility, after=after)


def sides(pair: Pair) -> set[UUID]:
    return {pair.first.id, pair.second.id}


def test_the_same_name_and_birth_date_without_papers_is_put_on_the_list(hospital: Database, kiosk: Device) -> None:
    one, other = come(hospital, kiosk), come(hospital, kiosk, person={"full_name": "NGUYEN THI THU NGHIEM"})
    (pair,) = pairs(hospital).pairs
    assert sides(pair) == {one, other}
    assert pair.grounds == (Ground.SAME_NAME, Ground.SAME_BIRTH_DATE, Ground.SAME_ADDRESS)


def test_two_citizens_of_one_name_and_birth_date_are_left_alone(hospital: Database, kiosk: Device) -> None:
    come(hospital, kiosk, "034190000017")
    come(hospital, kiosk, "034190000025")
    assert pairs(hospital).pairs == ()


def test_a_new_citizen_with_anothers_insurance_number_is_a_review_item_and_no_merge(
    hospital: Database, kiosk: Device
) -> None:
    card = {"card_number": "DN4340123456789"}
    holder = come(hospital, kiosk, "034190000017", insurance=card)
    stranger = come(
        hospital, kiosk, "034085000099", insurance=card,
        person={"full_name": "Trần Văn Khác", "born_on": "1985-02-03", "sex": "male", "address": "Thôn Khác"},
    )  # fmt: skip
    assert stranger != holder
    (pair,) = pairs(hospital).pairs
    assert (sides(pair), pair.grounds) == ({holder, stranger}, (Ground.SAME_NUMBER, Ground.OTHER_SEX))
    assert pair.number_system is IdentifierSystem.INSURANCE_CARD


def test_the_same_conflict_the_next_day_is_the_same_item(hospital: Database, kiosk: Device) -> None:
    card = {"card_number": "DN4340123456789"}
    come(hospital, kiosk, "034190000017", insurance=card)
    for day in range(3):
        come(hospital, kiosk, "034085000099", insurance=card, arrived_at=MORNING + timedelta(days=day))
    assert len(pairs(hospital).pairs) == 1


def test_two_people_who_were_told_apart_are_not_asked_about_again(hospital: Database, kiosk: Device) -> None:
    come(hospital, kiosk), come(hospital, kiosk)
    (pair,) = pairs(hospital).pairs
    with hospital.begin() as session:
        keep_apart(session, pair.id, reason=REASON, facility=FACILITY, by="truong.ca", now=LATER)
    third = come(hospital, kiosk)
    assert all(third in sides(one) for one in pairs(hospital).pairs)
    with hospital.reading() as session:
        decided = session.get_one(DuplicatePair, pair.id)
        lines = session.scalars(sa.select(AuditLine).where(AuditLine.action == "patient.kept-apart")).all()
    assert (decided.status, decided.decided_by, decided.reason) == (PairStatus.DIFFERENT, "truong.ca", REASON)
    assert {line.subject_id for line in lines} == {str(one) for one in sides(pair)}
    assert REASON not in str([line.details for line in lines])


def test_of_two_who_decide_about_a_pair_the_second_learns_it(hospital: Database, kiosk: Device) -> None:
    come(hospital, kiosk), come(hospital, kiosk)
    (pair,) = pairs(hospital).pairs
    with hospital.begin() as session:
        keep_apart(session, pair.id, reason=REASON, facility=FACILITY, by="mot", now=LATER)
    with pytest.raises(StaleVersion), hospital.begin() as session:
        keep_apart(session, pair.id, reason=REASON, facility=FACILITY, by="hai", now=LATER)


def test_the_list_is_the_facilitys_own(hospital: Database, kiosk: Device) -> None:
    build_hospital(hospital, "34998")
    come(hospital, kiosk), come(hospital, kiosk)
    assert pairs(hospital, "34998").pairs == ()
    (pair,) = pairs(hospital).pairs
    with pytest.raises(NotFound), hospital.begin() as session:
        keep_apart(session, pair.id, reason=REASON, facility="34998", by="nguoi.khac", now=LATER)


def test_the_list_shows_every_pair_once_page_by_page(
    hospital: Database, kiosk: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        come(hospital, kiosk)  # one name and birth date: six pairs
    monkeypatch.setattr("server.patients.duplicates.PAGE_LENGTH", 4)
    first = pairs(hospital)
    second = pairs(hospital, after=first.next)
    shown = [pair.id for pair in (*first.pairs, *second.pairs)]
    assert (len(first.pairs), len(second.pairs), second.next) == (4, 2, None)
    assert len(set(shown)) == 6
    with hospital.reading() as session:
        assert count_open_pairs(session, facility=FACILITY) == 6


def test_a_record_picked_by_staff_is_used_whoever_holds_the_number(hospital: Database, kiosk: Device) -> None:
    """Without a number of her own she is found by name; the card she shows turns out to be her sister's."""
    card = {"card_number": "DN4340123456789"}
    picked = come(hospital, kiosk, person={"full_name": "Lê Thị Không Giấy", "address": None})
    sister = come(hospital, kiosk, "034190000017", insurance=card)
    command = arrival(None, insurance=card, person={"full_name": "Lê Thị Không Giấy"})
    with hospital.begin() as session:
        found = find_or_add_patient(
            session, person_of(command), source="staff", facility=FACILITY, actor="staff:x", now=LATER, chosen=picked
        )
    assert (found.patient_id, found.is_new, found.filled) == (picked, False, ("address",))
    assert sides(pairs(hospital).pairs[0]) == {picked, sister}


def test_a_picked_record_that_does_not_exist_is_refused(hospital: Database) -> None:
    with pytest.raises(NotFound), hospital.begin() as session:
        find_or_add_patient(
            session, person_of(arrival()), source="staff", facility=FACILITY, actor="staff:x", now=LATER,
            chosen=UUID(int=7),
        )  # fmt: skip
