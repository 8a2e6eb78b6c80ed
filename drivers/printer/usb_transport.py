"""USB printers without a kernel driver in between; the only import of pyusb.

End points are found by their class and direction: the pair python-escpos assumes (82h in, 01h out) is wrong for many
printers. Time-outs go to pyusb in milliseconds.
"""

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.printer.transport import BackChannel

PRINTER_CLASS: Final = 7
_CHUNK: Final = 4096
"""Bytes of one bulk write: a printer without paper then blocks a short piece, and the time limit stays ours."""


@dataclass(frozen=True, slots=True)
class UsbPrinterFound:
    """A device with an interface of the printer class."""

    vendor_id: int
    product_id: int
    title: str


def find_usb_printers() -> tuple[UsbPrinterFound, ...]:
    """Return every printer on the bus; raises DeviceUnavailable where this machine has no USB at all."""
    return tuple(
        UsbPrinterFound(device.idVendor, device.idProduct, _title(device))
        for device in _devices()
        if _printer_interface(device) is not None
    )


class UsbTransport:
    """One printer by its vendor and product id (lsusb shows them)."""

    back_channel = BackChannel.TWO_WAY

    def __init__(self, vendor_id: int, product_id: int) -> None:
        self.name = f"usb {vendor_id:04x}:{product_id:04x}"
        self._ids = (vendor_id, product_id)
        self._device: Any = None  # usb.core.Device; pyusb has no types
        self._interface = 0
        self._out: Any = None
        self._in: Any = None

    def open(self) -> None:
        self.close()
        usb = _usb()
        device = next((d for d in _devices() if (d.idVendor, d.idProduct) == self._ids), None)
        if device is None:
            raise DeviceUnavailable(f"printer {self.name} is not plugged in or switched off")
        interface = _printer_interface(device)
        if interface is None:
            raise DeviceUnavailable(f"{self.name} has no interface of the printer class")
        try:
            self._claim(usb, device, interface)
        except usb.core.USBError as error:
            usb.util.dispose_resources(device)
            advice = "no permission, see the udev rules" if error.errno == errno.EACCES else str(error.strerror)
            raise DeviceUnavailable(f"printer {self.name} cannot be opened ({advice})") from error

    def send(self, data: bytes, timeout_s: float) -> None:
        usb = _usb()
        deadline = self.clock() + timeout_s
        for start in range(0, len(data), _CHUNK):
            left_ms = max(1, round((deadline - self.clock()) * 1000))
            try:
                self._endpoint(self._out).write(data[start : start + _CHUNK], left_ms)
            except usb.core.USBTimeoutError as error:
                raise DeviceTimeout(f"printer {self.name} takes no more bytes") from error
            except usb.core.USBError as error:
                raise DeviceUnavailable(f"printer {self.name} went away ({error.strerror})") from error

    def receive(self, timeout_s: float) -> bytes:
        usb = _usb()
        deadline = self.clock() + timeout_s
        while (left_s := deadline - self.clock()) > 0:
            try:
                data = bytes(self._endpoint(self._in).read(64, max(1, round(left_s * 1000))))
            except usb.core.USBTimeoutError:
                return b""
            except usb.core.USBError as error:
                raise DeviceUnavailable(f"printer {self.name} went away ({error.strerror})") from error
            if data:
                return data
            time.sleep(0.01)  # some printers answer "nothing" at once instead of waiting
        return b""

    def clock(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        if self._device is not None:
            device, self._device = self._device, None
            self._out = self._in = None
            _usb().util.dispose_resources(device)

    def _claim(self, usb: ModuleType, device: Any, interface: Any) -> None:
        number = interface.bInterfaceNumber
        try:
            if device.is_kernel_driver_active(number):
                device.detach_kernel_driver(number)
        except NotImplementedError:
            pass  # a back end without kernel drivers
        usb.util.claim_interface(device, number)
        out_point = _endpoint_of(usb, interface, usb.util.ENDPOINT_OUT)
        in_point = _endpoint_of(usb, interface, usb.util.ENDPOINT_IN)
        if out_point is None:
            raise DeviceUnavailable(f"{self.name} has no bulk end point to write to")
        self.back_channel = BackChannel.ONE_WAY if in_point is None else BackChannel.TWO_WAY
        self._device, self._interface, self._out, self._in = device, number, out_point, in_point

    def _endpoint(self, endpoint: Any) -> Any:
        if self._device is None or endpoint is None:
            raise DeviceUnavailable(f"printer {self.name} is not open")
        return endpoint


def _endpoint_of(usb: ModuleType, interface: Any, direction: int) -> Any:
    def matches(endpoint: Any) -> bool:
        is_bulk = usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK
        return bool(is_bulk and usb.util.endpoint_direction(endpoint.bEndpointAddress) == direction)

    return usb.util.find_descriptor(interface, custom_match=matches)


def _printer_interface(device: Any) -> Any:
    for configuration in device:
        for interface in configuration:
            if interface.bInterfaceClass == PRINTER_CLASS:
                return interface
    return None


def _devices() -> Iterator[Any]:
    usb = _usb()
    try:
        yield from usb.core.find(find_all=True)
    except usb.core.NoBackendError as error:
        raise DeviceUnavailable("USB cannot be used: install the package libusb-1.0-0") from error


def _title(device: Any) -> str:
    """Return maker and product as the device names them; empty where it may not be asked without permission."""
    usb = _usb()
    names = []
    for index in (device.iManufacturer, device.iProduct):
        try:
            names.append(usb.util.get_string(device, index) or "")
        except (usb.core.USBError, ValueError):
            names.append("")
    return " ".join(name.strip() for name in names if name.strip())


def _usb() -> ModuleType:
    import usb.core
    import usb.util

    module: ModuleType = usb
    return module
