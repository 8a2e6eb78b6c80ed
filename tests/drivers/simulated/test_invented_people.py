"""The invented people must be as consistent as real papers: everything else in the suite leans on them."""

import re
import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from drivers.icao9303.keys import check_digit
from drivers.simulated.document_texts import card_qr_text, insurance_qr_text, mrz_lines
from drivers.simulated.people import PEOPLE, InventedPerson, get_person

CITIZENS = [person for person in PEOPLE if person.personal_number]


def test_mrz_of_a_citizen_card_equals_the_worked_example() -> None:
    assert mrz_lines(get_person("duc")) == (
        "IDVNM0901234562001090123456<<3",
        "9008157M3008155VNM<<<<<<<<<<<4",
        "NGUYEN<<VAN<DUC<<<<<<<<<<<<<<<",
    )


def test_mrz_of_a_card_without_expiry_says_991231() -> None:
    worked = replace(get_person("hoa"), personal_number="036160000018", born_on=date(1960, 3, 3))
    assert mrz_lines(worked) == (
        "IDVNM1600000186036160000018<<1",
        "6003036F9912315VNM<<<<<<<<<<<8",
        "TRAN<<THI<HOA<<<<<<<<<<<<<<<<<",
    )


def test_passport_has_two_lines_of_44_whose_digits_agree() -> None:
    first, second = mrz_lines(get_person("somsak"))
    assert first == "P<LAOPHOMMACHANH<<SOMSAK".ljust(44, "<")
    assert len(second) == 44
    assert second[9] == check_digit(second[:9])
    assert second[43] == check_digit(second[:10] + second[13:20] + second[21:43])


@pytest.mark.parametrize("person", CITIZENS, ids=lambda person: person.key)
def test_personal_number_agrees_with_birth_and_sex(person: InventedPerson) -> None:
    assert person.personal_number is not None
    century, year = int(person.personal_number[3]), int(person.personal_number[4:6])
    assert 1900 + century // 2 * 100 + year == person.born_on.year
    assert ("male", "female")[century % 2] == person.sex


@pytest.mark.parametrize("person", CITIZENS, ids=lambda person: person.key)
def test_card_expires_by_the_milestones_of_the_law(person: InventedPerson) -> None:
    def birthday(age: int) -> tuple[int, int, int]:
        return (person.born_on.year + age, person.born_on.month, person.born_on.day)

    issued = (person.issued_on.year, person.issued_on.month, person.issued_on.day)
    expected: tuple[int, int, int] | None = None
    for milestone, following in ((14, 25), (25, 40), (40, 60), (60, None)):
        if issued < birthday(milestone):
            skips = issued >= birthday(milestone - 2)
            age = following if skips else milestone
            expected = birthday(age) if age is not None else None
            break
    actual = person.expires_on and (person.expires_on.year, person.expires_on.month, person.expires_on.day)
    assert actual == expected


@pytest.mark.parametrize(
    ("key", "fields", "reason"),
    [
        ("duc", 7, "CCCD of 2021"),
        ("hai", 11, "thẻ căn cước"),
        ("an", 11, "thẻ căn cước of a child"),
    ],
)
def test_card_qr_has_the_fields_of_its_generation(key: str, fields: int, reason: str) -> None:
    text = card_qr_text(get_person(key))
    assert text is not None
    assert len(text.split("|")) == fields, reason


def test_card_qr_text_equals_the_known_layout() -> None:
    expected = "001090123456|012345678|Nguyễn Văn Đức|15081990|Nam|Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình|25042021"
    assert card_qr_text(get_person("duc")) == expected


def test_passport_has_no_code_and_the_uninsured_no_insurance_code() -> None:
    assert card_qr_text(get_person("somsak")) is None
    assert insurance_qr_text(get_person("mai")) is None


@pytest.mark.parametrize("person", [p for p in PEOPLE if p.insurance], ids=lambda person: person.key)
def test_insurance_code_has_15_fields_and_a_hex_name(person: InventedPerson) -> None:
    text = insurance_qr_text(person)
    assert text is not None
    fields = text.split("|")
    assert len(fields) == 15
    assert bytes.fromhex(fields[1]).decode() == person.full_name
    assert re.fullmatch(r"[A-Z]{2}[1-5][0-9]{12}|[0-9]{10}", fields[0])


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.key)
def test_every_text_is_composed_unicode_without_the_field_separator(person: InventedPerson) -> None:
    for text in (person.full_name, person.address, person.father or "", person.mother or ""):
        assert text == unicodedata.normalize("NFC", text)
        assert "|" not in text


def test_keys_and_numbers_are_unique() -> None:
    assert len({person.key for person in PEOPLE}) == len(PEOPLE)
    assert len({person.document_number for person in PEOPLE}) == len(PEOPLE)
