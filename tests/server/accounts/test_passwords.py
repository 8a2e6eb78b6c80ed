"""What may become a password, and how it is kept."""

import unicodedata

import pytest
from argon2 import PasswordHasher

from server.accounts.passwords import (
    MAXIMUM_LENGTH,
    PasswordFault,
    PasswordRefused,
    check_new_password,
    hash_password,
    is_password,
    make_password,
    needs_rehash,
    password_fault,
)

WORDS = ("lan.tran", "Trần Thị Phương Lan", "34999")


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("con ngựa đúng pin ghim", None),  # a phrase with spaces and marks
        ("aquickb1x", PasswordFault.TOO_SHORT),  # 9 characters
        ("twelve chars", None),  # 12 are enough
        ("x" * 40 + "yzabcdefg" * 12, PasswordFault.TOO_LONG),
        ("phương nam hùng vĩ", PasswordFault.CONTAINS_NAME),  # a word of the full name, with its marks
        ("PHUONG-nam-hung-vi", PasswordFault.CONTAINS_NAME),  # and without
        ("abcabcabcabcabc", PasswordFault.TOO_COMMON),  # three different characters
        ("matkhau123456", PasswordFault.TOO_COMMON),  # nothing but stems
        ("Mật Khẩu 2026!", PasswordFault.TOO_COMMON),  # a stem and a year
        ("benhvien@2026", PasswordFault.TOO_COMMON),
        ("lan can cau thang", None),  # a name's word of three letters may stand in a phrase
    ],
)
def test_a_password_is_judged_by_length_and_by_how_guessable_it_is(password: str, fault: PasswordFault | None) -> None:
    assert password_fault(password, personal_words=WORDS) is fault


def test_the_longest_password_is_accepted_and_checked_as_a_whole() -> None:
    password = ("kẻ cắp gặp bà già " * 10)[:MAXIMUM_LENGTH]
    check_new_password(password)
    kept = hash_password(password)
    assert is_password(kept, password)
    assert not is_password(kept, password[:-1] + "?")


def test_a_refused_password_says_why() -> None:
    with pytest.raises(PasswordRefused) as caught:
        check_new_password("ngắn quá")
    assert caught.value.fault is PasswordFault.TOO_SHORT


def test_vietnamese_letters_typed_as_one_or_two_code_points_are_the_same_password() -> None:
    kept = hash_password(unicodedata.normalize("NFD", "đường về nhà rất xa"))
    assert is_password(kept, unicodedata.normalize("NFC", "đường về nhà rất xa"))


def test_a_hash_is_argon2id_and_two_of_one_password_differ() -> None:
    one, other = hash_password("con ngựa đúng"), hash_password("con ngựa đúng")
    assert one.startswith("$argon2id$")
    assert one != other


def test_a_damaged_hash_belongs_to_no_password() -> None:
    assert not is_password("$argon2id$v=19$m=65536", "con ngựa đúng")
    assert not is_password("", "")


def test_a_hash_of_older_parameters_wants_to_be_renewed() -> None:
    older = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash("con ngựa đúng")
    assert needs_rehash(older)
    assert not needs_rehash(hash_password("con ngựa đúng"))


def test_a_made_password_is_readable_accepted_and_never_the_same() -> None:
    made = {make_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert password_fault(password) is None
        assert not set(password) & set("lio01")
