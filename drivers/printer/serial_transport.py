"""Printers on a serial port; imports pyserial when it is opened."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.errors import DeviceTimeout, DeviceUnavailable
from drivers.printer.transport import BackChannel

if TYPE_CHECKING:
    from serial import Serial


class SerialTransport:
    """One port, 8 data bits, no parity. ``flow_control``: ``dtr-dsr``, ``rts-cts``, ``xon-xoff`` or ``none``."""

    back_channel = BackChannel.TWO_WAY

    def __init__(self, path: Path, baud: int, flow_control: str) -> None:
        self.name = str(path)
        self._baud = baud
        self._flow_control = flow_control
        self._port: Serial | None = None

    def open(self) -> None:
        import serial

        self.close()
        try:
            self._port = serial.Serial(
                self.name,
                self._baud,
                dsrdtr=self._flow_control == "dtr-dsr",
                rtscts=self._flow_control == "rts-cts",
                xonxoff=self._flow_control == "xon-xoff",
                exclusive=True,  # a second program's bytes would end up inside a raster
            )
            self._port.reset_input_buffer()
        except (serial.SerialException, OSError) as error:
            raise DeviceUnavailable(f"printer {self.name} cannot be opened ({error})") from error

    def send(self, data: bytes, timeout_s: float) -> None:
        import serial

        port = self._opened()
        port.write_timeout = max(timeout_s, 0.001)
        try:
            port.write(data)
        except serial.SerialTimeoutException as error:
            raise DeviceTimeout(f"printer {self.name} takes no more bytes") from error
        except (serial.SerialException, OSError) as error:
            raise DeviceUnavailable(f"printer {self.name} went away ({error})") from error

    def receive(self, timeout_s: float) -> bytes:
        import serial

        port = self._opened()
        port.timeout = max(timeout_s, 0.0)
        try:
            first = port.read(1)
            return first + port.read(port.in_waiting) if first else b""
        except (serial.SerialException, OSError) as error:
            raise DeviceUnavailable(f"printer {self.name} went away ({error})") from error

    def clock(self) -> float:
        return time.monotonic()

    def close(self) -> None:
        if self._port is not None:
            port, self._port = self._port, None
            port.close()

    def _opened(self) -> "Serial":
        if self._port is None:
            raise DeviceUnavailable(f"printer {self.name} is not open")
        return self._port
