import string
import unicodedata

import pytest

from drivers.codec.vietnamese import (
    MARKED_LETTERS,
    fold,
    has_damaged_letters,
    is_name,
    is_written_text,
    undo_wrong_charset,
)


def test_there_are_134_marked_letters_each_one_code_point_in_nfc() -> None:
    assert len(MARKED_LETTERS) == 134
    assert all(len(letter) == 1 and not letter.isascii() for letter in MARKED_LETTERS)
    assert {"đ", "Đ", "ữ", "Ậ", "ý", "Ỹ", "ơ", "Ă"} <= MARKED_LETTERS
    assert not MARKED_LETTERS & {"ä", "ö", "ñ", "ç", "č"}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đặng Thị Hòa", "dang thi hoa"),
        ("ĐẶNG THỊ HOÀ", "dang thi hoa"),  # the older place of the tone
        (unicodedata.normalize("NFD", "Đặng Thị Hòa"), "dang thi hoa"),
        ("  Nguyễn \t Ước ", "nguyen uoc"),
        ("H’Hen", "h'hen"),
        ("K´Brêu", "k'breu"),
    ],
)
def test_folding_makes_two_ways_of_writing_one_name_equal(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("charset", ["latin-1", "cp437"])
def test_each_marked_letter_comes_back_from_a_wrong_charset(charset: str) -> None:
    for letter in sorted(MARKED_LETTERS):
        damaged = f"A{letter}n".encode().decode(charset)
        assert undo_wrong_charset(damaged)[0] == f"A{letter}n"


@pytest.mark.parametrize(
    "text",
    [
        "Nguyễn Văn Đức",
        "Hà Nội",  # only letters of Latin-1 in the first word
        "à á â ã è é ê ì í ò ó ô õ ù ú ý À Á Â Ã È É Ê Ì Í Ò Ó Ô Õ Ù Ú Ý",
        "Số 3–5 Lê–Lợi, Ê’ban",
        "München",
        "?",
        "",
    ],
)
def test_text_that_nothing_happened_to_is_left_alone(text: str) -> None:
    assert undo_wrong_charset(text) == (text, None)


@pytest.mark.parametrize(
    "damaged",
    ["Nguyá»n", "Nguyá»…n Vän", "Trần Lê".encode().decode("latin-1")[:-1] + "?", "caf\u00c3\u00a9 \u00c3\u00b1"],
)
def test_damage_without_an_exact_way_back_to_vietnamese_is_left_for_the_checks_to_refuse(damaged: str) -> None:
    assert undo_wrong_charset(damaged) == (damaged, None)
    assert not is_name(damaged)
    assert not is_written_text(damaged)


def test_a_name_is_letters_and_little_else() -> None:
    assert is_name("Nguyễn Văn Đức")
    assert all(is_name(letter) for letter in string.ascii_letters)
    assert not any(is_name(text) for text in ("", " ", "-", "An1", "An\n", "An|Bình", "An\x00", "An?", "A" * 129))


def test_an_address_may_hold_punctuation_but_no_lost_letters() -> None:
    assert is_written_text("Số 18, Ngõ 42/7 (cũ), “Phố” Bùi Thị Cúc; TT. Ân Thi – Hưng Yên & 1+1")
    assert not any(is_written_text(text) for text in ("", "X? Ea Kao", "Xã\nEa", "Xã \ufffd", "Xã □", "X" * 513))


def test_damage_is_seen_in_what_a_wrong_charset_leaves() -> None:
    assert has_damaged_letters("Nguyá»…n")
    assert has_damaged_letters("\u00c4\u0090\u1ee9c")
    assert not has_damaged_letters("Số 3–5 Lê–Lợi, “Ê’ban”")
