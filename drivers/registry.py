"""Options to opened devices. Each driver is imported when it is chosen: a kiosk without a camera needs no OpenCV."""

from drivers.config import ScannerOptions, SimulatedScannerOptions
from drivers.scanner.base import Scanner


def open_scanner(options: ScannerOptions) -> Scanner:
    """Return the scanner of ``options``; a device that is away is retried inside and shows in its status."""
    if isinstance(options, SimulatedScannerOptions):
        from drivers.simulated.scanner import SimulatedScanner

        return SimulatedScanner(options)
    from drivers.scanner.camera import CameraScanner

    return CameraScanner(options)
