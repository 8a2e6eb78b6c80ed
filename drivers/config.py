"""Options of each kind of device, as they stand under ``devices`` in config.yaml; ``driver`` picks the kind."""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from drivers.printer.profiles import PROFILES


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
    exposure: PositiveInt | None = None
    """In the camera's own unit (V4L2: 0.1 ms); automatic when left out."""

    focus: Annotated[int, Field(ge=0)] | None = None
    """In the camera's own unit; automatic when left out. Fixed, it reads sooner where cards are held at one place."""

    stall_s: PositiveFloat = 3.0
    """How long the camera may give no picture before it is opened again."""


class SerialScannerOptions(_Options):
    driver: Literal["serial"]
    port: str = "/dev/ttyACM0"
    """A USB imager in its CDC (serial) mode, or a serial port; best a name below ``/dev/serial/by-id``."""

    baud: PositiveInt = 9600
    """Without meaning for USB-CDC."""

    suffix: Literal["line", "tab", "none"] = "line"
    """What ends a code: CR or LF, TAB, or silence alone. Silence always ends one."""

    silence_s: PositiveFloat = 0.2
    encoding: Literal["utf-8", "latin-1", "cp1252", "cp1258", "gb18030"] = "utf-8"
    """What the imager was set to send; ``utf-8`` also for "original bytes"."""


class WedgeScannerOptions(_Options):
    driver: Literal["wedge"]
    device: str
    """The keyboard device of an imager that types, below ``/dev/input/by-id``. It is taken from the desktop, so that a
    code can never type into the kiosk."""

    silence_s: PositiveFloat = 0.3


class SimulatedPrinterOptions(_Options):
    driver: Literal["simulated"] = "simulated"
    paper_width_mm: Literal[58, 80] = 80


def _known_profile(name: str) -> str:
    if name not in PROFILES:
        raise ValueError(f"no such profile; there are {', '.join(PROFILES)}")
    return name


class _EscposOptions(_Options):
    paper_width_mm: Literal[58, 80] = 80
    timeout_s: PositiveFloat = 5.0
    """How long one ticket may take before the kiosk shows its number on the screen instead."""

    profile: Annotated[str, AfterValidator(_known_profile)] = "generic"
    """What the model can do: a name in drivers/printer/profiles.py."""

    code_page: Literal["tcvn3"] | None = None
    """Text by code page instead of raster, only after a technician saw it right on a printed self-test."""

    @model_validator(mode="after")
    def _has_the_code_page(self) -> Self:
        if self.code_page is not None and PROFILES[self.profile].tcvn3_pages is None:
            raise ValueError(f"the profile {self.profile} has no code page {self.code_page}")
        return self


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


SLOWEST_RASTER_BAUD: Final = 38_400
"""A drawn ticket has 17 to 22 kB: 4.5 s at 38,400 baud, 9 s at 19,200 and 18 s at 9,600."""


class SerialPrinterOptions(_EscposOptions):
    driver: Literal["serial"]
    path: Path
    """A serial port, e.g. ``/dev/ttyUSB0``."""

    baud: Literal[9600, 19200, 38400, 57600, 115200] = 115200
    flow_control: Literal["dtr-dsr", "rts-cts", "xon-xoff", "none"] = "dtr-dsr"

    @model_validator(mode="after")
    def _is_fast_enough(self) -> Self:
        if self.baud < SLOWEST_RASTER_BAUD and self.code_page is None:
            raise ValueError(
                f"at {self.baud} baud a drawn ticket takes {round(17_500 * 10 / self.baud)} s and more: set the "
                f"printer to 115200 baud, or set code_page once its letters were seen right on a self-test"
            )
        return self


class CupsPrinterOptions(_EscposOptions):
    driver: Literal["cups"]
    queue: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}$")]
    """A raw queue as ``lpstat -p`` names it."""


ReaderOptions = Annotated[SimulatedReaderOptions | PcscReaderOptions, Field(discriminator="driver")]
ScannerOptions = Annotated[
    SimulatedScannerOptions | CameraOptions | SerialScannerOptions | WedgeScannerOptions,
    Field(discriminator="driver"),
]
PrinterOptions = Annotated[
    SimulatedPrinterOptions
    | NetworkPrinterOptions
    | UsbPrinterOptions
    | FilePrinterOptions
    | SerialPrinterOptions
    | CupsPrinterOptions,
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
