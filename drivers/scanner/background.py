"""What scanners share that watch their device in a thread of their own: codes wait in a short queue, held ones once."""

import logging
import queue
import threading
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Final

from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.scanner.base import Scan
from drivers.scanner.held import HeldCodes

log = logging.getLogger(__name__)

_WAITING_SCANS: Final = 16


class BackgroundScanner(ABC):
    """A Scanner; what it is made of is ready when ``_begin`` is called, last of all."""

    def __init__(self, name: str, driver: str) -> None:
        self.name = name
        self.hint: str | None = None
        self._driver = driver
        self._scans: queue.Queue[Scan] = queue.Queue(_WAITING_SCANS)
        self._held = HeldCodes()
        self._wants_mrz = False
        self._stopping = threading.Event()
        self._status = self._status_of(DeviceState.UNAVAILABLE, "scanner.starting", "The scanner is being opened.")
        self._thread = threading.Thread(target=self._keep_watching, name=driver, daemon=True)

    def read(self, timeout_s: float) -> Scan | None:
        try:
            return self._scans.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def look_for_mrz(self, wanted: bool) -> None:
        self._wants_mrz = wanted  # only a camera's thread asks; imagers are told by set-up codes what to read

    def status(self) -> DeviceStatus:
        return self._status

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    @abstractmethod
    def _keep_watching(self) -> None:
        """Watch the device until ``_stopping`` is set, opening it again whenever it went away."""

    def _begin(self) -> None:
        self._thread.start()

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
