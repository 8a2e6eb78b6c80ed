"""Scanners that send codes as bytes: one thread reads, frames, and opens the device again when it went away."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from drivers.codec.recognise import unglued
from drivers.errors import DeviceUnavailable
from drivers.health import DeviceState
from drivers.scanner.background import BackgroundScanner
from drivers.scanner.framing import Framer

_RETRY_S: Final = 1.0
_AFTER_LOSS_S: Final = 0.2


class ByteStream(Protocol):
    """An opened device that sends bytes."""

    def read(self) -> bytes:
        """Return what came within a tenth of a second, possibly nothing. Raises DeviceUnavailable."""
        ...

    def close(self) -> None: ...


class ByteStreamScanner(BackgroundScanner):
    """A scanner over a ByteStream that ``open_stream`` opens, raising DeviceUnavailable while it is away."""

    def __init__(
        self,
        name: str,
        driver: str,
        open_stream: Callable[[], ByteStream],
        framer: Framer,
        encoding: str = "utf-8",
    ) -> None:
        super().__init__(name, driver)
        self._open_stream = open_stream
        self._framer = framer
        self._encoding = encoding
        self._begin()

    def look_for_mrz(self, wanted: bool) -> None:
        """Imagers are told by their own set-up codes what to read."""

    def _keep_watching(self) -> None:
        while not self._stopping.is_set():
            try:
                stream = self._open_stream()
            except DeviceUnavailable as error:
                self._set(DeviceState.UNAVAILABLE, "scanner.absent", str(error))
                self._stopping.wait(_RETRY_S)
                continue
            self._set(DeviceState.READY, "ok", "")
            try:
                self._follow(stream)
            except DeviceUnavailable as error:
                self._set(DeviceState.UNAVAILABLE, "scanner.absent", str(error))
                self._stopping.wait(_AFTER_LOSS_S)
            finally:
                stream.close()

    def _follow(self, stream: ByteStream) -> None:
        while not self._stopping.is_set():
            for code in self._framer.feed(stream.read(), time.monotonic()):
                for payload in unglued(self._as_utf8(code)):
                    self._offer(payload)

    def _as_utf8(self, code: bytes) -> bytes:
        return code if self._encoding == "utf-8" else code.decode(self._encoding, "replace").encode()
