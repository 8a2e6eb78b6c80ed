"""What the driver says, and what hangs out of the printer, when the printer misbehaves."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.config import NetworkPrinterOptions, SimulatedPrinterOptions
from drivers.health import DeviceState
from drivers.printer.base import Printer, PrintOutcome, PrintState
from drivers.printer.document import BigNumber, Document, QrCode, Text, TextSize
from drivers.printer.escpos_printer import EscposPrinter
from drivers.printer.profiles import PROFILES, Profile, Proof
from drivers.printer.transport import NetworkTransport
from drivers.registry import open_printer
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.printer_device import FAULTS, PrinterDevice
from drivers.simulated.printer_server import PrinterServer

TICKET = Document(
    "test ticket",
    (
        Text("Bệnh viện đa khoa huyện Yên Bình", TextSize.LARGE, bold=True),
        BigNumber("A012"),
        QrCode("TD1:0123456789ABCDEFGHJK"),
        Text("Xin quý vị ngồi chờ nghe gọi số."),
    ),
)
LONG_TICKET = Document("longer than the printer's buffer", TICKET.blocks * 4)
PRINTED = PrintOutcome(PrintState.PRINTED)

# fault, in a printer that had printed well -> status before, outcome, its code, status after, whole pieces of that
# ticket once the fault is mended
TROUBLES = {
    "paper-near-end": ("printer.paper_near_end", "printed", "ok", "printer.paper_near_end", 1),
    "paper-out": ("printer.paper_out", "failed", "printer.paper_out", "printer.paper_out", 0),
    "paper-out-in-ticket": ("printer.paper_near_end", "unsure", "printer.paper_out", "printer.paper_out", 0),
    "cover-open": ("printer.cover_open", "failed", "printer.cover_open", "printer.cover_open", 0),
    "cover-open-in-ticket": ("ok", "unsure", "printer.cover_open", "printer.cover_open", 1),
    "cutter-error": ("ok", "unsure", "printer.cutter", "printer.cutter", 0),
    "offline": ("printer.offline", "failed", "printer.offline", "printer.offline", 0),
    "slow": ("ok", "printed", "ok", "ok", 1),
    "crawling": ("ok", "unsure", "printer.silent", "ok", 1),
    "hang": ("printer.silent", "failed", "printer.silent", "printer.silent", 0),
    "hang-in-ticket": ("ok", "unsure", "printer.silent", "printer.silent", 1),
    "mute": ("printer.silent", "failed", "printer.silent", "printer.silent", 0),
    "mute-in-ticket": ("ok", "unsure", "printer.silent", "printer.silent", 1),
    "drop": ("ok", "unsure", "printer.unreachable", "ok", 0),
    "reset": ("ok", "unsure", "printer.unreachable", "ok", 0),
    "power-cycle": ("ok", "unsure", "printer.unreachable", "ok", 0),
    "unplugged": ("printer.unreachable", "failed", "printer.unreachable", "printer.unreachable", 0),
}


def test_every_fault_has_its_row() -> None:
    assert set(TROUBLES) == set(FAULTS)


@pytest.mark.parametrize("fault", TROUBLES)
def test_the_driver_tells_each_trouble_and_the_next_ticket_is_whole(fault: str) -> None:
    before, state, code, after, whole_in_the_end = TROUBLES[fault]
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    assert printer.print(Document("an earlier one", (Text("x"),))) == PRINTED
    printer.set_fault(fault)
    assert printer.status().code == before
    assert printer.print(TICKET) == PrintOutcome(PrintState(state), code)
    assert printer.status().code == after
    printer.set_fault(None)
    assert sum(ticket.whole for ticket in printer.tickets()[:-1]) == whole_in_the_end
    assert printer.print(TICKET) == PRINTED
    newest, *older, _ = printer.tickets()
    assert newest.whole
    assert newest.qr == "TD1:0123456789ABCDEFGHJK"
    assert sum(ticket.whole for ticket in older) == whole_in_the_end
    assert printer.device.violations == ()


@pytest.mark.parametrize("fault", [fault for fault, row in TROUBLES.items() if row[1] == "failed"])
def test_failed_means_that_no_ink_came_out_then_or_later(fault: str) -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    printer.set_fault(fault)
    assert printer.print(TICKET).state is PrintState.FAILED
    printer.set_fault(None)
    assert printer.tickets() == ()


def test_a_ticket_finished_on_a_new_roll_is_two_pieces_and_neither_counts_as_whole() -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    printer.set_fault("paper-out-in-ticket")
    printer.print(TICKET)
    printer.set_fault(None)
    assert [ticket.whole for ticket in printer.tickets()] == [False, False]


def test_the_torn_half_of_a_lost_connection_is_cut_off_before_the_next_ticket() -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    printer.print(TICKET)
    [good] = printer.tickets()
    printer.set_fault("reset")
    printer.print(TICKET)
    assert printer.print(TICKET) == PRINTED
    newest, torn, _ = printer.tickets()
    assert not torn.whole
    assert newest.png == good.png


def test_without_the_filling_the_next_ticket_would_be_eaten() -> None:
    """Why FILLING exists: the same connection loss, and a sender that begins the next ticket without it."""
    device = PrinterDevice()
    device.set_fault(FAULTS["drop"])
    from drivers.printer.escpos import encode
    from drivers.simulated.printer_device import ConnectionLost

    ticket = encode(TICKET, PROFILES["generic"], 80)
    with pytest.raises(ConnectionLost):
        device.receive(ticket)
    device.connected()
    device.receive(ticket)
    assert not any(piece.whole for piece in device.tickets())


def test_a_printer_of_a_process_that_died_in_mid_ticket_prints_the_next_one_whole() -> None:
    first = SimulatedPrinter(SimulatedPrinterOptions())
    first.set_fault("drop")
    first.print(TICKET)
    second = SimulatedPrinter(SimulatedPrinterOptions(), device=first.device)
    assert second.status().code == "ok"
    assert second.print(TICKET) == PRINTED
    newest, torn = second.tickets()
    assert (newest.whole, torn.whole) == (True, False)
    assert newest.qr == "TD1:0123456789ABCDEFGHJK"


def test_a_knife_that_jams_while_the_printer_is_cleared_fails_the_ticket_instead_of_losing_it() -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    printer.set_fault("cutter-error")
    assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.cutter")
    printer.set_fault(None)
    assert printer.tickets() == ()


def test_the_time_of_a_state_is_that_of_its_last_change() -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    ready = printer.status()
    printer.set_fault("cover-open")
    opened = printer.status()
    again = printer.status()
    assert ready.since < opened.since == again.since
    assert opened.state is DeviceState.UNAVAILABLE


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("paper-out-in-ticket", "printer.paper_out"),
        ("cover-open-in-ticket", "printer.cover_open"),
        ("hang-in-ticket", "printer.silent"),
    ],
)
def test_a_printer_whose_buffer_is_full_still_tells_why_it_stopped(fault: str, code: str) -> None:
    printer = SimulatedPrinter(SimulatedPrinterOptions())
    printer.set_fault(fault)
    assert printer.print(LONG_TICKET) == PrintOutcome(PrintState.UNSURE, code)
    printer.set_fault(None)
    assert not any(ticket.whole for ticket in printer.tickets())  # its end never came
    assert printer.print(TICKET) == PRINTED
    assert printer.tickets()[0].whole
    assert printer.device.violations == ()


@pytest.fixture
def server() -> Iterator[PrinterServer]:
    with PrinterServer(PrinterDevice()) as server:
        yield server


@pytest.fixture
def network_printer(server: PrinterServer) -> Callable[[Profile], Printer]:
    def make(profile: Profile) -> Printer:
        transport = NetworkTransport("127.0.0.1", server.port)
        return EscposPrinter(transport, profile, driver="network", timeout_s=1.0)

    return make


class TestOverTcp:
    @pytest.mark.parametrize("proof", [Proof.PROCESS_ID, Proof.STATUS_IN_ORDER])
    @pytest.mark.parametrize(
        "fault",
        [
            "paper-near-end",
            "paper-out",
            "paper-out-in-ticket",
            "cover-open",
            "cover-open-in-ticket",
            "cutter-error",
            "offline",
            "drop",
            "reset",
            "power-cycle",
            "unplugged",
        ],
    )
    def test_the_driver_tells_what_it_tells_of_the_printer_in_this_process(
        self, server: PrinterServer, network_printer: Callable[[Profile], Printer], fault: str, proof: Proof
    ) -> None:
        _, state, code, _, _ = TROUBLES[fault]
        printer = network_printer(Profile("one", "", proof=proof))
        assert printer.print(Document("an earlier one", (Text("x"),))) == PRINTED
        server.set_fault(fault)
        if fault == "unplugged":
            server.settle()
        assert printer.print(TICKET) == PrintOutcome(PrintState(state), code)
        server.set_fault(None)
        server.settle()
        assert printer.print(TICKET) == PRINTED
        assert server.tickets()[0].whole
        assert server.device.violations == ()

    def test_a_mute_printer_is_given_up_after_its_time_and_not_after_a_minute(
        self, server: PrinterServer, network_printer: Callable[[Profile], Printer]
    ) -> None:
        server.set_fault("mute-in-ticket")
        printer = network_printer(PROFILES["epson-tm-t20"])
        assert printer.print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.silent")

    def test_a_printer_known_never_to_answer_is_never_asked_and_never_sure(
        self, server: PrinterServer, network_printer: Callable[[Profile], Printer]
    ) -> None:
        server.set_fault("mute")
        printer = network_printer(PROFILES["write-only"])
        assert printer.status().state is DeviceState.READY
        assert printer.print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.silent")
        server.settle()
        assert len(server.tickets()) == 1

    def test_a_printer_with_real_time_status_only_is_believed_after_the_time_of_a_ticket(
        self, network_printer: Callable[[Profile], Printer]
    ) -> None:
        quick = Profile("one", "", proof=Proof.REAL_TIME, speed_mm_s=1000)
        assert network_printer(quick).print(TICKET) == PRINTED


def test_a_port_where_nobody_listens_is_unreachable_and_nothing_is_printed() -> None:
    with PrinterServer(PrinterDevice()) as gone:
        port = gone.port
    printer = open_printer(NetworkPrinterOptions(driver="network", host="127.0.0.1", port=port))
    assert printer.status().code == "printer.unreachable"
    assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.unreachable")


def test_a_device_node_that_is_missing_is_unreachable_and_not_made_a_file(tmp_path: Path) -> None:
    from drivers.config import FilePrinterOptions

    missing = Path("/dev/usb/no-such-printer")
    printer = open_printer(FilePrinterOptions(driver="file", path=missing))
    assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.unreachable")
    assert not missing.exists()
