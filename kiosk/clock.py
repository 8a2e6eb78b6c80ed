"""The one place of the kiosk that asks what time it is; tests hand in a clock of their own."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present UTC instant; it may jump when somebody sets the clock."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow; for durations and deadlines."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
