"""What the server refused stays in the journal until the desk had it sent again, took it over, or settled it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.desk.orders import Orders
from kiosk.desk.refused import call_for, refused_orders
from kiosk.journal.store import Journal
from server.contract.fleet import REFUSED_STEP, CommandKind, CommandResult, KioskCommand
from tests.kiosk.kit import NOON, Line, MemoryServer, TurnableClock, answer_to, command

LATER = NOON + timedelta(days=30)


class Bench:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.server = MemoryServer(TurnableClock())
        self.woken = 0
        self.orders = Orders(refused_orders(journal, self.server, self.server.clock, self._wake))

    def _wake(self) -> None:
        self.woken += 1

    def refuse(self, reason: str = "late.service.closed") -> UUID:
        visit = command()
        self.journal.record(visit, NOON)
        self.journal.refused(visit.request_key, reason, NOON)
        return visit.request_key

    def order(self, kind: CommandKind, key: UUID) -> KioskCommand:
        return KioskCommand(
            id=uuid4(), kind=kind.value, arguments={"request_key": str(key)}, expires_at=NOON + timedelta(hours=1)
        )

    def dead(self) -> list[UUID]:
        return [one.request_key for one in self.journal.dead_letters()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Journal.open(tmp_path, environment={}) as journal:
        yield Bench(journal)


def test_sent_again_it_waits_for_the_server_and_once_taken_it_is_a_visit_like_any_other(bench: Bench) -> None:
    key = bench.refuse()
    bench.orders.take((bench.order(CommandKind.SEND_REFUSED, key),))
    assert (bench.woken, bench.dead(), bench.journal.unsent_keys()) == (1, [], [key])
    visit = bench.journal.unsent_visit(key)
    assert visit is not None
    answer = answer_to(visit.command)
    bench.journal.registered(key, answer, NOON)
    assert (bench.journal.unsent_keys(), bench.dead(), bench.journal.answer_to(key)) == ([], [], answer)
    assert [sent.command.request_key for sent in bench.journal.sent_since(NOON)] == [key]
    assert bench.journal.meet_epoch(uuid4()) == 0  # the first one met
    assert bench.journal.meet_epoch(uuid4()) == 1  # a server back from a backup gets it again
    bench.journal.registered(key, answer, NOON)
    assert bench.journal.purge(keep_days=7, now=LATER) == 1


def test_refused_again_it_is_a_case_again(bench: Bench) -> None:
    key = bench.refuse()
    bench.orders.take((bench.order(CommandKind.SEND_REFUSED, key),))
    bench.journal.refused(key, "late.service.full", NOON)
    (letter,) = bench.journal.dead_letters()
    assert (letter.request_key, letter.reason, letter.is_proof) == (key, "late.service.full", False)
    assert bench.journal.purge(keep_days=7, now=LATER) == 0
    bench.orders.take((bench.order(CommandKind.SEND_REFUSED, key),))
    assert bench.journal.unsent_keys() == [key]


def test_settled_it_is_no_case_any_more_is_not_sent_and_leaves_after_its_days(bench: Bench) -> None:
    key = bench.refuse()
    assert bench.journal.purge(keep_days=7, now=LATER) == 0
    order = bench.order(CommandKind.SETTLE_REFUSED, key)
    bench.orders.take((order,))
    assert bench.orders.results == (CommandResult(command_id=order.id, result="done"),)
    assert (bench.dead(), bench.journal.unsent_keys()) == ([], [])
    bench.orders.take((bench.order(CommandKind.SEND_REFUSED, key),))
    assert bench.journal.unsent_keys() == []
    assert bench.journal.purge(keep_days=7, now=LATER) == 1


def test_taken_over_the_desk_gets_the_person_once_also_when_the_line_breaks(bench: Bench) -> None:
    key = bench.refuse()
    order = bench.order(CommandKind.TAKE_REFUSED, key)
    bench.server.line = Line.CUT
    bench.orders.take((order,))
    assert bench.orders.results == ()
    bench.server.line = Line.WHOLE
    bench.orders.take((order,))
    bench.orders.take((order,))
    (handed,) = bench.server.handed_over
    assert (handed.step, handed.session, handed.command_id) == (REFUSED_STEP, key, order.id)
    assert handed.person == command().person
    assert bench.dead() == [key]  # until it is registered at the desk, or settled


def test_a_visit_that_was_not_refused_is_left_alone(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    for kind in (CommandKind.SEND_REFUSED, CommandKind.SETTLE_REFUSED):
        bench.orders.take((bench.order(kind, visit.request_key),))
    order = bench.order(CommandKind.TAKE_REFUSED, visit.request_key)
    bench.orders.take((order,))
    assert [one.result for one in bench.orders.results] == ["visit.not_refused"]
    assert bench.journal.unsent_keys() == [visit.request_key]


def test_each_refusal_rings_once(bench: Bench) -> None:
    key = uuid4()
    first, second = call_for(key, NOON), call_for(key, LATER)
    assert first == call_for(key, NOON)
    assert first.request_key != second.request_key
