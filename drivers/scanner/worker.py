"""The process in which pictures are taken and decoded: ``python -m drivers.scanner.worker camera OPTIONS`` or
``... pictures``.

``camera`` watches the source of ``OPTIONS`` (CameraOptions as JSON) and writes a Report a line whenever there is news,
and as a sign of life. What it is to look for comes in single bytes on standard input (SEEK_MRZ, SEEK_CODES).
``pictures`` answers each picture on standard input (such a byte, 4-byte big-endian length, then the file's bytes) with
one Report. Both end when standard input closes.
"""

import os
import resource
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import BinaryIO, Final

import cv2
import numpy as np

from drivers.config import CameraOptions
from drivers.errors import DeviceUnavailable
from drivers.scanner.capture import Frame, FrameSource, open_source
from drivers.scanner.mrz.watch import ZoneWatch, read_zone
from drivers.scanner.pipeline import FramePipeline, Look, read_picture
from drivers.scanner.report import SEEK_MRZ, PictureState, Report

_MEMORY_BYTES: Final = 2 << 30  # address space; a 720p frame with all of OpenCV mapped needs well below one gigabyte
_SIGN_OF_LIFE_S: Final = 0.25
_RETRY_S: Final = 1.0
_LONGEST_PICTURE: Final = 64 << 20
_HUNG: Final = 3  # exit status
_NOTHING: Final = Look()


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the kiosk, which then closes our input
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the pictures of cards
    cv2.setNumThreads(1)
    if arguments[0] == "pictures":
        _answer_pictures()
        return
    watch = _Watch(CameraOptions.model_validate_json(arguments[1]))
    threading.Thread(target=_follow_input, args=[watch], daemon=True).start()
    watch.run()


def _follow_input(watch: "_Watch") -> None:
    while wishes := os.read(sys.stdin.fileno(), 4096):
        watch.seeks_mrz = wishes.endswith(SEEK_MRZ)
    os._exit(0)  # also out of a native call that does not return


def _say(report: Report) -> None:
    sys.stdout.buffer.write(report.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()


def _answer_pictures() -> None:
    requests: BinaryIO = sys.stdin.buffer
    while header := requests.read(5):
        data = requests.read(min(int.from_bytes(header[1:], "big"), _LONGEST_PICTURE))
        _say(_report_of(data, seeks_mrz=header.startswith(SEEK_MRZ)))


def _report_of(data: bytes, *, seeks_mrz: bool) -> Report:
    began_at_s = time.perf_counter()
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) if data else None
    except cv2.error:  # more pixels than OpenCV or the memory limit allows
        picture = None
    if picture is None:
        return Report(is_picture=False)
    found = read_picture(picture)
    if seeks_mrz and (zone := read_zone(picture)):
        found = (*found, zone)
    codes = tuple(code.hex() for code in found)
    return Report(codes=codes, frames=1, ms=1000 * (time.perf_counter() - began_at_s))


