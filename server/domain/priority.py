"""Who goes before others by law, and how the two lines mix.

Source: Law on medical examination and treatment 15/2023/QH15, art. 3(2): emergency, children under 6, pregnant women,
severe and very severe disability, people from 75, people with merit. (The law of 2009 said 80.)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.ages import oldest_age, youngest_age
from server.domain.identity import PartialDate

CHILD_UNDER: Final = 6
ELDERLY_FROM: Final = 75


class PriorityGround(StrEnum):
    """In the order of the law; where several hold, the first is the one that is shown."""

    EMERGENCY = "emergency"
    CHILD = "child"
    PREGNANCY = "pregnancy"
    DISABILITY = "disability"
    ELDERLY = "elderly"
    MERIT = "merit"


BY_BIRTH_DATE: Final = frozenset({PriorityGround.CHILD, PriorityGround.ELDERLY})
"""Grounds a document proves by itself; every other one is declared by the patient and confirmed by staff."""

DECLARABLE: Final = tuple(ground for ground in PriorityGround if ground not in BY_BIRTH_DATE)
AT_THE_KIOSK: Final = tuple(ground for ground in DECLARABLE if ground is not PriorityGround.EMERGENCY)
"""What a patient declares by a touch. An emergency calls staff instead of waiting for a confirmation."""


class ClaimState(StrEnum):
    DECLARED = "declared"  # by the patient; nobody has looked yet
    CONFIRMED = "confirmed"
    REFUSED = "refused"


def ground_by_age(born_on: PartialDate | None, on: date) -> PriorityGround | None:
    """Return the ground that the birth date gives on a day, None without one.

    Where day or month is unknown the reading that favours the patient holds: a person born in 1951 counts as 75 from
    1 January 2026, a child born in 2020 as under 6 to 31 December 2026.
    """
    if born_on is None:
        return None
    if youngest_age(born_on, on) < CHILD_UNDER:
        return PriorityGround.CHILD
    if oldest_age(born_on, on) >= ELDERLY_FROM:
        return PriorityGround.ELDERLY
    return None


def ground_that_counts(
    by_age: PriorityGround | None, claims: Mapping[PriorityGround, ClaimState], *, counts_declared: bool
) -> PriorityGround | None:
    """Return the ground on which somebody is called with the priority line now, None for the ordinary line.

    ``counts_declared`` lets what is declared count until staff have looked; an emergency counts only when confirmed,
    as it goes before everybody.
    """
    holding = {by_age} if by_age else set()
    for ground, state in claims.items():
        is_believed = counts_declared and ground is not PriorityGround.EMERGENCY and state is ClaimState.DECLARED
        if state is ClaimState.CONFIRMED or is_believed:
            holding.add(ground)
    return next((ground for ground in PriorityGround if ground in holding), None)


@dataclass(frozen=True, slots=True)
class MixingRule:
    """How many of each line are called in turn while both wait; the same for everybody, and shown on the board.

    ``counts_declared``: see ``ground_that_counts``. Emergencies that staff confirmed go before both lines.

    ``walk_ins_per_booked``: of the ordinary turns one goes to somebody whose booked time has come, then so many to the
    others; None: a booked time changes nothing. The law's priority comes first, and its share is not touched: a booked
    time is no ground of art. 3(2). Hospitals promise patients who book a time that they are seen about then, ahead of
    those who draw a number that morning. Where one waits for two hours, counting the booked time as the arrival would
    not keep that promise. One to two keeps most turns for those who came without.
    """

    priority: int = 1
    ordinary: int = 2
    counts_declared: bool = False
    walk_ins_per_booked: int | None = 2

    def __post_init__(self) -> None:
        if not (1 <= self.priority <= 9 and 1 <= self.ordinary <= 9):
            raise ValueError("each line must move: 1 to 9 of each in turn")
        if self.walk_ins_per_booked is not None and not 1 <= self.walk_ins_per_booked <= 9:
            raise ValueError("who has not booked must move, too: 1 to 9 for each one who has")


def calls_priority_next(rule: MixingRule, turns_taken: int, *, priority_waits: bool, ordinary_waits: bool) -> bool:
    """Return whether the next call goes to the priority line.

    ``turns_taken`` counts the earlier calls that had both lines to choose from; calls without a choice leave the turn
    where it is. A turn begins with the priority line.
    """
    if not (priority_waits and ordinary_waits):
        return priority_waits
    return turns_taken % (rule.priority + rule.ordinary) < rule.priority


def calls_booked_next(rule: MixingRule, booked_turns_taken: int) -> bool:
    """Return whether an ordinary turn, while both wait, goes to somebody whose booked time has come.

    ``booked_turns_taken`` counts the earlier such turns. The first goes to the booked time.
    """
    return rule.walk_ins_per_booked is not None and booked_turns_taken % (1 + rule.walk_ins_per_booked) == 0
