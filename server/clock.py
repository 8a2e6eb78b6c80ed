"""The one place that asks what time it is; everything below a view or worker takes ``now`` as an argument."""

from datetime import UTC, date, datetime
from typing import Protocol

from server.domain.days import local_day


class Clock(Protocol):
    def now(self) -> datetime:
        """Return the present UTC instant."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def today(clock: Clock) -> date:
    return local_day(clock.now())
