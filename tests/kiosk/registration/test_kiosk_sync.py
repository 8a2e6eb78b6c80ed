"""The upload: everything arrives once, with the number on paper, whatever happens on the way."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import checks
from kiosk.config import KioskSection
from kiosk.journal.store import Journal
from kiosk.registration.gateway import Reach
from kiosk.registration.registrar import InFlight
from kiosk.registration.sync import LONGEST_PAUSE_S, Sync
from kiosk.server import ActRefused, DeviceRefused, ServerUnreachable
from server.contract.v1 import CallStaff, FacilityServices
from tests.kiosk.kit import NOON, REVOKED, Line, MemoryServer, TurnableClock, command, own_ticket, proof_of


@dataclass
class Listening:
    """A listener that keeps what it hears."""

    services: FacilityServices | None = None
    blocks: set[str] = field(default_factory=set)
    online: list[bool] = field(default_factory=list)

    def services_changed(self, services: FacilityServices) -> None:
        self.services = services

    def block(self, code: str) -> None:
        self.blocks.add(code)

    def unblock(self, code: str) -> None:
        self.blocks.discard(code)


@dataclass
class Bench:
    journal: Journal
    clock: TurnableClock
    server: MemoryServer
    listener: Listening
    in_flight: InFlight
    sync: Sync


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock, listener, in_flight = TurnableClock(), Listening(), InFlight()
    server = MemoryServer(clock)
    settings = KioskSection(data_dir=tmp_path, free_space_mb=1, refresh_s=5.0, keep_days=7)
    with Journal.open(tmp_path, environment={}) as journal:
        sync = Sync(
            journal=journal,
            server=server,
            reach=Reach(listener.online.append),
            in_flight=in_flight,
            listener=listener,
            clock=clock,
            settings=settings,
            jitter=lambda: 1.0,
        )
        yield Bench(journal, clock, server, listener, in_flight, sync)


def test_a_round_uploads_what_waits_and_brings_what_is_offered(bench: Bench) -> None:
    visits = [command() for _ in range(3)]
    for visit in visits:
        bench.journal.record(visit, NOON)
    bench.journal.give_own_number(
        visits[1].request_key, queue="q-noi", local_day=own_ticket().local_day, kiosk_letter="K", now=NOON
    )
    assert bench.sync.run_once() == 5.0
    assert list(bench.server.commands) == [visit.request_key for visit in visits]
    assert bench.server.commands[visits[1].request_key].offline_ticket == own_ticket(1)
    assert bench.journal.backlog().visits == 0
    assert bench.listener.services is not None
    assert bench.journal.kept_services() == bench.listener.services
    assert bench.listener.online == [True]


def test_a_waiting_count_that_changes_by_the_second_is_shown_and_not_written(bench: Bench) -> None:
    for waiting in (1, 2, 3):
        bench.server.waiting = waiting
        bench.sync.run_once()
    assert bench.listener.services is not None
    kept = bench.journal.kept_services()
    assert kept is not None
    assert [one.services[0].waiting for one in (bench.listener.services, kept)] == [3, 1]
    bench.clock.pass_time(61)
    bench.sync.run_once()
    kept = bench.journal.kept_services()
    assert kept is not None
    assert kept.services[0].waiting == 3


def test_a_new_letter_is_kept_at_once(bench: Bench) -> None:
    bench.sync.run_once()
    bench.server.kiosk_letter = "M"
    bench.sync.run_once()
    kept = bench.journal.kept_services()
    assert kept is not None
    assert kept.kiosk_letter == "M"


def test_a_lost_answer_is_asked_for_again_with_the_same_key(bench: Bench) -> None:
    bench.journal.record(command(), NOON)
    bench.sync._refresh()
    bench.server.line = Line.ANSWERS_LOST
    bench.sync.run_once()
    bench.server.line = Line.WHOLE
    bench.sync.run_once()
    assert len(bench.server.answers) == 1
    assert bench.journal.backlog().visits == 0


def test_a_visit_somebody_is_sending_is_left_to_them(bench: Bench) -> None:
    visit = command()
    bench.in_flight.take(visit.request_key)
    bench.journal.record(visit, NOON)
    bench.sync.run_once()
    assert bench.server.commands == {}
    bench.in_flight.give_back(visit.request_key)
    bench.sync.run_once()
    assert list(bench.server.commands) == [visit.request_key]


def test_a_refused_visit_becomes_a_dead_letter_and_the_next_ones_go_on(bench: Bench) -> None:
    first, second = command(), command()
    bench.journal.record(first, NOON)
    bench.server.register(first.model_copy(update={"service": "mat"}))  # the key was used for another command
    bench.journal.record(second, NOON)
    bench.sync.run_once()
    (letter,) = bench.journal.dead_letters()
    assert (letter.request_key, letter.reason) == (first.request_key, "request.key_reused")
    assert second.request_key in bench.server.commands
    assert bench.journal.backlog().visits == 0


def test_a_visit_the_server_stumbles_over_holds_up_no_other_and_does_not_count_as_a_lost_server(bench: Bench) -> None:
    poison, *others = [command(number=f"00109012345{n}") for n in range(3)]
    for visit in (poison, *others):
        bench.journal.record(visit, NOON)
    bench.server.stumbles_over.add(poison.request_key)
    pauses = [bench.sync.run_once() for _ in range(2)]
    assert pauses == [1.0, 2.0]
    assert [visit.request_key for visit in others] == list(bench.server.answers)
    assert bench.journal.unsent_keys() == [poison.request_key]
    assert bench.listener.online == [True]
    bench.server.stumbles_over.clear()
    assert bench.sync.run_once() == 5.0
    assert bench.journal.unsent_keys() == []


def test_pauses_grow_to_a_limit_while_the_server_is_away_and_end_with_it(bench: Bench) -> None:
    bench.server.line = Line.CUT
    pauses = [bench.sync.run_once() for _ in range(8)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (1.0, LONGEST_PAUSE_S)
    assert bench.listener.online == [False]
    bench.server.line = Line.WHOLE
    assert bench.sync.run_once() == 5.0
    assert bench.listener.online == [False, True]


def test_a_revoked_kiosk_goes_out_of_service_keeps_its_visits_and_comes_back(bench: Bench) -> None:
    bench.journal.record(command(), NOON)
    bench.server.refusal = REVOKED
    bench.sync.run_once()
    assert bench.listener.blocks == {DeviceRefused.code}
    assert bench.journal.backlog().visits == 1
    bench.server.refusal = None
    bench.sync.run_once()
    assert bench.listener.blocks == set()
    assert bench.journal.backlog().visits == 0


# (how far the kiosk's clock is ahead of the server's, may it register?)
SKEWS = [
    (timedelta(minutes=0), True),
    (timedelta(minutes=9), True),
    (timedelta(minutes=-9), True),
    (timedelta(minutes=11), False),
    (timedelta(days=-1), False),  # a dead battery
]


@pytest.mark.parametrize(("skew", "may_register"), SKEWS)
def test_a_clock_far_from_the_servers_stops_registration(bench: Bench, skew: timedelta, may_register: bool) -> None:
    bench.server.clock = TurnableClock(bench.clock.now() - skew)
    bench.sync.run_once()
    assert (bench.listener.blocks == set()) is may_register
    bench.server.clock = bench.clock
    bench.sync.run_once()
    assert bench.listener.blocks == set()


def test_a_call_for_help_made_while_the_server_was_away_arrives_later_once(bench: Bench) -> None:
    call = CallStaff(request_key=command().request_key, step="problem", called_at=NOON)
    bench.journal.calls.record(call)
    bench.server.line = Line.CUT
    bench.sync.run_once()
    bench.server.line = Line.WHOLE
    bench.sync.run_once()
    bench.sync.run_once()
    assert bench.server.calls == [call]
    assert bench.server.requests["call_staff"] == 1


def test_a_later_proof_follows_its_visit_in_the_same_round_and_once(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.journal.proofs.record(proof_of(visit), NOON)
    bench.server.line = Line.CUT
    bench.sync.run_once()
    bench.server.line = Line.WHOLE
    bench.sync.run_once()
    bench.sync.run_once()
    assert bench.server.proofs == [proof_of(visit)]
    assert bench.server.requests["tell_proof"] == 1


def test_a_proof_whose_answer_was_lost_is_sent_again(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.sync.run_once()
    bench.journal.proofs.record(proof_of(visit), NOON)
    bench.server.line = Line.ANSWERS_LOST
    with pytest.raises(ServerUnreachable):
        bench.sync._upload()
    bench.server.line = Line.WHOLE
    bench.sync._upload()
    assert bench.server.proofs == [proof_of(visit)]
    assert bench.journal.proofs.unsent() == []


def test_a_proof_of_a_visit_the_server_does_not_know_waits_and_stays(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.sync.run_once()
    bench.journal.proofs.record(proof_of(visit), NOON)
    answer = bench.server.answers.pop(visit.request_key)
    bench.clock.pass_time(timedelta(days=30).total_seconds())
    bench.sync.run_once()
    assert [proof.message for proof in bench.journal.proofs.unsent()] == [proof_of(visit)]
    bench.server.answers[visit.request_key] = answer
    bench.sync.run_once()
    assert bench.server.proofs == [proof_of(visit)]


def test_a_refused_proof_is_a_dead_letter(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.sync.run_once()
    bench.journal.proofs.record(proof_of(visit), NOON)
    bench.server.refusal = ActRefused(422, "message.invalid")
    bench.sync._upload()
    (letter,) = bench.journal.dead_letters()
    assert (letter.request_key, letter.reason) == (visit.request_key, "message.invalid")
    assert bench.journal.proofs.unsent() == []
    assert bench.journal.purge(keep_days=0, now=NOON + timedelta(days=9)) == 0


def test_no_proof_is_kept_of_a_visit_the_server_refused(bench: Bench) -> None:
    visit = command()
    bench.journal.record(visit, NOON)
    bench.journal.refused(visit.request_key, "service.unknown", NOON)
    bench.journal.proofs.record(proof_of(visit), NOON)
    bench.sync.run_once()
    assert bench.server.requests["tell_proof"] == 0


def test_a_refused_call_for_help_does_not_hold_up_the_visits(bench: Bench) -> None:
    bench.journal.calls.record(CallStaff(request_key=command().request_key, step="problem", called_at=NOON))
    bench.sync._refresh()
    bench.server.refusal = ActRefused(422, "message.invalid")
    bench.sync._upload()
    assert bench.journal.calls.unsent() == []


def test_old_visits_the_server_has_are_forgotten_in_passing(bench: Bench) -> None:
    bench.journal.record(command(), NOON)
    bench.sync.run_once()
    bench.clock.pass_time(timedelta(days=8).total_seconds())
    bench.sync.run_once()
    assert list(bench.journal.sent_since(NOON)) == []


def test_a_disk_near_its_end_stops_registration_before_a_patient_is_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.sync._settings = bench.sync._settings.model_copy(update={"free_space_mb": 10**12})
    bench.sync.run_once()
    assert bench.listener.blocks == {checks.DISK_FULL}


def test_a_new_visit_wakes_the_thread_at_once_but_not_out_of_a_pause(bench: Bench) -> None:
    bench.sync._settings = bench.sync._settings.model_copy(update={"refresh_s": 3600.0})
    bench.sync.start()
    try:
        deadline = threading.Event()
        while not bench.server.requests["services"]:
            assert not deadline.wait(0.01)
        bench.journal.record(command(), NOON)
        while bench.journal.backlog().visits:
            bench.sync.wake()
            deadline.wait(0.01)
    finally:
        bench.sync.stop()
        bench.sync.join()
    assert len(bench.server.answers) == 1
