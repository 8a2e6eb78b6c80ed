"""Sources of frames through OpenCV: V4L2 devices, video and picture files, image sequences, MJPEG addresses.

Runs inside the worker process only: a driver that hangs in the kernel takes the worker with it and nobody else.
"""

import time
from pathlib import Path
from typing import Final, Protocol

import cv2
import numpy as np

from drivers.config import CameraOptions
from drivers.errors import DeviceUnavailable
from drivers.scanner.decoder import as_grey

_PICTURE_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".pgm"})
_MJPEG: Final = cv2.VideoWriter.fourcc(*"MJPG")
_V4L2_EXPOSURE_MANUAL: Final = 1
_REPLAY_FPS: Final = 10.0  # where a file names no rate that can be


class Frame:
    """One frame as its source gave it: BGR, grey, or one row holding a JPEG, which is decoded only as far as needed."""

    def __init__(self, raw: np.ndarray) -> None:
        self.raw = raw
        self._grey: np.ndarray | None = None

    def grey(self) -> np.ndarray | None:
        """Return the frame as uint8, height x width; None for a broken JPEG."""
        if self._grey is None:
            self._grey = self._decoded(cv2.IMREAD_GRAYSCALE) if self._is_jpeg else as_grey(self.raw)
        return self._grey

    def thumbnail(self, size: tuple[int, int]) -> np.ndarray | None:
        """Return the frame as a small grey picture of ``size`` (width, height); None for a broken JPEG.

        An eighth of a JPEG comes out of its coefficients, for three quarters of the price of all of it.
        """
        small = self._decoded(cv2.IMREAD_REDUCED_GRAYSCALE_8) if self._is_jpeg and self._grey is None else self.grey()
        return None if small is None else _shrunk(small, size)

    def _decoded(self, how: int) -> np.ndarray | None:
        try:
            return cv2.imdecode(self.raw.reshape(-1), how)
        except cv2.error:  # a header that promises more pixels than OpenCV takes
            return None

    @property
    def _is_jpeg(self) -> bool:
        return self.raw.ndim == 2 and self.raw.shape[0] == 1


def _shrunk(grey: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return ``grey`` averaged down to ``size``; by halves first, which OpenCV does in half the time of one step."""
    while grey.shape[0] >= 4 * size[1] and grey.shape[1] >= 4 * size[0]:
        grey = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


class FrameSource(Protocol):
    """Frames of one opened source."""

    is_live: bool
    """Whether frames come by themselves; a file's frames come when they are asked for, at the file's rate."""

    def read(self) -> Frame | None:
        """Return the next frame; None at the end or when the device gave none: open the source again."""
        ...

    def close(self) -> None: ...


def open_source(options: CameraOptions) -> FrameSource:
    """Return the opened source. Raises DeviceUnavailable."""
    source = f"/dev/video{options.source}" if options.source.isdecimal() else options.source
    if "://" in source:
        return _LiveCapture(_open_stream(options))
    if source.startswith("/dev/"):
        return _LiveCapture(_open_device(source, options))
    if not Path(source).exists() and "%" not in source:
        raise DeviceUnavailable(f"there is no camera or file {source}")
    if Path(source).suffix.lower() in _PICTURE_SUFFIXES and "%" not in source:
        return _StillPicture(Path(source))
    return _Replay(_open(source, cv2.CAP_ANY, []))


def _open(source: str, backend: int, parameters: list[int]) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(source, backend, parameters)
    if not capture.isOpened():
        capture.release()
        raise DeviceUnavailable(f"{source} cannot be opened")
    return capture


def _open_stream(options: CameraOptions) -> cv2.VideoCapture:
    limit_ms = int(options.stall_s * 1000)
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, limit_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, limit_ms]
    # Format -1 hands out the stream's own JPEGs: decoded straight to grey they cost half of what OpenCV's BGR costs.
    capture = _open(options.source, cv2.CAP_FFMPEG, [*limits, cv2.CAP_PROP_FORMAT, -1])
    if int(capture.get(cv2.CAP_PROP_FOURCC)) == _MJPEG:
        return capture
    capture.release()
    return _open(options.source, cv2.CAP_FFMPEG, limits)


def _open_device(source: str, options: CameraOptions) -> cv2.VideoCapture:
    # MJPG first: over USB 2 most cameras give 720p at 30 frames a second in no other format.
    size = [cv2.CAP_PROP_FRAME_WIDTH, options.width_px, cv2.CAP_PROP_FRAME_HEIGHT, options.height_px]
    capture = _open(source, cv2.CAP_V4L2, [cv2.CAP_PROP_FOURCC, _MJPEG, *size])
    if int(capture.get(cv2.CAP_PROP_FOURCC)) == _MJPEG:
        capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)  # the camera's own JPEGs, as above
    if options.exposure is not None:
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, _V4L2_EXPOSURE_MANUAL)
        capture.set(cv2.CAP_PROP_EXPOSURE, options.exposure)
    if options.focus is not None:
        capture.set(cv2.CAP_PROP_AUTOFOCUS, 0)
        capture.set(cv2.CAP_PROP_FOCUS, options.focus)
    return capture


class _LiveCapture:
    is_live = True

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture

    def read(self) -> Frame | None:
        found, frame = self._capture.read()
        return Frame(frame) if found else None

    def close(self) -> None:
        self._capture.release()


class _Replay:
    is_live = False

    def __init__(self, capture: cv2.VideoCapture) -> None:
        self._capture = capture
        rate = capture.get(cv2.CAP_PROP_FPS)
        self._pace = _Pace(rate if 1 <= rate <= 120 else _REPLAY_FPS)

    def read(self) -> Frame | None:
        self._pace.wait()
        found, frame = self._capture.read()
        return Frame(frame) if found else None

    def close(self) -> None:
        self._capture.release()


class _StillPicture:
    is_live = False

    def __init__(self, path: Path) -> None:
        picture = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise DeviceUnavailable(f"{path} is no picture")
        self._picture = picture
        self._pace = _Pace(_REPLAY_FPS)

    def read(self) -> Frame | None:
        self._pace.wait()
        return Frame(self._picture)

    def close(self) -> None:
        pass


class _Pace:
    def __init__(self, frames_per_s: float) -> None:
        self._period_s = 1 / frames_per_s
        self._due_at_s = time.monotonic()

    def wait(self) -> None:
        time.sleep(max(0.0, self._due_at_s - time.monotonic()))
        self._due_at_s = max(self._due_at_s, time.monotonic() - self._period_s) + self._period_s
