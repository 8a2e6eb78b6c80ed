"""When two records are put side by side, and when they are left alone."""

import re
from typing import Any

import pytest

from server.domain.codes import temporary_code_from
from server.domain.duplicates import Described, Ground, birth_dates_like, compare
from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex
from server.domain.phone import normal_phone

CCCD = Identifier(IdentifierSystem.PERSONAL_NUMBER, "099190000017")
OTHER_CCCD = Identifier(IdentifierSystem.PERSONAL_NUMBER, "099190000025")
CARD = Identifier(IdentifierSystem.INSURANCE_CARD, "9900000017")
PHONE = "0912000017"
HOME = "Thôn Thử, Xã Mẫu"


def described(*identifiers: Identifier, **changes: Any) -> Described:
    values = {"full_name": "Nguyễn Thị Thử", "born_on": "1990-08-03", "sex": Sex.FEMALE, "phone": None} | changes
    born_on = PartialDate.parse(values["born_on"]) if values["born_on"] else None
    identity = PersonIdentity(values["full_name"], born_on, values["sex"], identifiers, values.get("address"))
    return Described(identity, values["phone"])


NAME, BIRTH, NEAR = Ground.SAME_NAME, Ground.SAME_BIRTH_DATE, Ground.SIMILAR_BIRTH_DATE


@pytest.mark.parametrize(
    ("one", "other", "grounds"),
    [
        (described(), described(), (NAME, BIRTH)),  # a paperless person who comes again
        (described(CCCD), described(), (NAME, BIRTH)),  # then with a card
        (described(), described(full_name="NGUYEN THI THU"), (NAME, BIRTH)),  # typed without marks
        (described(), described(full_name="Trần Thị Thử"), ()),  # a birthday alone
        (described(), described(full_name="Trần Thị Thử", phone=PHONE), ()),
        (described(phone=PHONE), described(full_name="Trần Thị Thử", phone=PHONE), (BIRTH, Ground.SAME_PHONE)),
        (described(), described(born_on="1990"), ()),  # half the province is called so
        (described(phone=PHONE), described(born_on="1990", phone=PHONE), (NAME, Ground.SAME_PHONE, NEAR)),
        (described(address=HOME), described(born_on="1990", address=HOME.lower()), (NAME, NEAR, Ground.SAME_ADDRESS)),
        (described(), described(born_on="1990-03-08"), ()),  # day and month changed places: not enough alone
        (described(phone=PHONE), described(born_on="1990-03-08", phone=PHONE), (NAME, Ground.SAME_PHONE, NEAR)),
        (described(), described(born_on=None), ()),
        (described(phone=PHONE), described(born_on=None, phone=PHONE), (NAME, Ground.SAME_PHONE)),
        (described(), described(sex=Sex.MALE), ()),  # a name both sexes bear
        (described(phone=PHONE), described(sex=Sex.MALE, phone=PHONE), (NAME, BIRTH, Ground.SAME_PHONE,
                                                                       Ground.OTHER_SEX)),
        (described(), described(sex=Sex.UNKNOWN), (NAME, BIRTH)),
        (described(CCCD), described(OTHER_CCCD), ()),  # two citizens, whatever else they share
        (described(CCCD, CARD), described(OTHER_CCCD, CARD), (Ground.SAME_NUMBER, NAME, BIRTH)),
        (described(CARD), described(CARD, full_name="Trần Văn Khác", born_on="1971"), (Ground.SAME_NUMBER,)),
    ],
)  # fmt: skip
def test_two_records_are_compared(one: Described, other: Described, grounds: tuple[Ground, ...]) -> None:
    assert compare(one, other) == grounds
    assert set(compare(other, one)) == set(grounds)


@pytest.mark.parametrize(
    ("born_on", "dates"),
    [
        ("1990-08-03", ("1990", "1990-03-08", "1990-08", "1990-08-03")),
        ("1990-08-15", ("1990", "1990-08", "1990-08-15")),  # there is no 15th month
        ("1990-08", ("1990", "1990-08")),
        ("1990", ("1990",)),
    ],
)
def test_birth_dates_worth_a_look_are_few_enough_for_an_index(born_on: str, dates: tuple[str, ...]) -> None:
    assert birth_dates_like(PartialDate.parse(born_on)) == dates


def test_nobody_is_compared_by_no_birth_date() -> None:
    assert birth_dates_like(None) == ()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0912 345 678", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("0084912345678", "0912345678"),
        ("+84 (0)912 345 678", "0912345678"),
        ("024 3825 3531", "02438253531"),  # a landline has 11 digits
        ("+33 1 23 45 67 89", "+33123456789"),
        ("912345678", None),  # nine digits are an old ID card's number
        ("12345", None),
        ("0012345678", None),  # an area or network never begins with 0
        ("không có", None),
        ("", None),
    ],
)
def test_a_phone_number_has_one_form(text: str, number: str | None) -> None:
    assert normal_phone(text) == number


def test_a_temporary_number_never_looks_like_a_states_number() -> None:
    codes = {temporary_code_from(bytes([n, 255 - n, n, 7, n])) for n in range(256)}
    assert len(codes) == 256
    assert all(re.fullmatch("TX-[0-9A-HJKMNP-TV-Z]{8}", code) for code in codes)
