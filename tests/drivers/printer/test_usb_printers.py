"""USB printers: the real pyusb and the real transport, over a bus whose devices are simulated descriptors."""

import errno
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import usb.backend
import usb.backend.libusb1
import usb.core

from drivers.config import UsbPrinterOptions
from drivers.health import DeviceState
from drivers.printer.base import PrintOutcome, PrintState
from drivers.printer.document import BigNumber, Document, QrCode, Text
from drivers.printer.usb_transport import UsbPrinterFound, find_usb_printers
from drivers.registry import open_printer
from drivers.simulated.printer_device import FAULTS, ConnectionLost, PrinterDevice

TICKET = Document("test ticket", (BigNumber("A012"), Text("Xin quý vị ngồi chờ."), QrCode("TD1:0123456789ABCDEFGHJK")))
PRINTED = PrintOutcome(PrintState.PRINTED)
BULK, INTERRUPT = 2, 3


class UsbDevice:
    """One device with one interface; ``endpoints``: (address, attributes)."""

    def __init__(self, interface_class: int, endpoints: tuple[tuple[int, int], ...], product: int = 0x0E15) -> None:
        self.interface_class = interface_class
        self.endpoints = endpoints
        self.product = product
        self.printer = PrinterDevice()
        self.kernel_driver = True
        self.claimed = False
        self.no_permission = False


class Bus(usb.backend.IBackend):  # type: ignore[misc]  # pyusb has no types
    """What libusb would show; every printer hangs on bulk end points."""

    def __init__(self, *devices: UsbDevice) -> None:
        super().__init__()
        self.devices = list(devices)

    def enumerate_devices(self) -> Iterator[UsbDevice]:
        return iter(self.devices)

    def get_device_descriptor(self, dev: UsbDevice) -> Any:
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
            bMaxPacketSize0=64, idVendor=0x04B8, idProduct=dev.product, bcdDevice=0x100, iManufacturer=0, iProduct=0,
            iSerialNumber=0, bNumConfigurations=1, address=5, bus=1, port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, dev: UsbDevice, config: int) -> Any:
        if config:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=32, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
            bmAttributes=0xC0, bMaxPower=1, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, dev: UsbDevice, intf: int, alt: int, config: int) -> Any:
        if intf or alt:
            raise IndexError
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=len(dev.endpoints),
            bInterfaceClass=dev.interface_class, bInterfaceSubClass=1, bInterfaceProtocol=2, iInterface=0,
            extra_descriptors=[],
        )  # fmt: skip

    def get_endpoint_descriptor(self, dev: UsbDevice, ep: int, intf: int, alt: int, config: int) -> Any:
        address, attributes = dev.endpoints[ep]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=address, bmAttributes=attributes, wMaxPacketSize=64,
            bInterval=0, bRefresh=0, bSynchAddress=0, extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: UsbDevice) -> UsbDevice:
        if dev.no_permission:
            raise usb.core.USBError("Access denied (insufficient permissions)", -3, errno.EACCES)
        dev.printer.connected()
        return dev

    def close_device(self, dev_handle: UsbDevice) -> None:
        pass

    def get_configuration(self, dev_handle: UsbDevice) -> int:
        return 1

    def is_kernel_driver_active(self, dev_handle: UsbDevice, intf: int) -> bool:
        return dev_handle.kernel_driver

    def detach_kernel_driver(self, dev_handle: UsbDevice, intf: int) -> None:
        dev_handle.kernel_driver = False

    def claim_interface(self, dev_handle: UsbDevice, intf: int) -> None:
        if dev_handle.kernel_driver:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        dev_handle.claimed = True

    def release_interface(self, dev_handle: UsbDevice, intf: int) -> None:
        dev_handle.claimed = False

    def bulk_write(self, dev_handle: UsbDevice, ep: int, intf: int, data: Any, timeout: int) -> int:
        if dev_handle not in self.devices:
            raise usb.core.USBError("No such device (it may have been disconnected)", -4, errno.ENODEV)
        if (ep, BULK) not in dev_handle.endpoints or not dev_handle.claimed:
            raise usb.core.USBError("Entity not found", -5, errno.ENOENT)
        if len(data) > dev_handle.printer.free_bytes:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        try:
            dev_handle.printer.receive(bytes(data))
        except ConnectionLost as loss:
            self.devices.remove(dev_handle)
            raise usb.core.USBError("Input/Output Error", -1, errno.EIO) from loss
        return len(data)

    def bulk_read(self, dev_handle: UsbDevice, ep: int, intf: int, buff: Any, timeout: int) -> int:
        answers = dev_handle.printer.answers()
        if not answers:
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        buff[: len(answers)] = type(buff)("B", answers)
        return len(answers)


MOUSE = UsbDevice(3, ((0x81, INTERRUPT),), product=0xC077)


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> UsbDevice:
    """A printer whose end points are not those python-escpos assumes (82h and 01h), beside a mouse."""
    printer = UsbDevice(7, ((0x83, INTERRUPT), (0x81, BULK), (0x02, BULK)))
    bus = Bus(MOUSE, printer)
    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda find_library=None: bus)
    return printer


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
