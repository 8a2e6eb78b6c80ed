"""Transactions of several threads run as one, and each thread is answered as if it had been alone."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from server import feed
from server.audit import AuditLine
from server.db import Database
from server.engines import DatabaseUnfit
from server.errors import Refused, Unavailable
from server.facilities.models import Facility
from server.feed import FeedRow
from server.fleet.service import Device
from server.group_commit import GROUP_LIMIT, GroupCommit
from server.registration.service import register_encounter
from tests.server.hospital import MORNING, arrival

Work = Callable[[Session], Any]
PATIENCE_S = 60.0


@pytest.fixture
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group has all the time it needs: a busy machine must not make two of one."""
    monkeypatch.setattr("server.group_commit.GROUP_LIMIT_S", PATIENCE_S)


def adding(code: str) -> Work:
    def add(session: Session) -> str:
        session.add(Facility(code=code, name="Bệnh viện Thử", name_en="Test Hospital"))
        return code

    return add


def counting(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Facility)) or 0


def refusing(session: Session) -> None:
    session.add(Facility(code="never", name="x", name_en="x"))
    session.flush()
    raise Refused("test.refused")


@contextmanager
def commits_of(database: Database) -> Iterator[list[None]]:
    """Yield a list that grows with every commit."""
    commits: list[None] = []

    def note(_: object) -> None:
        commits.append(None)

    event.listen(database.engine, "commit", note)
    yield commits
    event.remove(database.engine, "commit", note)


def together(group_commit: GroupCommit, works: list[Work]) -> list[Future[Any]]:
    """Have ``works`` wait for a transaction under way, in their order, and return what came of each."""
    entered, gathered = threading.Event(), threading.Event()

    def occupy(session: Session) -> None:
        entered.set()
        assert gathered.wait(PATIENCE_S)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(group_commit.transact, occupy)
        assert entered.wait(PATIENCE_S)
        futures = []
        for n, work in enumerate(works, 1):
            futures.append(pool.submit(group_commit.transact, work))
            while group_commit.waiting < n:
                pass
        gathered.set()
        first.result(PATIENCE_S)
        wait(futures, PATIENCE_S)
    return futures


@pytest.mark.usefixtures("in_no_hurry")
def test_who_waits_meanwhile_is_committed_together_in_the_order_of_coming(database: Database) -> None:
    with commits_of(database) as commits:
        futures = together(GroupCommit(database), [adding("1"), counting, adding("2"), counting])
    assert [future.result() for future in futures] == ["1", 1, "2", 2]
    # SQLite's writer lets them join the one they waited for; a lone one on PostgreSQL has no turn to share.
    assert len(commits) == (1 if database.kind == "sqlite" else 2)


def test_a_lone_request_waits_for_nobody(database: Database) -> None:
    group_commit = GroupCommit(database)
    assert [group_commit.transact(adding(code)) for code in "123"] == ["1", "2", "3"]
    assert group_commit.transact(counting) == 3


def test_an_error_reaches_the_one_it_belongs_to_and_no_other(database: Database) -> None:
    futures = together(GroupCommit(database), [adding("1"), refusing, adding("2")])
    assert (futures[0].result(), futures[2].result()) == ("1", "2")
    with pytest.raises(Refused, match=r"test\.refused"):
        futures[1].result()
    with database.reading() as session:
        assert session.scalars(sa.select(Facility.code).order_by(Facility.code)).all() == ["1", "2"]


def test_a_lone_requests_error_is_its_own_and_the_next_one_is_served(database: Database) -> None:
    group_commit = GroupCommit(database)
    with pytest.raises(Refused):
        group_commit.transact(refusing)
    assert group_commit.transact(counting) == 0


def test_who_could_not_begin_leaves_nobody_waiting_for_a_lead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit() -> None:
        raise DatabaseUnfit("synchronous_commit is off")

    group_commit = GroupCommit(database)
    with monkeypatch.context() as patched:
        patched.setattr(database, "begin", unfit)
        with pytest.raises(DatabaseUnfit):
            group_commit.transact(counting)
    assert group_commit.waiting == 0
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(group_commit.transact, counting).result(PATIENCE_S) == 0


def test_a_group_that_fails_leaves_neither_audit_line_nor_change_of_its_first_attempt(
    hospital: Database, kiosk: Device
) -> None:
    def registering(session: Session) -> str:
        feed.publish(session, facility_code="34999", topic="test", subject_id="1", at=MORNING)
        return register_encounter(
            session, arrival(None), device=kiosk, actor=kiosk.actor, now=MORNING
        ).answer.ticket.label

    futures = together(GroupCommit(hospital), [registering, refusing, registering])
    assert sorted(future.result() for future in (futures[0], futures[2])) == ["A001", "A002"]
    with hospital.reading() as session:
        lines = session.scalars(sa.select(AuditLine.action).where(AuditLine.action == "encounter.registered")).all()
        changes = session.scalars(sa.select(FeedRow.topic).where(FeedRow.topic == "test")).all()
    assert (len(lines), len(changes)) == (2, 2)


def test_a_change_of_one_is_what_the_next_one_reads(database: Database) -> None:
    def renaming(name: str) -> Work:
        def rename(session: Session) -> str:
            row = session.get_one(Facility, "1")
            before, row.name = row.name, name  # stored when its turn is over
            return before

        return rename

    group_commit = GroupCommit(database)
    group_commit.transact(adding("1"))
    futures = together(group_commit, [renaming("một"), renaming("hai")])
    assert [future.result() for future in futures] == ["Bệnh viện Thử", "một"]


@pytest.mark.usefixtures("in_no_hurry")
def test_more_than_the_limit_make_more_than_one_group(database: Database) -> None:
    with commits_of(database) as commits:
        futures = together(GroupCommit(database), [counting] * (GROUP_LIMIT + 1))
    assert [future.result() for future in futures] == [0] * (GROUP_LIMIT + 1)
    assert len(commits) == (2 if database.kind == "sqlite" else 3)


def test_what_a_group_has_no_time_for_goes_to_the_next_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.group_commit.GROUP_LIMIT_S", 0.0)
    with commits_of(database) as commits:
        futures = together(GroupCommit(database), [adding("1"), counting, adding("2"), counting])
    assert [future.result() for future in futures] == ["1", 1, "2", 2]
    assert len(commits) == 5  # one each, and still in the order of coming


def test_when_the_database_stays_locked_everybody_who_waited_learns_it(make_database_url: Callable[[], str]) -> None:
    url = make_database_url()
    holder, database = Database(url), Database(url, wait_s=0.2)
    group_commit = GroupCommit(database)
    with holder.begin() as session:
        session.execute(sa.text("CREATE TABLE thing (n INTEGER)"))
        session.execute(sa.text("INSERT INTO thing VALUES (0)"))

    def locking(session: Session) -> None:
        session.execute(sa.text("UPDATE thing SET n = n + 1"))

    with holder.begin() as session:
        locking(session)
        with ThreadPoolExecutor(3) as pool:
            futures = [pool.submit(group_commit.transact, locking) for _ in range(3)]
            errors = [future.exception(PATIENCE_S) for future in futures]
    assert [type(error) for error in errors] == [Unavailable] * 3
    group_commit.transact(locking)  # and then it works
    holder.close()
    database.close()
