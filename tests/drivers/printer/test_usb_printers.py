"""USB printers: the real pyusb and the real transport, over a bus whose devices are simulated descriptors."""

from typing import Any

import pytest

from drivers.config import UsbPrinterOptions
from drivers.health import DeviceState
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import BigNumber, Document, QrCode, Text
from drivers.printer.usb_transport import UsbPrinterFound, find_usb_printers
from drivers.registry import open_printer
from drivers.simulated.printer_device import FAULTS
from tests.support.printer_ends import BULK, UsbDevice

TICKET = Document("test ticket", (BigNumber("A012"), Text("Xin quý vị ngồi chờ."), QrCode("TD1:0123456789ABCDEFGHJK")))
PRINTED = PrintOutcome(PrintState.PRINTED)


def options(product: int = 0x0E15) -> UsbPrinterOptions:
    return UsbPrinterOptions(driver="usb", vendor_id=0x04B8, product_id=product, timeout_s=0.5)


def test_only_devices_with_a_printer_interface_are_found(plugged_in: UsbDevice) -> None:
    assert find_usb_printers() == (UsbPrinterFound(0x04B8, 0x0E15, ""),)


def test_a_ticket_goes_through_the_end_points_the_device_names(plugged_in: UsbDevice) -> None:
    printer = open_printer(options())
    assert printer.status().state is DeviceState.READY
    assert printer.print(TICKET) == PRINTED
    assert [ticket.whole for ticket in plugged_in.printer.tickets()] == [True]
    assert plugged_in.printer.violations == ()


def test_the_kernel_s_own_driver_is_moved_aside_and_the_interface_given_back(plugged_in: UsbDevice) -> None:
    assert plugged_in.kernel_driver
    open_printer(options()).print(TICKET)
    assert not plugged_in.kernel_driver
    assert not plugged_in.claimed


@pytest.mark.parametrize("fault", ["paper-out", "cover-open", "offline"])
def test_trouble_is_told_as_over_any_other_way(plugged_in: UsbDevice, fault: str) -> None:
    plugged_in.printer.set_fault(FAULTS[fault])
    outcome = open_printer(options()).print(TICKET)
    assert outcome == PrintOutcome(PrintState.FAILED, f"printer.{fault.replace('-', '_')}")


def test_a_cable_pulled_in_mid_ticket_leaves_it_unsure(plugged_in: UsbDevice) -> None:
    plugged_in.printer.set_fault(FAULTS["drop"])
    assert open_printer(options()).print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.unreachable")


def test_a_printer_that_takes_no_more_bytes_is_given_up_in_time(plugged_in: UsbDevice) -> None:
    plugged_in.printer.set_fault(FAULTS["hang-in-ticket"])
    long = Document("long", TICKET.blocks * 12)
    assert open_printer(options()).print(long) == PrintOutcome(PrintState.UNSURE, "printer.silent")


def test_a_printer_without_an_end_point_to_read_from_is_never_sure(plugged_in: UsbDevice) -> None:
    plugged_in.endpoints = ((0x02, BULK),)
    assert open_printer(options()).print(TICKET) == PrintOutcome(PrintState.UNSURE, "printer.silent")


@pytest.mark.parametrize(
    ("product", "sentence"),
    [
        (0x0202, "printer usb 04b8:0202 is not plugged in or switched off"),
        (0xC077, "usb 04b8:c077 has no interface of the printer class"),
    ],
)
def test_what_is_no_printer_or_not_there_is_said(plugged_in: UsbDevice, product: int, sentence: str) -> None:
    status = open_printer(options(product)).status()
    assert (status.code, status.detail) == ("printer.unreachable", sentence)


def test_missing_permission_is_told_with_its_remedy(plugged_in: UsbDevice) -> None:
    plugged_in.no_permission = True
    assert "udev" in open_printer(options()).status().detail


def test_a_machine_without_libusb_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(find_library: Any = None) -> None:
        return None

    for name in ("libusb1", "libusb0", "openusb"):
        module = __import__(f"usb.backend.{name}", fromlist=["get_backend"])
        monkeypatch.setattr(module, "get_backend", nothing)
    assert "libusb-1.0-0" in open_printer(options()).status().detail
