"""The whole kiosk with simulated devices at byte level: a chip that answers APDUs, pictures of codes, ESC/POS paper."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from drivers.config import SimulatedPrinterOptions, SimulatedReaderOptions, SimulatedScannerOptions
from drivers.icao9303.reading import Assurance
from drivers.simulated.deck import get_card
from drivers.simulated.document_texts import card_qr_text
from drivers.simulated.people import get_person
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.scanner import SimulatedScanner
from kiosk.assembly import open_kiosk
from kiosk.clock import SystemClock
from kiosk.conversation.memory import ReadingOrder
from kiosk.conversation.view import ScreenView
from kiosk.devices import Devices
from kiosk.flow import Kiosk
from kiosk.journal.file import FILE_NAME
from kiosk.journal.records import Backlog
from kiosk.journal.store import Journal
from kiosk.paper import printing
from kiosk.server import DeviceRefused
from kiosk.session import State
from server.contract.fleet import CommandKind, KioskCommand
from server.domain.identity import IdentityAssurance
from server.domain.queue import TicketStatus
from tests.kiosk.kit import Line, MemoryServer, kiosk_settings, wait_until
from tests.support.waiting import wait_for


@dataclass
class Hall:
    """A running kiosk, its simulated devices, and the server it talks to."""

    kiosk: Kiosk
    reader: SimulatedCardReader
    scanner: SimulatedScanner
    printer: SimulatedPrinter
    server: MemoryServer
    data_dir: Path

    def wait_for(self, state: State) -> ScreenView:
        return wait_until(self.kiosk, lambda view: view.state is state)

    def show_code(self, key: str) -> None:
        text = card_qr_text(get_person(key))
        assert text is not None
        self.scanner.show_text(text)

    def take_a_number(self, service: str = "noi") -> ScreenView:
        """From the confirm page to the settled paper; return the ticket's last picture."""
        self.kiosk.confirm(self.wait_for(State.CONFIRMING).revision)
        self.kiosk.choose(service, self.wait_for(State.CHOOSING).revision)
        return wait_until(self.kiosk, lambda view: view.ticket is not None and view.ticket.printing != "printing")


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    clock = SystemClock()
    server = MemoryServer(clock)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), silence_s=0.05)
    scanner = SimulatedScanner(SimulatedScannerOptions())
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(reader, scanner, printer), server=server, clock=clock)
    kiosk.start()
    wait_until(kiosk, lambda view: view.online and view.out_of_service is None)
    yield Hall(kiosk, reader, scanner, printer, server, tmp_path)
    kiosk.close()


