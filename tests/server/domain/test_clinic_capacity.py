"""When a clinic is open, how many it can see, and what stands in the way of one more: row by row."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from server.domain.catalogue import (
    ClinicState,
    DutySession,
    Hours,
    Opening,
    Payer,
    Price,
    RoomDay,
    capacity,
    clinic_state,
    day_ends,
    first_live_day,
    opening,
    prices_on,
    session_at,
)

MORNING, AFTERNOON = DutySession.MORNING, DutySession.AFTERNOON
SPANS = ((time(7), time(11, 30)), (time(13), time(16)))
WORKDAYS = [Hours(day, opens, closes) for day in range(1, 6) for opens, closes in SPANS]
TET = date(2026, 2, 17)


def at(text: str) -> datetime:
    """Return the instant of a local time like ``2026-11-23 06:30``."""
    return datetime.fromisoformat(f"{text}+07:00")


@pytest.mark.parametrize(
    ("instant", "state", "opens"),
    [
        ("2026-11-23 06:30", ClinicState.LATER, time(7)),  # Monday: the queue before the doors open
        ("2026-11-23 07:00", ClinicState.OPEN, None),  # the first minute counts
        ("2026-11-23 11:29", ClinicState.OPEN, None),
        ("2026-11-23 11:30", ClinicState.LATER, time(13)),  # the end is exclusive: noon break
        ("2026-11-23 16:00", ClinicState.OVER, None),
        ("2026-11-22 09:00", ClinicState.NOT_TODAY, None),  # Sunday
        ("2026-02-17 09:00", ClinicState.NOT_TODAY, None),  # a Tuesday, but a holiday
        ("2026-11-23 00:05", ClinicState.LATER, time(7)),  # just after local midnight, still the 22nd in UTC
    ],
)
def test_hours_say_what_is_so_at_an_instant(instant: str, state: ClinicState, opens: time | None) -> None:
    assert opening(WORKDAYS, at=at(instant).astimezone(UTC), holidays={TET}) == Opening(state, opens)


def test_a_clinic_without_hours_is_always_open_even_on_a_holiday() -> None:
    assert opening([], at=at("2026-02-17 03:00"), holidays={TET}) == Opening(ClinicState.OPEN)


@pytest.mark.parametrize("weekday", [0, 8])
def test_there_are_seven_weekdays(weekday: int) -> None:
    with pytest.raises(ValueError, match="weekday"):
        Hours(weekday, time(7), time(8))


MONDAY = date(2026, 4, 20)
NIGHTS = [Hours(day, time(18), time(6)) for day in range(1, 6)]  # from Monday's to Friday's evening
NIGHTS_IN_TWO_PARTS = [Hours(day, *span) for day in range(1, 8) for span in ((time(20), time()), (time(), time(5)))]
SHIFTS = [Hours(day, time(7), time(7)) for day in range(1, 8)]  # a day and a night, relieved at seven
WHOLE_DAYS = [Hours(day, time(), time()) for day in range(1, 8)]


@pytest.mark.parametrize(
    ("hours", "instant", "state", "opens"),
    [
        (NIGHTS, "2026-04-20 17:59", ClinicState.LATER, time(18)),
        (NIGHTS, "2026-04-20 23:59", ClinicState.OPEN, None),
        (NIGHTS, "2026-04-21 00:00", ClinicState.OPEN, None),  # by Monday's hours
        (NIGHTS, "2026-04-21 05:59", ClinicState.OPEN, None),
        (NIGHTS, "2026-04-21 06:00", ClinicState.LATER, time(18)),
        (NIGHTS, "2026-04-20 03:00", ClinicState.LATER, time(18)),  # nobody works in the night to Monday
        (NIGHTS, "2026-04-25 05:59", ClinicState.OPEN, None),  # Saturday, by Friday's hours
        (NIGHTS, "2026-04-25 06:00", ClinicState.NOT_TODAY, None),
        (NIGHTS, "2026-02-17 03:00", ClinicState.OPEN, None),  # the night before a holiday is worked to its end
        (NIGHTS, "2026-02-17 19:00", ClinicState.NOT_TODAY, None),
        (NIGHTS, "2026-02-18 03:00", ClinicState.LATER, time(18)),  # no night began on the holiday
        (SHIFTS, "2026-04-21 06:59", ClinicState.OPEN, None),
        (SHIFTS, "2026-04-21 07:00", ClinicState.OPEN, None),
        (SHIFTS, "2026-02-17 12:00", ClinicState.OPEN, None),  # an emergency department has no holiday
        (WHOLE_DAYS, "2026-04-21 00:00", ClinicState.OPEN, None),
    ],
)
def test_hours_over_midnight_are_those_of_the_day_they_begin_on(
    hours: list[Hours], instant: str, state: ClinicState, opens: time | None
) -> None:
    assert opening(hours, at=at(instant).astimezone(UTC), holidays={TET}) == Opening(state, opens)


@pytest.mark.parametrize(
    ("hours", "ends"),
    [
        (WORKDAYS, "2026-04-21 00:00"),  # closed since the afternoon; who comes late finds the day as it was
        ([Hours(1, time(18), time())], "2026-04-21 00:00"),  # up to midnight and no longer
        (NIGHTS, "2026-04-21 06:00"),
        (NIGHTS_IN_TWO_PARTS, "2026-04-21 05:00"),  # the same night, written down in two
        (SHIFTS, "2026-04-21 07:00"),
        (WHOLE_DAYS, "2026-04-21 06:00"),  # work never ends; the night does
        ([], "2026-04-21 06:00"),
        ([Hours(2, time(18), time(6))], "2026-04-21 00:00"),  # no hours on the day
    ],
)
def test_a_clinics_day_ends_with_its_work_and_numbers_of_it_live_until_then(hours: list[Hours], ends: str) -> None:
    end, tuesday = at(ends), date(2026, 4, 21)
    assert day_ends(hours, MONDAY) == end
    assert first_live_day(hours, at=at("2026-04-20 23:59")) == MONDAY
    assert first_live_day(hours, at=end - timedelta(minutes=1)) == MONDAY
    assert first_live_day(hours, at=end) == tuesday


@pytest.mark.parametrize(
    ("rooms", "visits"),
    [
        ([RoomDay(1, 65)], 65),  # nobody keeps a roster: the table is manned the whole day
        ([RoomDay(2, 65), RoomDay(1, 65)], 195),
        ([RoomDay(2, 65), RoomDay(1, 65, is_closed=True)], 130),
        ([RoomDay(1, 65, doctors={MORNING: 1, AFTERNOON: 1})], 65),
        ([RoomDay(1, 65, doctors={MORNING: 1})], 32),  # half of eight hours, rounded down
        ([RoomDay(1, 65, doctors={MORNING: 3})], 32),  # more doctors than tables see no more patients
        ([RoomDay(1, 65, doctors={})], 0),
        ([RoomDay(1, None), RoomDay(1, 65)], None),  # a room without a cap takes whoever comes
        ([RoomDay(1, None, is_closed=True), RoomDay(1, 65)], 65),
        ([], 0),
    ],
)
def test_capacity_is_that_of_the_manned_tables_of_the_open_rooms(rooms: list[RoomDay], visits: int | None) -> None:
    assert capacity(rooms) == visits


ONE_TABLE = [RoomDay(1, 65)]
MORNING_ONLY = [RoomDay(1, 65, doctors={MORNING: 1})]


@pytest.mark.parametrize(
    ("hours", "rooms", "visits", "queue_open", "session", "state"),
    [
        (ClinicState.OPEN, ONE_TABLE, 64, True, MORNING, ClinicState.OPEN),  # the last place
        (ClinicState.OPEN, ONE_TABLE, 65, True, MORNING, ClinicState.FULL),
        (ClinicState.LATER, ONE_TABLE, 0, True, MORNING, ClinicState.LATER),  # numbers are given for later
        (ClinicState.LATER, ONE_TABLE, 65, True, MORNING, ClinicState.FULL),
        (ClinicState.OVER, ONE_TABLE, 0, True, AFTERNOON, ClinicState.OVER),
        (ClinicState.NOT_TODAY, ONE_TABLE, 99, False, MORNING, ClinicState.NOT_TODAY),  # said before all else
        (ClinicState.OPEN, ONE_TABLE, 0, False, MORNING, ClinicState.CLOSED),  # staff closed the queue
        (ClinicState.OPEN, [RoomDay(1, 65, is_closed=True)], 0, True, MORNING, ClinicState.CLOSED),
        (ClinicState.OPEN, MORNING_ONLY, 0, True, MORNING, ClinicState.OPEN),
        (ClinicState.OPEN, MORNING_ONLY, 0, True, AFTERNOON, ClinicState.NO_DOCTOR),  # the morning's doctor has gone
        (ClinicState.OPEN, [RoomDay(1, 65, doctors={AFTERNOON: 1})], 0, True, MORNING, ClinicState.OPEN),  # will come
        (ClinicState.OPEN, [RoomDay(1, None)], 500, True, MORNING, ClinicState.OPEN),  # nobody keeps a cap
        (ClinicState.OPEN, [], 500, True, MORNING, ClinicState.OPEN),  # no rooms entered: no cap known
    ],
)
def test_the_first_thing_in_the_way_of_one_more_patient_is_named(
    hours: ClinicState, rooms: list[RoomDay], visits: int, queue_open: bool, session: DutySession, state: ClinicState
) -> None:
    found = clinic_state(Opening(hours), rooms, visits=visits, is_queue_open=queue_open, session=session)
    assert found is state


@pytest.mark.parametrize(
    ("instant", "session"),
    [("2026-11-23 11:59", MORNING), ("2026-11-23 12:00", AFTERNOON), ("2026-11-24 00:00", MORNING)],
)
def test_the_day_has_two_sessions_of_local_time(instant: str, session: DutySession) -> None:
    assert session_at(at(instant).astimezone(UTC)) is session


PRICES = [
    Price(Payer.INSURED, date(2026, 1, 1), 39_800),
    Price(Payer.INSURED, date(2026, 7, 1), 45_000),
    Price(Payer.ON_REQUEST, date(2026, 3, 1), 150_000),
]


@pytest.mark.parametrize(
    ("day", "prices"),
    [
        (date(2025, 12, 31), {}),  # not offered yet
        (date(2026, 1, 1), {Payer.INSURED: 39_800, Payer.SELF: 39_800}),  # no price of one's own: the insured price
        (date(2026, 6, 30), {Payer.INSURED: 39_800, Payer.SELF: 39_800, Payer.ON_REQUEST: 150_000}),
        (date(2026, 7, 1), {Payer.INSURED: 45_000, Payer.SELF: 45_000, Payer.ON_REQUEST: 150_000}),
    ],
)
def test_the_newest_price_of_each_payer_counts(day: date, prices: dict[Payer, int]) -> None:
    assert prices_on(reversed(PRICES), day) == prices


def test_a_price_for_those_who_pay_themselves_is_theirs_from_its_day_on() -> None:
    own = [*PRICES, Price(Payer.SELF, date(2026, 2, 1), 60_000)]
    assert prices_on(own, date(2026, 8, 1))[Payer.SELF] == 60_000
