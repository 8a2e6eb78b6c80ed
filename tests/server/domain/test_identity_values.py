"""Values of a person: partial dates, numbers, folding, masking."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.identity import (
    Identifier,
    IdentifierSystem,
    PartialDate,
    PersonIdentity,
    Sex,
    born_in,
    fold_name,
    is_personal_number,
    mask_name,
    mask_number,
)


@pytest.mark.parametrize("text", ["1990", "1990-08", "1990-08-15", "2024-02-29"])
def test_a_partial_date_comes_back_as_it_was_written(text: str) -> None:
    assert str(PartialDate.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "15/08/1990",  # a card's own form is turned by the codec, not guessed here
        "1990-13",
        "2023-02-29",
        "1990-8-15",
        "90-08-15",
        "1990-08-15T00:00",
        "",
        "١٩٩٠",  # digits of another script are digits to int(), and no date here
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate.parse(text)


def test_a_day_without_a_month_is_no_date() -> None:
    with pytest.raises(ValueError, match="day without a month"):
        PartialDate(1990, None, 15)


@pytest.mark.parametrize(
    ("number", "holds", "reason"),
    [
        ("001090123456", True, "a man born in 1990"),
        ("079301000007", True, "a woman born in 2001"),
        ("101090123456", True, "birth registered abroad: a country's code instead of a province's"),
        ("001490123456", False, "century digit 4: born after 2100"),
        ("00109012345", False, "eleven digits"),
        ("0010901234567", False, "thirteen digits"),
        ("00109012345a", False, "a letter"),
        ("٠٠١٠٩٠١٢٣٤٥٦", False, "digits of another script"),
    ],
)
def test_the_form_of_a_personal_number(number: str, holds: bool, reason: str) -> None:
    assert is_personal_number(number) is holds, reason


@pytest.mark.parametrize(("number", "year"), [("001090123456", 1990), ("036160000018", 1960), ("001301000007", 2001)])
def test_a_personal_number_carries_the_birth_year(number: str, year: int) -> None:
    assert born_in(number) == year


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nguyễn Văn Đức", "NGUYEN VAN DUC"),
        ("Trần Thị Hòa", "Trần Thị Hoà"),
        ("H' Hen Niê", "h\u2019  hen nie"),
        ("Lê Thị Ngọc Ánh", unicodedata.normalize("NFD", "Lê Thị Ngọc Ánh")),
    ],
)
def test_names_that_people_take_for_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_names_that_differ_in_letters_stay_apart() -> None:
    assert fold_name("Nguyễn Văn Đức") != fold_name("Nguyễn Văn Đúc Anh")


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Nguyễn Văn Đức", "NGUYỄN V. Đ."), ("Y", "Y***"), ("lê thị  ngọc ánh", "LÊ T. N. Á."), ("", "")],
)
def test_a_screen_shows_no_full_name(name: str, shown: str) -> None:
    assert mask_name(name) == shown


def test_a_screen_shows_the_last_three_digits_only() -> None:
    assert mask_number("001090123456") == "•••••••••456"


def test_a_person_knows_their_personal_number_among_other_identifiers() -> None:
    person = PersonIdentity(
        full_name="Nguyễn Văn Đức",
        born_on=PartialDate(1990, 8, 15),
        sex=Sex.MALE,
        identifiers=(
            Identifier(IdentifierSystem.INSURANCE_CARD, "DN4340123456789"),
            Identifier(IdentifierSystem.PERSONAL_NUMBER, "001090123456"),
        ),
    )
    assert person.personal_number == "001090123456"
