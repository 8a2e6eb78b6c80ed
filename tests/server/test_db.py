"""Both databases keep the promises the server rests on."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from server.db import Database, claim, insert
from server.engines import DatabaseUnfit
from server.errors import RequestInProgress, Unavailable
from server.facilities.models import Clinic, Facility
from server.feed import FeedRow

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def facility(code: str = "34999") -> Facility:
    return Facility(code=code, name="Bệnh viện Thử", name_en="Test Hospital")


def test_instant_given_in_local_time_comes_back_aware_in_utc(database: Database) -> None:
    hanoi = timezone(timedelta(hours=7))
    with database.begin() as session:
        session.add(FeedRow(facility_code="34999", topic="t", subject_id="1", at=NOON.astimezone(hanoi)))
    with database.reading() as session:
        stored = session.scalars(sa.select(FeedRow)).one().at
    assert stored == NOON
    assert stored.utcoffset() == timedelta(0)


def test_instant_without_time_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.begin() as session:
        session.add(FeedRow(facility_code="34999", topic="t", subject_id="1", at=NOON.replace(tzinfo=None)))


def test_row_without_the_row_it_refers_to_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.begin() as session:
        session.add(Clinic(facility_code="nowhere", code="NOI", name="Nội", name_en="Medicine"))


def test_error_of_a_statement_does_not_tell_its_values(database: Database) -> None:
    with pytest.raises(IntegrityError) as caught, database.begin() as session:
        session.add(Clinic(facility_code="nowhere", code="NOI", name="Khoa Kín Tiếng", name_en="Medicine"))
    assert "Khoa Kín Tiếng" not in str(caught.value)


def test_block_that_raises_leaves_nothing(database: Database) -> None:
    def add_and_fail(session: Session) -> None:
        session.add(facility())
        session.flush()
        raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        database.transact(add_and_fail)
    with database.reading() as session:
        assert session.get(Facility, "34999") is None


def test_reading_session_keeps_one_view_while_others_write(database: Database) -> None:
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Facility)) == 0
        with database.begin() as writer:
            writer.add(facility())
        assert session.scalar(sa.select(sa.func.count()).select_from(Facility)) == 0


def test_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(sa.insert(Facility).values(code="34999", name="x", name_en="x", is_demo=False))
    with database.begin() as session:  # no connection was left unable to write
        session.add(facility())


def test_sqlite_keeps_its_statements_compiled_from_one_transaction_to_the_next(tmp_path: Path) -> None:
    executed: list[str] = []

    def listen(connection: sqlite3.Connection, _: object) -> None:
        connection.set_trace_callback(executed.append)

    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    for engine in database.engines:
        sa.event.listen(engine, "connect", listen)
    for _ in range(2):
        executed.clear()
        with database.begin() as session:
            session.execute(sa.text("SELECT 1"))
        with database.reading() as session:
            session.execute(sa.text("SELECT 2"))
        assert database.look_up(sa.select(sa.literal(3)), {}) == [(3,)]
    database.close()
    assert {"BEGIN IMMEDIATE", "SELECT 1", "BEGIN", "SELECT 2"} <= set(executed)
    # A switch like query_only expires every compiled statement of its connection (sqlite3ExpirePreparedStatements).
    assert not [one for one in executed if one.startswith("PRAGMA")]


def test_a_single_question_sees_what_is_committed_and_leaves_the_connection_able_to_write(database: Database) -> None:
    by_code = sa.select(Facility.name).where(Facility.code == sa.bindparam("wanted"))
    assert database.look_up(by_code, {"wanted": "34999"}) == []
    for code in ("34998", "34999"):  # the second one on the connection that was just asked
        with database.begin() as session:
            session.add(facility(code))
        assert [tuple(row) for row in database.look_up(by_code, {"wanted": code})] == [("Bệnh viện Thử",)]


def test_connections_are_opened_only_as_many_are_needed_at_once(database: Database) -> None:
    for _ in range(20):
        with database.reading() as session:
            session.execute(sa.select(1))
    pool = database.engines[-1].pool
    assert isinstance(pool, sa.QueuePool)
    assert pool.checkedin() == 1


def test_writers_of_one_counter_wait_for_each_other_and_lose_no_step(database: Database) -> None:
    with database.begin() as session:
        session.add(facility("0"))

    def count_up(session: Session) -> None:
        row = session.scalars(sa.select(Facility).with_for_update()).one()
        row.name = str(int(row.name if row.name.isdecimal() else "0") + 1)

    threads = [threading.Thread(target=lambda: [database.transact(count_up) for _ in range(10)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.scalars(sa.select(Facility.name)).one() == "60"


def test_loser_of_a_race_for_a_unique_value_is_run_again_and_sees_the_winner(database: Database) -> None:
    both_looked = threading.Barrier(2)
    seen: list[bool] = []

    def find_or_add(session: Session) -> bool:
        found = session.get(Facility, "34999") is not None
        if database.kind == "postgresql" and not seen and not found:
            both_looked.wait(30)
        if not found:
            session.add(facility())
        return found

    def run() -> None:
        seen.append(database.transact(find_or_add))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [False, True]


def test_constraint_that_is_no_race_is_raised_in_the_end(database: Database) -> None:
    with database.begin() as session:
        session.add(facility())
    attempts = []

    def add_again(session: Session) -> None:
        attempts.append(1)
        session.execute(insert(database.kind, Facility).values(code="34999", name="x", name_en="x", is_demo=False))

    with pytest.raises(IntegrityError):
        database.transact(add_again)
    assert len(attempts) > 1


def test_wait_for_a_lock_is_bounded_and_says_unavailable(make_database_url: Callable[[], str]) -> None:
    url = make_database_url()
    holder, waiter = Database(url), Database(url, wait_s=0.2)
    with holder.begin() as session:
        session.execute(sa.text("CREATE TABLE thing (id INTEGER PRIMARY KEY, n INTEGER)"))
        session.execute(sa.text("INSERT INTO thing VALUES (1, 0)"))
    raise_n = sa.text("UPDATE thing SET n = n + 1 WHERE id = 1")
    with holder.begin() as session:
        session.execute(raise_n)
        with pytest.raises(Unavailable) as raised, waiter.begin() as second:
            second.execute(raise_n)
    assert raised.value.code == "database.busy"
    with waiter.begin() as second:  # and then it works
        second.execute(raise_n)
    holder.close()
    waiter.close()


def test_second_claim_of_a_key_is_told_that_the_first_is_still_running(make_database_url: Callable[[], str]) -> None:
    url, key = make_database_url(), uuid4()
    first, second = Database(url), Database(url, wait_s=0.2)
    # SQLite has one writer at a time, so a second attempt cannot even begin.
    expected = RequestInProgress if first.kind == "postgresql" else Unavailable
    with first.begin() as session:
        claim(session, key)
        with pytest.raises(expected), second.begin() as other:
            claim(other, key)
    with second.begin() as other:
        claim(other, key)
    first.close()
    second.close()


def test_database_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/no/such/directory/x.db", f"postgresql+psycopg://nobody@/x?host={tmp_path}"):
        database = Database(url)
        with pytest.raises(Unavailable) as raised:
            database.check()
        assert raised.value.code == "database.unreachable"
        database.close()


def test_sqlite_in_memory_is_unfit() -> None:
    with pytest.raises(DatabaseUnfit, match="in memory"):
        Database("sqlite:///:memory:")


def test_every_sqlite_connection_is_durable_and_checks_references(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}", connections=3)
    open_at_once = [engine.connect() for engine in database.engines for _ in range(3)]
    for connection in open_at_once:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        connection.close()
    database.close()


def test_sqlite_file_on_which_wal_cannot_be_set_is_unfit(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.commit()
    other.execute("BEGIN EXCLUSIVE")  # somebody uses the file in rollback mode: the mode cannot change now
    database = Database(f"sqlite:///{path}", wait_s=0.1)
    with pytest.raises(Unavailable):
        database.check()
    other.close()
    database.check()
    database.close()
