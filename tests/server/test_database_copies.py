"""What the tests of the server rest on: each gets the migrated database as if no test had been before it."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL

from server.db import Base, Database
from server.wiring import connect_log
from tests.server.hospital import add_kiosk, arrival, build_hospital, register
from tests.support.copies import Copies

Change = Callable[[Callable[[Database], object]], URL]


@pytest.fixture
def change(copies_of: Callable[[str, bool], Copies], tmp_path: Path) -> Change:
    copies = copies_of("postgresql", False)

    def change(work: Callable[[Database], object]) -> URL:
        database = Database(copies.take(tmp_path))
        connect_log(database, tmp_path / "server")
        work(database)
        database.close()
        copies.give_back(database.url)
        return database.url

    return change


def rows(database: Database) -> dict[str, list[object]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table))]
            for table in Base.metadata.sorted_tables
        }


def test_a_used_copy_comes_back_with_the_migrations_rows_and_no_others(
    change: Change,
) -> None:
    before: list[dict[str, list[object]]] = []

    def a_patient_comes(database: Database) -> None:
        build_hospital(database)
        register(database, arrival(), add_kiosk(database, "K")[0])
        assert rows(database)["encounter"]

    change(lambda database: before.append(rows(database)))
    change(a_patient_comes)
    change(lambda database: before.append(rows(database)))
    assert before[0] == before[1]
    assert before[0]["server_epoch"]


def test_a_thread_left_behind_cannot_reach_the_next_tests_copy(
    change: Change,
) -> None:
    left: list[Database] = []

    def leave_open(database: Database) -> None:
        left.append(Database(database.url))
        left[0].check()

    change(leave_open)
    change(lambda database: None)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(left[0].url.render_as_string().replace("+psycopg", "")).close()
    left[0].close()


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE thing (n INTEGER)", "DROP TABLE feed", "ALTER TABLE audit_line ALTER COLUMN actor DROP NOT NULL"],
)
def test_a_copy_with_another_schema_is_not_used_again(change: Change, statement: str) -> None:
    def alter(database: Database) -> None:
        with database.begin() as session:
            session.execute(sa.text(statement))

    found: list[tuple[list[str], object]] = []

    def look(database: Database) -> None:
        inspector = sa.inspect(database.engine)
        found.append((sorted(inspector.get_table_names()), inspector.get_columns("audit_line")[2]["nullable"]))

    change(look)
    change(alter)
    change(look)
    assert found[0] == found[1]
