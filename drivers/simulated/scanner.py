"""A scanner whose camera is a picture handed to it; the codes in it are read by the real decoder."""

import io
import threading
import time
from datetime import UTC, datetime

import segno

from drivers.config import SimulatedScannerOptions
from drivers.errors import MalformedData
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.scanner.base import Scan
from drivers.scanner.held import HeldCodes
from drivers.scanner.pictures import PictureDecoder


class SimulatedScanner:
    """Shows pictures to the real decoder. ``show``, ``show_text`` and ``clear`` may be called from any thread.

    Showing a picture again brings it in front anew: its code is returned again unless it was seen within two seconds.
    """

    def __init__(self, options: SimulatedScannerOptions) -> None:
        self.name = "simulated"
        self.hint: str | None = None
        self._driver = options.driver
        self._decoder = PictureDecoder()
        self._held = HeldCodes()
        self._news = threading.Condition()
        self._shown: bytes | None = None
        self._unread: bytes | None = None  # still held there, and nothing was found in it
        self._waiting: list[Scan] = []
        self._is_closed = False
        self._wants_mrz = False
        self._since = datetime.now(UTC)

    def show(self, picture_png: bytes) -> None:
        """Hold a picture in front of the scanner: a PNG, or any other picture file."""
        with self._news:
            self._shown, self._unread = picture_png, None
            self._news.notify_all()

    def show_text(self, text: str) -> None:
        """Hold a QR with ``text`` in front of the scanner, encoded as on cards: UTF-8 bytes without ECI."""
        self.show(qr_picture(text))

    def clear(self) -> None:
        """Take the picture away; one that was not read yet stays unread."""
        with self._news:
            self._shown = self._unread = None

    def read(self, timeout_s: float) -> Scan | None:
        deadline_s = time.monotonic() + timeout_s
        while not self._waiting:
            with self._news:
                self._news.wait_for(lambda: self._shown is not None or self._is_closed, deadline_s - time.monotonic())
                picture, self._shown = self._shown, None
            if picture is None:
                return None
            self._waiting = self._scans_in(picture)
        return self._waiting.pop(0)

    def look_for_mrz(self, wanted: bool) -> None:
        with self._news:
            if wanted and not self._wants_mrz and self._shown is None:
                self._shown = self._unread  # a camera goes on looking at what is held there
            self._wants_mrz = wanted

    def status(self) -> DeviceStatus:
        state, code = (DeviceState.UNAVAILABLE, "scanner.closed") if self._is_closed else (DeviceState.READY, "ok")
        return DeviceStatus(DeviceKind.SCANNER, self.name, self._driver, state, self._since, code)

    def close(self) -> None:
        with self._news:
            self._is_closed = True
            self._news.notify_all()
        self._decoder.close()

    def _scans_in(self, picture: bytes) -> list[Scan]:
        try:
            payloads = self._decoder.decode(picture, mrz=self._wants_mrz).payloads
        except MalformedData:
            payloads = ()  # a camera pointed at rubbish sees no code
        if not payloads:
            with self._news:
                self._unread = picture if self._shown is None else None
        now_s, now = time.monotonic(), datetime.now(UTC)
        return [Scan(payload, now) for payload in payloads if self._held.is_new(payload, now_s)]


def qr_picture(text: str, *, pixels_per_module: int = 6) -> bytes:
    """Return a PNG of a QR with ``text``: error correction M, quiet zone of 4 modules."""
    picture = io.BytesIO()
    segno.make_qr(text, error="m", encoding="utf-8", boost_error=False).save(
        picture, kind="png", scale=pixels_per_module, border=4
    )
    return picture.getvalue()
