"""Options to opened devices. Each driver is imported when it is chosen: a kiosk without a camera needs no OpenCV."""

from drivers.config import (
    CupsPrinterOptions,
    FilePrinterOptions,
    NetworkPrinterOptions,
    PrinterOptions,
    ReaderOptions,
    ScannerOptions,
    SerialPrinterOptions,
    SerialScannerOptions,
    SimulatedPrinterOptions,
    SimulatedReaderOptions,
    SimulatedScannerOptions,
    UsbPrinterOptions,
    WedgeScannerOptions,
)
from drivers.printer.base import Printer
from drivers.printer.transport import Transport
from drivers.scanner.base import Scanner
from drivers.smartcard.base import CardReader


def open_card_reader(options: ReaderOptions) -> CardReader:
    """Return the card reader of ``options``; one that is away counts as "no card" and shows in its status."""
    if isinstance(options, SimulatedReaderOptions):
        from drivers.simulated.reader import SimulatedCardReader

        return SimulatedCardReader(options)
    from drivers.smartcard.pcsc import PcscReader

    return PcscReader(options)


def open_scanner(options: ScannerOptions) -> Scanner:
    """Return the scanner of ``options``; a device that is away is retried inside and shows in its status."""
    if isinstance(options, SimulatedScannerOptions):
        from drivers.simulated.scanner import SimulatedScanner

        return SimulatedScanner(options)
    if isinstance(options, SerialScannerOptions):
        from drivers.scanner.serial_port import open_serial_scanner

        return open_serial_scanner(options)
    if isinstance(options, WedgeScannerOptions):
        from drivers.scanner.wedge import open_wedge_scanner

        return open_wedge_scanner(options)
    from drivers.scanner.camera import CameraScanner

    return CameraScanner(options)


def open_printer(options: PrinterOptions) -> Printer:
    """Return the printer of ``options``; one that is away shows in its status and outcomes, not here.

    Raises DeviceUnavailable when this machine has no font with the Vietnamese letters.
    """
    if isinstance(options, SimulatedPrinterOptions):
        from drivers.simulated.printer import SimulatedPrinter

        return SimulatedPrinter(options)
    from drivers.printer.profiles import PROFILES

    if isinstance(options, CupsPrinterOptions):
        from drivers.printer.cups_printer import CupsPrinter

        return CupsPrinter(
            options.queue,
            PROFILES[options.profile],
            paper_width_mm=options.paper_width_mm,
            timeout_s=options.timeout_s,
            by_code_page=options.code_page is not None,
        )
    from drivers.printer.escpos_printer import EscposPrinter

    return EscposPrinter(
        printer_transport(options),
        PROFILES[options.profile],
        driver=options.driver,
        paper_width_mm=options.paper_width_mm,
        timeout_s=options.timeout_s,
        by_code_page=options.code_page is not None,
    )


def printer_transport(
    options: NetworkPrinterOptions | UsbPrinterOptions | FilePrinterOptions | SerialPrinterOptions,
) -> Transport:
    """Return the way to the printer of ``options``, not opened yet."""
    match options:
        case SerialPrinterOptions(path=path, baud=baud, flow_control=flow_control):
            from drivers.printer.serial_transport import SerialTransport

            return SerialTransport(path, baud, flow_control)
        case NetworkPrinterOptions(host=host, port=port):
            from drivers.printer.transport import NetworkTransport

            return NetworkTransport(host, port)
        case UsbPrinterOptions(vendor_id=vendor_id, product_id=product_id):
            from drivers.printer.usb_transport import UsbTransport

            return UsbTransport(vendor_id, product_id)
        case FilePrinterOptions(path=path):
            from drivers.printer.transport import FileTransport

            return FileTransport(path)
