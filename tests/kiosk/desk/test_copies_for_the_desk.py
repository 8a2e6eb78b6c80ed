"""Copies of slips that the desk orders from a kiosk, and papers it gives by hand: once each, whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from drivers.config import SimulatedPrinterOptions
from drivers.simulated.printer import SimulatedPrinter
from kiosk.assembly import open_kiosk
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.journal.papers import RESTARTED
from kiosk.journal.records import PrintStep
from kiosk.journal.store import Journal
from kiosk.server import ServerUnreachable
from server.contract.fleet import CommandKind, KioskCommand, PaperReport, ReprintSlip
from server.contract.v1 import EncounterRegistered
from tests.kiosk.kit import MemoryServer, TurnableClock, answer_to, command, kiosk_settings
from tests.support.waiting import wait_for


@dataclass
class Hall:
    """A running kiosk with a printer, and the server through which the desk speaks to it."""

    kiosk: Kiosk
    printer: SimulatedPrinter
    server: MemoryServer

    def order_copy(
        self, answer: EncounterRegistered, *, request_key: UUID | None = None, is_over: bool = False
    ) -> KioskCommand:
        order = self._order(CommandKind.REPRINT)
        slip = ReprintSlip(
            order=order.id,
            copy_number=1,
            request_key=request_key or uuid4(),
            language="vi",
            full_name="Nguyễn Văn Đức",
            birth_year="1990",
            insurance_unverified=False,
            visit_code=answer.visit_code,
            ticket=answer.ticket,
        )
        if not is_over:
            self.server.slips[order.id] = slip
        return self.give(order)

    def give_by_hand(self, request_key: UUID) -> KioskCommand:
        return self.give(self._order(CommandKind.PAPER_GIVEN, request_key=str(request_key)))

    def give(self, order: KioskCommand) -> KioskCommand:
        """Let the kiosk find ``order`` with its next report."""
        with self.server.lock:  # the kiosk's report takes from the same list
            self.server.orders.append(order)
        return order

    def _order(self, kind: CommandKind, **arguments: str) -> KioskCommand:
        expires_at = self.server.clock.now() + timedelta(minutes=10)
        return KioskCommand(id=uuid4(), kind=kind.value, arguments=arguments, expires_at=expires_at)

    def result_of(self, order: KioskCommand) -> str:
        def said() -> list[str]:
            with self.server.lock:
                return [
                    one.result for report in self.server.reports for one in report.results if one.command_id == order.id
                ]

        wait_for(lambda: bool(said()))
        return said()[0]

    def papers(self) -> tuple[PaperReport, ...]:
        return self.server.reports[-1].papers


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hall]:
    monkeypatch.setattr("kiosk.heartbeat.SHORTEST_PAUSE_S", 0.02)
    with _open(tmp_path, MemoryServer(TurnableClock())) as hall:
        yield hall


@contextmanager
def _open(data_dir: Path, server: MemoryServer) -> Iterator[Hall]:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    devices = Devices(None, None, printer)
    kiosk = open_kiosk(kiosk_settings(data_dir), devices=devices, server=server, clock=server.clock)
    kiosk.start()
    try:
        yield Hall(kiosk, printer, server)
    finally:
        kiosk.close()


def test_a_copy_ordered_by_the_desk_comes_out_marked_with_its_number_once(hall: Hall) -> None:
    answer = answer_to(command(), "B007")
    order = hall.order_copy(answer)
    assert hall.result_of(order) == "done"
    hall.give(order)  # the answer to the report was lost: the server asks again
    reports = len(hall.server.reports)
    wait_for(lambda: len(hall.server.reports) > reports + 3)
    (paper,) = hall.printer.tickets()
    assert paper.qr == f"TD1:{answer.visit_code}"
    assert hall.server.requests["reprint_slip"] == 1


def test_a_copy_that_meets_a_printer_without_paper_says_so_at_once_and_is_not_printed_later(hall: Hall) -> None:
    hall.printer.set_fault("paper-out")
    order = hall.order_copy(answer_to(command()))
    assert hall.result_of(order) == "printer.paper_out"
    hall.printer.set_fault(None)
    hall.give(order)
    reports = len(hall.server.reports)
    wait_for(lambda: len(hall.server.reports) > reports + 3)
    assert hall.printer.tickets() == ()


def test_an_order_whose_slip_cannot_be_fetched_waits_for_the_line_and_then_prints(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, cuts = hall.server.reprint_slip, iter(range(2))

    def over_a_bad_line(order: UUID) -> ReprintSlip:
        if next(cuts, None) is not None:
            raise ServerUnreachable("cut")
        return fetch(order)

    monkeypatch.setattr(hall.server, "reprint_slip", over_a_bad_line)
    order = hall.order_copy(answer_to(command()))
    assert hall.result_of(order) == "done"
    assert next(cuts, None) is None
    assert len(hall.printer.tickets()) == 1


def test_an_order_that_is_over_is_not_printed(hall: Hall) -> None:
    order = hall.order_copy(answer_to(command()), is_over=True)
    assert hall.result_of(order) == "order.over"
    assert hall.printer.tickets() == ()


@pytest.mark.parametrize(
    ("found", "result"),
    [(PrintStep.SENDING, "paper.unsure"), (PrintStep.WAITING, RESTARTED), (PrintStep.PRINTED, "done")],
)
def test_a_restart_in_the_middle_of_a_copy_never_makes_a_second_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: PrintStep, result: str
) -> None:
    monkeypatch.setattr("kiosk.heartbeat.SHORTEST_PAUSE_S", 0.02)
    server = MemoryServer(TurnableClock())
    order = KioskCommand(
        id=uuid4(), kind=CommandKind.REPRINT.value, expires_at=server.clock.now() + timedelta(minutes=10)
    )
    with Journal.open(tmp_path) as journal:
        journal.copies.step(order.id, PrintStep.WAITING, server.clock.now())
        journal.copies.step(order.id, found, server.clock.now())
    server.orders.append(order)
    with _open(tmp_path, server) as hall:
        assert hall.result_of(order) == result
        assert hall.printer.tickets() == ()


@pytest.mark.parametrize("way", ["copy", "by hand"])
def test_an_uncertain_paper_is_told_to_the_desk_until_a_copy_came_out_or_one_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("kiosk.heartbeat.SHORTEST_PAUSE_S", 0.02)
    server = MemoryServer(TurnableClock())
    visit = command()
    with Journal.open(tmp_path) as journal:
        journal.record(visit, server.clock.now())
        journal.registered(visit.request_key, answer_to(visit), server.clock.now())
        journal.papers.step(visit.request_key, PrintStep.UNSURE, server.clock.now(), "printer.silent")
    with _open(tmp_path, server) as hall:
        wait_for(lambda: bool(server.reports) and bool(hall.papers()))
        assert hall.papers() == (PaperReport(request_key=visit.request_key, state="unsure", code="printer.silent"),)
        if way == "copy":
            order = hall.order_copy(answer_to(visit), request_key=visit.request_key)
        else:
            order = hall.give_by_hand(visit.request_key)
        assert hall.result_of(order) == "done"
        wait_for(lambda: hall.papers() == ())
    with Journal.open(tmp_path) as journal:
        assert journal.papers.uncertain(server.clock.now() - timedelta(days=1)) == []