def test_card_and_typed_digits_lead_to_a_printed_ticket(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    view = wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    assert view.person is not None
    assert (view.person.name, view.person.verdict) == ("NGUYỄN V. Đ.", "chip-trusted")
    ticket = hall.take_a_number().ticket
    assert ticket is not None
    assert (ticket.label, ticket.printing) == ("A001", "printed")
    (sent,) = hall.server.commands.values()
    assert sent.person.full_name == "Nguyễn Văn Đức"
    assert sent.evidence.access == "PACE-CAN"
    assert sent.evidence.assurance is IdentityAssurance.CHIP_TRUSTED
    (paper,) = hall.printer.tickets()
    assert paper.qr == f"TD1:{hall.server.answers[sent.request_key].visit_code}"


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ("cloned", ("ca.invalid", "chip authentication invalid", "passive authentication valid")),
        ("altered-name", ("pa.hash_wrong.dg13", "passive authentication invalid")),
        ("broken-messages", ("chip broke its session",)),
    ],
)
def test_a_contradiction_leaves_evidence_in_the_log_and_nothing_of_a_person(
    hall: Hall, caplog: pytest.LogCaptureFixture, card: str, said: tuple[str, ...]
) -> None:
    person = get_card(card).person
    hall.reader.insert(card)
    hall.kiosk.enter_number(str(person.can), hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.PROBLEM)
    hall.reader.remove()
    hall.kiosk.close()
    log = caplog.text
    assert all(words in log for words in said)
    assert "mark none" not in log
    personal = (person.personal_number, person.document_number, person.can, f"{person.born_on:%y%m%d}", person.address)
    assert not [one for one in (*personal, *person.full_name.split()) if one and one in log]


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_patient_faster_than_the_proof_has_a_number_and_the_server_learns_the_proof_later(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, is_cut: bool
) -> None:
    has_paper, told = threading.Event(), hall.kiosk.card.chip_proved

    def told_late(order: ReadingOrder, assurance: Assurance, reasons: Sequence[str]) -> None:
        assert has_paper.wait(20.0)
        told(order, assurance, reasons)

    monkeypatch.setattr(hall.kiosk.card, "chip_proved", told_late)  # the chip takes as long as the patient needs
    hall.kiosk.cut_server(is_cut)
    hall.reader.insert("duc")
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    hall.take_a_number()
    has_paper.set()
    if is_cut:
        wait_for(lambda: _kept_proofs(hall.data_dir) > 0)
        hall.kiosk.cut_server(False)
    wait_for(lambda: bool(hall.server.proofs))
    (sent,) = hall.server.commands.values()
    (proof,) = hall.server.proofs
    assert (sent.evidence.assurance, sent.evidence.reasons) == (IdentityAssurance.CHIP_READ, ("proof.pending",))
    assert proof.request_key == sent.request_key
    assert (proof.evidence.assurance, proof.evidence.access) == (IdentityAssurance.CHIP_TRUSTED, "PACE-CAN")
    assert "proof.pending" not in proof.evidence.reasons


def _kept_proofs(data_dir: Path) -> int:
    connection = sqlite3.connect(data_dir / FILE_NAME)
    try:
        count: int = connection.execute("SELECT COUNT(*) FROM proof").fetchone()[0]
    finally:
        connection.close()
    return count


def test_the_code_shown_first_opens_the_card_without_a_touch(hall: Hall) -> None:
    hall.show_code("linh")
    hall.wait_for(State.CONFIRMING)
    hall.reader.insert("linh")
    view = wait_until(hall.kiosk, lambda view: view.person is not None and view.person.verdict.startswith("chip"))
    assert view.person is not None
    assert view.person.name == "LÊ T. N. L."
    assert hall.take_a_number().ticket is not None


def test_a_code_alone_is_enough(hall: Hall) -> None:
    hall.show_code("an")
    ticket = hall.take_a_number("ngoai").ticket
    assert ticket is not None
    assert (ticket.label, ticket.printing) == ("B001", "printed")


def test_an_older_chip_opens_by_bac_with_the_expiry_worked_out_from_its_code(hall: Hall) -> None:
    hall.reader.insert("old-chip")
    hall.wait_for(State.ASKING_NUMBER)
    hall.show_code("thuong")
    wait_until(hall.kiosk, lambda view: view.person is not None and view.person.verdict.startswith("chip"))
    hall.take_a_number()
    (sent,) = hall.server.commands.values()
    assert sent.evidence.access == "BAC"


def test_an_older_chip_that_needs_more_than_its_number_asks_for_its_code(hall: Hall) -> None:
    hall.reader.insert("old-chip")
    hall.kiosk.enter_number("005532", hall.wait_for(State.ASKING_NUMBER).revision)
    assert hall.wait_for(State.PROBLEM).problem == "number.not_enough"
    hall.show_code("thuong")
    view = hall.wait_for(State.CONFIRMING)
    assert view.person is not None
    assert view.person.verdict.startswith("chip")


def test_a_wrong_number_is_said_and_may_be_corrected(hall: Hall) -> None:
    hall.reader.insert("duc")
    hall.kiosk.enter_number("999999", hall.wait_for(State.ASKING_NUMBER).revision)
    view = hall.wait_for(State.PROBLEM)
    assert (view.problem, view.tries_left) == ("number.wrong", 2)
    hall.kiosk.try_again(view.revision)
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.CONFIRMING)


