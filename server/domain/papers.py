"""How long a transfer paper stands; ``server.domain.appointments`` says it of an appointment.

Source: Circular 01/2025/TT-BYT art. 11-12: a transfer paper is good for ten working days from its signature, one year
for the diseases of its appendix III, and to the end of an episode that began in time.
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
    WRONG_FACILITY = "paper.wrong_facility"


@dataclass(frozen=True, slots=True)
class TransferPaper:
    number: str
    from_facility: str  # 5-character facility code
    to_facility: str
    signed_on: date
    one_year: bool = False  # a disease of appendix III


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
