"""Serial ports and device nodes (a printer behind a pseudo terminal), CUPS (stand-ins for its programs), discovery."""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from drivers.config import CupsPrinterOptions, FilePrinterOptions, NetworkPrinterOptions, SerialPrinterOptions
from drivers.errors import DeviceUnavailable
from drivers.health import DeviceState
from drivers.printer import discovery
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import BigNumber, Document, QrCode, Text
from drivers.printer.profiles import PROFILES, Proof
from drivers.printer.transport import FileTransport, NetworkTransport
from drivers.printer.usb_transport import UsbPrinterFound
from drivers.registry import open_printer
from drivers.simulated.printer_device import PrinterDevice
from drivers.simulated.printer_server import PrinterServer
from tests.support.printer_ends import PrinterOnTty

TICKET = Document("test ticket", (BigNumber("A012"), Text("Xin quý vị ngồi chờ."), QrCode("TD1:0123456789ABCDEFGHJK")))
PRINTED = PrintOutcome(PrintState.PRINTED)


class TestSerialPort:
    def test_a_ticket_is_printed_whole_and_proved(self, tty_printer: PrinterOnTty) -> None:
        printer = open_printer(SerialPrinterOptions(driver="serial", path=tty_printer.path, flow_control="none"))
        assert printer.status().state is DeviceState.READY
        assert printer.print(TICKET) == PRINTED
        assert [ticket.whole for ticket in tty_printer.device.tickets()] == [True]
        assert tty_printer.device.violations == ()

    def test_trouble_is_told_as_over_any_other_way(self, tty_printer: PrinterOnTty) -> None:
        tty_printer.set_fault("cover-open")
        printer = open_printer(SerialPrinterOptions(driver="serial", path=tty_printer.path, flow_control="none"))
        assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.cover_open")

    def test_a_port_that_is_not_there_is_unreachable(self, tmp_path: Path) -> None:
        printer = open_printer(SerialPrinterOptions(driver="serial", path=tmp_path / "ttyUSB0"))
        assert printer.status().code == "printer.unreachable"
        assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.unreachable")

    @pytest.mark.parametrize("baud", [9600, 19200])
    def test_a_slow_line_is_refused_for_drawn_text_with_the_seconds_it_would_take(self, baud: int) -> None:
        with pytest.raises(ValidationError, match=rf"at {baud} baud a drawn ticket takes (18|9) s and more"):
            SerialPrinterOptions.model_validate({"driver": "serial", "path": "/dev/ttyS0", "baud": baud})

    def test_a_slow_line_is_taken_with_a_code_page_that_the_model_has(self) -> None:
        told = {"driver": "serial", "path": "/dev/ttyS0", "baud": 9600, "code_page": "tcvn3"}
        assert SerialPrinterOptions.model_validate(told | {"profile": "epson-tm-t82"}).baud == 9600
        with pytest.raises(ValidationError, match="generic has no code page"):
            SerialPrinterOptions.model_validate(told)


