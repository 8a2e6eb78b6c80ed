"""Printers at the end of a cable."""

from collections.abc import Iterator

import pytest
import usb.backend.libusb1

from tests.support.printer_ends import BULK, INTERRUPT, Bus, PrinterOnTty, UsbDevice


@pytest.fixture
def tty_printer() -> Iterator[PrinterOnTty]:
    """A printer behind a pseudo terminal."""
    printer = PrinterOnTty()
    yield printer
    printer.stop()


@pytest.fixture
def plugged_in(monkeypatch: pytest.MonkeyPatch) -> UsbDevice:
    """A USB printer whose end points are not those python-escpos assumes (82h and 01h), beside a mouse."""
    mouse = UsbDevice(3, ((0x81, INTERRUPT),), product=0xC077)
    printer = UsbDevice(7, ((0x83, INTERRUPT), (0x81, BULK), (0x02, BULK)))
    bus = Bus(mouse, printer)
    monkeypatch.setattr(usb.backend.libusb1, "get_backend", lambda find_library=None: bus)
    return printer
