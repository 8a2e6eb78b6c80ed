"""Contract of whatever reads codes: a camera, a serial imager, a replay of pictures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from drivers.health import DeviceStatus


@dataclass(frozen=True, slots=True)
class Scan:
    """One code that was seen: its payload bytes exactly as encoded, and the UTC instant."""

    data: bytes
    seen_at: datetime


class Scanner(Protocol):
    """One source of codes, owned by one worker thread."""

    name: str

    hint: str | None
    """What would help the person who holds something there now, a stable code (``"scanner.hint.small"``, ...)."""

    def read(self, timeout_s: float) -> Scan | None:
        """Return the next code, or None after ``timeout_s``; a code held still is returned once.

        A device that is away is no error here: it is retried inside, and ``status`` says so.
        """
        ...

    def look_for_mrz(self, wanted: bool) -> None:
        """Read machine readable zones as well from now on, or codes only; an imager reads what it is set to.

        A zone comes as a Scan of its text (ASCII, lines apart). Looking for one costs what many codes cost, so it is
        asked for only while somebody is to show one. Returns at once, harmless when repeated.
        """
        ...

    def status(self) -> DeviceStatus:
        """Say how the scanner is; never blocks on the device."""
        ...

    def close(self) -> None:
        """Release the device; harmless when called twice."""
        ...
