"""The figures of a day, counted from visits made up for the purpose, and the pictures drawn from them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.card_check import CardStatus
from server.domain.queue import TicketStatus
from server.reports import charts, figures
from server.reports.visits import Visit
from tests.server.hospital import MORNING

VISIT = Visit(
    encounter_id=UUID(int=1), label="A001", arrived_at=MORNING, clinic="NOI", clinic_name="Khoa Nội",
    clinic_name_en="Medicine", kiosk="Kiosk 1", is_own_number=False, is_cancelled=False,
    ticket_status=TicketStatus.WAITING, is_insured=True, is_card_unverified=False,
    card_status=CardStatus.ACCEPTED, first_called_at=None, reprints=0, open_issues=0,
)  # fmt: skip


def waited(minutes: float) -> Visit:
    return replace(VISIT, ticket_status=TicketStatus.DONE, first_called_at=MORNING + timedelta(minutes=minutes))


def test_waits_are_those_of_people_who_were_called() -> None:
    visits = [waited(minutes) for minutes in (50, 10, 20, 30, 40, 60, 70, 80, 90, 100)]
    found = figures.waits([*visits, VISIT])
    assert found == figures.Waits(measured=10, median_min=50, ninety_min=90, longest_min=100)


@pytest.mark.parametrize(
    ("minutes", "median", "ninety"),
    [
        ([], None, None),  # nobody was called yet: nothing is said
        ([7], 7, 7),
        ([5, 300], 5, 300),  # the wait of a person, never a mean of two
        ([0.4], 0, 0),
    ],
)
def test_waits_of_few_people_are_waits_that_really_were(
    minutes: list[float], median: int | None, ninety: int | None
) -> None:
    found = figures.waits([waited(one) for one in minutes])
    assert (found and found.median_min, found and found.ninety_min) == (median, ninety)


def test_a_call_that_a_clock_puts_before_the_arrival_is_no_negative_wait() -> None:
    assert waited(-3).waited_s == 0


def test_hours_are_the_hospitals_and_leave_no_gap() -> None:
    later = replace(VISIT, arrived_at=MORNING + timedelta(hours=3), is_insured=False)
    hours = figures.by_hour([VISIT, later])
    assert {hour: (one.insured, one.not_insured) for hour, one in hours.items()} == {
        7: (1, 0), 8: (0, 0), 9: (0, 0), 10: (0, 1),
    }  # fmt: skip


def test_a_cancelled_visit_counts_nowhere() -> None:
    cancelled = replace(VISIT, is_cancelled=True, kiosk="Kiosk 2", clinic="NHI")
    assert list(figures.by_clinic([VISIT, cancelled])) == ["NOI"]
    assert list(figures.by_place([VISIT, cancelled])) == ["Kiosk 1"]
    assert sum(figures.by_card([VISIT, cancelled]).values()) == 1
    assert figures.by_hour([cancelled]) == {}


def test_the_busiest_clinic_comes_first_and_the_desk_is_a_place_like_any() -> None:
    visits = [replace(VISIT, clinic="NHI", kiosk=None), VISIT, VISIT]
    assert [(code, one.arrived) for code, one in figures.by_clinic(visits).items()] == [("NOI", 2), ("NHI", 1)]
    assert list(figures.by_place(visits)) == ["Kiosk 1", None]


def test_columns_stand_on_the_ground_and_parts_upon_each_other() -> None:
    picture = charts.columns(["6h", "7h"], [[10, 0], [5, 30]])
    lower, upper = picture.columns[0].blocks
    assert lower.y + lower.height == pytest.approx(picture.ground, abs=0.2)
    assert upper.y + upper.height == pytest.approx(lower.y, abs=0.2)
    assert lower.height == pytest.approx(2 * upper.height, abs=0.3)
    assert [line.value for line in picture.scale] == [0, 5, 10, 15, 20, 25, 30]
    assert min(column.top for column in picture.columns) >= 0


@pytest.mark.parametrize(
    ("highest", "step"), [(0, 1), (1, 1), (6, 1), (7, 2), (31, 10), (61, 20), (380, 100), (999, 200)]
)
def test_the_scale_has_round_numbers_and_few_lines(highest: int, step: int) -> None:
    scale = charts.columns(["x"], [[highest]]).scale
    assert scale[1].value == step
    assert len(scale) <= 7
    assert scale[-1].value >= highest


def test_a_picture_of_nothing_has_nothing_in_it() -> None:
    assert charts.columns([], [[]]).columns == ()
    assert charts.bars([], []).bars == ()
