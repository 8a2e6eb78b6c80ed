"""A statement handed to the bare driver means what it means on SQLAlchemy's own way, on both databases."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from server.db import Database, insert_row, is_lost_race
from server.feed import FeedRow
from server.patients.models import Patient, PatientIdentifier
from server.prepared import Prepared
from server.queues.models import Ticket

MORNING = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
PERSON = UUID("0b0f6a3e-6c1f-4f0e-9f57-0d6a3d4f7a11")
BY_ID = sa.select(
    Patient.id, Patient.full_name, Patient.sex, Patient.is_unidentified, Patient.created_at, Patient.address
).where(Patient.id == sa.bindparam("id"))


@pytest.fixture
def stocked(database: Database) -> Database:
    person = Patient(
        id=PERSON, full_name="Đỗ Thị Ví Dụ", folded_name="do thi vi du", sex="female", created_at=MORNING, version=1
    )
    with database.begin() as session:
        insert_row(session, person)
    return database


def test_rows_are_what_the_orm_gives_types_and_empty_values_included(stocked: Database) -> None:
    with stocked.begin() as session:
        (mine,) = Prepared(BY_ID).all(session, {"id": PERSON})
        theirs = session.execute(BY_ID, {"id": PERSON}).one()
    assert mine == tuple(theirs)
    assert [type(value) for value in mine] == [type(value) for value in theirs]
    assert mine[4] == MORNING


def test_defaults_of_the_model_are_stored_with_a_row_that_does_not_name_them(stocked: Database) -> None:
    with stocked.reading() as session:
        assert session.get_one(Patient, PERSON).is_unidentified is False


def test_row_that_is_not_there_is_none(stocked: Database) -> None:
    with stocked.begin() as session:
        assert Prepared(BY_ID).find(session, {"id": UUID(int=0)}) is None


def test_statement_after_a_commit_belongs_to_the_sessions_next_transaction(stocked: Database) -> None:
    rename = Prepared(sa.update(Patient).values(full_name=sa.bindparam("name")))
    with stocked.session_factory() as session:
        rename.run(session, {"name": "Đỗ Thị Một"})
        session.commit()
        rename.run(session, {"name": "Đỗ Thị Hai"})
        session.rollback()
    with stocked.reading() as session:
        assert session.get_one(Patient, PERSON).full_name == "Đỗ Thị Một"


def test_several_rows_are_stored_by_one_statement(database: Database) -> None:
    names = ("facility_code", "topic", "subject_id", "at")
    add = Prepared(sa.insert(FeedRow).values({name: sa.bindparam(name) for name in names}).inline())
    rows = [dict(zip(names, ("34001", "ticket", str(n), MORNING), strict=True)) for n in range(3)]
    with database.begin() as session:
        add.run(session, *rows)
        add.run(session)
        assert session.scalars(sa.select(FeedRow.subject_id).order_by(FeedRow.id)).all() == ["0", "1", "2"]


def test_number_that_is_taken_is_a_lost_race_as_from_sqlalchemy(stocked: Database) -> None:
    def number(last: int) -> PatientIdentifier:
        return PatientIdentifier(
            id=UUID(int=last), patient_id=PERSON, system="cccd", value="034099000001", valid_from=MORNING, source="qr"
        )

    with stocked.begin() as session:
        insert_row(session, number(1))
    with pytest.raises(IntegrityError) as caught, stocked.begin() as session:
        insert_row(session, number(2))
    assert is_lost_race(caught.value)
    assert "parameters hidden" in str(caught.value)


def test_constants_of_a_statement_need_no_value(database: Database) -> None:
    waiting = Prepared(
        sa.select(sa.func.count()).where(
            Ticket.local_day == sa.bindparam("day"), Ticket.status == "waiting", Ticket.number > 3
        )
    )
    with database.begin() as session:
        assert waiting.all(session, {"day": date(2026, 3, 10)}) == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(Patient.id).where(Patient.id.in_(sa.bindparam("ids", expanding=True))),  # as many as there are values
        sa.insert(Patient).values(id=sa.bindparam("id")),  # ``is_unidentified`` has a default
    ],
)
def test_statement_that_only_sqlalchemy_can_complete_is_refused(database: Database, statement: sa.Select[UUID]) -> None:
    with database.begin() as session, pytest.raises(ValueError, match=r"cannot be compiled once|default"):
        Prepared(statement).all(session, {"ids": [PERSON]})


def test_value_that_is_missing_is_said_before_the_database_is_asked(database: Database) -> None:
    with database.begin() as session, pytest.raises(KeyError, match="id"):
        Prepared(BY_ID).all(session, {})
