"""The spoken pieces of calls: recorded once by espeak-ng, kept beside the database, played by the displays.

Nothing leaves the hospital and nothing is synthesised while people wait. A display without the pieces it needs chimes.
"""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from server.board.recording import finish
from server.contract.settings import Section
from server.domain.announcing import call_clips, number_clips, pause_before_s
from server.errors import Unavailable

FOLDER: Final = "speech"
CLIP_FILE: Final = re.compile(r"[a-z0-9-]{1,40}\.wav")
PROGRAM: Final = "espeak-ng"
_LIMIT_S: Final = 20.0
_AMPLITUDE: Final = 60  # of 200; at 100, the usual one, some words touch full scale
_MAKE: Final = "levelled"  # how recordings are finished


def _a_span(text: str) -> str:
    spans_of((text,))
    return text


Span = Annotated[str, Field(pattern=r"^\d{2}:\d{2}-\d{2}:\d{2}$"), AfterValidator(_a_span)]


class SpeechSection(Section):
    """The ``server.speech`` section: how calls are spoken in the waiting rooms."""

    voice: Literal["vi", "vi-vn-x-central", "vi-vn-x-south"] = "vi"
    """The voice of espeak-ng: of the north, the centre or the south."""

    words_per_minute: Annotated[int, Field(ge=80, le=220)] = 115
    times: Annotated[int, Field(ge=1, le=3)] = 2
    quiet: tuple[Span, ...] = ()
    """Local times at which displays show calls without a sound, e.g. 11:30-13:00."""


@dataclass(frozen=True, slots=True)
class Clips:
    """The recorded pieces below a data directory, for one voice at one speed."""

    folder: Path
    voice: str
    words_per_minute: int

    @classmethod
    def of(cls, data_dir: Path, section: SpeechSection) -> "Clips":
        return cls(data_dir / FOLDER, section.voice, section.words_per_minute)

    def file_name(self, name: str, words: str) -> str:
        """Return the name of a piece's file: another voice, speed, wording or make is another file, kept for ever."""
        told = f"{self.voice} {self.words_per_minute} {words} {_MAKE}"
        return f"{name}-{hashlib.sha256(told.encode()).hexdigest()[:8]}.wav"

    def find_call(self, label: str, room: str) -> tuple[str, ...]:
        """Return the files that speak a call, in order; empty when one of them was never recorded.

        A place whose name was not recorded, as it is new, leaves its place unsaid: the display shows it.
        """
        return self._find(call_clips(label, room)) or self._find(number_clips(label))

    def _find(self, pieces: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        names = tuple(self.file_name(name, words) for name, words in pieces)
        return names if all((self.folder / name).is_file() for name in names) else ()

    def render(self, wanted: Mapping[str, str]) -> int:
        """Record the pieces that are missing and return how many; raises Unavailable without espeak-ng."""
        program = shutil.which(PROGRAM)
        if program is None:
            raise Unavailable("speech.no_program", f"{PROGRAM} is not installed (Debian package {PROGRAM})")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        missing = {
            name: words for name, words in wanted.items() if not (self.folder / self.file_name(name, words)).is_file()
        }
        for name, words in missing.items():
            self._record(program, name, words)
        return len(missing)

    def _record(self, program: str, name: str, words: str) -> None:
        path = self.folder / self.file_name(name, words)
        unfinished = path.with_suffix(".new")
        options = ["-v", self.voice, "-s", str(self.words_per_minute), "-a", str(_AMPLITUDE), "-w", str(unfinished)]
        try:
            subprocess.run(  # noqa: S603 - a fixed program; the words are behind "--"
                [program, *options, "--", words], check=True, capture_output=True, timeout=_LIMIT_S
            )
            unfinished.write_bytes(finish(unfinished.read_bytes(), pause_s=pause_before_s(name)))
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            raise Unavailable("speech.failed", f"{PROGRAM} did not record {path.name}") from error
        unfinished.replace(path)


def spans_of(quiet: tuple[str, ...]) -> list[tuple[time, time]]:
    """Return quiet hours as pairs of local times; raises ValueError for an hour that is none."""
    pairs = [span.split("-") for span in quiet]
    return [(time.fromisoformat(begins), time.fromisoformat(ends)) for begins, ends in pairs]
