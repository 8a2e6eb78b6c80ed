"""How far a reading is, in bytes and in time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.reading import BytesRead, Observer

_EXPECTED_BYTES: Final = {
    ElementaryFile.DG1: 95,
    ElementaryFile.DG13: 420,
    ElementaryFile.COM: 24,
    ElementaryFile.SOD: 2000,
    ElementaryFile.DG14: 300,
    ElementaryFile.DG15: 300,
    ElementaryFile.DG2: 16000,
}
"""What the progress bar counts with until a file's own header says how long it is."""


@dataclass(slots=True)
class Stopwatch:
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[name] = self.timings_ms.get(name, 0.0) + (time.perf_counter() - started) * 1000


class Progress:
    """Bytes read of bytes expected; the fraction it tells never falls."""

    def __init__(self, observer: Observer, files: tuple[ElementaryFile, ...]) -> None:
        self._observer = observer
        self._totals = {file: _EXPECTED_BYTES.get(file, 0) for file in files}
        self._done = dict.fromkeys(files, 0)
        self._told = 0.0

    def of(self, file: ElementaryFile) -> Callable[[int, int], None]:
        def progress(done: int, total: int) -> None:
            self._done[file], self._totals[file] = done, total
            self._tell()

        return progress

    def absent(self, file: ElementaryFile) -> None:
        self._done[file] = self._totals[file] = 0
        self._tell()

    def _tell(self) -> None:
        done, total = sum(self._done.values()), sum(self._totals.values())
        if total and done / total > self._told:
            self._told = done / total
            self._observer(BytesRead(done, total))
