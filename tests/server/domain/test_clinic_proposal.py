"""Which clinic is proposed first, and why: each rule a row."""

from datetime import date

import pytest

from server.domain.identity import PartialDate, Sex
from server.domain.proposal import Audience, Candidate, Ground, Placed, Unfit, Visitor, ages, propose, unfit_for

TODAY = date(2026, 11, 23)
NOI = Candidate("NOI", accepts=True, waiting=12, wait_min=40)
NGOAI = Candidate("NGOAI", accepts=True, waiting=2, wait_min=15)
NHI = Candidate("NHI", accepts=True, waiting=5, wait_min=5, audience=Audience(age_below=16))
SAN = Candidate("SAN", accepts=True, waiting=0, wait_min=1, audience=Audience(sex=Sex.FEMALE, age_from=10))
FULL = Candidate("MAT", accepts=False, waiting=65, wait_min=300)
CLINICS = [NOI, NGOAI, NHI, SAN, FULL]

ADULT = PartialDate(1990, 8, 15)
CHILD = PartialDate(2021, 3, 1)


@pytest.mark.parametrize(
    ("visitor", "service", "ground"),
    [
        (Visitor(ADULT, Sex.MALE, appointment="NGOAI", last_service="NOI"), "NGOAI", Ground.APPOINTMENT),  # before all
        (Visitor(ADULT, Sex.MALE, last_service="NOI"), "NOI", Ground.LAST_VISIT),  # continuity before a short line
        (Visitor(ADULT, Sex.MALE, last_service="MAT"), "NGOAI", Ground.SHORTEST_WAIT),  # the last one is full today
        (Visitor(ADULT, Sex.MALE, appointment="MAT", last_service="NOI"), "NOI", Ground.LAST_VISIT),
        (Visitor(CHILD, Sex.MALE), "NHI", Ground.AGE),
        (Visitor(CHILD, Sex.FEMALE, last_service="NOI"), "NOI", Ground.LAST_VISIT),  # they know where they belong
        (Visitor(ADULT, Sex.MALE), "NGOAI", Ground.SHORTEST_WAIT),
        (Visitor(ADULT, Sex.FEMALE), "NGOAI", Ground.SHORTEST_WAIT),  # an empty women's clinic is not for everything
        (Visitor(None, Sex.UNKNOWN), "NGOAI", Ground.SHORTEST_WAIT),  # nothing known: still the shortest line
        (Visitor(ADULT, Sex.MALE, last_service="gone"), "NGOAI", Ground.SHORTEST_WAIT),  # withdrawn since
    ],
)
def test_one_clinic_is_proposed_first_with_its_reason(visitor: Visitor, service: str, ground: Ground) -> None:
    first, *others = propose(CLINICS, visitor, on=TODAY)
    assert first == Placed(service, ground)
    assert {one.service for one in others} == {one.service for one in CLINICS} - {service}
    assert all(one.ground is None for one in others)


def test_without_a_pace_nothing_is_said_about_the_shortest_wait() -> None:
    unknown = [Candidate("NOI", accepts=True, waiting=3), Candidate("NGOAI", accepts=True, waiting=1, wait_min=5)]
    assert propose(unknown, Visitor(ADULT), on=TODAY) == (Placed("NOI"), Placed("NGOAI"))


def test_equal_lines_leave_the_hospitals_own_order() -> None:
    equal = [
        Candidate("NOI", accepts=True, waiting=3, wait_min=9),
        Candidate("NGOAI", accepts=True, waiting=1, wait_min=9),
    ]
    assert propose(equal, Visitor(ADULT), on=TODAY) == (Placed("NOI"), Placed("NGOAI"))


def test_what_is_not_meant_for_somebody_comes_after_the_rest_and_what_is_full_comes_last() -> None:
    placed = propose(CLINICS, Visitor(ADULT, Sex.MALE), on=TODAY)
    assert [one.service for one in placed] == ["NGOAI", "NOI", "NHI", "SAN", "MAT"]
    assert [one.unfit for one in placed] == [None, None, Unfit.AGE, Unfit.SEX, None]


def test_nothing_offered_is_nothing_proposed() -> None:
    assert propose([], Visitor(ADULT), on=TODAY) == ()


@pytest.mark.parametrize(
    ("audience", "born_on", "sex", "unfit"),
    [
        (Audience(age_below=16), PartialDate(2010, 11, 24), Sex.MALE, None),  # 16 tomorrow
        (Audience(age_below=16), PartialDate(2010, 11, 23), Sex.MALE, Unfit.AGE),  # 16 today
        (Audience(age_below=16), PartialDate(2010), Sex.MALE, None),  # only a year: may be 15
        (Audience(age_below=16), PartialDate(2009), Sex.MALE, Unfit.AGE),  # 16 or 17 whatever the day
        (Audience(age_from=60), PartialDate(1966, 11), Sex.MALE, None),  # may be 60 already
        (Audience(age_from=60), PartialDate(1966, 12), Sex.MALE, Unfit.AGE),
        (Audience(sex=Sex.FEMALE), ADULT, Sex.MALE, Unfit.SEX),
        (Audience(sex=Sex.FEMALE), ADULT, Sex.UNKNOWN, None),  # nothing is known against it
        (Audience(age_below=16), None, Sex.MALE, None),
        (Audience(), ADULT, Sex.MALE, None),
    ],
)
def test_whom_a_clinic_is_meant_for(
    audience: Audience, born_on: PartialDate | None, sex: Sex, unfit: Unfit | None
) -> None:
    assert unfit_for(audience, Visitor(born_on, sex), on=TODAY) is unfit


@pytest.mark.parametrize(
    ("born_on", "expected"),
    [
        (PartialDate(1990, 8, 15), (36, 36)),
        (PartialDate(1990, 12, 1), (35, 35)),
        (PartialDate(1990, 11), (35, 36)),
        (PartialDate(1990), (35, 36)),
        (PartialDate(2020, 2, 29), (6, 6)),
    ],
)
def test_an_age_is_a_range_where_the_date_is_not_whole(born_on: PartialDate, expected: tuple[int, int]) -> None:
    assert ages(born_on, TODAY) == expected
