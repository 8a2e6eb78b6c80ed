"""The kiosk's own reader, scanner and printer."""

from dataclasses import dataclass

from drivers import registry
from drivers.config import DeviceOptions
from drivers.printer.base import Printer
from drivers.scanner.base import Scanner
from drivers.smartcard.base import CardReader


@dataclass(frozen=True, slots=True)
class Devices:
    """One of each; None where the kiosk has none."""

    reader: CardReader | None = None
    scanner: Scanner | None = None
    printer: Printer | None = None

    def close(self) -> None:
        for device in (self.reader, self.scanner, self.printer):
            if device is not None:
                device.close()


def open_devices(options: DeviceOptions) -> Devices:
    """Open what config.yaml names. A device that is away is opened all the same, and says so in its status."""
    return Devices(
        reader=registry.open_card_reader(options.card_reader) if options.card_reader else None,
        scanner=registry.open_scanner(options.scanner) if options.scanner else None,
        printer=registry.open_printer(options.printer) if options.printer else None,
    )
