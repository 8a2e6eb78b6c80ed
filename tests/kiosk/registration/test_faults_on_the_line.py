"""Many visits over a line that breaks in every way: nothing is lost, doubled or numbered twice."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.codec.recognise import recognise
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import Document
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.session import State
from server.domain.identity import IdentifierSystem
from tests.kiosk.kit import Line, MemoryServer, kiosk_settings, wait_until
from tests.support.waiting import wait_for


@dataclass
class Roll:
    """A Printer that keeps the number on each slip."""

    name: str = "roll"
    labels: list[str] = field(default_factory=list)
    raising: Exception | None = None

    def print(self, document: Document) -> PrintOutcome:
        if self.raising is not None:
            raise self.raising
        self.labels.append(document.title.removeprefix("ticket "))
        return PrintOutcome(PrintState.PRINTED)

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceKind.PRINTER, self.name, "roll", DeviceState.READY, datetime.now(UTC))

    def close(self) -> None:
        pass


@dataclass
class Hall:
    kiosk: Kiosk
    server: MemoryServer
    roll: Roll
    served: dict[str, str] = field(default_factory=dict)

    def serve(self, serial: int) -> str:
        """Lead one new person to their ticket; return its label."""
        number = f"0340900{serial:05d}"
        text = f"{number}||Trần Văn Thử|15081990|Nam|Quỳnh Phụ, Thái Bình|25042021"
        self.kiosk.codes.code_seen(recognise(text.encode()))
        self.kiosk.confirm(wait_until(self.kiosk, lambda view: view.state is State.CONFIRMING).revision)
        view = wait_until(self.kiosk, lambda view: view.state is State.CHOOSING)
        self.kiosk.choose("noi" if serial % 3 else "ngoai", view.revision)
        view = wait_until(self.kiosk, lambda view: view.ticket is not None and view.ticket.printing != "printing")
        assert view.ticket is not None
        self.kiosk.start_over(view.revision)
        self.served[number] = view.ticket.label
        return view.ticket.label

    def heal(self) -> None:
        self.server.line = Line.WHOLE
        wait_for(lambda: (status := self.kiosk.status()) is not None and not status.backlog.visits, timeout_s=60.0)

    def at_the_server(self) -> dict[str, str]:
        """Whose visit stands at the server under which number."""
        return {
            next(one.value for one in command.person.identifiers if one.system is IdentifierSystem.PERSONAL_NUMBER): (
                self.server.answers[key].ticket.label
            )
            for key, command in self.server.commands.items()
        }


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock, roll = SystemClock(), Roll()
    server = MemoryServer(clock)
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(printer=roll), server=server, clock=clock)
    kiosk.start()
    wait_until(kiosk, lambda view: view.online and view.out_of_service is None)
    yield Hall(kiosk, server, roll)
    kiosk.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_the_line_does_each_person_has_one_visit_under_the_number_on_their_paper(
    hall: Hall, seed: int
) -> None:
    dice = random.Random(seed)
    for serial in range(60):
        hall.server.line = dice.choices(list(Line), [6, 2, 2])[0]
        hall.serve(serial)
    hall.heal()
    assert hall.at_the_server() == hall.served
    assert Counter(hall.roll.labels) == Counter(hall.served.values())
    assert max(Counter(hall.roll.labels).values()) == 1
    assert {label[2] for label in hall.roll.labels if "-" in label} == {"K"}


def test_a_long_partition_is_served_from_the_own_series_and_drains_in_order(hall: Hall) -> None:
    hall.server.line = Line.CUT
    labels = [hall.serve(serial) for serial in range(1, 60, 3)]
    assert labels == [f"A-K{number:03d}" for number in range(1, 21)]
    hall.heal()
    assert hall.at_the_server() == hall.served
    assert list(hall.at_the_server()) == list(hall.served)
    assert hall.serve(100) == "A001"


def test_a_printer_driver_that_breaks_its_promise_costs_one_paper_and_not_the_next(hall: Hall) -> None:
    hall.roll.raising = RuntimeError("a bug")
    hall.serve(1)
    status = hall.kiosk.status()
    assert status is not None
    assert [(paper.state, paper.code) for paper in status.uncertain_papers] == [("unsure", "printer.fault")]
    hall.roll.raising = None
    hall.serve(2)
    assert hall.roll.labels == ["A002"]


def test_a_kiosk_without_a_printer_shows_numbers_all_the_same(tmp_path: Path) -> None:
    clock = SystemClock()
    server = MemoryServer(clock)
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(), server=server, clock=clock)
    kiosk.start()
    try:
        wait_until(kiosk, lambda view: view.out_of_service is None and not view.printer_ready)
        hall = Hall(kiosk, server, Roll())
        assert hall.serve(1) == "A001"
    finally:
        kiosk.close()
