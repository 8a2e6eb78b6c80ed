"""The journal: durable, sealed, append-only, and honest about what it cannot do."""

import resource
import sqlite3
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.journal.errors import JournalBusy, JournalFull, JournalUnusable
from kiosk.journal.file import FILE_NAME, KEY_NAME
from kiosk.journal.records import PrintStep
from kiosk.journal.schema import STEPS
from kiosk.journal.sealing import KEY_VARIABLE, Seal
from kiosk.journal.store import Journal
from server.contract.v1 import CallStaff
from server.domain.days import local_day
from tests.kiosk.kit import NOON, answer_to, command, facility_services, own_ticket, proof_of

DAY = local_day(NOON)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path, environment={}) as opened:
        yield opened


def reopen(journal: Journal, tmp_path: Path) -> Journal:
    journal.close()
    return Journal.open(tmp_path, environment={})


def give_number(journal: Journal, key: UUID, queue: str = "q-noi") -> int:
    return journal.give_own_number(key, queue=queue, local_day=DAY, kiosk_letter="K", now=NOON).number


def test_a_recorded_visit_is_unsent_until_the_server_has_it(journal: Journal, tmp_path: Path) -> None:
    visit = command()
    journal.record(visit, NOON)
    journal = reopen(journal, tmp_path)
    found = journal.unsent_visit(visit.request_key)
    assert found is not None
    assert found.command == visit
    journal.registered(visit.request_key, answer_to(visit), NOON)
    assert journal.unsent_keys() == []
    assert journal.unsent_visit(visit.request_key) is None


def test_visits_wait_in_the_order_they_were_recorded(journal: Journal) -> None:
    visits = [command() for _ in range(5)]
    for visit in visits:
        journal.record(visit, NOON)
    assert journal.unsent_keys() == [visit.request_key for visit in visits]


def test_the_upload_carries_the_number_that_is_on_paper(journal: Journal) -> None:
    visit = command()
    journal.record(visit, NOON)
    give_number(journal, visit.request_key)
    found = journal.unsent_visit(visit.request_key)
    assert found is not None
    assert found.command == visit.model_copy(update={"offline_ticket": own_ticket(1)})


def test_own_numbers_are_contiguous_per_queue_and_day_and_kept_when_asked_again(journal: Journal) -> None:
    visits = [command() for _ in range(4)]
    for visit in visits:
        journal.record(visit, NOON)
    keys = [visit.request_key for visit in visits]
    assert [give_number(journal, key) for key in keys[:2]] == [1, 2]
    assert give_number(journal, keys[2], queue="q-ngoai") == 1
    assert give_number(journal, keys[0]) == 1
    tomorrow = journal.give_own_number(
        keys[3], queue="q-noi", local_day=DAY + timedelta(days=1), kiosk_letter="K", now=NOON
    )
    assert tomorrow.number == 1


def test_the_own_series_goes_on_after_a_restart(journal: Journal, tmp_path: Path) -> None:
    first, second = command(), command()
    journal.record(first, NOON)
    give_number(journal, first.request_key)
    journal = reopen(journal, tmp_path)
    journal.record(second, NOON)
    assert give_number(journal, second.request_key) == 2


def test_a_number_is_given_only_to_a_recorded_visit(journal: Journal) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        give_number(journal, uuid4())


def test_the_server_is_believed_once(journal: Journal) -> None:
    visit = command()
    journal.record(visit, NOON)
    journal.registered(visit.request_key, answer_to(visit, "A001"), NOON)
    journal.registered(visit.request_key, answer_to(visit, "A002"), NOON)
    assert [sent.answer.ticket.label for sent in journal.sent_since(NOON)] == ["A001"]


def test_a_refused_visit_is_a_dead_letter_and_never_purged(journal: Journal) -> None:
    visit = command()
    journal.record(visit, NOON)
    give_number(journal, visit.request_key)
    journal.refused(visit.request_key, "service.unknown", NOON)
    assert journal.purge(keep_days=7, now=NOON + timedelta(days=400)) == 0
    (letter,) = journal.dead_letters()
    assert (letter.request_key, letter.reason, letter.own_number) == (visit.request_key, "service.unknown", 1)
    assert journal.unsent_keys() == []


