"""Every scanner, real or simulated, behaves alike to the worker thread that owns it."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.config import CameraOptions, SimulatedScannerOptions
from drivers.health import DeviceKind, DeviceState
from drivers.registry import open_scanner
from drivers.scanner import camera
from drivers.scanner.base import Scan, Scanner
from drivers.scanner.byte_stream import ByteStreamScanner
from drivers.scanner.camera import CameraScanner
from drivers.simulated.mrz_print import draw_zone
from drivers.simulated.scanner import SimulatedScanner, qr_picture
from tests.drivers.scanner.conftest import Imagers, MjpegServer
from tests.support.waiting import wait_for

VISIT = "TD1:0123456789ABCDEFGHJK"
CARD = "001301000007||Lê Thị Ngọc Ánh|02092001|Nữ|Xã Ea Kao, Đắk Lắk|15082024||||"
Show = Callable[..., Scanner]


def _camera(source: str, stall_s: float = 3.0) -> CameraScanner:
    return CameraScanner(CameraOptions(driver="camera", source=source, stall_s=stall_s))


def _collect(scanner: Scanner, seconds: float) -> list[Scan]:
    """Everything the scanner returns until it has been quiet for ``seconds`` after the first code."""
    first = scanner.read(20.0)
    found = [first] if first else []
    end_s = time.monotonic() + seconds
    while (left_s := end_s - time.monotonic()) > 0:
        if scan := scanner.read(left_s):
            found.append(scan)
    return found


@pytest.fixture(params=["picture", "sequence", "mjpeg", "simulated", "serial", "wedge"])
def show(request: pytest.FixtureRequest, tmp_path: Path, mjpeg_server: MjpegServer, imagers: Imagers) -> Iterator[Show]:
    """Return a function that opens a scanner with the codes of some texts in front of it, one after the other."""
    opened: list[Scanner] = []

    def open_with(*texts: str) -> Scanner:
        suffix = "jpg" if request.param == "mjpeg" else "png"
        scanner: Scanner
        files = [tmp_path / f"frame{i:03}.{suffix}" for i in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(_as(suffix, qr_picture(text)))
        if request.param == "serial":
            scanner = imagers.serial(texts)
        elif request.param == "wedge":
            scanner = imagers.wedge(texts)
        elif request.param == "simulated":
            scanner = _simulated(texts)
        elif request.param == "mjpeg":
            scanner = _camera(mjpeg_server(*files))
        elif request.param == "picture" and len(texts) == 1:
            scanner = _camera(str(files[0]))
        else:
            scanner = _camera(str(tmp_path / "frame%03d.png"))
        opened.append(scanner)
        return scanner

    yield open_with
    for scanner in opened:
        scanner.close()


def _simulated(texts: tuple[str, ...]) -> "_Showing":
    return _Showing(SimulatedScannerOptions(), texts)


class _Showing(SimulatedScanner):
    """The simulated scanner with somebody in front of it who shows one text after the other."""

    def __init__(self, options: SimulatedScannerOptions, texts: tuple[str, ...]) -> None:
        super().__init__(options)
        self._texts = list(texts)

    def read(self, timeout_s: float) -> Scan | None:
        if self._texts:
            self.show_text(self._texts.pop(0))
        return super().read(timeout_s)


def _as(suffix: str, png: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return cv2.imencode(f".{suffix}", picture)[1].tobytes()


class TestEveryScanner:
    def test_a_code_in_sight_is_returned_as_the_bytes_that_were_encoded(self, show: Show) -> None:
        scanner = show(CARD)
        scan = scanner.read(20.0)
        assert scan is not None
        assert scan.data == CARD.encode()
        assert scan.seen_at.utcoffset() is not None
        status = scanner.status()
        assert (status.kind, status.state, status.code) == (DeviceKind.SCANNER, DeviceState.READY, "ok")
        assert status.name == scanner.name

    def test_a_code_held_still_is_returned_once_and_then_nothing_until_the_time_out(self, show: Show) -> None:
        assert [scan.data for scan in _collect(show(VISIT), 0.6)] == [VISIT.encode()]

    def test_two_codes_shown_in_turn_are_both_returned(self, show: Show) -> None:
        scanner, found = show(VISIT, CARD), set[bytes]()
        while found != {VISIT.encode(), CARD.encode()}:
            scan = scanner.read(20.0)
            assert scan is not None, found
            found.add(scan.data)

    def test_closing_twice_is_harmless_and_leaves_no_process_behind(self, show: Show) -> None:
        scanner = show(VISIT)
        assert scanner.read(20.0) is not None
        workers = _workers()
        assert workers or isinstance(scanner, ByteStreamScanner)
        scanner.close()
        scanner.close()
        assert _workers() == []


def _workers() -> list[int]:
    """The worker processes of this process, dead ones that nobody collected included."""
    workers = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):  # of others, which end while they are looked at
            state, parent = (process / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == os.getpid() and (state == "Z" or b"worker" in (process / "cmdline").read_bytes()):
                workers.append(int(process.name))
    return workers


def test_the_registry_opens_what_the_options_name(tmp_path: Path) -> None:
    simulated = open_scanner(SimulatedScannerOptions())
    camera = open_scanner(CameraOptions(driver="camera", source=str(tmp_path / "none.png")))
    assert isinstance(simulated, SimulatedScanner)
    assert isinstance(camera, CameraScanner)
    simulated.close()
    camera.close()


class TestCameraTrouble:
    def test_a_worker_that_is_killed_costs_frames_and_nothing_else(self, tmp_path: Path) -> None:
        (tmp_path / "card.png").write_bytes(qr_picture(VISIT))
        scanner = _camera(str(tmp_path / "card.png"))
        try:
            assert scanner.read(20.0) is not None
            (worker,) = _workers()
            (tmp_path / "card.png").write_bytes(qr_picture(CARD))
            os.kill(worker, signal.SIGKILL)
            scan = scanner.read(20.0)
            assert scan is not None
            assert scan.data == CARD.encode()
            assert _workers() != [worker]
        finally:
            scanner.close()

    def test_a_worker_that_hangs_is_replaced(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(camera, "_SILENCE_LIMIT_S", 1.5)
        (tmp_path / "card.png").write_bytes(qr_picture(VISIT))
        scanner = _camera(str(tmp_path / "card.png"), stall_s=0.2)
        try:
            assert scanner.read(20.0) is not None
            (worker,) = _workers()
            os.kill(worker, signal.SIGSTOP)  # as a native call that does not return
            wait_for(lambda: _workers() not in ([worker], []))
            assert scanner.read(20.0) is not None
        finally:
            scanner.close()

    def test_a_camera_that_is_not_there_is_no_error_and_is_used_once_it_comes(self, tmp_path: Path) -> None:
        source = tmp_path / "card.png"
        scanner = _camera(str(source))
        try:
            wait_for(lambda: scanner.status().code == "scanner.absent")
            assert scanner.status().state is DeviceState.UNAVAILABLE
            assert scanner.read(0.1) is None
            source.write_bytes(qr_picture(VISIT))
            assert scanner.read(20.0) is not None
            assert scanner.status().state is DeviceState.READY
        finally:
            scanner.close()

    def test_a_stream_that_stops_is_stalled_and_one_that_repeats_itself_is_frozen(
        self, tmp_path: Path, mjpeg_server: MjpegServer
    ) -> None:
        picture = tmp_path / "card.jpg"
        picture.write_bytes(_as("jpg", qr_picture(VISIT)))
        stalling = _camera(mjpeg_server(picture, picture, after="stall"), stall_s=0.5)
        freezing = _camera(mjpeg_server(picture, after="same"), stall_s=0.5)
        try:
            wait_for(lambda: stalling.status().code == "scanner.stalled")
            wait_for(lambda: freezing.status().code == "scanner.frozen")
            assert freezing.status().state is DeviceState.ATTENTION
        finally:
            stalling.close()
            freezing.close()

    def test_a_black_picture_is_told_from_a_missing_one(self, tmp_path: Path) -> None:
        cv2.imwrite(str(tmp_path / "night.png"), np.full((720, 1280), 3, np.uint8))
        scanner = _camera(str(tmp_path / "night.png"))
        try:
            wait_for(lambda: scanner.status().code == "scanner.black")
            assert scanner.status().state is DeviceState.ATTENTION
        finally:
            scanner.close()


PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


def _passport_png() -> bytes:
    page = np.full((720, 1280), 220, np.uint8)
    zone = draw_zone(PASSPORT, 9.0, paper=220)
    page[560 : 560 + zone.shape[0], 40 : 40 + zone.shape[1]] = zone
    return cv2.imencode(".png", page)[1].tobytes()


class TestMachineReadableZone:
    def test_a_camera_reads_a_zone_only_after_it_was_asked_to(self, tmp_path: Path) -> None:
        (tmp_path / "page.png").write_bytes(_passport_png())
        scanner = _camera(str(tmp_path / "page.png"))
        try:
            wait_for(lambda: scanner.status().code == "ok")
            assert scanner.read(0.5) is None
            scanner.look_for_mrz(True)
            scan = scanner.read(20.0)
            assert scan is not None
            assert scan.data.decode() == "\n".join(PASSPORT)
        finally:
            scanner.close()

    def test_a_simulated_scanner_does_the_same_by_the_same_decoder(self) -> None:
        scanner = SimulatedScanner(SimulatedScannerOptions())
        scanner.show(_passport_png())
        assert scanner.read(0.1) is None
        scanner.look_for_mrz(True)  # the page is held there still
        scan = scanner.read(20.0)
        assert scan is not None
        assert scan.data.decode() == "\n".join(PASSPORT)
        scanner.look_for_mrz(False)
        scanner.show_text(VISIT)
        assert scanner.read(20.0) is not None  # codes are read whatever was asked for
        scanner.close()


class TestSimulatedScanner:
    def test_a_picture_taken_away_before_it_was_read_stays_unread(self) -> None:
        scanner = SimulatedScanner(SimulatedScannerOptions())
        scanner.show_text(VISIT)
        scanner.clear()
        assert scanner.read(0.1) is None
        scanner.close()

    def test_what_is_no_picture_shows_no_code_and_does_no_harm(self) -> None:
        scanner = SimulatedScanner(SimulatedScannerOptions())
        scanner.show(b"not a picture")
        assert scanner.read(0.1) is None
        scanner.show_text(VISIT)
        assert scanner.read(20.0) is not None
        scanner.close()
