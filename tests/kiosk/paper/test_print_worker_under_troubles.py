"""Tickets at a kiosk whose printer gets into trouble at random: one whole paper each, or a job that staff can see."""

import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.config import SimulatedPrinterOptions
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.printer_device import FAULTS
from kiosk.conversation.memory import Conversation
from kiosk.conversation.ticket import from_answer
from kiosk.conversation.view import Printing
from kiosk.journal.store import Journal
from kiosk.paper import printing
from kiosk.paper.printing import PrintWorker
from kiosk.paper.ticket_layout import HospitalLayout
from kiosk.registration.steps import nobody_watches
from tests.kiosk.kit import TurnableClock, answer_to, command

TICKETS = 50


class Patients:
    """Who stands before the kiosk: the last who came; a patient without paper stays for a while, or goes at once."""

    def __init__(self) -> None:
        self.said: dict[int, Printing] = {}
        self.waits = False

    def ticket_printing(self, conversation: Conversation, printing: Printing, problem: str | None = None) -> None:
        self.said[id(conversation)] = printing

    def printer_ready(self, *, ready: bool) -> None: ...

    def awaits_paper(self, conversation: Conversation) -> bool:
        return self.waits and self.said[id(conversation)] == "failed"

    def wait_until_said(self, conversation: Conversation, *wanted: Printing) -> None:
        deadline = time.monotonic() + 20.0
        while self.said.get(id(conversation)) not in wanted:
            assert time.monotonic() < deadline
            time.sleep(0.002)


@pytest.mark.parametrize("seed", [1, 2])
def test_each_visit_has_one_whole_unmarked_ticket_or_an_open_job_that_staff_can_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(printing, "RETRY_EVERY_S", 0.01)
    dice, clock, patients = random.Random(seed), TurnableClock(), Patients()
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    journal = Journal.open(tmp_path)
    worker = PrintWorker(
        printer,
        journal=journal,
        layout=HospitalLayout(lambda: None),
        watcher=patients,
        clock=clock,
        on_step=nobody_watches,
        status_every_s=10.0,
    )
    worker.start()
    talks, visits, whole = [], [], Counter[str | None]()
    for number in range(TICKETS):
        visit = command()
        journal.record(visit, clock.now())
        talk = Conversation("vi")
        talks.append(talk)
        visits.append(visit)
        if dice.random() < 0.5:
            printer.set_fault(dice.choice(sorted(FAULTS)))
        patients.waits = dice.random() < 0.5
        worker.print_ticket(talk, visit, from_answer(answer_to(visit, f"A{number:03d}")))
        patients.wait_until_said(talk, "printed", "unsure", "failed")
        printer.set_fault(None)
        if patients.waits and patients.said[id(talk)] == "failed":
            patients.wait_until_said(talk, "printed", "unsure")
        _count(printer, whole)
    worker.join()
    _count(printer, whole)
    journal_says = {one.request_key for one in journal.papers.uncertain(clock.now() - timedelta(days=1))}
    for talk, visit in zip(talks, visits, strict=True):
        papers = whole[f"TD1:{visit.visit_code}"]
        assert papers <= 1
        assert papers == 1 or visit.request_key in journal_says
        assert (patients.said[id(talk)] == "printed") is (visit.request_key not in journal_says)
    assert not printer.device.violations
    assert Counter(patients.said.values())["printed"] > TICKETS // 2
    journal.close()


def _count(printer: SimulatedPrinter, whole: Counter[str | None]) -> None:
    """Note the codes on whole papers; each paper is seen once or more, and counted by its moment."""
    for paper in printer.tickets():
        if paper.whole:
            whole[paper.qr] = len({one.printed_at for one in printer.tickets() if one.qr == paper.qr and one.whole})
