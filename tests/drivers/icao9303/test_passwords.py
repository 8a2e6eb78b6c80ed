from datetime import date

import pytest

from drivers.icao9303.mrz import parse_mrz
from drivers.icao9303.passwords import MAX_CANDIDATES, expiry_candidates, passwords_from_card, passwords_from_mrz

TODAY = date(2025, 3, 1)

BY_ISSUE_DATE = [
    ("1990-08-15", "2021-04-25", ("300815", "991231", "999999", "500815"), "to 40"),
    ("1997-05-01", "2021-05-01", ("370501", "220501", "991231", "999999"), "at 24: skips 25, which is tried next"),
    ("1962-03-03", "2021-04-01", ("991231", "220303", "999999"), "at 59: never expires"),
    ("1960-03-03", "2021-04-01", ("991231", "999999"), "past 60"),
    ("2001-09-02", "2024-08-15", ("260902", "410902", "991231", "999999"), "22, window of 25 opens within 30 days"),
    ("2012-01-01", "2024-08-01", ("370101", "260101", "991231", "999999"), "12: skips 14"),
    ("2020-01-01", "2024-08-01", ("340101", "991231", "999999", "450101"), "a child, to 14"),
    ("1985-06-10", "2025-06-10", ("450610", "991231", "999999"), "on the 40th birthday"),
    ("1985-06-10", "2025-06-09", ("450610", "250610", "991231", "999999"), "on the day before"),
    ("1985-06-10", "2023-06-10", ("450610", "250610", "991231", "999999"), "on the first day of the window"),
    ("1985-06-10", "2023-06-09", ("250610", "450610", "991231", "999999"), "one day before the window"),
    ("1985-06-10", "2023-05-01", ("250610", "991231", "999999", "450610"), "well before the window"),
    ("2000-02-29", "2021-03-01", ("250301", "250228", "991231", "999999"), "29 February: both birthdays"),
    ("1992-02-29", "2021-03-01", ("320229", "991231", "999999", "520229"), "29 February, leap year at 40"),
    ("1990", "2021-04-25", ("300101", "991231", "999999", "500101"), "only the year is known"),
]


@pytest.mark.parametrize(("born", "issued", "expected", "why"), BY_ISSUE_DATE, ids=[row[3] for row in BY_ISSUE_DATE])
def test_expiries_follow_from_birth_and_issue(born: str, issued: str, expected: tuple[str, ...], why: str) -> None:
    assert expiry_candidates(born, issued, today=TODAY) == expected


@pytest.mark.parametrize(
    ("born", "expected", "why"),
    [
        ("1990-08-15", ("300815", "500815", "150815", "991231"), "valid ones first, then the expired one in reach"),
        ("1960-03-03", ("200303", "991231"), "past 60"),
        ("2020-01-01", ("340101", "450101", "600101", "991231"), "a child"),
        ("2008-01-01", ("330101", "480101", "680101", "991231"), "past 14: no card of that time exists"),
    ],
)
def test_without_issue_date_the_milestones_in_reach_are_tried(born: str, expected: tuple[str, ...], why: str) -> None:
    assert expiry_candidates(born, None, today=TODAY) == expected


def test_no_list_is_longer_than_a_chip_forgives() -> None:
    for year in range(1930, 2025):
        for issued in (None, "2021-06-01", "2024-12-31"):
            found = expiry_candidates(f"{year}-02-28", issued, today=TODAY)
            assert 1 <= len(found) <= MAX_CANDIDATES
            assert len(set(found)) == len(found)


def test_the_number_alone_gives_the_can() -> None:
    passwords = passwords_from_card("001090123456", today=TODAY)
    assert (passwords.can, passwords.document_number, passwords.expiries) == ("123456", "090123456", ())


def test_a_qr_gives_everything() -> None:
    passwords = passwords_from_card("001090123456", "1990-08-15", "2021-04-25", today=TODAY)
    assert (passwords.can, passwords.born_on, passwords.other_births) == ("123456", "900815", ())
    assert passwords.expiries[0] == "300815"


def test_an_incomplete_birth_date_is_offered_in_every_spelling() -> None:
    year = passwords_from_card("001090123456", "1990", "2021-04-25", today=TODAY)
    assert (year.born_on, year.other_births) == ("900101", ("900000", "90<<<<"))
    month = passwords_from_card("001090123456", "1990-08", "2021-04-25", today=TODAY)
    assert (month.born_on, month.other_births) == ("900801", ("900800", "9008<<"))


@pytest.mark.parametrize("number", ["", "12345678901", "0010901234567", "00109012345a", "٠٠١٠٩٠١٢٣٤٥٦"])
def test_a_number_of_another_form_is_a_programming_error(number: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        passwords_from_card(number, today=TODAY)


def test_an_mrz_gives_exactly_one_secret() -> None:
    text = "IDVNM0901234562001090123456<<39008157M3008155VNM<<<<<<<<<<<4NGUYEN<<VAN<DUC<<<<<<<<<<<<<<<<"
    passwords = passwords_from_mrz(parse_mrz(text[:90]))
    assert (passwords.can, passwords.document_number) == ("123456", "090123456")
    assert (passwords.born_on, passwords.expiries) == ("900815", ("300815",))