class TestDeviceNode:
    @pytest.mark.parametrize("profile", ["generic", "epson-tm-t82"])
    def test_the_late_answer_of_a_torn_ticket_does_not_prove_the_next_one(
        self, tty_printer: PrinterOnTty, profile: str
    ) -> None:
        """The first ticket ends after its paper was changed; the second is lost with the printer's power."""
        printer = open_printer(FilePrinterOptions(driver="file", path=tty_printer.path, timeout_s=1.0, profile=profile))
        assert printer.print(TICKET) == PRINTED
        tty_printer.set_fault("paper-out-in-ticket")
        assert printer.print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.paper_out")
        tty_printer.set_fault(None)
        tty_printer.set_fault("power-cycle")
        assert printer.print(TICKET).state is not PrintState.PRINTED
        assert [ticket.whole for ticket in tty_printer.device.tickets()].count(True) == 1

    def test_a_character_device_is_asked_and_proves_its_ticket(self, tty_printer: PrinterOnTty) -> None:
        printer = open_printer(FilePrinterOptions(driver="file", path=tty_printer.path))
        assert printer.print(TICKET) == PRINTED
        assert [ticket.whole for ticket in tty_printer.device.tickets()] == [True]

    def test_a_roll_changed_while_the_ticket_is_still_being_sent_is_not_overlooked(
        self, tty_printer: PrinterOnTty
    ) -> None:
        """The proof comes in time, and the ticket is in two pieces."""
        printer = open_printer(FilePrinterOptions(driver="file", path=tty_printer.path, profile="epson-tm-t82"))
        assert printer.print(TICKET) == PRINTED
        tty_printer.set_fault("paper-out-in-ticket")
        long = Document("longer than the printer's and the line's buffers", TICKET.blocks * 24)
        hand = threading.Timer(0.5, tty_printer.set_fault, [None])
        hand.start()
        assert printer.print(long) == PrintOutcome(PrintState.UNSURE, "printer.paper_out")
        hand.join()

    def test_a_node_that_takes_no_more_bytes_is_given_up_in_time(self, tty_printer: PrinterOnTty) -> None:
        printer = open_printer(FilePrinterOptions(driver="file", path=tty_printer.path, timeout_s=0.5))
        tty_printer.set_fault("hang-in-ticket")
        assert printer.print(Document("long", TICKET.blocks * 12)) == PrintOutcome(PrintState.UNSURE, "printer.silent")


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValidationError, match=r"no such profile; there are generic.*epson-tm-t82"):
        NetworkPrinterOptions.model_validate({"driver": "network", "host": "10.0.0.9", "profile": "espon"})


# --- CUPS ---------------------------------------------------------------------------------------------------------

_STAND_INS = {
    "lp": 'cat > "$CUPS_DIR/job.bytes"; touch "$CUPS_DIR/waiting"; echo "request id is counter-7 (1 file(s))"',
    "cancel": 'rm -f "$CUPS_DIR/waiting"; echo "$1" > "$CUPS_DIR/cancelled"',
    "lpstat": """
case "$*" in
  *not-completed*)
    if [ -f "$CUPS_DIR/waiting" ]; then
      echo "counter-7  kiosk  20480  Mon 23 Nov 2026 06:47:00"; [ -f "$CUPS_DIR/stuck" ] || rm "$CUPS_DIR/waiting"
    fi ;;
  *counter*) cat "$CUPS_DIR/state" ;;
  "-p") printf 'printer counter is idle.\\nprinter office disabled since Monday -\\n' ;;
  *) echo "lpstat: Invalid destination name in list" >&2; exit 1 ;;
esac
""",
}
_IDLE = "printer counter is idle.  enabled since Mon 23 Nov 2026 06:00:00\n\tAlerts: {alerts}\n"


@pytest.fixture
def cups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return a function that sets what ``lpstat -l -p counter`` says, and gives the folder of traces."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in _STAND_INS.items():
        program = programs / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUPS_DIR", str(tmp_path))

    def says(state: str) -> Path:
        (tmp_path / "state").write_text(state)
        return tmp_path

    return says


