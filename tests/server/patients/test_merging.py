"""Two records of one person become one, can become two again, and no old id is ever lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from server.audit import AuditLine
from server.db import Database
from server.domain.identity import Sex
from server.domain.relations import Relationship
from server.errors import NotFound, Refused, StaleVersion
from server.fleet.service import Device
from server.patients.duplicates import keep_apart, list_pairs
from server.patients.merging import STAYS, Side, merge_patients, merges_of, references, undo_merge
from server.patients.models import DuplicatePair, PairStatus, Patient, PatientChange, PatientIdentifier, RelatedPerson
from server.patients.service import live_id
from server.queues.models import Ticket
from server.registration.models import Encounter
from tests.server.hospital import FACILITY, MORNING, arrival, register

NOW = MORNING + timedelta(hours=1)
REASON = "Cùng một người, đã xem giấy tờ"
CARD = {"card_number": "DN4340123456789"}


def come(database: Database, kiosk: Device, number: str | None = None, **changes: Any) -> UUID:
    return register(database, arrival(number, **changes), kiosk).answer.patient_id


def side(database: Database, patient_id: UUID) -> Side:
    with database.reading() as session:
        return Side(patient_id, session.get_one(Patient, patient_id).version)


def merge(database: Database, survivor: Side, merged: Side, reason: str = REASON) -> UUID:
    return database.transact(
        lambda session: merge_patients(
            session, survivor=survivor, merged=merged, reason=reason, facility=FACILITY, by="truong.ca", now=NOW
        )
    )


def undo(database: Database, merge_id: UUID) -> None:
    database.transact(
        lambda session: undo_merge(
            session, merge_id, reason="Nhầm người", facility=FACILITY, by="truong.ca", now=NOW + timedelta(minutes=1)
        )
    )


def snapshot(database: Database) -> dict[str, list[Any]]:
    """Return everything that belongs to people; without versions and trails, which only grow."""
    tables: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
        (Patient, ("full_name", "born_on", "sex", "address", "phone", "merged_into_id")),
        (PatientIdentifier, ("patient_id", "system", "value", "valid_to")),
        (RelatedPerson, ("patient_id", "relative_id", "full_name")),
        (Encounter, ("patient_id", "status")),
        (Ticket, ("sole_patient_id", "label")),
        (DuplicatePair, ("first_id", "second_id", "status")),
    )
    with database.reading() as session:
        return {
            model.__tablename__: list(
                session.execute(sa.select(model.id, *(getattr(model, name) for name in names)).order_by(model.id))
            )
            for model, names in tables
        }


@pytest.fixture
def two(hospital: Database, kiosk: Device) -> tuple[Side, Side]:
    """A citizen, and the record of the day she came without papers: with a phone, a child and a visit of its own."""
    citizen = come(hospital, kiosk, "034190000017", person={"address": None, "sex": "unknown"})
    paperless = come(hospital, kiosk, insurance=CARD)
    with hospital.begin() as session:
        session.get_one(Patient, paperless).phone = "0912000017"
        for patient_id, relative_id in ((paperless, None), (come_child(hospital, session), paperless)):
            session.add(
                RelatedPerson(
                    patient_id=patient_id, relative_id=relative_id, relationship=Relationship.MOTHER,
                    full_name="Người Nhà Thử", noted_at=MORNING, noted_by="le.tan",
                )
            )  # fmt: skip
    return side(hospital, citizen), side(hospital, paperless)


def come_child(database: Database, session: Any) -> UUID:
    child = Patient(
        full_name="Bé Thử", folded_name="be thu", born_on="2026-11-01", sex=Sex.MALE, created_at=MORNING
    )  # fmt: skip
    session.add(child)
    session.flush()
    return child.id


def test_everything_of_the_record_given_up_belongs_to_the_survivor(hospital: Database, two: tuple[Side, Side]) -> None:
    citizen, paperless = two
    merge(hospital, citizen, paperless)
    with hospital.reading() as session:
        owners = {
            table: set(session.scalars(sa.select(column)))
            for table, column in (
                ("numbers", PatientIdentifier.patient_id),
                ("visits", Encounter.patient_id),
            )
        }
        survivor, given_up = session.get_one(Patient, citizen.id), session.get_one(Patient, paperless.id)
        relatives = session.scalars(sa.select(RelatedPerson)).all()
    assert owners == {"numbers": {citizen.id}, "visits": {citizen.id}}
    assert (survivor.phone, survivor.sex, survivor.address) == ("0912000017", "female", "Thôn Thử, Xã Nghiệm, Tỉnh Mẫu")
    assert given_up.merged_into_id == citizen.id
    assert {citizen.id} == {one.patient_id for one in relatives if one.relative_id is None}
    assert {citizen.id} == {one.relative_id for one in relatives} - {None}


def test_undoing_restores_every_row_exactly(hospital: Database, two: tuple[Side, Side]) -> None:
    before = snapshot(hospital)
    merge_id = merge(hospital, *two)
    assert snapshot(hospital) != before
    undo(hospital, merge_id)
    assert snapshot(hospital) == before


def test_what_came_after_the_merge_stays_with_the_survivor(
    hospital: Database, kiosk: Device, two: tuple[Side, Side]
) -> None:
    citizen, paperless = two
    merge_id = merge(hospital, citizen, paperless)
    by_card = come(hospital, kiosk, None, insurance=CARD, service="NHI")
    assert by_card == citizen.id  # the number leads to the record that goes on
    with hospital.begin() as session:
        session.get_one(Patient, citizen.id).phone = "0912999999"  # somebody corrected what the merge had filled in
    undo(hospital, merge_id)
    with hospital.reading() as session:
        visits = dict(
            session.execute(sa.select(Encounter.patient_id, sa.func.count()).group_by(Encounter.patient_id)).all()
        )
        assert visits == {citizen.id: 2, paperless.id: 1}
        assert session.get_one(Patient, citizen.id).phone == "0912999999"


def test_every_old_id_leads_to_the_record_that_goes_on(hospital: Database, kiosk: Device) -> None:
    ids = [come(hospital, kiosk), come(hospital, kiosk), come(hospital, kiosk, "034190000017")]
    merge(hospital, side(hospital, ids[1]), side(hospital, ids[0]))
    merge(hospital, side(hospital, ids[2]), side(hospital, ids[1]))
    with hospital.begin() as session:
        assert [live_id(session, one) for one in ids] == [ids[2]] * 3


def test_a_chain_is_taken_back_from_its_end(hospital: Database, kiosk: Device) -> None:
    ids = [come(hospital, kiosk), come(hospital, kiosk), come(hospital, kiosk, "034190000017")]
    before = snapshot(hospital)
    first = merge(hospital, side(hospital, ids[1]), side(hospital, ids[0]))
    second = merge(hospital, side(hospital, ids[2]), side(hospital, ids[1]))
    with pytest.raises(Refused, match=r"merge\.merged_further"):
        undo(hospital, first)
    undo(hospital, second)
    undo(hospital, first)
    assert snapshot(hospital) == before
    with pytest.raises(StaleVersion):
        undo(hospital, first)


def test_two_citizens_are_never_merged(hospital: Database, kiosk: Device) -> None:
    one, other = come(hospital, kiosk, "034190000017"), come(hospital, kiosk, "034190000025")
    before = snapshot(hospital)
    with pytest.raises(Refused, match=r"merge\.two_personal_numbers"):
        merge(hospital, side(hospital, one), side(hospital, other))
    assert snapshot(hospital) == before


@pytest.mark.parametrize("reason", ["", "  ", "..", "123"])
def test_a_merge_without_a_reason_is_refused(hospital: Database, two: tuple[Side, Side], reason: str) -> None:
    with pytest.raises(Refused, match=r"override\.reason_missing"):
        merge(hospital, *two, reason=reason)


def test_a_record_with_itself_or_with_nobody_is_refused(hospital: Database, two: tuple[Side, Side]) -> None:
    with pytest.raises(Refused, match=r"merge\.same_record"):
        merge(hospital, two[0], two[0])
    with pytest.raises(NotFound):
        merge(hospital, two[0], Side(UUID(int=7), 1))
    with pytest.raises(NotFound):
        undo(hospital, UUID(int=7))


def test_a_record_that_changed_since_it_was_looked_at_is_looked_at_again(
    hospital: Database, two: tuple[Side, Side]
) -> None:
    with hospital.begin() as session:
        session.get_one(Patient, two[1].id).address = "Nơi khác"
    with pytest.raises(StaleVersion):
        merge(hospital, *two)


def test_live_numbers_of_one_queue_stand_beside_each_other_and_go_back(hospital: Database, kiosk: Device) -> None:
    one, other = come(hospital, kiosk), come(hospital, kiosk)  # both wait at NOI today
    with hospital.begin() as session:
        holder = sa.select(Encounter.patient_id).where(Encounter.id == Ticket.encounter_id).scalar_subquery()
        session.execute(sa.update(Ticket).values(sole_patient_id=holder))
    before = snapshot(hospital)
    merge_id = merge(hospital, side(hospital, one), side(hospital, other))
    with hospital.reading() as session:
        tickets = session.scalars(sa.select(Ticket.sole_patient_id)).all()
    assert sorted(tickets, key=str) == sorted([one, None], key=str)
    undo(hospital, merge_id)
    assert snapshot(hospital) == before


def test_the_pair_is_settled_and_other_pairs_go_on_with_the_survivor(hospital: Database, kiosk: Device) -> None:
    ids = [come(hospital, kiosk) for _ in range(3)]
    with hospital.begin() as session:  # as if the third had never been compared with the first
        first, third = sorted((ids[0], ids[2]))
        session.execute(
            sa.delete(DuplicatePair).where(DuplicatePair.first_id == first, DuplicatePair.second_id == third)
        )
    before = snapshot(hospital)
    merge_id = merge(hospital, side(hospital, ids[0]), side(hospital, ids[1]))
    with hospital.reading() as session:
        (pair,) = list_pairs(session, facility=FACILITY).pairs
        statuses = set(session.scalars(sa.select(DuplicatePair.status)))
    assert {pair.first.id, pair.second.id} == {ids[0], ids[2]}
    assert statuses == {PairStatus.MERGED, PairStatus.OPEN}
    undo(hospital, merge_id)
    assert snapshot(hospital) == before


def test_a_pair_that_was_two_people_is_so_again_after_a_merge_was_undone(hospital: Database, kiosk: Device) -> None:
    ids = [come(hospital, kiosk) for _ in range(2)]
    with hospital.begin() as session:
        (pair,) = list_pairs(session, facility=FACILITY).pairs
        keep_apart(session, pair.id, reason="Hai chị em", facility=FACILITY, by="truong.ca", now=NOW)
    before = snapshot(hospital)
    undo(hospital, merge(hospital, side(hospital, ids[0]), side(hospital, ids[1])))
    assert snapshot(hospital) == before


def test_the_trail_names_both_records_and_no_personal_data(hospital: Database, two: tuple[Side, Side]) -> None:
    merge_id = merge(hospital, *two)
    undo(hospital, merge_id)
    with hospital.reading() as session:
        merges = sa.select(AuditLine).where(AuditLine.action.like("patient.merge%")).order_by(AuditLine.sequence)
        lines = session.scalars(merges).all()
        (kept,) = merges_of(session, two[0].id)
        changes = session.scalars(sa.select(PatientChange).where(PatientChange.reason == REASON)).all()
    assert [(line.action, line.subject_id) for line in lines] == [
        ("patient.merged", str(two[0].id)),
        ("patient.merged", str(two[1].id)),
        ("patient.merge-undone", str(two[0].id)),
        ("patient.merge-undone", str(two[1].id)),
    ]
    assert (kept.reason, kept.by, kept.undone_by, kept.undone_reason) == (
        REASON, "truong.ca", "truong.ca", "Nhầm người"
    )  # fmt: skip
    assert {change.field for change in changes} == {"phone", "sex", "address", "merged-record"}
    for personal in ("Nguyễn", "0912000017", "034190000017", REASON):
        assert personal not in str([line.details for line in lines])


def test_every_reference_to_a_patient_moves_or_is_known_to_stay() -> None:
    """A table somebody adds moves by itself; what it needs is one column as its key."""
    moving = {str(column) for column in references()} - STAYS
    assert moving >= {"encounter.patient_id", "patient_identifier.patient_id", "related_person.relative_id"}
    assert {str(column) for column in references()} >= STAYS
    assert all(len(column.table.primary_key.columns) == 1 for column in references() if str(column) in moving)


# Several at once


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    start = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        start.wait(20)
        try:
            return task()
        except (StaleVersion, Refused) as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_of_two_clerks_who_merge_one_pair_in_both_directions_one_wins(hospital: Database, kiosk: Device) -> None:
    for _ in range(3):
        one, other = (side(hospital, come(hospital, kiosk)) for _ in range(2))
        outcomes = at_once([lambda: merge(hospital, one, other), lambda: merge(hospital, other, one)])  # noqa: B023 - run within the round
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["StaleVersion", "UUID"]
        with hospital.begin() as session:
            assert live_id(session, one.id) == live_id(session, other.id)


def test_of_two_clerks_who_undo_one_merge_one_wins(hospital: Database, two: tuple[Side, Side]) -> None:
    before = snapshot(hospital)
    merge_id = merge(hospital, *two)
    outcomes = at_once([lambda: undo(hospital, merge_id)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "StaleVersion"]
    assert snapshot(hospital) == before


def test_who_registers_during_a_merge_is_registered_with_the_record_that_goes_on(
    hospital: Database, kiosk: Device
) -> None:
    for n in range(4):
        card = {"card_number": f"DN43401234567{n:02d}"}
        citizen = come(hospital, kiosk, f"0341900005{n:02d}")
        paperless = come(hospital, kiosk, insurance=card, arrived_at=MORNING - timedelta(days=1))
        sides = side(hospital, citizen), side(hospital, paperless)
        commands = [arrival(None, insurance=card, service="NHI") for _ in range(3)]
        tasks: list[Callable[[], Any]] = [lambda: merge(hospital, *sides)]  # noqa: B023 - run within the round
        tasks += [lambda c=command: register(hospital, c, kiosk) for command in commands]  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        at_once(tasks)
        with hospital.reading() as session:
            gone_on = session.get_one(Patient, paperless).merged_into_id
            left_behind = session.scalar(
                sa.select(sa.func.count()).select_from(Encounter).where(Encounter.patient_id == paperless)
            )
        # A registration before the merge may have changed what the clerk had looked at; then nothing was merged.
        assert left_behind == 0 if gone_on == citizen else gone_on is None