def test_a_card_lifted_while_it_is_proved_says_so_and_reads_when_put_back(hall: Hall) -> None:
    hall.reader.insert("slips-once")
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    wait_until(hall.kiosk, lambda view: view.person is not None and view.person.reasons == ("card.removed",))
    hall.reader.insert("slips-once")
    hall.kiosk.enter_number("123456", hall.wait_for(State.ASKING_NUMBER).revision)
    hall.wait_for(State.CONFIRMING)


def test_a_chip_that_falls_silent_after_the_name_is_read_and_not_proved(hall: Hall) -> None:
    hall.reader.insert("mute")
    hall.kiosk.enter_number("008841", hall.wait_for(State.ASKING_NUMBER).revision)
    wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    hall.take_a_number()
    (sent,) = hall.server.commands.values()
    assert sent.evidence.assurance is IdentityAssurance.CHIP_READ
    assert sent.evidence.reasons == ("device.timeout",)


def test_a_card_of_an_issuer_nobody_knows_is_whole_and_not_genuine(hall: Hall) -> None:
    hall.reader.insert("unknown-issuer")
    hall.kiosk.enter_number("000007", hall.wait_for(State.ASKING_NUMBER).revision)
    view = wait_until(hall.kiosk, lambda view: view.person is not None and not view.person.proving)
    assert view.person is not None
    assert view.person.verdict == "chip-consistent"


# (card, CAN, what staff are called with)
BAD_CHIPS = [
    ("altered-name", "000018", "chip.contradicted"),
    ("cloned", "002265", "chip.contradicted"),
    ("broken-messages", "006248", "card.protocol"),
]


@pytest.mark.parametrize(("card", "can", "problem"), BAD_CHIPS)
def test_a_chip_that_cannot_be_believed_stops_self_service_and_calls_staff(
    hall: Hall, card: str, can: str, problem: str
) -> None:
    hall.reader.insert(card)
    hall.kiosk.enter_number(can, hall.wait_for(State.ASKING_NUMBER).revision)
    view = wait_until(hall.kiosk, lambda view: view.state is State.PROBLEM and view.staff_informed is True)
    assert (view.problem, view.person) == (problem, None)
    assert [call.problem for call in hall.server.calls] == [problem]


def test_another_persons_card_under_a_shown_code_opens_nothing(hall: Hall) -> None:
    hall.show_code("duc")
    hall.wait_for(State.CONFIRMING)
    hall.reader.insert("hoa")
    view = wait_until(hall.kiosk, lambda view: view.notice == "card.code_used_instead")
    assert view.person is not None
    assert (view.person.name, view.person.verdict) == ("NGUYỄN V. Đ.", "qr")


def test_a_cut_off_kiosk_gives_its_own_number_and_the_upload_follows(hall: Hall) -> None:
    hall.kiosk.cut_server(True)
    hall.show_code("duc")
    view = hall.take_a_number()
    assert view.ticket is not None
    assert (view.ticket.label, view.ticket.offline, view.ticket.printing) == ("A-K001", True, "printed")
    wait_until(hall.kiosk, lambda view: not view.online)  # an upload under way may have heard from the server last
    assert hall.server.answers == {}
    hall.kiosk.cut_server(False)
    wait_until(hall.kiosk, lambda view: view.online)
    _wait_for_empty_outbox(hall.kiosk)
    (answer,) = hall.server.answers.values()
    assert answer.ticket.label == "A-K001"


