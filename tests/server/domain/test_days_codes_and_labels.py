"""The hospital's day, the codes on paper, the labels of numbers."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import codes
from server.domain.codes import (
    ALPHABET,
    SHORT_CODES,
    code_from,
    is_code,
    is_short_code,
    short_code_from,
    written_short_code,
)
from server.domain.days import day_bounds, local_day
from server.domain.ticket import offline_label, online_label


@pytest.mark.parametrize(
    ("instant", "day", "reason"),
    [
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), date(2026, 11, 23), "06:30 in the morning rush"),
        (datetime(2026, 11, 23, 0, 0, tzinfo=UTC), date(2026, 11, 23), "07:00: a day in UTC would turn here"),
        (datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC), date(2026, 11, 22), "a second before local midnight"),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), date(2026, 11, 23), "local midnight"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), date(2027, 1, 1), "new year"),
        (datetime(2028, 2, 28, 17, 0, tzinfo=UTC), date(2028, 2, 29), "leap day"),
    ],
)
def test_the_day_turns_at_local_midnight(instant: datetime, day: date, reason: str) -> None:
    assert local_day(instant) == day, reason


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        local_day(datetime(2026, 11, 22, 7, 0))  # noqa: DTZ001 - the very thing that must be refused


def test_the_bounds_of_a_day_hold_its_first_and_not_the_next_days_first_instant() -> None:
    start, end = day_bounds(date(2026, 11, 22))
    assert local_day(start) == date(2026, 11, 22)
    assert local_day(end) == date(2026, 11, 23)
    assert local_day(end - timedelta(microseconds=1)) == date(2026, 11, 22)


@given(st.binary(min_size=13, max_size=13))
def test_a_code_has_the_form_that_is_recognised(random_bytes: bytes) -> None:
    assert is_code(code_from(random_bytes))


@pytest.mark.parametrize("text", ["", "A" * 19, "A" * 21, "I" * 20, "a" * 20, "A" * 19 + "\n"])
def test_what_is_no_code_is_refused(text: str) -> None:
    assert not is_code(text)


def test_the_check_digit_of_a_short_code_is_that_of_the_standards_own_example() -> None:
    assert codes._check_digit("0794") == "5"  # ISO/IEC 7064, MOD 11,10: 07945


@given(st.integers(0, SHORT_CODES - 1), st.integers(0, 10), st.integers(1, 9))
def test_a_short_code_is_known_again_and_with_any_one_wrong_digit_it_is_not(number: int, place: int, off: int) -> None:
    code = short_code_from(number)
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    assert is_short_code(code)
    assert not is_short_code(wrong)
    assert written_short_code(code).replace(" ", "") == code


@pytest.mark.parametrize(
    "text",
    ["", "4821093722", "034190000017", "0948210937", "84912345678", "９" * 11, "48210937225\n"],
    ids=["nothing", "10 digits", "a personal number", "a phone number", "with 84", "other digits", "a line end"],
)
def test_peoples_numbers_are_no_short_codes(text: str) -> None:
    assert not is_short_code(text)


@pytest.mark.parametrize("number", [-1, SHORT_CODES])
def test_a_number_outside_of_the_short_codes_makes_none(number: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        short_code_from(number)


def test_the_alphabet_has_no_letters_that_are_read_as_digits() -> None:
    assert len(ALPHABET) == 32
    assert not set("ILOU") & set(ALPHABET)


def test_a_kiosks_own_number_never_reads_like_a_number_of_the_server() -> None:
    assert online_label("A", 12) == "A012"
    assert offline_label("A", "K", 12) == "A-K012"
    online = {online_label(queue, number) for queue in ("A", "AK", "K") for number in range(1, 1200)}
    offline = {
        offline_label(queue, kiosk, number) for queue in ("A", "AK") for kiosk in "KL" for number in range(1, 1200)
    }
    assert not online & offline
    assert len(offline) == 2 * 2 * 1199
