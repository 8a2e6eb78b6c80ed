"""What a worker process is told in single bytes, and says, one JSON object a line."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

SEEK_CODES: Final = b"c"
SEEK_MRZ: Final = b"m"
"""What is written to a worker: look for codes only, or for a machine readable zone as well."""


class PictureState(StrEnum):
    """How the camera's picture is; the values are parts of stable codes (``scanner.black``)."""

    OK = "ok"
    STARTING = "starting"
    ABSENT = "absent"  # cannot be opened: unplugged, no permission, wrong address
    STALLED = "stalled"  # open, and no picture comes
    FROZEN = "frozen"  # the same picture again and again, which no sensor with noise can give
    BLACK = "black"  # lens covered, shutter closed, no light


class Report(BaseModel):
    """``codes``: payloads as hex. ``frames`` counts those looked at since the start, ``ms`` is the last one's time."""

    # A line that cannot be read is told in the log: without the payloads, which are people.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    codes: tuple[Annotated[str, Field(pattern="^(?:[0-9a-f]{2})*$")], ...] = ()
    picture: PictureState = PictureState.OK
    hint: str | None = None
    frames: int = 0
    ms: float = 0.0
    cpu_ms: float = 0.0
    """CPU time of the worker since it looked at its first frame."""
    delay_frames: int | None = None
    is_picture: bool = True
    """False for a file that cannot be read as a picture."""

    def payloads(self) -> tuple[bytes, ...]:
        return tuple(bytes.fromhex(code) for code in self.codes)
