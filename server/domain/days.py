"""The hospital's day: Asia/Ho_Chi_Minh, whatever the machine's own time zone is."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

# UTC+7 the whole year since 1975; a fixed offset needs no time zone database on a bare kiosk.
VIETNAM: Final = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def local_day(instant: datetime) -> date:
    """Return the hospital's day of an aware instant; it turns at 17:00 UTC."""
    if instant.tzinfo is None:
        raise ValueError("an instant without a time zone has no local day")
    return instant.astimezone(VIETNAM).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Return the UTC instants at which a local day begins (inclusive) and ends (exclusive)."""
    start = datetime.combine(day, time(), VIETNAM).astimezone(UTC)
    return start, start + timedelta(days=1)
