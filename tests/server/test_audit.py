"""The audit log notices every way of tampering with it."""

import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.audit import AuditHead, AuditLine, AuditLog, Head, read_or_make_key
from server.audit_faults import Fault, FaultKind
from server.db import Database
from tests.server.hospital import MORNING


def act(session: Session, n: int) -> None:
    audit.record(
        session, at=MORNING, actor="staff:thu", action="test.done", subject_type="test", subject_id=n, details={"n": n}
    )


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(read_or_make_key(tmp_path / "server"))


@pytest.fixture
def six_lines(database: Database) -> Database:
    for n in range(1, 7):
        with database.begin() as session:
            act(session, n)
    return database


def verify(log: AuditLog, database: Database, *witnesses: Head) -> tuple[Head, list[Fault]]:
    with database.reading() as session:
        return log.verify(session, witnesses)


def tamper(database: Database, *statements: str) -> None:
    with database.begin() as session:
        for statement in statements:
            session.execute(sa.text(statement))


def test_untouched_log_is_sound(log: AuditLog, six_lines: Database) -> None:
    end, faults = verify(log, six_lines)
    assert faults == []
    assert end.sequence == 6


def test_empty_log_is_sound(log: AuditLog, database: Database) -> None:
    assert verify(log, database) == (Head(0, audit.GENESIS), [])


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'staff:nobody'",
        "action = 'test.undone'",
        "subject_id = '9'",
        "details = '{\"n\": 4}'",
        "at = '2026-11-23 00:16:00'",
        "hash = 'x' || substr(hash, 2, 63)",
        "previous_hash = 'x' || substr(previous_hash, 2, 63)",
    ],
)
def test_changed_line_is_found(log: AuditLog, six_lines: Database, change: str) -> None:
    tamper(six_lines, f"UPDATE audit_line SET {change} WHERE sequence = 3")
    _, faults = verify(log, six_lines)
    assert {fault.line for fault in faults} & {3, 4}


def test_removed_line_is_found(log: AuditLog, six_lines: Database) -> None:
    tamper(six_lines, "DELETE FROM audit_line WHERE sequence = 3")
    assert verify(log, six_lines)[1] == [Fault(FaultKind.MISSING, 3, 4)]


def test_removed_line_with_the_rest_moved_up_is_found(log: AuditLog, six_lines: Database) -> None:
    tamper(
        six_lines,
        "DELETE FROM audit_line WHERE sequence = 3",
        *(f"UPDATE audit_line SET sequence = {n - 1} WHERE sequence = {n}" for n in (4, 5, 6)),
        "UPDATE audit_head SET sequence = 5",
    )
    assert Fault(FaultKind.LINK, 3, 2) in verify(log, six_lines)[1]


def test_inserted_line_is_found(log: AuditLog, six_lines: Database) -> None:
    tamper(
        six_lines,
        "INSERT INTO audit_line SELECT 7, at, actor, action, subject_type, subject_id, details, hash, previous_hash "
        "FROM audit_line WHERE sequence = 6",
        "UPDATE audit_head SET sequence = 7, hash = (SELECT hash FROM audit_line WHERE sequence = 7)",
    )
    assert 7 in {fault.line for fault in verify(log, six_lines)[1]}


def test_swapped_lines_are_found(log: AuditLog, six_lines: Database) -> None:
    moves = ((3, 99), (4, 3), (99, 4))
    tamper(six_lines, *(f"UPDATE audit_line SET sequence = {new} WHERE sequence = {old}" for old, new in moves))
    assert 3 in {fault.line for fault in verify(log, six_lines)[1]}


def test_cut_off_end_is_found(log: AuditLog, six_lines: Database) -> None:
    tamper(six_lines, "DELETE FROM audit_line WHERE sequence > 4")
    assert verify(log, six_lines)[1] == [Fault(FaultKind.END, 4, 6)]


def test_cut_off_end_with_the_head_put_back_is_found_by_a_witness(log: AuditLog, six_lines: Database) -> None:
    witness, _ = verify(log, six_lines)
    tamper(
        six_lines,
        "DELETE FROM audit_line WHERE sequence > 4",
        "UPDATE audit_head SET sequence = 4, hash = (SELECT hash FROM audit_line WHERE sequence = 4)",
    )
    assert verify(log, six_lines)[1] == []  # nothing inside the database shows it
    assert verify(log, six_lines, witness)[1] == [Fault(FaultKind.GONE, 6)]


def test_log_written_anew_without_the_key_is_found(log: AuditLog, six_lines: Database) -> None:
    other = AuditLog(os.urandom(32))
    assert len(verify(other, six_lines)[1]) == 6


def test_emptied_log_is_found(log: AuditLog, six_lines: Database) -> None:
    tamper(six_lines, "DELETE FROM audit_line", "DELETE FROM audit_head")
    assert verify(log, six_lines)[1] == [Fault(FaultKind.HEADLESS, 0)]


def test_lines_of_many_writers_form_one_chain(log: AuditLog, database: Database) -> None:
    start = threading.Barrier(8)

    def act_twice(session: Session) -> None:
        act(session, 1)
        act(session, 2)

    def write(_: int) -> None:
        start.wait(30)
        for _ in range(5):
            database.transact(act_twice)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    end, faults = verify(log, database)
    assert (end.sequence, faults) == (80, [])


def test_rolled_back_act_leaves_no_line_and_does_not_join_the_next(log: AuditLog, database: Database) -> None:
    def fail(session: Session) -> None:
        act(session, 1)
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        database.transact(fail)
    with database.begin() as session:
        act(session, 2)
    with database.reading() as session:
        assert session.scalars(sa.select(AuditLine.subject_id)).all() == ["2"]
        assert session.get_one(AuditHead, 1).sequence == 1


@pytest.mark.parametrize(
    "note",
    [
        lambda session: act(session, 1),
        lambda session: feed.publish(session, facility_code="1", topic="t", subject_id=1, at=MORNING),
    ],
)
def test_act_in_a_session_without_a_log_is_a_mistake_and_not_a_silence(
    database: Database, note: Callable[[Session], None]
) -> None:
    bare = Database(database.url)
    with pytest.raises(RuntimeError, match="installed"), bare.begin() as session:
        note(session)
    bare.close()


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    keys = [read_or_make_key(tmp_path / "new") for _ in range(2)]
    mode = stat.S_IMODE((tmp_path / "new" / audit.KEY_FILE).stat().st_mode)
    assert keys[0] == keys[1]
    assert len(keys[0]) == 32
    assert mode == 0o600


def test_key_made_by_many_at_once_is_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        keys = set(pool.map(lambda _: read_or_make_key(tmp_path / "new"), range(2)))
    assert len(keys) == 1


def test_changes_are_numbered_in_the_order_of_their_commits(database: Database) -> None:
    """A reader that has seen change 2 will never find a change 1 later."""
    seen: list[int] = []
    start = threading.Barrier(5)

    def write(n: int) -> None:
        start.wait(30)
        for _ in range(10):
            database.transact(
                lambda session: feed.publish(session, facility_code="1", topic="t", subject_id=n, at=MORNING)
            )

    def watch() -> None:
        start.wait(30)
        while len(seen) < 40:
            with database.reading() as session:
                seen.extend(change.id for change in feed.changes_after(session, seen[-1] if seen else 0))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)] + [threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(seen) == 40
    assert seen == sorted(set(seen))
