"""How long a transfer paper and an appointment stand.

Source: Circular 01/2025/TT-BYT art. 11-12: a transfer paper is good for ten working days from its signature, one year
for the diseases of its appendix III, and to the end of an episode that began in time; an appointment is used once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

TRANSFER_WORKING_DAYS: Final = 10


class PaperProblem(StrEnum):
    NOT_SIGNED_YET = "paper.not_signed_yet"  # its date lies ahead: a typing mistake, or somebody's clock
    EXPIRED = "paper.expired"
    USED = "paper.used"
    WRONG_FACILITY = "paper.wrong_facility"
    EARLY = "paper.early"
    LATE = "paper.late"


@dataclass(frozen=True, slots=True)
class TransferPaper:
    number: str
    from_facility: str  # 5-character facility code
    to_facility: str
    signed_on: date
    one_year: bool = False  # a disease of appendix III


@dataclass(frozen=True, slots=True)
class AppointmentPaper:
    number: str
    facility: str
    due_on: date
    used_on: date | None = None


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < 5 and day not in holidays


def transfer_paper_ends_on(paper: TransferPaper, holidays: Collection[date]) -> date:
    """Return the last day, inclusive, on which the paper opens a new episode.

    The day of signature does not count. The one-year kind ends on the day before its anniversary; signed on 29
    February it ends on 28 February.
    """
    if paper.one_year:
        signed = paper.signed_on
        if (signed.month, signed.day) == (2, 29):
            return date(signed.year + 1, 2, 28)
        return signed.replace(year=signed.year + 1) - timedelta(days=1)
    day = paper.signed_on
    left = TRANSFER_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day, holidays)
    return day


def transfer_paper_problem(
    paper: TransferPaper, *, on: date, facility: str, holidays: Collection[date]
) -> PaperProblem | None:
    """Return what keeps the paper from opening an episode at ``facility`` on a day, None when nothing does."""
    if paper.to_facility != facility:
        return PaperProblem.WRONG_FACILITY
    if on < paper.signed_on:
        return PaperProblem.NOT_SIGNED_YET
    if on > transfer_paper_ends_on(paper, holidays):
        return PaperProblem.EXPIRED
    return None


def appointment_problem(
    paper: AppointmentPaper, *, on: date, facility: str, early_days: int = 0, late_days: int = 0
) -> PaperProblem | None:
    """Return what staff must decide about an appointment shown on a day, None when it opens the visit by itself.

    ``early_days`` and ``late_days`` are the hospital's own tolerance in calendar days.
    """
    if paper.facility != facility:
        return PaperProblem.WRONG_FACILITY
    if paper.used_on is not None:
        return PaperProblem.USED
    if on < paper.due_on - timedelta(days=early_days):
        return PaperProblem.EARLY
    if on > paper.due_on + timedelta(days=late_days):
        return PaperProblem.LATE
    return None