def test_an_answer_lost_on_the_way_makes_one_visit_with_the_number_on_paper(hall: Hall) -> None:
    hall.show_code("duc")
    hall.kiosk.confirm(hall.wait_for(State.CONFIRMING).revision)
    view = hall.wait_for(State.CHOOSING)
    hall.server.line = Line.ANSWERS_LOST
    hall.kiosk.choose("noi", view.revision)
    view = wait_until(hall.kiosk, lambda view: view.ticket is not None)
    assert view.ticket is not None
    assert view.ticket.label == "A-K001"
    hall.server.line = Line.WHOLE
    _wait_for_empty_outbox(hall.kiosk)
    (answer,) = hall.server.answers.values()
    assert answer.ticket.label == "A-K001"


def test_without_paper_the_number_stands_on_the_screen_and_the_visit_is_registered(hall: Hall) -> None:
    hall.printer.set_fault("paper-out")
    hall.show_code("duc")
    ticket = hall.take_a_number().ticket
    assert ticket is not None
    assert (ticket.label, ticket.printing, ticket.printer_problem) == ("A001", "failed", "printer.paper_out")
    status = hall.kiosk.status()
    assert status is not None
    assert [paper.code for paper in status.uncertain_papers] == ["printer.paper_out"]
    assert len(hall.server.answers) == 1
    hall.printer.set_fault(None)


def test_a_ticket_that_found_no_paper_is_printed_when_the_paper_is_back_and_its_patient_still_there(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "RETRY_EVERY_S", 0.05)
    hall.printer.set_fault("paper-out")
    hall.show_code("duc")
    hall.take_a_number()
    hall.printer.set_fault(None)
    wait_until(hall.kiosk, lambda view: view.ticket is not None and view.ticket.printing == "printed")
    (paper,) = hall.printer.tickets()
    (answer,) = hall.server.answers.values()
    assert paper.qr == f"TD1:{answer.visit_code}"
    status = hall.kiosk.status()
    assert status is not None
    assert status.uncertain_papers == ()


def test_a_ticket_that_found_no_paper_is_not_printed_for_the_next_person_to_find(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "RETRY_EVERY_S", 0.05)
    hall.printer.set_fault("paper-out")
    hall.show_code("duc")
    hall.kiosk.start_over(hall.take_a_number().revision)
    hall.printer.set_fault(None)
    hall.show_code("an")
    hall.take_a_number("ngoai")
    labels = [paper.qr for paper in hall.printer.tickets()]
    second = list(hall.server.answers.values())[1]
    assert labels == [f"TD1:{second.visit_code}"]


def test_a_ticket_whose_patient_was_given_one_by_hand_does_not_come_out_as_well(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "RETRY_EVERY_S", 0.05)
    hall.printer.set_fault("paper-out")
    hall.show_code("duc")
    hall.take_a_number()
    (visit,) = hall.server.commands.values()
    order = KioskCommand(
        id=uuid4(),
        kind=CommandKind.PAPER_GIVEN.value,
        arguments={"request_key": str(visit.request_key)},
        expires_at=hall.server.clock.now() + timedelta(hours=1),
    )
    with hall.server.lock:  # the kiosk's report takes from the same list
        hall.server.orders.append(order)
    wait_for(lambda: order not in hall.server.orders)
    hall.printer.set_fault(None)
    hall.kiosk.start_over(wait_until(hall.kiosk, lambda view: view.printer_ready).revision)
    hall.show_code("an")
    hall.take_a_number("ngoai")
    (paper,) = hall.printer.tickets()
    second = list(hall.server.answers.values())[1]
    assert paper.qr == f"TD1:{second.visit_code}"


def test_a_ticket_cut_by_the_end_of_the_paper_is_finished_by_the_printer_and_never_sent_again_by_itself(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "RETRY_EVERY_S", 0.05)
    hall.printer.set_fault("paper-out-in-ticket")
    hall.show_code("duc")
    ticket = hall.take_a_number().ticket
    assert ticket is not None
    assert ticket.printing == "unsure"
    hall.printer.set_fault(None)
    view = wait_until(hall.kiosk, lambda view: view.printer_ready)
    assert view.ticket is not None
    assert view.ticket.printing == "unsure"
    hall.kiosk.start_over(view.revision)
    hall.show_code("an")
    hall.take_a_number("ngoai")
    assert len([paper.qr for paper in hall.printer.tickets() if paper.qr]) == 2  # one for each of them


