"""What a hospital offers: who pays for a visit, when a clinic is open, how many it can see in a day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from server.domain.days import VIETNAM, day_bounds, local_day

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


LONGEST_NIGHT: Final = timedelta(hours=17)
"""From the offices' evening to their morning; where a span is longer, somebody has written its times changed round."""


@dataclass(frozen=True, slots=True)
class Hours:
    """One span in which a clinic is open. ``weekday``: ISO, 1 is Monday, the day it begins on; local times.

    The end is exclusive. An end that is not later than the beginning is on the next day: 18:00 to 06:00 is a night,
    07:00 to 07:00 a day and a night, 00:00 to 00:00 the whole day. ValueError for what can only be two times changed
    round.
    """

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not 1 <= self.weekday <= 7:
            raise ValueError("a weekday is 1 (Monday) to 7")
        if self.ends_next_day and self.opens != self.closes and self.lasts > LONGEST_NIGHT:
            raise ValueError(f"{self.opens:%H:%M} to {self.closes:%H:%M} of the next day is longer than any night")

    @property
    def ends_next_day(self) -> bool:
        return self.closes <= self.opens

    def is_kept_on(self, day: date, holidays: Collection[date]) -> bool:
        """Whether the span begins on a day. Who works day and night is there on a holiday, too."""
        return self.weekday == day.isoweekday() and (day not in holidays or self.opens == self.closes)

    @property
    def lasts(self) -> timedelta:
        begins, ends = self.on(date.min)
        return ends - begins

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return the aware instants between which the span lasts that begins on a day of its weekday."""
        last = day + timedelta(days=1) if self.ends_next_day else day
        return datetime.combine(day, self.opens, VIETNAM), datetime.combine(last, self.closes, VIETNAM)


@dataclass(frozen=True, slots=True)
class Opening:
    """What the hours say of a moment; ``opens`` is the next beginning today, for LATER."""

    state: ClinicState
    opens: time | None = None


def opening(hours: Sequence[Hours], *, at: datetime, holidays: Collection[date] = ()) -> Opening:
    """Return what a clinic's hours say of an instant: OPEN, LATER, OVER or NOT_TODAY.

    A clinic that keeps no hours is open always: emergencies, and hospitals that have not entered any. A patient who
    comes before the doors open gets a number for then: that is what the queue at half past six is. A night that began
    on a working day is worked to its end, though the morning's day is a holiday.
    """
    if not hours:
        return Opening(ClinicState.OPEN)
    today = local_day(at)
    of_today = spans_of(hours, today, holidays)
    of_last_night = spans_of(hours, today - timedelta(days=1), holidays)
    if any(begins <= at < ends for begins, ends in (*of_today, *of_last_night)):
        return Opening(ClinicState.OPEN)
    if not of_today:
        return Opening(ClinicState.NOT_TODAY)
    later = next((begins for begins, _ in of_today if at < begins), None)
    if later is None:
        return Opening(ClinicState.OVER)
    return Opening(ClinicState.LATER, later.astimezone(VIETNAM).time())


def spans_of(hours: Iterable[Hours], day: date, holidays: Collection[date] = ()) -> list[tuple[datetime, datetime]]:
    """Return the aware instants between which a clinic is open by the hours that begin on a day, in their order."""
    return sorted(one.on(day) for one in hours if one.is_kept_on(day, holidays))


def first_overlap(hours: Iterable[Hours]) -> Hours | None:
    """Return the first span of a week that begins while another one lasts, None when each has its own time."""
    monday = date(2024, 1, 1)  # any week is like any other
    days = [monday + timedelta(days=n) for n in range(8)]  # Sunday's night is Monday's morning
    spans = sorted(
        ((*one.on(day), one) for day in days for one in hours if one.weekday == day.isoweekday()),
        key=lambda span: span[:2],
    )
    return next((after[2] for before, after in pairwise(spans) if after[0] < before[1]), None)


NIGHT_ENDS: Final = time(6)
"""When the numbers of the evening before are closed where work does not stop at midnight and no shift says when it
ends: nobody waits that long, and the doors open for the morning's patients at half past six."""


def day_ends(hours: Sequence[Hours], day: date) -> datetime:
    """Return the aware instant at which a clinic's day is over and numbers of that day are called no more.

    Midnight; where work goes on over midnight, the end of the span that began on the day, or NIGHT_ENDS where a span of
    the next day follows without a gap, and where a clinic is open always. Numbers are counted by calendar day all the
    same.
    """
    _, midnight = day_bounds(day)
    tomorrow = day + timedelta(days=1)
    night_ends = datetime.combine(tomorrow, NIGHT_ENDS, VIETNAM)
    if not hours:
        return night_ends
    latest = max((ends for _, ends in spans_of(hours, day)), default=None)
    if latest is None or latest < midnight:
        return midnight
    if latest > midnight:
        return latest
    return next((min(ends, night_ends) for begins, ends in spans_of(hours, tomorrow) if begins == midnight), midnight)


def first_live_day(hours: Sequence[Hours], *, at: datetime) -> date:
    """Return the earliest local day whose numbers a clinic still works off at an instant: today, or yesterday."""
    today = local_day(at)
    yesterday = today - timedelta(days=1)
    return yesterday if at < day_ends(hours, yesterday) else today


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