def test_only_visits_the_server_has_had_long_enough_are_forgotten(journal: Journal) -> None:
    sent, unsent = command(), command()
    for visit in (sent, unsent):
        journal.record(visit, NOON)
    journal.registered(sent.request_key, answer_to(sent), NOON + timedelta(days=3))
    assert journal.purge(keep_days=7, now=NOON + timedelta(days=9)) == 0  # recorded long ago, sent six days ago
    assert journal.purge(keep_days=7, now=NOON + timedelta(days=11)) == 1
    assert journal.unsent_keys() == [unsent.request_key]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE visit SET recorded_at = ''",
        "UPDATE own_number SET number = 7",
        "UPDATE outcome SET reason = 'x'",
        "UPDATE print_step SET state = 'printed'",
        "DELETE FROM visit",
    ],
)
def test_the_file_itself_refuses_to_rewrite_history(journal: Journal, tmp_path: Path, statement: str) -> None:
    visit = command()
    journal.record(visit, NOON)
    give_number(journal, visit.request_key)
    journal.refused(visit.request_key, "service.unknown", NOON)
    journal.papers.step(visit.request_key, PrintStep.WAITING, NOON)
    with sqlite3.connect(tmp_path / FILE_NAME) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)
    other.close()


# (steps before the process died, what the next start makes of them, how many patients may stand without paper)
INTERRUPTED: list[tuple[tuple[PrintStep, ...], PrintStep, int]] = [
    ((), PrintStep.FAILED, 1),  # never begun: nothing can be on paper
    ((PrintStep.WAITING,), PrintStep.FAILED, 1),
    ((PrintStep.WAITING, PrintStep.SENDING), PrintStep.UNSURE, 1),  # bytes may have gone out
    ((PrintStep.WAITING, PrintStep.SENDING, PrintStep.UNSURE), PrintStep.UNSURE, 0),  # known before
    ((PrintStep.WAITING, PrintStep.SENDING, PrintStep.FAILED), PrintStep.FAILED, 0),
]


@pytest.mark.parametrize(("steps", "settled", "count"), INTERRUPTED)
def test_a_print_cut_by_a_restart_is_settled_and_shown_to_staff(
    journal: Journal, steps: tuple[PrintStep, ...], settled: PrintStep, count: int
) -> None:
    visit = command()
    journal.record(visit, NOON)
    for step in steps:
        journal.papers.step(visit.request_key, step, NOON)
    assert journal.papers.settle_interrupted(NOON) == count
    assert [paper.state for paper in journal.papers.uncertain(NOON)] == [settled]
    assert journal.papers.settle_interrupted(NOON) == 0


def test_a_printed_ticket_is_certain(journal: Journal) -> None:
    visit = command()
    journal.record(visit, NOON)
    for step in (PrintStep.WAITING, PrintStep.SENDING, PrintStep.PRINTED):
        journal.papers.step(visit.request_key, step, NOON)
    assert journal.papers.settle_interrupted(NOON) == 0
    assert journal.papers.uncertain(NOON) == []


def test_a_call_for_help_waits_until_it_is_sent(journal: Journal) -> None:
    call = CallStaff(request_key=uuid4(), step="problem", problem="card.removed", called_at=NOON)
    journal.calls.record(call)
    assert journal.calls.unsent() == [call]
    assert journal.backlog().staff_calls == 1
    journal.calls.sent(call.request_key, NOON)
    assert journal.calls.unsent() == []


def test_a_proof_is_part_of_the_backlog_until_the_server_has_it(journal: Journal) -> None:
    visit = command()
    journal.record(visit, NOON)
    journal.proofs.record(proof_of(visit), NOON)
    assert journal.backlog().proofs == 1
    journal.registered(visit.request_key, answer_to(visit), NOON)
    (waiting,) = journal.proofs.unsent()
    journal.proofs.taken(waiting.seq, NOON)
    assert (journal.backlog().proofs, journal.backlog().visits) == (0, 0)


def test_the_last_offer_is_kept_for_the_hours_without_a_server(journal: Journal, tmp_path: Path) -> None:
    assert journal.kept_services() is None
    journal.keep_services(facility_services(waiting=1))
    journal.keep_services(facility_services(waiting=2))
    assert reopen(journal, tmp_path).kept_services() == facility_services(waiting=2)


