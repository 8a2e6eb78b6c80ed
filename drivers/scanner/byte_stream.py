"""Scanners that send codes as bytes: one thread reads, frames, and opens the device again when it went away."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

from drivers.codec.recognise import unglued
from drivers.errors import DeviceUnavailable
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.scanner.base import Scan
from drivers.scanner.framing import Framer
from drivers.scanner.held import HeldCodes

log = logging.getLogger(__name__)

_RETRY_S: Final = 1.0
_AFTER_LOSS_S: Final = 0.2
_WAITING_SCANS: Final = 16


class ByteStream(Protocol):
    """An opened device that sends bytes."""

    def read(self) -> bytes:
        """Return what came within a tenth of a second, possibly nothing. Raises DeviceUnavailable."""
        ...

    def close(self) -> None: ...


class ByteStreamScanner:
    """A scanner over a ByteStream that ``open_stream`` opens, raising DeviceUnavailable while it is away."""

    def __init__(
        self,
        name: str,
        driver: str,
        open_stream: Callable[[], ByteStream],
        framer: Framer,
        encoding: str = "utf-8",
    ) -> None:
        self.name = name
        self.hint: str | None = None
        self._driver = driver
        self._open_stream = open_stream
        self._framer = framer
        self._encoding = encoding
        self._scans: queue.Queue[Scan] = queue.Queue(_WAITING_SCANS)
        self._held = HeldCodes()
        self._stopping = threading.Event()
        self._status = self._status_of(DeviceState.UNAVAILABLE, "scanner.starting", "The scanner is being opened.")
        self._thread = threading.Thread(target=self._keep_reading, name=driver, daemon=True)
        self._thread.start()

    def read(self, timeout_s: float) -> Scan | None:
        try:
            return self._scans.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def look_for_mrz(self, wanted: bool) -> None:
        """Imagers are told by their own set-up codes what to read."""

    def status(self) -> DeviceStatus:
        return self._status

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _keep_reading(self) -> None:
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

    def _offer(self, payload: bytes) -> None:
        if not self._held.is_new(payload, time.monotonic()):
            return
        if self._scans.full():  # nobody reads: the oldest is the least wanted
            self._scans.get_nowait()
        self._scans.put(Scan(payload, datetime.now(UTC)))

    def _set(self, state: DeviceState, code: str, detail: str) -> None:
        if code != self._status.code:
            log.info("%s scanner %s: %s", self._driver, self.name, code)
            self._status = self._status_of(state, code, detail)

    def _status_of(self, state: DeviceState, code: str, detail: str) -> DeviceStatus:
        return DeviceStatus(DeviceKind.SCANNER, self.name, self._driver, state, datetime.now(UTC), code, detail)
