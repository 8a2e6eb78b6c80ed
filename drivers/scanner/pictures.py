"""Codes in single pictures, decoded out of harm's way."""

import threading
from dataclasses import dataclass

from pydantic import ValidationError

from drivers.errors import MalformedData
from drivers.scanner.isolation import Worker, WorkerLost
from drivers.scanner.report import SEEK_CODES, SEEK_MRZ, Report


@dataclass(frozen=True, slots=True)
class Decoded:
    """The payloads of a picture's codes, none or more, and how long decoding took."""

    payloads: tuple[bytes, ...]
    ms: float


class PictureDecoder:
    """Decodes picture files in a worker process, started at the first picture and again after a crash.

    May be used from several threads; they take turns.
    """

    def __init__(self, *, limit_s: float = 20.0) -> None:
        self._limit_s = limit_s
        self._worker: Worker | None = None
        self._turn = threading.Lock()

    def decode(self, picture: bytes, *, mrz: bool = False) -> Decoded:
        """Return what codes are in ``picture`` (the bytes of a PNG, JPEG, ... file); with ``mrz`` a zone's text too.

        Raises MalformedData for what is no picture, and for a picture that the decoder did not survive.
        """
        with self._turn:
            report = self._report_of((SEEK_MRZ if mrz else SEEK_CODES) + len(picture).to_bytes(4, "big") + picture)
        if not report.is_picture:
            raise MalformedData("picture", "this is no picture file")
        return Decoded(report.payloads(), report.ms)

    def close(self) -> None:
        with self._turn:
            self._drop()

    def _report_of(self, request: bytes) -> Report:
        """Return the worker's report; a picture is given up only when a fresh worker did not survive it either."""
        for _ in range(2):
            if self._worker is None:
                self._worker = Worker("pictures")
            try:
                self._worker.send(request)
                line = self._worker.read_line(self._limit_s)
                assert line is not None
                return Report.model_validate_json(line)
            except (WorkerLost, ValidationError):
                self._drop(at_once=True)
        raise MalformedData("picture", "the decoder gave up on it")

    def _drop(self, *, at_once: bool = False) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close(at_once=at_once)
