"""Serial imagers: USB ones in CDC mode, and those on a serial line."""

from typing import Final

import serial

from drivers.config import SerialScannerOptions
from drivers.errors import DeviceUnavailable
from drivers.scanner.byte_stream import ByteStreamScanner
from drivers.scanner.framing import Framer

_ENDS: Final = {"line": b"\r\n", "tab": b"\t", "none": b""}


def open_serial_scanner(options: SerialScannerOptions) -> ByteStreamScanner:
    """Return the scanner of ``options``, plugged in or not."""
    framer = Framer(_ENDS[options.suffix], options.silence_s)
    return ByteStreamScanner(options.port, "serial", lambda: _SerialStream(options), framer, options.encoding)


class _SerialStream:
    def __init__(self, options: SerialScannerOptions) -> None:
        try:
            # Exclusive: ModemManager and a second kiosk process would each take half of a code.
            self._port = serial.Serial(options.port, options.baud, timeout=0.1, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise DeviceUnavailable(f"{options.port} cannot be opened: {error}") from error

    def read(self) -> bytes:
        try:
            first = self._port.read(1)
            return first + self._port.read(self._port.in_waiting) if first else b""
        except (OSError, TypeError) as error:  # TypeError: pyserial on a descriptor that another thread lost
            raise DeviceUnavailable("the scanner was unplugged") from error

    def close(self) -> None:
        self._port.close()
