"""What a kiosk writes to its journal of events while people check in and things fail: nothing of the people."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.config import SimulatedPrinterOptions, SimulatedReaderOptions, SimulatedScannerOptions
from drivers.simulated.document_texts import card_qr_text
from drivers.simulated.people import get_person
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.scanner import SimulatedScanner
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.devices import Devices
from kiosk.session import State
from server.contract.logs import JsonLines
from tests.kiosk.kit import MemoryServer, kiosk_settings, wait_until


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    text, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(text), root.level
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_check_in_that_fails_on_the_way_leaves_nothing_of_the_person_in_the_log(
    tmp_path: Path, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = get_person("duc")
    code = card_qr_text(person)
    assert code is not None
    clock = SystemClock()
    server = MemoryServer(clock)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), silence_s=0.05)
    scanner = SimulatedScanner(SimulatedScannerOptions())
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(reader, scanner, printer), server=server, clock=clock)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{person.full_name} {code}")  # as a library quotes what it chokes on

    monkeypatch.setattr(server, "register", fail)
    monkeypatch.setattr(printer, "print", fail)
    kiosk.start()
    try:
        wait_until(kiosk, lambda view: view.online and view.out_of_service is None)
        reader.insert("duc")
        view = wait_until(kiosk, lambda view: view.state is State.ASKING_NUMBER)
        kiosk.enter_number("654321", view.revision)  # wrong digits
        wait_until(kiosk, lambda view: view.state is State.PROBLEM)
        scanner.show_text(code)
        view = wait_until(kiosk, lambda view: view.state is State.CONFIRMING)
        kiosk.confirm(view.revision)
        view = wait_until(kiosk, lambda view: view.state is State.CHOOSING)
        kiosk.choose("noi", view.revision)
        wait_until(kiosk, lambda view: view.state is State.PROBLEM or view.ticket is not None)
    finally:
        kiosk.close()
    said = log.getvalue()
    assert "builtins.RuntimeError" in said, "the failure itself is there"
    number = code.split("|")[0]
    secrets = (person.full_name, *person.full_name.split(), code, number, number[-6:], "654321", "123456")
    assert [secret for secret in secrets if secret in said] == []
