"""A server that went back to a backup gets back what kiosks had sent it since, with the numbers that are on paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kiosk.config import KioskSection
from kiosk.journal.store import Journal
from kiosk.registration.gateway import Reach
from kiosk.registration.registrar import InFlight
from kiosk.registration.sync import Sync
from kiosk.server import ActRefused
from server.contract.v1 import FacilityServices, PrintedTicket, RegisterEncounter
from server.domain.days import local_day
from tests.kiosk.kit import NOON, MemoryServer, TurnableClock, command, own_ticket, proof_of

FIRST, SECOND, THIRD = (UUID(int=number) for number in (1, 2, 3))


class Deaf:
    """A listener that needs to hear nothing."""

    def services_changed(self, services: FacilityServices) -> None: ...
    def block(self, code: str) -> None: ...
    def unblock(self, code: str) -> None: ...


@dataclass
class Bench:
    journal: Journal
    clock: TurnableClock
    server: MemoryServer
    sync: Sync

    def send(self, *visits: RegisterEncounter) -> None:
        for visit in visits:
            self.journal.record(visit, self.clock.now())
        self.sync.run_once()

    def lose(self, *visits: RegisterEncounter) -> None:
        """Have the server go back to a backup without some visits."""
        for visit in visits:
            del self.server.commands[visit.request_key]
            del self.server.answers[visit.request_key]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = TurnableClock()
    server = MemoryServer(clock, epoch=FIRST)
    settings = KioskSection(data_dir=tmp_path, free_space_mb=1, refresh_s=5.0, keep_days=7)
    with Journal.open(tmp_path, environment={}) as journal:
        sync = Sync(
            journal=journal, server=server, reach=Reach(lambda _: None), in_flight=InFlight(), listener=Deaf(),
            clock=clock, settings=settings, jitter=lambda: 1.0,
        )  # fmt: skip
        yield Bench(journal, clock, server, sync)


def test_as_long_as_the_server_is_the_same_nothing_is_sent_twice(bench: Bench) -> None:
    bench.send(command(), command())
    for _ in range(3):
        bench.sync.run_once()
    assert bench.server.requests["register"] == 2


def test_after_a_backup_all_visits_are_sent_again_with_the_numbers_on_paper(bench: Bench) -> None:
    kept, lost = command(), command(service="ngoai")
    bench.send(kept, lost)
    answered = {visit.request_key: bench.journal.answer_to(visit.request_key) for visit in (kept, lost)}
    bench.lose(lost)
    bench.server.epoch = SECOND
    bench.sync.run_once()
    assert bench.server.requests["register"] == 4
    assert bench.journal.unsent_keys() == []
    again = bench.server.commands[lost.request_key]
    paper = answered[lost.request_key]
    assert paper is not None
    assert again.printed_ticket == PrintedTicket(
        queue=paper.ticket.queue, number=paper.ticket.number, local_day=paper.ticket.local_day
    )
    assert again.model_copy(update={"printed_ticket": None}) == lost
    now = bench.journal.answer_to(lost.request_key)
    assert now == bench.server.answers[lost.request_key], "the visit goes by what the server calls it now"
    assert bench.journal.answer_to(kept.request_key) == answered[kept.request_key]
    bench.sync.run_once()
    assert bench.server.requests["register"] == 4


def test_a_number_of_the_kiosks_own_comes_back_as_what_it_was(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.journal.give_own_number(
        visit.request_key, queue="q-noi", local_day=local_day(NOON), kiosk_letter="K", now=NOON
    )
    bench.sync.run_once()
    bench.lose(visit)
    bench.server.epoch = SECOND
    bench.sync.run_once()
    again = bench.server.commands[visit.request_key]
    assert (again.offline_ticket, again.printed_ticket) == (own_ticket(1), None)


def test_a_later_proof_is_told_again_after_its_visit(bench: Bench) -> None:
    visit = command()
    bench.send(visit)
    bench.journal.proofs.record(proof_of(visit), NOON)
    bench.sync.run_once()
    assert len(bench.server.proofs) == 1
    bench.lose(visit)
    bench.server.proofs.clear()
    bench.server.epoch = SECOND
    bench.sync.run_once()
    assert [proof.request_key for proof in bench.server.proofs] == [visit.request_key]
    bench.sync.run_once()
    assert bench.server.requests["tell_proof"] == 2


def test_a_second_backup_is_met_like_the_first(bench: Bench) -> None:
    visit = command()
    bench.send(visit)
    for epoch in (SECOND, THIRD):
        bench.lose(visit)
        bench.server.epoch = epoch
        bench.sync.run_once()
        assert visit.request_key in bench.server.commands
    assert bench.server.requests["register"] == 3


def test_what_the_server_does_not_take_back_is_a_dead_letter_and_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = command()
    bench.send(visit)
    bench.lose(visit)
    bench.server.epoch = SECOND

    def refuse(_: RegisterEncounter) -> None:
        raise ActRefused(422, "service.unknown")

    monkeypatch.setattr(bench.server, "register", refuse)
    bench.sync.run_once()
    (letter,) = bench.journal.dead_letters()
    assert (letter.request_key, letter.reason) == (visit.request_key, "service.unknown")
    assert bench.journal.unsent_keys() == [], "it is not asked again and again"
    assert bench.journal.purge(keep_days=7, now=NOON + timedelta(days=30)) == 0


def test_what_waits_to_be_sent_again_is_not_forgotten_when_its_days_are_over(bench: Bench) -> None:
    visit = command()
    bench.send(visit)
    assert bench.journal.meet_epoch(uuid4()) == 1
    assert bench.journal.purge(keep_days=7, now=NOON + timedelta(days=30)) == 0
    bench.sync.run_once()
    assert bench.journal.purge(keep_days=7, now=NOON + timedelta(days=30)) == 1
