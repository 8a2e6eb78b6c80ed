"""The far ends of cables: simulated printers behind a pseudo terminal and on a USB bus."""

import contextlib
import errno
import os
import pty
import select
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import usb.backend
import usb.core

from drivers.simulated.printer_device import FAULTS, ConnectionLost, PrinterDevice

BULK, INTERRUPT = 2, 3


class PrinterOnTty:
    """A simulated printer at the far end of a pseudo terminal, as a cable to a serial or usblp node."""

    def __init__(self) -> None:
        self.device = PrinterDevice()
        self.far, self._near = pty.openpty()
        tty.setraw(self._near)
        self.path = Path(os.ttyname(self._near))
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            free = self.device.free_bytes
            if free and select.select([self.far], [], [], 0.02)[0]:
                data = os.read(self.far, free)
                with self._lock, contextlib.suppress(ConnectionLost):  # a cable stays in when the power goes
                    self.device.receive(data)
            with self._lock:
                answers = self.device.answers()
            if answers:
                os.write(self.far, answers)

    def set_fault(self, name: str | None) -> None:
        with self._lock:
            self.device.set_fault(FAULTS[name] if name is not None else None)

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        os.close(self.far)
        os.close(self._near)


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
