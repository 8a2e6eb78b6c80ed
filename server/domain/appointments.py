"""When an appointment may be used, and what a kiosk or a clerk says otherwise.

Source: Circular 01/2025/TT-BYT art. 11-12: an appointment is used once, and gives a patient who keeps to it the full
benefit (MA_DOITUONG_KCB 1.5). How long after its day it still holds is the facility's to set: ten working days is the
span of the circular's transfer paper and of earlier circulars on the letter; the present text for the letter was not
at hand.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from server.domain.catalogue import Hours, spans_of
from server.domain.days import local_day
from server.domain.papers import is_working_day

EARLY_DAYS: Final = 0
LATE_WORKING_DAYS: Final = 10
GRACE_MIN: Final = 30


class AppointmentSource(StrEnum):
    SLOT = "slot"  # booked for a time
    LETTER = "letter"  # a re-examination letter (giấy hẹn khám lại): a day, and a window after it


class AppointmentStatus(StrEnum):
    """FHIR Appointment.status, as far as booking needs it."""

    BOOKED = "booked"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


UNUSED: Final = (AppointmentStatus.BOOKED, AppointmentStatus.NOSHOW)
"""What may still open a visit: whoever did not come on the day may come within the letter's window."""


class CheckIn(StrEnum):
    """What becomes of an appointment that is shown. The first four open the visit."""

    ON_TIME = "on-time"
    BEFORE_TIME = "before-time"  # the right day, long before its time: told the time, and registered
    AFTER_TIME = "after-time"  # the right day, after its time: registered, and served as those who come now
    IN_WINDOW = "in-window"  # another day inside the letter's window
    TOO_EARLY = "too-early"
    TOO_LATE = "too-late"
    USED = "used"
    CANCELLED = "cancelled"
    WRONG_FACILITY = "wrong-facility"
    WRONG_PERSON = "wrong-person"


USUAL_HOURS: Final = tuple(
    Hours(day, opens, closes)
    for day in range(1, 6)
    for opens, closes in ((time(7), time(11)), (time(13, 30), time(16)))
)
"""When times are booked at a clinic that is open always: working days, as outpatient departments do."""

USABLE: Final = frozenset({CheckIn.ON_TIME, CheckIn.BEFORE_TIME, CheckIn.AFTER_TIME, CheckIn.IN_WINDOW})


@dataclass(frozen=True, slots=True)
class Rules:
    """A facility's own tolerance. ``grace_min``: around its time a slot counts as kept."""

    early_days: int = EARLY_DAYS
    late_working_days: int = LATE_WORKING_DAYS
    grace_min: int = GRACE_MIN


@dataclass(frozen=True, slots=True)
class Appointment:
    """``starts_at`` is the slot's aware instant, None where the letter names a day only."""

    facility: str
    source: AppointmentSource
    status: AppointmentStatus
    due_on: date
    starts_at: datetime | None = None


def window(appointment: Appointment, rules: Rules, holidays: Collection[date]) -> tuple[date, date]:
    """Return the first and the last day, inclusive, on which an appointment opens a visit.

    A slot is good on its day only. A letter is good from ``early_days`` calendar days before its day to
    ``late_working_days`` working days after it; the day itself does not count.
    """
    if appointment.source is AppointmentSource.SLOT:
        return appointment.due_on, appointment.due_on
    last, left = appointment.due_on, rules.late_working_days
    while left:
        last += timedelta(days=1)
        left -= is_working_day(last, holidays)
    return appointment.due_on - timedelta(days=rules.early_days), last


def is_no_show(appointment: Appointment, *, on: date) -> bool:
    """Return whether nobody has come to a booked appointment by the end of its own day, seen on a local day.

    It is then ``noshow`` (FHIR R4 Appointment.status), a letter too: that opens a visit all the same until its window
    ends, and is fulfilled by it.
    """
    return appointment.status is AppointmentStatus.BOOKED and appointment.due_on < on


def check_in(
    appointment: Appointment, *, at: datetime, facility: str, rules: Rules, holidays: Collection[date],
    is_same_person: bool = True,
) -> CheckIn:  # fmt: skip
    """Return what becomes of an appointment shown at an instant; what cannot be changed by waiting is said first."""
    if appointment.facility != facility:
        return CheckIn.WRONG_FACILITY
    if not is_same_person:
        return CheckIn.WRONG_PERSON
    if appointment.status is AppointmentStatus.CANCELLED:
        return CheckIn.CANCELLED
    if appointment.status is AppointmentStatus.FULFILLED:
        return CheckIn.USED
    first, last = window(appointment, rules, holidays)
    day = local_day(at)
    if day < first:
        return CheckIn.TOO_EARLY
    if day > last:
        return CheckIn.TOO_LATE
    if day != appointment.due_on:
        return CheckIn.IN_WINDOW
    return _against_time(appointment.starts_at, at, timedelta(minutes=rules.grace_min))


def _against_time(starts_at: datetime | None, at: datetime, grace: timedelta) -> CheckIn:
    if starts_at is None or abs(at - starts_at) <= grace:
        return CheckIn.ON_TIME
    return CheckIn.BEFORE_TIME if at < starts_at else CheckIn.AFTER_TIME


def due_at(appointment: Appointment, *, arrived_at: datetime, rules: Rules) -> datetime | None:
    """Return from when an appointment that is used gives its patient a turn of the booked ones; None where never.

    A letter names a day, which is no time to be called at. Who comes after the time, and the grace, is served as those
    who come then; who comes long before it waits with everybody until then.
    """
    if appointment.source is not AppointmentSource.SLOT or appointment.starts_at is None:
        return None
    if local_day(arrived_at) != appointment.due_on:
        return None
    is_kept = arrived_at <= appointment.starts_at + timedelta(minutes=rules.grace_min)
    return appointment.starts_at if is_kept else None


def slot_times(hours: Collection[Hours], day: date, slot_min: int) -> tuple[datetime, ...]:
    """Return the beginnings of the slots of a calendar day as aware instants; a slot that would overrun is none.

    Of a span over midnight each of the two days has its part.
    """
    if slot_min <= 0:
        raise ValueError("a slot lasts at least a minute")
    found = []
    for begun_on in (day - timedelta(days=1), day):
        for start, end in spans_of(hours, begun_on):
            while start + timedelta(minutes=slot_min) <= end:
                if local_day(start) == day:
                    found.append(start)
                start += timedelta(minutes=slot_min)
    return tuple(found)
