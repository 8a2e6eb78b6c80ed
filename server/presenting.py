"""How values that many pages show are written: times, dates, and the four lights."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from server.domain.days import VIETNAM
from server.domain.identity import PartialDate

Light = Literal["good", "fair", "warn", "bad"]


def clock_time(instant: datetime) -> str:
    """Return ``06:41`` in the hospital's time."""
    return instant.astimezone(VIETNAM).strftime("%H:%M")


def day_and_time(instant: datetime) -> str:
    """Return ``06:41:07 22/11/2026`` in the hospital's time."""
    return instant.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


def written_moment(instant: datetime | None) -> str:
    """Return ``06:41 22/11/2026`` in the hospital's time, nothing for what has not happened."""
    return instant.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if instant else ""


def written_date(value: date | str | None) -> str:
    """Return a date the Vietnamese way, as far as it is known: ``15/08/1990``, ``08/1990``, ``1990``."""
    if value is None:
        return ""
    known = PartialDate.parse(value) if isinstance(value, str) else PartialDate(value.year, value.month, value.day)
    parts = [f"{part:02d}" for part in (known.day, known.month) if part is not None]
    return "/".join([*parts, f"{known.year:04d}"])


def written_vnd(amount_vnd: int) -> str:
    """Return ``351.000 đ``."""
    return f"{amount_vnd:,} đ".replace(",", ".")


def written_percent(percent: Decimal | int, *, language: str) -> str:
    """Return ``47,5%``, in English ``47.5%``."""
    text = f"{percent:f}" if isinstance(percent, Decimal) else str(percent)
    return f"{text.replace('.', ',') if language == 'vi' else text}%"