def test_a_revoked_kiosk_sends_the_patient_on_and_leaves_no_visit_to_come_in_later(hall: Hall) -> None:
    hall.show_code("duc")
    hall.kiosk.confirm(hall.wait_for(State.CONFIRMING).revision)
    view = hall.wait_for(State.CHOOSING)
    hall.server.refusal = DeviceRefused(403, "kiosk.revoked")
    hall.kiosk.choose("noi", view.revision)
    # An upload whose answer was on its way when the server changed its mind may open the kiosk for another moment.
    view = wait_until(hall.kiosk, lambda view: view.state is State.PROBLEM and view.out_of_service is not None)
    assert (view.problem, view.out_of_service) == ("kiosk.refused", "kiosk.refused")
    hall.server.refusal = None
    wait_until(hall.kiosk, lambda view: view.out_of_service is None)
    _wait_for_empty_outbox(hall.kiosk)
    assert hall.server.answers == {}
    status = hall.kiosk.status()
    assert status is not None
    assert [letter.reason for letter in status.dead_letters] == ["kiosk.revoked"]


def test_a_scanners_hint_helps_whoever_holds_something_there(hall: Hall) -> None:
    hall.scanner.hint = "scanner.hint.small"
    wait_until(hall.kiosk, lambda view: view.notice == "scanner.hint.small")
    hall.scanner.hint = None
    hall.show_code("duc")
    hall.wait_for(State.CONFIRMING)


def test_a_slip_shown_again_finds_its_ticket(hall: Hall) -> None:
    hall.show_code("duc")
    hall.take_a_number()
    (answer,) = hall.server.answers.values()
    hall.server.waiting = 1
    hall.scanner.show_text(f"TD1:{answer.visit_code}")
    view = wait_until(hall.kiosk, lambda view: view.ticket is not None and view.ticket.printing == "shown")
    assert view.ticket is not None
    assert (view.ticket.label, view.ticket.waiting_before) == ("A001", 1)
    assert len(hall.printer.tickets()) == 1


def test_a_slip_of_a_visit_that_is_over_says_so(hall: Hall) -> None:
    hall.show_code("duc")
    hall.take_a_number()
    (answer,) = hall.server.answers.values()
    hall.server.status = TicketStatus.DONE
    hall.scanner.show_text(f"TD1:{answer.visit_code}")
    assert wait_until(hall.kiosk, lambda view: view.problem is not None).problem == "visit.over"


def test_a_slip_shown_while_the_server_is_away_shows_its_number_and_no_guess(hall: Hall) -> None:
    hall.show_code("duc")
    hall.take_a_number()
    (answer,) = hall.server.answers.values()
    hall.kiosk.cut_server(True)
    hall.scanner.show_text(f"TD1:{answer.visit_code}")
    view = wait_until(hall.kiosk, lambda view: view.ticket is not None and view.ticket.printing == "shown")
    assert view.ticket is not None
    assert (view.ticket.label, view.ticket.waiting_before) == ("A001", None)


def test_a_slip_of_the_own_series_carries_its_code_and_finds_its_number_before_the_upload(hall: Hall) -> None:
    hall.kiosk.cut_server(True)
    hall.show_code("duc")
    hall.take_a_number()
    (paper,) = hall.printer.tickets()
    assert paper.qr is not None
    hall.scanner.show_text(paper.qr)
    view = wait_until(hall.kiosk, lambda view: view.ticket is not None and view.ticket.printing == "shown")
    assert view.ticket is not None
    assert (view.ticket.label, view.ticket.waiting_before) == ("A-K001", None)
    hall.kiosk.cut_server(False)
    _wait_for_empty_outbox(hall.kiosk)
    (sent,) = hall.server.commands.values()
    assert paper.qr == f"TD1:{sent.visit_code}"


