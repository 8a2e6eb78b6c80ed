"""One class of tests over every way to a printer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from drivers.config import (
    FilePrinterOptions,
    NetworkPrinterOptions,
    PrinterOptions,
    SerialPrinterOptions,
    SimulatedPrinterOptions,
    UsbPrinterOptions,
)
from drivers.errors import MalformedData
from drivers.health import DeviceKind, DeviceState
from drivers.printer.base import Printer, PrintOutcome, PrintState
from drivers.printer.document import Align, BigNumber, Columns, Document, QrCode, Rule, Space, Text, TextSize
from drivers.registry import open_printer
from drivers.simulated.printer import SimulatedPrinter
from drivers.simulated.printer_device import PrinterDevice
from drivers.simulated.printer_paper import PrintedTicket
from drivers.simulated.printer_server import PrinterServer
from tests.support.printer_ends import PrinterOnTty, UsbDevice

TICKET = Document(
    "test ticket",
    (
        Text("BỆNH VIỆN ĐA KHOA HUYỆN YÊN BÌNH", align=Align.CENTER, bold=True),
        BigNumber("A012"),
        Columns("Nguyễn Thị Hằng", "1949", TextSize.LARGE),
        Rule(),
        Space(3),
        QrCode("TD1:0123456789ABCDEFGHJK"),
    ),
)
PRINTED = PrintOutcome(PrintState.PRINTED)


class Setting(Protocol):
    """A printer and the paper that comes out of it."""

    printer: Printer

    def tickets(self) -> tuple[PrintedTicket, ...]: ...

    def violations(self) -> tuple[str, ...]: ...


class InProcess:
    def __init__(self) -> None:
        self.printer = open_printer(SimulatedPrinterOptions())

    def tickets(self) -> tuple[PrintedTicket, ...]:
        assert isinstance(self.printer, SimulatedPrinter)
        return self.printer.tickets()

    def violations(self) -> tuple[str, ...]:
        assert isinstance(self.printer, SimulatedPrinter)
        return self.printer.device.violations


class OverNetwork:
    def __init__(self, server: PrinterServer) -> None:
        self.server = server
        self.printer = open_printer(
            NetworkPrinterOptions(driver="network", host="127.0.0.1", port=server.port, profile="epson-tm-t20")
        )

    def tickets(self) -> tuple[PrintedTicket, ...]:
        return self.server.tickets()

    def violations(self) -> tuple[str, ...]:
        return self.server.device.violations


class IntoFile:
    """What stands in the file is printed by a device of its own, to see what paper would show."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.printer = open_printer(FilePrinterOptions(driver="file", path=path))

    def _paper(self) -> PrinterDevice:
        device = PrinterDevice()
        data = self.path.read_bytes() if self.path.exists() else b""
        while data:
            part, data = data[: device.free_bytes], data[device.free_bytes :]
            device.receive(part)
        return device

    def tickets(self) -> tuple[PrintedTicket, ...]:
        return self._paper().tickets()

    def violations(self) -> tuple[str, ...]:
        return self._paper().violations


class AtTheEndOfACable:
    def __init__(self, options: PrinterOptions, device: PrinterDevice) -> None:
        self.printer = open_printer(options)
        self.device = device

    def tickets(self) -> tuple[PrintedTicket, ...]:
        return self.device.tickets()

    def violations(self) -> tuple[str, ...]:
        return self.device.violations


@pytest.fixture(params=["simulated", "network", "file", "device-node", "serial", "usb"])
def setting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Setting]:
    if request.param == "simulated":
        yield InProcess()
    elif request.param == "file":
        yield IntoFile(tmp_path / "tickets.escpos")
    elif request.param == "network":
        with PrinterServer(PrinterDevice()) as server:
            yield OverNetwork(server)
    elif request.param == "usb":
        plugged_in: UsbDevice = request.getfixturevalue("plugged_in")
        options = UsbPrinterOptions(driver="usb", vendor_id=0x04B8, product_id=plugged_in.product)
        yield AtTheEndOfACable(options, plugged_in.printer)
    else:
        tty: PrinterOnTty = request.getfixturevalue("tty_printer")
        node = FilePrinterOptions(driver="file", path=tty.path)
        port = SerialPrinterOptions(driver="serial", path=tty.path, flow_control="none")
        yield AtTheEndOfACable(node if request.param == "device-node" else port, tty.device)


class TestEveryPrinter:
    def test_a_printed_ticket_is_whole_and_its_code_can_be_read(self, setting: Setting) -> None:
        assert setting.printer.print(TICKET) == PRINTED
        [ticket] = setting.tickets()
        assert ticket.whole
        assert ticket.qr == "TD1:0123456789ABCDEFGHJK"
        assert setting.violations() == ()

    def test_each_ticket_is_a_piece_of_its_own_and_looks_like_the_one_before(self, setting: Setting) -> None:
        for _ in range(3):
            assert setting.printer.print(TICKET) == PRINTED
        tickets = setting.tickets()
        assert [ticket.whole for ticket in tickets] == [True, True, True]
        assert len({ticket.png for ticket in tickets}) == 1

    def test_a_sound_printer_says_it_is_ready(self, setting: Setting) -> None:
        status = setting.printer.status()
        assert (status.kind, status.state, status.code) == (DeviceKind.PRINTER, DeviceState.READY, "ok")
        assert status.name == setting.printer.name

    def test_the_time_of_a_state_stays_while_nothing_changes(self, setting: Setting) -> None:
        assert setting.printer.status().since == setting.printer.status().since

    def test_a_name_that_carries_commands_prints_as_letters_only(self, setting: Setting) -> None:
        hostile = Document("hostile", (Text("Trần\x1d\x56\x00\x1b@ Bình\x10\x04\x01\u202e"),))
        tame = Document("tame", (Text("TrầnV@ Bình"),))
        assert setting.printer.print(hostile) == PRINTED
        assert setting.printer.print(tame) == PRINTED
        one, other = setting.tickets()
        assert one.png == other.png
        assert setting.violations() == ()

    @pytest.mark.parametrize(
        ("block", "reason"),
        [
            (BigNumber("Ă012"), "the printer's own big letters are ASCII"),
            (BigNumber("A0123456789"), "does not fit the paper"),
            (BigNumber(""), "nothing to show"),
            (QrCode("TD1:\x1d"), "a control character"),
            (QrCode("x" * 201), "too long"),
        ],
    )
    def test_a_block_outside_its_limits_is_refused_before_anything_is_sent(
        self, setting: Setting, block: BigNumber | QrCode, reason: str
    ) -> None:
        with pytest.raises(MalformedData):
            setting.printer.print(Document("broken", (Text("nothing of this may come out"), block)))
        assert setting.tickets() == (), reason

    def test_closing_twice_does_no_harm_and_the_next_ticket_opens_it_again(self, setting: Setting) -> None:
        setting.printer.close()
        setting.printer.close()
        assert setting.printer.print(TICKET) == PRINTED