def test_no_personal_data_stand_in_the_files(journal: Journal, tmp_path: Path) -> None:
    visit = command()
    journal.record(visit, NOON)
    journal.registered(visit.request_key, answer_to(visit), NOON)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.name != KEY_NAME)
    for secret in ("Nguyễn", "001090123456", "1990-08-15"):
        assert secret.encode() not in content
    assert str(visit.request_key).encode() in content  # the search itself works


def test_only_the_owner_may_read_the_files(journal: Journal, tmp_path: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_a_row_moved_under_another_key_does_not_open() -> None:
    seal = Seal(bytes(32))
    box = seal.close(b"content", "visit:1")
    assert seal.open(box, "visit:1") == b"content"
    with pytest.raises(JournalUnusable):
        seal.open(box, "visit:2")


def test_a_lost_key_is_said_and_not_replaced(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    (tmp_path / KEY_NAME).unlink()
    with pytest.raises(JournalUnusable, match="put the key back"):
        Journal.open(tmp_path, environment={})
    assert not (tmp_path / KEY_NAME).exists()


def test_a_key_of_another_kiosk_is_refused_at_the_start(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    (tmp_path / KEY_NAME).write_bytes(bytes(32))
    with pytest.raises(JournalUnusable, match="does not open"):
        Journal.open(tmp_path, environment={})


def test_a_key_that_others_may_read_is_refused(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    (tmp_path / KEY_NAME).chmod(0o644)
    with pytest.raises(JournalUnusable, match="chmod 600"):
        Journal.open(tmp_path, environment={})


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalUnusable, match=rf"{tmp_path}/file/\S+ cannot be used: Not a directory"):
        Journal.open(tmp_path / "file" / "kiosk", environment={})


def test_the_key_may_come_from_the_environment(tmp_path: Path) -> None:
    environment = {KEY_VARIABLE: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}
    Journal.open(tmp_path, environment=environment).close()
    assert not (tmp_path / KEY_NAME).exists()
    with pytest.raises(JournalUnusable, match="base64"):
        Journal.open(tmp_path, environment={KEY_VARIABLE: "not a key"})


def test_a_damaged_file_stops_the_start(journal: Journal, tmp_path: Path) -> None:
    for _ in range(200):
        journal.record(command(), NOON)
    journal.close()
    path = tmp_path / FILE_NAME
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\xaa" * (4096 * 9)
    path.write_bytes(content)
    with pytest.raises(JournalUnusable):
        Journal.open(tmp_path, environment={})


def test_a_journal_of_a_newer_version_is_left_alone(journal: Journal, tmp_path: Path) -> None:
    journal.close()
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    other.close()
    with pytest.raises(JournalUnusable, match="newer version"):
        Journal.open(tmp_path, environment={})


def test_every_commit_is_on_the_disk(journal: Journal) -> None:
    run = journal._file.connection
    assert run.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert run.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def record_many(journal: Journal, count: int) -> None:
    for _ in range(count):
        journal.record(command(), NOON)


def test_a_full_disk_refuses_the_visit_and_room_mends_it(journal: Journal) -> None:
    (pages,) = journal._file.connection.execute("PRAGMA page_count").fetchone()
    journal._file.connection.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(JournalFull):
        record_many(journal, 100)
    kept = len(journal.unsent_keys())
    assert 0 < kept < 100
    journal._file.connection.execute("PRAGMA max_page_count = 100000")
    record_many(journal, 1)
    assert len(journal.unsent_keys()) == kept + 1


def test_a_write_the_disk_refuses_ends_all_promises_until_a_restart(journal: Journal, tmp_path: Path) -> None:
    journal.record(command(), NOON)
    size = (tmp_path / f"{FILE_NAME}-wal").stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))  # the next write fails with EFBIG, as a broken disk's does
    try:
        with pytest.raises(JournalUnusable, match="cannot be written"):
            journal.record(command(), NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(JournalUnusable, match="restart"):
        journal.record(command(), NOON)
    assert len(reopen(journal, tmp_path).unsent_keys()) == 1


def test_a_file_locked_by_another_program_is_waited_for_in_vain_and_used_again(
    journal: Journal, tmp_path: Path
) -> None:
    journal._file.connection.execute("PRAGMA busy_timeout = 0")
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalBusy):
        journal.record(command(), NOON)
    other.close()
    journal.record(command(), NOON)
