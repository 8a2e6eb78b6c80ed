"""The kiosk's own reader, scanner and printer."""

from collections.abc import Iterator
from dataclasses import dataclass

from drivers.health import DeviceStatus
from drivers.printer.base import Printer
from drivers.scanner.base import Scanner
from drivers.smartcard.base import CardReader


@dataclass(frozen=True, slots=True)
class Devices:
    """One of each; None where the kiosk has none."""

    reader: CardReader | None = None
    scanner: Scanner | None = None
    printer: Printer | None = None

    def statuses(self) -> Iterator[DeviceStatus]:
        """Ask each device how it is; a printer may take a second or two."""
        for device in (self.reader, self.scanner, self.printer):
            if device is not None:
                yield device.status()

    def close(self) -> None:
        for device in (self.reader, self.scanner, self.printer):
            if device is not None:
                device.close()
