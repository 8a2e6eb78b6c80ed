"""The drivers read what the server mints: two modules that may not import each other, held together here."""

import pytest

from drivers.codec import own_codes
from drivers.codec.recognise import CodeKind, OwnCode, Recognised, recognise
from server.domain import codes


def test_both_sides_name_the_same_forms() -> None:
    assert own_codes.VISIT_PREFIX == codes.VISIT_PREFIX
    assert own_codes.APPOINTMENT_PREFIX == codes.APPOINTMENT_PREFIX
    assert own_codes.CODE_LENGTH == codes.CODE_LENGTH


@pytest.mark.parametrize(
    ("prefix", "kind"), [(codes.VISIT_PREFIX, CodeKind.VISIT), (codes.APPOINTMENT_PREFIX, CodeKind.APPOINTMENT)]
)
@pytest.mark.parametrize("random_bytes", [bytes(13), b"\xff" * 13, bytes(range(13)), bytes(range(200, 213))])
def test_a_code_the_server_mints_is_recognised(prefix: str, kind: CodeKind, random_bytes: bytes) -> None:
    code = codes.code_from(random_bytes)
    assert recognise((prefix + code).encode()) == Recognised(kind, OwnCode(code))


@pytest.mark.parametrize("letter", "ILOU" + "*é")
def test_a_letter_outside_the_alphabet_is_refused_by_both_sides(letter: str) -> None:
    code = letter + "0" * (codes.CODE_LENGTH - 1)
    assert not codes.is_code(code)
    assert recognise((codes.VISIT_PREFIX + code).encode()).kind is CodeKind.UNKNOWN


def test_each_letter_of_the_alphabet_is_taken_by_both_sides() -> None:
    for letter in codes.ALPHABET:
        assert recognise(f"{codes.VISIT_PREFIX}{letter * codes.CODE_LENGTH}".encode()).kind is CodeKind.VISIT
