"""Who goes before others by law, and how the two lines mix.

Source: Law on medical examination and treatment 15/2023/QH15, art. 3(2): emergency, children under 6, pregnant women,
severe and very severe disability, people from 75, people with merit. (The law of 2009 said 80.)
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.identity import PartialDate

CHILD_UNDER: Final = 6
ELDERLY_FROM: Final = 75


class PriorityGround(StrEnum):
    EMERGENCY = "emergency"
    CHILD = "child"
    PREGNANCY = "pregnancy"
    DISABILITY = "disability"
    ELDERLY = "elderly"
    MERIT = "merit"


BY_BIRTH_DATE: Final = frozenset({PriorityGround.CHILD, PriorityGround.ELDERLY})
"""Grounds a document proves by itself; every other one is declared by the patient and confirmed by staff."""


def ground_by_age(born_on: PartialDate | None, on: date) -> PriorityGround | None:
    """Return the ground that the birth date gives on a day, None without one.

    Where day or month is unknown the reading that favours the patient holds: a person born in 1951 counts as 75 from
    1 January 2026, a child born in 2020 as under 6 to 31 December 2026.
    """
    if born_on is None:
        return None
    if _age(on, born_on.year, born_on.month or 12, born_on.day or 31) < CHILD_UNDER:
        return PriorityGround.CHILD
    if _age(on, born_on.year, born_on.month or 1, born_on.day or 1) >= ELDERLY_FROM:
        return PriorityGround.ELDERLY
    return None


def _age(on: date, year: int, month: int, day: int) -> int:
    """Return completed years. Who was born on 29 February turns a year older on 1 March of a common year."""
    return on.year - year - ((on.month, on.day) < (month, day))


@dataclass(frozen=True, slots=True)
class MixingRule:
    """How many of each line are called in turn while both wait; the same for everybody, and shown on the board."""

    priority: int = 1
    ordinary: int = 2

    def __post_init__(self) -> None:
        if self.priority < 1 or self.ordinary < 1:
            raise ValueError("each line must move: neither side of the rule may be zero")


def calls_priority_next(
    rule: MixingRule, called_before: list[bool], *, priority_waits: bool, ordinary_waits: bool
) -> bool:
    """Return whether the next call goes to the priority line.

    ``called_before`` tells of each earlier call that had both lines to choose from, latest last, whether it went to
    the priority line; calls without a choice leave the turn where it is. A turn begins with the priority line.
    """
    if not (priority_waits and ordinary_waits):
        return priority_waits
    turn = rule.priority + rule.ordinary
    return len(called_before) % turn < rule.priority