def test_a_slip_of_another_kiosk_is_sent_to_the_counter_kindly(hall: Hall) -> None:
    hall.scanner.show_text("TD1:0123456789ABCDEFGHJK")
    assert wait_until(hall.kiosk, lambda view: view.problem is not None).problem == "visit.not_found"


def test_calling_staff_reaches_reception_or_waits_for_it(hall: Hall) -> None:
    hall.kiosk.call_staff(hall.kiosk.view().revision)
    view = wait_until(hall.kiosk, lambda view: view.staff_informed is True)
    assert view.state is State.STAFF_CALLED
    hall.kiosk.start_over(view.revision)
    hall.kiosk.cut_server(True)
    hall.kiosk.call_staff(hall.kiosk.view().revision)
    wait_until(hall.kiosk, lambda view: view.staff_informed is False and not view.online)
    # The screen says "not yet" from the touch on; the line is mended only after the call is known to wait.
    _wait_for_backlog(hall.kiosk, lambda backlog: backlog.staff_calls == 1)
    hall.kiosk.cut_server(False)
    _wait_for_empty_outbox(hall.kiosk)
    assert [call.step for call in hall.server.calls] == ["welcome", "welcome"]


def test_a_reader_without_its_cable_is_not_offered_until_it_is_back(hall: Hall) -> None:
    wait_until(hall.kiosk, lambda view: view.reader_ready and view.scanner_ready)
    hall.reader.unplug()
    wait_until(hall.kiosk, lambda view: not view.reader_ready and view.scanner_ready)
    hall.reader.plug_in()
    wait_until(hall.kiosk, lambda view: view.reader_ready)


def test_the_status_tells_of_every_device_and_of_what_waits(hall: Hall) -> None:
    wait_until(hall.kiosk, lambda view: view.printer_ready)
    status = hall.kiosk.status()
    assert status is not None
    assert [(one.kind.value, one.state.value) for one in status.devices] == [
        ("card-reader", "ready"),
        ("scanner", "ready"),
        ("printer", "ready"),
    ]
    assert (status.online, status.blocks, status.warnings, status.backlog.visits) == (True, (), (), 0)


def test_a_kiosk_whose_journal_is_damaged_shows_that_it_takes_nobody_in(tmp_path: Path) -> None:
    Journal.open(tmp_path, environment={}).close()
    (tmp_path / FILE_NAME).write_bytes(b"not a database" * 1000)
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0))
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(reader=reader))
    kiosk.start()
    try:
        reader.insert("duc")
        view = wait_until(kiosk, lambda view: view.card_present)
        assert (view.state, view.out_of_service) == (State.WELCOME, "journal.unusable")
        assert kiosk.status() is None
    finally:
        kiosk.close()


def test_a_kiosk_that_never_met_the_server_takes_nobody_in_until_it_does(tmp_path: Path) -> None:
    server = MemoryServer(SystemClock(), line=Line.CUT)
    kiosk = open_kiosk(kiosk_settings(tmp_path), devices=Devices(), server=server)
    kiosk.start()
    try:
        assert kiosk.view().out_of_service == "kiosk.never_connected"
        server.line = Line.WHOLE
        wait_until(kiosk, lambda view: view.out_of_service is None)
    finally:
        kiosk.close()


def _wait_for_empty_outbox(kiosk: Kiosk) -> None:
    _wait_for_backlog(kiosk, lambda backlog: not backlog.visits and not backlog.staff_calls)


def _wait_for_backlog(kiosk: Kiosk, is_reached: Callable[[Backlog], bool]) -> None:
    wait_for(lambda: (status := kiosk.status()) is not None and is_reached(status.backlog))
