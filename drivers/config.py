"""Options of each kind of device, as they stand under ``devices`` in config.yaml; ``driver`` picks the kind."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SimulatedReaderOptions(_Options):
    driver: Literal["simulated"] = "simulated"
    latency_ms: Annotated[float, Field(ge=0)] = 15.0
    """What one exchange costs; a real contactless card needs 10 to 30 ms."""


class PcscReaderOptions(_Options):
    driver: Literal["pcsc"]
    reader: str = ""
    """Part of the reader's name as PC/SC lists it; empty takes the first one found."""

    silence_s: PositiveFloat = 5.0
    """How long one exchange may take before the card counts as mute."""


class SimulatedScannerOptions(_Options):
    driver: Literal["simulated"] = "simulated"


class CameraOptions(_Options):
    driver: Literal["camera"]
    source: str = "/dev/video0"
    """A V4L2 device, a video or picture file, an image sequence (``frames/%03d.png``) or an MJPEG address."""

    width_px: PositiveInt = 1280
    height_px: PositiveInt = 720
    stall_s: PositiveFloat = 3.0
    """How long the camera may give no picture before it is opened again."""


class SimulatedPrinterOptions(_Options):
    driver: Literal["simulated"] = "simulated"
    paper_width_mm: Literal[58, 80] = 80


class _EscposOptions(_Options):
    paper_width_mm: Literal[58, 80] = 80
    timeout_s: PositiveFloat = 5.0
    """How long one ticket may take before the kiosk shows its number on the screen instead."""

    profile: Literal[
        "generic",
        "generic-58",
        "no-native-qr",
        "write-only",
        "epson-tm-t20",
        "epson-tm-t82",
        "epson-tm-t88",
        "epson-tm-t88iii",
        "epson-tm-m30",
        "xprinter-80",
        "xprinter-58",
        "zywell-80",
        "star-escpos",
    ] = "generic"
    """What the model can do, see drivers/printer/profiles.py."""

    code_page: Literal["tcvn3"] | None = None
    """Text by code page instead of raster, only after a technician saw it right on a printed self-test."""


class NetworkPrinterOptions(_EscposOptions):
    driver: Literal["network"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 9100


class UsbPrinterOptions(_EscposOptions):
    driver: Literal["usb"]
    vendor_id: Annotated[int, Field(ge=0, le=0xFFFF)]
    product_id: Annotated[int, Field(ge=0, le=0xFFFF)]


class FilePrinterOptions(_EscposOptions):
    driver: Literal["file"]
    path: Path
    """A device node (``/dev/usb/lp0``) or a file that grows by each ticket's bytes."""


ReaderOptions = Annotated[SimulatedReaderOptions | PcscReaderOptions, Field(discriminator="driver")]
ScannerOptions = Annotated[SimulatedScannerOptions | CameraOptions, Field(discriminator="driver")]
PrinterOptions = Annotated[
    SimulatedPrinterOptions | NetworkPrinterOptions | UsbPrinterOptions | FilePrinterOptions,
    Field(discriminator="driver"),
]


class DeviceOptions(_Options):
    """The ``devices`` section: one of each; leave one out (``null``) where the kiosk has none."""

    card_reader: ReaderOptions | None = SimulatedReaderOptions()
    scanner: ScannerOptions | None = SimulatedScannerOptions()
    printer: PrinterOptions | None = SimulatedPrinterOptions()

    def simulated(self) -> tuple[str, ...]:
        """Return the paths of all simulated devices; a production profile refuses them."""
        chosen = {"card_reader": self.card_reader, "scanner": self.scanner, "printer": self.printer}
        return tuple(f"devices.{name}" for name, one in chosen.items() if one and one.driver == "simulated")
