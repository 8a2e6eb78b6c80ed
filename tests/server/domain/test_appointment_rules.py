"""Early, late, another day, used, cancelled: what becomes of an appointment that is shown, row by row."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from server.domain.appointments import (
    Appointment,
    AppointmentSource,
    AppointmentStatus,
    CheckIn,
    Rules,
    check_in,
    is_no_show,
    slot_times,
    window,
)
from server.domain.catalogue import Hours

HERE, ELSEWHERE = "34999", "34018"
# 27 April is the holiday for 26 April (Hùng Kings); 30 April and 1 May follow.
HOLIDAYS = {date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1)}
DUE = date(2026, 4, 20)  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00").astimezone(UTC)


SLOT = Appointment(HERE, AppointmentSource.SLOT, AppointmentStatus.BOOKED, DUE, at("2026-04-20 09:00"))
LETTER = Appointment(HERE, AppointmentSource.LETTER, AppointmentStatus.BOOKED, DUE)


@pytest.mark.parametrize(
    ("appointment", "instant", "outcome"),
    [
        (SLOT, "2026-04-20 09:00", CheckIn.ON_TIME),
        (SLOT, "2026-04-20 08:30", CheckIn.ON_TIME),  # the grace counts on both sides, ends included
        (SLOT, "2026-04-20 08:29", CheckIn.BEFORE_TIME),
        (SLOT, "2026-04-20 06:30", CheckIn.BEFORE_TIME),  # at the door with everybody else
        (SLOT, "2026-04-20 09:30", CheckIn.ON_TIME),
        (SLOT, "2026-04-20 09:31", CheckIn.AFTER_TIME),
        (SLOT, "2026-04-20 23:59", CheckIn.AFTER_TIME),
        (SLOT, "2026-04-21 00:00", CheckIn.TOO_LATE),  # local midnight, 17:00 UTC
        (SLOT, "2026-04-19 23:59", CheckIn.TOO_EARLY),
        (LETTER, "2026-04-20 15:00", CheckIn.ON_TIME),  # a day without a time
        (LETTER, "2026-04-19 08:00", CheckIn.TOO_EARLY),
        (LETTER, "2026-04-21 08:00", CheckIn.IN_WINDOW),
        (LETTER, "2026-05-07 08:00", CheckIn.IN_WINDOW),  # the 10th working day: 3 holidays and 2 weekends between
        (LETTER, "2026-05-08 08:00", CheckIn.TOO_LATE),
        (LETTER, "2026-04-25 08:00", CheckIn.IN_WINDOW),  # a Saturday inside the window
        (replace(LETTER, starts_at=at("2026-04-20 09:00")), "2026-04-20 07:00", CheckIn.BEFORE_TIME),
        (replace(LETTER, starts_at=at("2026-04-20 09:00")), "2026-04-22 07:00", CheckIn.IN_WINDOW),
        (replace(LETTER, status=AppointmentStatus.FULFILLED), "2026-04-20 08:00", CheckIn.USED),
        (replace(LETTER, status=AppointmentStatus.FULFILLED), "2026-06-20 08:00", CheckIn.USED),  # rather than too late
        (replace(LETTER, status=AppointmentStatus.CANCELLED), "2026-04-20 08:00", CheckIn.CANCELLED),
        (replace(LETTER, status=AppointmentStatus.NOSHOW), "2026-04-22 08:00", CheckIn.IN_WINDOW),  # came after all
        (replace(SLOT, status=AppointmentStatus.NOSHOW), "2026-04-21 08:00", CheckIn.TOO_LATE),
        (replace(LETTER, facility=ELSEWHERE), "2026-04-20 08:00", CheckIn.WRONG_FACILITY),
        (replace(SLOT, facility=ELSEWHERE), "2026-05-20 08:00", CheckIn.WRONG_FACILITY),  # rather than too late
    ],
)  # fmt: skip
def test_what_becomes_of_an_appointment(appointment: Appointment, instant: str, outcome: CheckIn) -> None:
    assert check_in(appointment, at=at(instant), facility=HERE, rules=Rules(), holidays=HOLIDAYS) is outcome


def test_somebody_elses_letter_opens_nothing_and_tells_nothing_of_its_state() -> None:
    used = replace(LETTER, status=AppointmentStatus.FULFILLED)
    for one in (LETTER, used):
        found = check_in(
            one, at=at("2026-04-20 08:00"), facility=HERE, rules=Rules(), holidays=HOLIDAYS, is_same_person=False
        )
        assert found is CheckIn.WRONG_PERSON


@pytest.mark.parametrize(
    ("rules", "first", "last"),
    [
        (Rules(), DUE, date(2026, 5, 7)),
        (Rules(late_working_days=0), DUE, DUE),
        (Rules(early_days=3), date(2026, 4, 17), date(2026, 5, 7)),  # calendar days before, working days after
        (Rules(late_working_days=4), DUE, date(2026, 4, 24)),
        (Rules(late_working_days=5), DUE, date(2026, 4, 28)),  # over a weekend and the holiday
    ],
)
def test_the_window_of_a_letter_is_the_facilitys_own(rules: Rules, first: date, last: date) -> None:
    assert window(LETTER, rules, HOLIDAYS) == (first, last)
    assert window(SLOT, rules, HOLIDAYS) == (DUE, DUE)


def test_slots_fill_the_hours_of_their_weekday_and_none_overruns() -> None:
    hours = [Hours(1, time(13), time(13, 50)), Hours(1, time(7), time(8)), Hours(2, time(7), time(8))]
    assert slot_times(hours, DUE, 20) == tuple(
        at(f"2026-04-20 {time_}") for time_ in ("07:00", "07:20", "07:40", "13:00", "13:20")
    )
    assert slot_times(hours, date(2026, 4, 22), 20) == ()
    night = [Hours(1, time(23), time(1))]
    assert slot_times(night, DUE, 40) == (at("2026-04-20 23:00"), at("2026-04-20 23:40"))
    assert slot_times(night, date(2026, 4, 21), 40) == (at("2026-04-21 00:20"),)
    with pytest.raises(ValueError, match="minute"):
        slot_times(hours, DUE, 0)


@pytest.mark.parametrize(
    ("appointment", "on", "expected"),
    [
        (SLOT, SLOT.due_on, False),  # its day is not over yet
        (SLOT, SLOT.due_on + timedelta(days=1), True),
        (LETTER, LETTER.due_on + timedelta(days=1), True),  # good for days to come, and not kept all the same
        (replace(LETTER, status=AppointmentStatus.FULFILLED), LETTER.due_on + timedelta(days=1), False),
        (replace(LETTER, status=AppointmentStatus.CANCELLED), LETTER.due_on + timedelta(days=1), False),
        (replace(LETTER, status=AppointmentStatus.NOSHOW), LETTER.due_on + timedelta(days=1), False),  # it is one
    ],
)
def test_what_nobody_came_to_by_the_end_of_its_day_is_a_no_show(
    appointment: Appointment, on: date, expected: bool
) -> None:
    assert is_no_show(appointment, on=on) is expected
