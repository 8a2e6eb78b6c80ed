"""Figures of a day from its visits. Pure: the same visits give the same figures.

Cancelled visits count as cancelled and nowhere else. A wait goes from the arrival to the first call.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

from server.domain.appointments import AppointmentStatus
from server.domain.card_check import CardStatus
from server.domain.days import VIETNAM
from server.domain.queue import TicketStatus
from server.reports.visits import Promised, Visit

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Waits:
    """Waiting times in whole minutes; ``measured`` tells how many people they rest on."""

    measured: int
    median_min: int
    ninety_min: int
    """Nine of ten waited no longer."""

    longest_min: int


@dataclass(frozen=True, slots=True)
class Group:
    """The visits of one hour, clinic or place of registration."""

    arrived: int
    insured: int
    waiting: int
    under_way: int
    served: int
    missed: int
    not_seen: int
    own_numbers: int
    reprints: int
    cards_unverified: int
    waits: Waits | None

    @property
    def not_insured(self) -> int:
        return self.arrived - self.insured


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of some appointments of a day; cancelled ones were promised to nobody in the end."""

    expected: int  # nobody came yet, and the day is not over
    came: int
    no_shows: int
    cancelled: int

    @property
    def promised(self) -> int:
        return self.expected + self.came + self.no_shows


_UNDER_WAY = {TicketStatus.CALLED, TicketStatus.SERVING, TicketStatus.HELD}


def came(visits: Iterable[Visit]) -> list[Visit]:
    """Return the visits that were not cancelled."""
    return [visit for visit in visits if not visit.is_cancelled]


def group(visits: Sequence[Visit]) -> Group:
    """Return the figures of some visits, none of them cancelled."""
    states = Counter(visit.ticket_status for visit in visits)
    return Group(
        arrived=len(visits),
        insured=sum(visit.is_insured for visit in visits),
        waiting=states[TicketStatus.WAITING],
        under_way=sum(states[state] for state in _UNDER_WAY),
        served=states[TicketStatus.DONE],
        missed=states[TicketStatus.MISSED],
        not_seen=states[TicketStatus.NOT_SEEN],
        own_numbers=sum(visit.is_own_number for visit in visits),
        reprints=sum(visit.reprints for visit in visits),
        cards_unverified=sum(visit.is_card_unverified for visit in visits),
        waits=waits(visits),
    )


def by_hour(visits: Iterable[Visit]) -> dict[int, Group]:
    """Return the figures of each hour of arrival, hospital's time, from the first to the last without a gap."""
    hours = _grouped(came(visits), lambda visit: visit.arrived_at.astimezone(VIETNAM).hour)
    if not hours:
        return {}
    return {hour: group(hours.get(hour, [])) for hour in range(min(hours), max(hours) + 1)}


def by_clinic(visits: Iterable[Visit]) -> dict[str, Group]:
    """Return the figures of each clinic's code, the busiest first."""
    return _busiest_first(_grouped(came(visits), lambda visit: visit.clinic))


def by_place(visits: Iterable[Visit]) -> dict[str | None, Group]:
    """Return the figures of each kiosk's name and of the desk (None), the busiest first."""
    return _busiest_first(_grouped(came(visits), lambda visit: visit.kiosk))


def kept(promises: Iterable[Promised]) -> Kept:
    states = Counter(one.status for one in promises)
    return Kept(
        expected=states[AppointmentStatus.BOOKED],
        came=states[AppointmentStatus.FULFILLED],
        no_shows=states[AppointmentStatus.NOSHOW],
        cancelled=states[AppointmentStatus.CANCELLED],
    )


def kept_by_clinic(promises: Iterable[Promised]) -> dict[str, Kept]:
    """Return what became of the appointments of each clinic's code, the clinic with most of them first."""
    clinics = _grouped(promises, lambda one: one.clinic)
    ordered = sorted(clinics.items(), key=lambda item: (-len(item[1]), item[0]))
    return {code: kept(ones) for code, ones in ordered}


def by_card(visits: Iterable[Visit]) -> dict[CardStatus | None, int]:
    """Return what the gateway said of the cards shown and how often; None where no answer came."""
    found = Counter(visit.card_status for visit in came(visits) if visit.is_insured)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0] or "")))


def waits(visits: Iterable[Visit]) -> Waits | None:
    """Return how long those waited who were called, None when nobody was."""
    seconds = sorted(visit.waited_s for visit in visits if visit.waited_s is not None)
    if not seconds:
        return None
    return Waits(
        measured=len(seconds),
        median_min=_minutes(_rank(seconds, 0.5)),
        ninety_min=_minutes(_rank(seconds, 0.9)),
        longest_min=_minutes(seconds[-1]),
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that ``share`` of all do not exceed (nearest rank): one that somebody really waited."""
    return ordered[max(ceil(share * len(ordered)), 1) - 1]


def _minutes(seconds: float) -> int:
    return round(seconds / 60)


def _grouped(rows: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    groups: dict[K, list[V]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _busiest_first(groups: dict[K, list[Visit]]) -> dict[K, Group]:
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), str(item[0])))
    return {key: group(visits) for key, visits in ordered}
