"""The ``simulated`` printer: the real ESC/POS driver, with a misbehaving printer instead of a cable behind it."""

import threading
from typing import Final

from drivers.config import SimulatedPrinterOptions
from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceStatus
from drivers.printer.base import PrintOutcome
from drivers.printer.document import Document
from drivers.printer.escpos_printer import EscposPrinter
from drivers.printer.profiles import PROFILES, WIDTH_DOTS
from drivers.printer.transport import BackChannel
from drivers.simulated.printer_device import FAULTS, ConnectionLost, PrinterDevice
from drivers.simulated.printer_paper import PrintedTicket

_PROFILE: Final = "epson-tm-t82"
_TICK_S: Final = 0.05


class SimulatedTransport:
    """A cable to a PrinterDevice in the same process. Time passes only where the driver waits, and takes no time."""

    back_channel = BackChannel.TWO_WAY

    def __init__(self, device: PrinterDevice, lock: threading.Lock, name: str = "simulated printer") -> None:
        self.name = name
        self._device = device
        self._lock = lock
        self._seconds = 0.0
        self._is_open = False

    def open(self) -> None:
        with self._lock:
            if not self._device.is_reachable:
                raise DeviceUnavailable(f"printer {self.name} cannot be reached (unplugged)")
            self._device.connected()
            self._is_open = True

    def send(self, data: bytes, timeout_s: float) -> None:
        deadline = self._seconds + timeout_s
        while data:
            taken = self._offer(data)
            data = data[taken:]
            if data and not taken:
                if self._seconds >= deadline:
                    raise DeviceTimeout(f"printer {self.name} takes no more bytes")
                self._pass_time()

    def receive(self, timeout_s: float) -> bytes:
        deadline = self._seconds + timeout_s
        while not (answers := self._answers()) and self._seconds < deadline:
            self._pass_time()
        return answers

    def clock(self) -> float:
        return self._seconds

    def close(self) -> None:
        self._is_open = False

    def _offer(self, data: bytes) -> int:
        with self._lock:
            self._check()
            part = data[: self._device.free_bytes]
            try:
                self._device.receive(part)
            except ConnectionLost as loss:
                raise self._lost(loss) from loss
            return len(part)

    def _answers(self) -> bytes:
        with self._lock:
            self._check()
            return self._device.answers()

    def _pass_time(self) -> None:
        self._seconds += _TICK_S
        with self._lock:
            try:
                self._device.work(_TICK_S)
            except ConnectionLost as loss:
                raise self._lost(loss) from loss

    def _check(self) -> None:
        if not self._is_open or not self._device.is_reachable:
            self._is_open = False
            raise DeviceUnavailable(f"the connection to printer {self.name} broke")

    def _lost(self, loss: ConnectionLost) -> DeviceUnavailable:
        self._is_open = False
        return DeviceUnavailable(f"the connection to printer {self.name} broke ({loss.loss})")


class SimulatedPrinter:
    """A Printer for demonstration, training and tests; everything but the cable is the real driver."""

    def __init__(
        self, options: SimulatedPrinterOptions, *, timeout_s: float = 5.0, device: PrinterDevice | None = None
    ) -> None:
        """``device`` is a printer that stands there already; a new one by default."""
        self._lock = threading.Lock()
        self.device = device or PrinterDevice(width_dots=WIDTH_DOTS[options.paper_width_mm])
        self._driver = EscposPrinter(
            SimulatedTransport(self.device, self._lock),
            PROFILES[_PROFILE],
            driver="simulated",
            paper_width_mm=options.paper_width_mm,
            timeout_s=timeout_s,
        )
        self.name = self._driver.name

    def print(self, document: Document) -> PrintOutcome:
        return self._driver.print(document)

    def status(self) -> DeviceStatus:
        return self._driver.status()

    def close(self) -> None:
        self._driver.close()

    def set_fault(self, name: str | None) -> None:
        """Put the printer into one of FAULTS, or mend it (None). Raises KeyError for another name. Any thread."""
        with self._lock:
            self.device.set_fault(FAULTS[name] if name is not None else None)

    @property
    def fault(self) -> str | None:
        """Return the name in FAULTS of what is wrong now. Any thread."""
        with self._lock:
            fault = self.device.fault
        return next((name for name, one in FAULTS.items() if one is fault), None)

    def tickets(self) -> tuple[PrintedTicket, ...]:
        """Return the last pieces of paper, newest first, at most 50. Any thread."""
        with self._lock:
            return self.device.tickets()