class TestCups:
    OPTIONS = CupsPrinterOptions(driver="cups", queue="counter", timeout_s=30.0)  # it starts several programs

    def test_a_job_that_was_passed_on_while_nothing_is_wrong_counts_as_printed(
        self, cups: Callable[[str], Path]
    ) -> None:
        folder = cups(_IDLE.format(alerts="none"))
        assert open_printer(self.OPTIONS).print(TICKET) == PRINTED
        device = PrinterDevice()
        device.receive((folder / "job.bytes").read_bytes())
        assert [ticket.whole for ticket in device.tickets()] == [True]

    @pytest.mark.parametrize(
        ("state", "code"),
        [
            (_IDLE.format(alerts="media-empty-error"), "printer.paper_out"),
            (_IDLE.format(alerts="cover-open-report"), "printer.cover_open"),
            (_IDLE.format(alerts="offline-report"), "printer.offline"),
            ("printer counter disabled since Mon 23 Nov 2026 -\n\tUnplugged\n", "printer.offline"),
        ],
    )
    def test_a_queue_in_trouble_is_told_and_gets_no_job(
        self, cups: Callable[[str], Path], state: str, code: str
    ) -> None:
        folder = cups(state)
        printer = open_printer(self.OPTIONS)
        assert printer.status().code == code
        assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, code)
        assert not (folder / "job.bytes").exists()

    def test_low_paper_is_told_and_printed_on(self, cups: Callable[[str], Path]) -> None:
        cups(_IDLE.format(alerts="media-low-warning"))
        printer = open_printer(self.OPTIONS)
        assert (printer.status().state, printer.status().code) == (DeviceState.ATTENTION, "printer.paper_near_end")
        assert printer.print(TICKET) == PRINTED

    def test_a_job_that_gets_stuck_is_unsure_and_taken_back(self, cups: Callable[[str], Path]) -> None:
        folder = cups(_IDLE.format(alerts="none"))
        (folder / "stuck").touch()
        impatient = self.OPTIONS.model_copy(update={"timeout_s": 0.5})
        assert open_printer(impatient).print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.silent")
        assert (folder / "cancelled").read_text() == "counter-7\n"

    def test_a_queue_nobody_knows_is_unreachable(self, cups: Callable[[str], Path]) -> None:
        cups("")
        printer = open_printer(CupsPrinterOptions(driver="cups", queue="other"))
        assert printer.status().code == "printer.unreachable"
        assert printer.print(TICKET) == PrintOutcome(PrintState.FAILED, "printer.unreachable")

    def test_a_machine_without_cups_says_so(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        status = open_printer(self.OPTIONS).status()
        assert status.code == "printer.unreachable"
        assert "cups-client" in status.detail

    @pytest.mark.parametrize("queue", ["-o raw", "a b", "", "x;reboot"])
    def test_a_queue_s_name_cannot_carry_options(self, queue: str) -> None:
        with pytest.raises(ValidationError):
            CupsPrinterOptions(driver="cups", queue=queue)


# --- discovery ----------------------------------------------------------------------------------------------------


def test_usb_printers_nodes_and_queues_are_found_by_the_names_print_test_takes(
    tmp_path: Path, cups: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "usb").mkdir()
    (tmp_path / "usb" / "lp0").touch()
    monkeypatch.setattr(discovery, "find_usb_printers", lambda: (UsbPrinterFound(0x04B8, 0x0E15, "EPSON TM-T20II"),))
    assert discovery.find_printers(tmp_path) == (
        discovery.FoundPrinter("usb:04b8:0e15", "EPSON TM-T20II"),
        discovery.FoundPrinter(str(tmp_path / "usb" / "lp0")),
        discovery.FoundPrinter("cups:counter"),
        discovery.FoundPrinter("cups:office"),
    )


def test_the_strongest_proof_of_an_unknown_printer_is_found_out() -> None:
    with PrinterServer(PrinterDevice()) as server:
        assert discovery.strongest_proof(NetworkTransport("127.0.0.1", server.port)) is Proof.PROCESS_ID
        server.set_fault("offline")  # answers in real time only
        assert discovery.strongest_proof(NetworkTransport("127.0.0.1", server.port)) is Proof.REAL_TIME


def test_a_file_proves_nothing_and_a_missing_host_is_said_to_be_missing(tmp_path: Path) -> None:
    assert discovery.strongest_proof(FileTransport(tmp_path / "tickets")) is Proof.NOTHING
    with PrinterServer(PrinterDevice()) as gone:
        port = gone.port
    with pytest.raises(DeviceUnavailable):
        discovery.strongest_proof(NetworkTransport("127.0.0.1", port))


def test_every_profile_prints_a_whole_ticket_on_both_widths() -> None:
    from drivers.printer.escpos import encode

    for profile in PROFILES.values():
        for width in (80, 58):
            device = PrinterDevice(width_dots=profile.width_dots(width))
            device.receive(encode(TICKET, profile, width))
            assert device.violations == ()
            assert len(device.tickets()) == profile.has_cutter
