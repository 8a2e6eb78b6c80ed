"""A camera as a scanner of codes. Taking and decoding pictures happens in a worker process, watched from here."""

import logging
import math
from typing import Final

from pydantic import ValidationError

from drivers.config import CameraOptions
from drivers.health import DeviceState
from drivers.scanner.background import BackgroundScanner
from drivers.scanner.isolation import Worker, WorkerLost
from drivers.scanner.report import SEEK_CODES, SEEK_MRZ, PictureState, Report

log = logging.getLogger(__name__)

_START_LIMIT_S: Final = 20.0  # a loaded machine takes seconds to load OpenCV
_SILENCE_LIMIT_S: Final = 5.0  # signs of life come four times a second; one picture may take this long
_PAUSE_S: Final = 0.5  # between two workers, so that a worker dying at once is no busy loop

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


class CameraScanner(BackgroundScanner):
    """Codes in front of a camera, or in the video, pictures or stream that stands for one.

    Opens and heals by itself from construction to ``close``.
    """

    def __init__(self, options: CameraOptions) -> None:
        super().__init__(options.source, "camera")
        self.report = Report(picture=PictureState.STARTING)
        """The worker's last word, for a technician."""
        self._options = options
        self._wants_mrz = False
        self._begin()

    def look_for_mrz(self, wanted: bool) -> None:
        self._wants_mrz = wanted  # the thread tells the worker, and a worker that takes its place

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
                self._show(PictureState.STARTING)
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
            self._show(report.picture)
            self.hint, self.report = report.hint, report
            for payload in report.payloads():
                self._offer(payload)

    def _show(self, picture: PictureState) -> None:
        self._set(*_STATES[picture])
