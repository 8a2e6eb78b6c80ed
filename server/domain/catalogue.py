"""What a hospital offers: who pays for a visit, when a clinic is open, how many it can see in a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from server.domain.days import VIETNAM

VISITS_PER_TABLE: Final = 65
"""Visits of one examination table in eight hours beyond which the fund cuts the fee (Circular 39/2018/TT-BYT and its
successors). What the cut is has changed with each of them, so the figure is the facility's to set."""

WHOLE_DAY_SESSIONS: Final = 2


class Payer(StrEnum):
    """Whose price a visit has."""

    INSURED = "insured"  # the health insurance fund, less the patient's share
    SELF = "self"  # fee-paying: the patient pays the hospital's price
    ON_REQUEST = "on-request"  # a doctor or room of one's choice, at the hospital's own price


class DutySession(StrEnum):
    """Half a working day of a roster."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class ClinicState(StrEnum):
    """Whether a clinic takes patients now, and if not, why."""

    OPEN = "open"
    LATER = "later"  # closed now and open again today: numbers are given for then
    OVER = "over"  # its hours of the day have passed
    NOT_TODAY = "not-today"  # no hours on this day, or a holiday
    CLOSED = "closed"  # staff closed the queue, or every room
    NO_DOCTOR = "no-doctor"  # the roster has nobody for the rest of the day
    FULL = "full"  # all tables have their visits of the day


ACCEPTING: Final = frozenset({ClinicState.OPEN, ClinicState.LATER})
REFUSALS: Final = {f"service.{state}": state for state in ClinicState if state not in ACCEPTING}
"""The stable code with which a server refuses a visit to a clinic in each state that takes nobody."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a service costs one kind of payer from a day on, until the next row's day."""

    payer: Payer
    valid_from: date
    price_vnd: int


def prices_on(prices: Iterable[Price], day: date) -> dict[Payer, int]:
    """Return the price of each kind of payer on a day, in đồng.

    Where a hospital keeps no price for those who pay themselves, the insured price is theirs: at public hospitals both
    are set alike (Circular 21/2023/TT-BYT and the provinces' resolutions).
    """
    newest = sorted((price for price in prices if price.valid_from <= day), key=lambda price: price.valid_from)
    found = {price.payer: price.price_vnd for price in newest}
    if Payer.INSURED in found:
        found.setdefault(Payer.SELF, found[Payer.INSURED])
    return found


@dataclass(frozen=True, slots=True)
class Hours:
    """One span in which a clinic is open. ``weekday``: ISO, 1 is Monday; local times, the end is exclusive."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError("a weekday is 1 (Monday) to 7")
        if self.opens >= self.closes:
            raise ValueError("a clinic opens before it closes")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the hours say of a moment; ``opens`` is the next beginning today, for LATER."""

    state: ClinicState
    opens: time | None = None


def opening(hours: Sequence[Hours], *, at: datetime, holidays: Collection[date] = ()) -> Opening:
    """Return what a clinic's hours say of an instant: OPEN, LATER, OVER or NOT_TODAY.

    A clinic that keeps no hours is open always: emergencies, and hospitals that have not entered any. A patient who
    comes before the doors open gets a number for then: that is what the queue at half past six is.
    """
    if not hours:
        return Opening(ClinicState.OPEN)
    local = at.astimezone(VIETNAM)
    spans = sorted((one for one in hours if one.weekday == local.isoweekday()), key=lambda one: one.opens)
    if not spans or local.date() in holidays:
        return Opening(ClinicState.NOT_TODAY)
    now = local.time()
    if any(one.opens <= now < one.closes for one in spans):
        return Opening(ClinicState.OPEN)
    later = next((one.opens for one in spans if now < one.opens), None)
    return Opening(ClinicState.OVER) if later is None else Opening(ClinicState.LATER, later)


@dataclass(frozen=True, slots=True)
class RoomDay:
    """One room on one day. ``doctors``: how many the roster has in each session, None where nobody keeps a roster."""

    tables: int
    visits_per_table: int | None  # None: nobody set a cap
    is_closed: bool = False
    doctors: Mapping[DutySession, int] | None = None


def capacity(rooms: Iterable[RoomDay]) -> int | None:
    """Return how many visits the open rooms may have in the day; None where an open room has no cap.

    A table with a doctor for one session counts half: the cap is one of eight hours.
    """
    total = 0
    for room in rooms:
        if room.is_closed:
            continue
        if room.visits_per_table is None:
            return None
        total += room.visits_per_table * _table_sessions(room) // WHOLE_DAY_SESSIONS
    return total


def clinic_state(
    hours: Opening, rooms: Sequence[RoomDay], *, visits: int, is_queue_open: bool = True, session: DutySession
) -> ClinicState:
    """Return whether a clinic takes another patient; the first thing that stands in the way is named.

    ``visits`` are today's so far. ``session`` is the present one: a doctor of the morning is no help after it.
    """
    if hours.state not in ACCEPTING:
        return hours.state
    if not is_queue_open or (rooms and all(room.is_closed for room in rooms)):
        return ClinicState.CLOSED
    if rooms and not any(_has_doctor_from(room, session) for room in rooms if not room.is_closed):
        return ClinicState.NO_DOCTOR
    most = capacity(rooms) if rooms else None
    return ClinicState.FULL if most is not None and visits >= most else hours.state


def takes(state: ClinicState, *, is_exempt: bool = False) -> bool:
    """Whether a clinic in ``state`` takes somebody now.

    The cap turns nobody away who goes first by law (Law 15/2023/QH15 art. 3(2)) or whose place was promised by an
    appointment; a clinic where nobody works can take neither.
    """
    return state in ACCEPTING or (is_exempt and state is ClinicState.FULL)


def session_at(instant: datetime) -> DutySession:
    """Return the half of the hospital's day an instant lies in; noon belongs to the afternoon."""
    return DutySession.MORNING if instant.astimezone(VIETNAM).hour < 12 else DutySession.AFTERNOON


def _table_sessions(room: RoomDay) -> int:
    if room.doctors is None:
        return room.tables * WHOLE_DAY_SESSIONS
    return sum(min(room.tables, room.doctors.get(session, 0)) for session in DutySession)


def _has_doctor_from(room: RoomDay, session: DutySession) -> bool:
    if room.doctors is None:
        return True
    left = (session, DutySession.AFTERNOON)
    return any(room.doctors.get(one, 0) for one in left)
