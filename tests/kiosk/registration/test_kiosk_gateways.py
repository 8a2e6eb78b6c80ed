"""Every way to a number keeps the same promises; the fallback keeps them through a broken line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.journal.store import Journal
from kiosk.registration.gateway import (
    FallbackGateway,
    NoOwnSeries,
    OfflineGateway,
    OnlineGateway,
    Reach,
    RegistrationGateway,
)
from kiosk.registration.steps import Step, nobody_watches
from kiosk.server import ActRefused, DeviceRefused
from server.contract.v1 import RegisterEncounter
from tests.kiosk.kit import NOON, REVOKED, Line, MemoryServer, TurnableClock, command, facility_services


@dataclass
class Bench:
    """A journal, a server in memory, and the three gateways over them."""

    journal: Journal
    clock: TurnableClock
    server: MemoryServer
    steps: list[Step] = field(default_factory=list)
    news: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        watch = self.steps.append
        self.reach = Reach(self.news.append)
        self.online = OnlineGateway(self.server, self.journal, self.clock, watch)
        self.offline = OfflineGateway(self.journal.kept_services, self.journal, self.clock, watch)
        self.fallback = FallbackGateway(self.online, self.offline, self.reach)

    def recorded(self, visit: RegisterEncounter | None = None) -> RegisterEncounter:
        visit = visit or command()
        self.journal.record(visit, self.clock.now())
        return visit


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = TurnableClock()
    with Journal.open(tmp_path, environment={}) as journal:
        journal.keep_services(facility_services())
        yield Bench(journal, clock, MemoryServer(clock))


class TestEveryGateway:
    @pytest.fixture(params=["online", "offline", "fallback", "fallback over a cut line"])
    def gateway(self, bench: Bench, request: pytest.FixtureRequest) -> RegistrationGateway:
        if request.param.endswith("cut line"):
            bench.server.line = Line.CUT
            return bench.fallback
        gateway: RegistrationGateway = getattr(bench, request.param)
        return gateway

    def test_a_visit_gets_a_number_in_its_queue_on_its_day(self, bench: Bench, gateway: RegistrationGateway) -> None:
        ticket = gateway.register(bench.recorded())
        assert (ticket.queue, ticket.number) == ("q-noi", 1)
        assert ticket.local_day.isoformat() == "2026-11-23"
        assert (ticket.room, ticket.floor) == ("105", "1")

    def test_the_same_visit_asked_again_has_the_same_number(self, bench: Bench, gateway: RegistrationGateway) -> None:
        visit = bench.recorded()
        first = gateway.register(visit)
        assert gateway.register(visit).label == first.label

    def test_numbers_follow_each_other(self, bench: Bench, gateway: RegistrationGateway) -> None:
        visits = [bench.recorded(command(number=f"00109012345{n}")) for n in range(3)]
        assert [gateway.register(visit).number for visit in visits] == [1, 2, 3]

    def test_the_number_stands_in_the_journal_when_it_is_returned(
        self, bench: Bench, gateway: RegistrationGateway
    ) -> None:
        visit = bench.recorded()
        ticket = gateway.register(visit)
        waiting = bench.journal.unsent_visit(visit.request_key)
        if ticket.offline:
            assert waiting is not None
            assert waiting.command.offline_ticket is not None
            assert waiting.command.offline_ticket.number == ticket.number
        else:
            assert waiting is None
            assert [sent.answer.ticket.label for sent in bench.journal.sent_since(NOON)] == [ticket.label]


def test_an_own_number_shows_the_kiosks_letter_and_claims_to_know_nothing_of_the_queue(bench: Bench) -> None:
    visit = bench.recorded()
    ticket = bench.offline.register(visit)
    assert (ticket.label, ticket.offline, ticket.waiting_before) == ("A-K001", True, None)
    assert ticket.visit_code == visit.visit_code


def test_an_own_number_belongs_to_the_day_of_the_arrival_also_a_moment_after_midnight(bench: Bench) -> None:
    before_midnight = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)  # 23:59:59 in the hospital
    visit = bench.recorded(command(arrived_at=before_midnight))
    bench.clock.instant = before_midnight + timedelta(seconds=3)
    assert bench.offline.register(visit).local_day.isoformat() == "2026-11-23"


def test_a_lost_answer_gives_the_own_number_and_the_upload_makes_it_the_one_that_counts(bench: Bench) -> None:
    visit = bench.recorded()
    bench.server.line = Line.ANSWERS_LOST
    ticket = bench.fallback.register(visit)
    assert ticket.label == "A-K001"
    assert bench.server.answers[visit.request_key].ticket.label == "A001"  # the act had happened
    bench.server.line = Line.WHOLE
    waiting = bench.journal.unsent_visit(visit.request_key)
    assert waiting is not None
    assert bench.server.register(waiting.command).ticket.label == "A-K001"
    assert len(bench.server.answers) == 1


def test_while_the_server_is_known_to_be_away_nobody_waits_for_it(bench: Bench) -> None:
    bench.server.line = Line.CUT
    for _ in range(3):
        bench.fallback.register(bench.recorded())
    assert bench.server.requests["register"] == 1
    assert bench.news == [False]
    bench.server.line = Line.WHOLE
    bench.reach.found()
    assert bench.fallback.register(bench.recorded()).label == "A001"
    assert bench.news == [False, True]


def test_a_server_that_stumbles_over_one_visit_is_asked_again_for_the_next(bench: Bench) -> None:
    visit = bench.recorded()
    bench.server.stumbles_over.add(visit.request_key)
    assert bench.fallback.register(visit).label == "A-K001"
    assert bench.fallback.register(bench.recorded()).label == "A001"
    assert bench.news == [True]


@pytest.mark.parametrize("refusal", [REVOKED, ActRefused(422, "service.unknown")])
def test_a_refusal_is_an_answer_and_gives_no_own_number(bench: Bench, refusal: Exception) -> None:
    bench.server.refusal = refusal
    visit = bench.recorded()
    with pytest.raises((DeviceRefused, ActRefused)):
        bench.fallback.register(visit)
    waiting = bench.journal.unsent_visit(visit.request_key)
    assert waiting is not None
    assert waiting.command.offline_ticket is None


# (what the kiosk knows, service asked for)
WITHOUT_SERIES = [
    (None, "noi"),  # never met the server
    (facility_services(kiosk_letter=None), "noi"),  # the server gave it no letter
    (facility_services(), "rang"),  # does not know the service's queue
]


@pytest.mark.parametrize(("services", "service"), WITHOUT_SERIES)
def test_without_a_letter_or_a_queue_there_is_no_own_series(bench: Bench, services: object, service: str) -> None:
    from server.contract.v1 import FacilityServices

    assert services is None or isinstance(services, FacilityServices)
    gateway = OfflineGateway(lambda: services, bench.journal, bench.clock, nobody_watches)
    with pytest.raises(NoOwnSeries):
        gateway.register(bench.recorded(command(service=service)))


def test_steps_are_told_in_their_order(bench: Bench) -> None:
    bench.fallback.register(bench.recorded())
    bench.server.line = Line.CUT
    bench.fallback.register(bench.recorded())
    assert bench.steps == [Step.SENDING, Step.ANSWERED, Step.SENDING, Step.OWN_NUMBER]
