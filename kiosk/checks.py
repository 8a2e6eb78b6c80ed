"""What must be true before anybody is taken in: room on the disk, and a clock that can be believed."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.journal.store import Journal

CLOCK_WRONG: Final = "kiosk.clock_wrong"
DISK_FULL: Final = "kiosk.disk_full"
DISK_LOW: Final = "kiosk.disk_low"
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
"""As far as the server follows a kiosk's clock."""


def clock_went_back(journal: Journal, now: datetime) -> bool:
    """Whether it is earlier now than when the last visit was recorded: the clock lost its battery."""
    last = journal.last_recorded_at()
    return last is not None and now < last - CLOCK_TOLERANCE


def clock_differs(server_now: datetime, now: datetime) -> bool:
    """Whether kiosk and server disagree by more than the server allows; the queue's day hangs on it."""
    return abs(server_now - now) > CLOCK_TOLERANCE


def disk_trouble(data_dir: Path, *, wanted_mb: int) -> str | None:
    """Return DISK_FULL below a tenth of the wanted room, DISK_LOW below all of it, None otherwise."""
    free_mb = shutil.disk_usage(data_dir).free / 1e6
    if free_mb < wanted_mb / 10:
        return DISK_FULL
    return DISK_LOW if free_mb < wanted_mb else None