class _Watch:
    """One camera, watched for as long as the process lives; opened again whenever it gives no more pictures."""

    def __init__(self, options: CameraOptions) -> None:
        self.seeks_mrz = False  # set by another thread
        self._options = options
        self._pipeline = FramePipeline()
        self._zone_watch: ZoneWatch | None = None
        self._began_at_cpu_s = time.process_time()
        self._frames = 0
        self._said: Report | None = None
        self._said_at_s = 0.0
        self._previous = np.empty(0, np.uint8)
        self._changed_at_s = time.monotonic()

    def run(self) -> None:
        while True:
            try:
                source = open_source(self._options)
            except DeviceUnavailable:
                self._report(PictureState.ABSENT)
            else:
                self._changed_at_s = time.monotonic()
                if source.is_live:
                    self._watch_live(source)
                    self._report(PictureState.STALLED)
                elif self._replay(source):
                    continue  # a file begins again at once
                else:
                    self._report(PictureState.STALLED)
            time.sleep(_RETRY_S)

    def _replay(self, source: FrameSource) -> bool:
        """Look at a file's frames to its end; return whether there were any."""
        before = self._frames
        while (frame := source.read()) is not None:
            self._look(frame)
        source.close()
        return self._frames > before

    def _watch_live(self, source: FrameSource) -> None:
        latest = _LatestFrame(source)
        seen_at_s = time.monotonic()
        # The source's own time limit goes first: after it the device can be closed in good order.
        while not latest.has_ended and time.monotonic() - seen_at_s < self._options.stall_s + 1:
            frame = latest.next(_SIGN_OF_LIFE_S)
            if frame is None:
                self._report(self._said.picture if self._said else PictureState.STARTING)
                continue
            seen_at_s = time.monotonic()
            if self._is_frozen(frame, seen_at_s):
                self._report(PictureState.FROZEN)
                if seen_at_s - self._changed_at_s > 4 * self._options.stall_s:
                    break  # what thaws a camera, when anything does
            else:
                self._look(frame)
        if not latest.wait_for_end(1.0):
            self._report(PictureState.STALLED)
            os._exit(_HUNG)  # reading hangs inside the driver, and closing would hang as well
        source.close()

    def _is_frozen(self, frame: Frame, now_s: float) -> bool:
        """Whether the same bytes have come for the stall time: a sensor's noise differs in each frame."""
        if not np.array_equal(frame.raw, self._previous):
            self._previous, self._changed_at_s = frame.raw, now_s
        return now_s - self._changed_at_s > self._options.stall_s

    def _look(self, frame: Frame) -> None:
        began_at_s = time.perf_counter()
        look = self._with_zone(self._pipeline.look(frame), frame)
        self._frames += 1
        state = PictureState.BLACK if look.is_black else PictureState.OK
        self._report(state, look, ms=1000 * (time.perf_counter() - began_at_s))

    def _with_zone(self, look: Look, frame: Frame) -> Look:
        """Return ``look`` with the text of a machine readable zone, where one is sought and the frame has no code."""
        if not self.seeks_mrz:
            self._zone_watch = None
            return look
        self._zone_watch = self._zone_watch or ZoneWatch()
        grey = None if look.codes or look.is_black else frame.grey()
        zone = None if grey is None else self._zone_watch.look(grey)
        # What would help a code to be read is no help to somebody who holds a page of text.
        return replace(look, codes=(zone,), hint=None) if zone else replace(look, hint=None)

    def _report(self, state: PictureState, look: Look = _NOTHING, ms: float = 0.0) -> None:
        codes = tuple(code.hex() for code in look.codes)
        report = Report(
            codes=codes,
            picture=state,
            hint=look.hint,
            frames=self._frames,
            ms=ms,
            cpu_ms=1000 * (time.process_time() - self._began_at_cpu_s),
            delay_frames=look.delay_frames,
        )
        now_s = time.monotonic()
        said = self._said
        is_news = said is None or (report.codes, report.picture, report.hint) != (said.codes, said.picture, said.hint)
        if is_news or now_s - self._said_at_s >= _SIGN_OF_LIFE_S:
            _say(report)
            self._said, self._said_at_s = report, now_s


class _LatestFrame:
    """The newest frame of a live source, fetched by a thread of its own; what was not looked at in time is skipped."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._is_wanted = True
        self.has_ended = False
        self._thread = threading.Thread(target=self._fetch, daemon=True)
        self._thread.start()

    def next(self, timeout_s: float) -> Frame | None:
        """Return a frame that was not returned before; None when none came in time."""
        with self._news:
            self._news.wait_for(lambda: self._frame is not None or self.has_ended, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def wait_for_end(self, timeout_s: float) -> bool:
        """Stop fetching; return False when the source does not come back from its last read."""
        self._is_wanted = False
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _fetch(self) -> None:
        while self._is_wanted and (frame := self._source.read()) is not None:
            with self._news:
                self._frame = frame
                self._news.notify()
        with self._news:
            self.has_ended = True
            self._news.notify()


if __name__ == "__main__":
    main(sys.argv[1:])
