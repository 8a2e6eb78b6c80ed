"""A camera as a scanner of codes. Taking and decoding pictures happens in a worker process, watched from here."""

import logging
import math
import queue
import threading
import time
from datetime import UTC, datetime
from typing import Final

from pydantic import ValidationError

from drivers.config import CameraOptions
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.scanner.base import Scan
from drivers.scanner.held import HeldCodes
from drivers.scanner.isolation import Worker, WorkerLost
from drivers.scanner.report import SEEK_CODES, SEEK_MRZ, PictureState, Report

log = logging.getLogger(__name__)

_START_LIMIT_S: Final = 20.0  # a loaded machine takes seconds to load OpenCV
_SILENCE_LIMIT_S: Final = 5.0  # signs of life come four times a second; one picture may take this long
_PAUSE_S: Final = 0.5  # between two workers, so that a worker dying at once is no busy loop
_WAITING_SCANS: Final = 16

_STATES: Final[dict[PictureState, tuple[DeviceState, str, str]]] = {
    PictureState.OK: (DeviceState.READY, "ok", ""),
    PictureState.STARTING: (DeviceState.UNAVAILABLE, "scanner.starting", "The camera is being opened."),
    PictureState.ABSENT: (
        DeviceState.UNAVAILABLE,
        "scanner.absent",
        "The camera cannot be opened: check its plug, the permission and the configured source.",
    ),
    PictureState.STALLED: (
        DeviceState.UNAVAILABLE,
        "scanner.stalled",
        "The camera is open but gives no picture; it is opened again by itself.",
    ),
    PictureState.FROZEN: (
        DeviceState.ATTENTION,
        "scanner.frozen",
        "The camera gives the same picture again and again; unplug it if this stays.",
    ),
    PictureState.BLACK: (
        DeviceState.ATTENTION,
        "scanner.black",
        "The camera's picture is black: check its cover, its shutter and the light.",
    ),
}


class CameraScanner:
    """Codes in front of a camera, or in the video, pictures or stream that stands for one.

    Opens and heals by itself from construction to ``close``.
    """

    def __init__(self, options: CameraOptions) -> None:
        self.name = options.source
        self.hint: str | None = None
        self.report = Report(picture=PictureState.STARTING)
        """The worker's last word, for a technician."""
        self._options = options
        self._scans: queue.Queue[Scan] = queue.Queue(_WAITING_SCANS)
        self._wants_mrz = False
        self._held = HeldCodes()
        self._stopping = threading.Event()
        self._status = self._status_of(PictureState.STARTING)
        self._thread = threading.Thread(target=self._keep_watching, name="camera", daemon=True)
        self._thread.start()

    def read(self, timeout_s: float) -> Scan | None:
        try:
            return self._scans.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def look_for_mrz(self, wanted: bool) -> None:
        self._wants_mrz = wanted  # the thread tells the worker, and a worker that takes its place

    def status(self) -> DeviceStatus:
        return self._status

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _keep_watching(self) -> None:
        while not self._stopping.is_set():
            worker = Worker(
                "camera",
                self._options.model_dump_json(),
                environment={"OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT": str(math.ceil(self._options.stall_s))},
            )
            hangs = False
            try:
                self._follow(worker)
            except (WorkerLost, ValidationError) as error:
                hangs = True
                log.warning("camera %s: worker replaced: %s", self.name, error)
                self._set(PictureState.STARTING)
                self.hint = None
            finally:
                worker.close(at_once=hangs)
            self._stopping.wait(_PAUSE_S)

    def _follow(self, worker: Worker) -> None:
        limit_s = _START_LIMIT_S
        seeks_mrz = False
        while (line := worker.read_line(limit_s, self._stopping.is_set)) is not None:
            if self._wants_mrz is not seeks_mrz:
                seeks_mrz = not seeks_mrz
                worker.send(SEEK_MRZ if seeks_mrz else SEEK_CODES)
            limit_s = max(_SILENCE_LIMIT_S, 2 * self._options.stall_s + 2)  # opening a stream is tried twice
            report = Report.model_validate_json(line)
            self._set(report.picture)
            self.hint, self.report = report.hint, report
            for payload in report.payloads():
                self._offer(payload)

    def _offer(self, payload: bytes) -> None:
        if not self._held.is_new(payload, time.monotonic()):
            return
        if self._scans.full():  # nobody reads: the oldest is the least wanted
            self._scans.get_nowait()
        self._scans.put(Scan(payload, datetime.now(UTC)))

    def _set(self, picture: PictureState) -> None:
        if _STATES[picture][1] != self._status.code:
            log.info("camera %s: %s", self.name, picture)
            self._status = self._status_of(picture)

    def _status_of(self, picture: PictureState) -> DeviceStatus:
        state, code, detail = _STATES[picture]
        return DeviceStatus(DeviceKind.SCANNER, self.name, "camera", state, datetime.now(UTC), code, detail)
