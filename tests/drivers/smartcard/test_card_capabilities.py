"""What a card says of itself in its answer to reset; the bytes are of the standards, of a list of cards, or spoilt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.smartcard.capabilities import CardCapabilities, card_capabilities, historical_bytes

NOTHING = CardCapabilities()


@pytest.mark.parametrize(
    ("atr", "said", "why"),
    [
        ("3b8580018073c021c0d6", CardCapabilities(True, True), "a contactless card, as PC/SC part 3 writes it"),
        ("3b858001807300218000", CardCapabilities(True, False), "chaining alone"),
        ("3b8580018073c0214000", CardCapabilities(False, True), "extended length alone"),
        ("3b868001803373c021c000", NOTHING, "another object first that swallows it"),
        ("3b8880018031fe73c021c000", CardCapabilities(True, True), "behind the card service data"),
        ("3b8880010073c021c000900000", CardCapabilities(True, True), "status bytes at the end"),
        ("3b8480018072c02100", NOTHING, "two software function bytes: no word of lengths"),
        # pcsc-tools, smartcard_list.txt: "Vietnam ID Card (eID)" on its contacts
        ("3b9f96c00a31fe45754a6176656c696e2d4f5320312e3051", NOTHING, "the maker's own text"),
        ("3b00", NOTHING, "no historical bytes"),
        ("3b", NOTHING, "cut"),
        ("", NOTHING, "a reader that tells none"),
        ("3b85800180", NOTHING, "cut in the middle"),
    ],
)
def test_capabilities_are_those_the_historical_bytes_tell(atr: str, said: CardCapabilities, why: str) -> None:
    assert card_capabilities(bytes.fromhex(atr)) == said


def test_interface_bytes_of_several_groups_are_passed_over() -> None:
    atr = bytes.fromhex("3b9f96c00a31fe45754a6176656c696e2d4f5320312e3051")
    assert historical_bytes(atr) == b"uJavelin-OS 1.0"


@given(st.binary(max_size=40))
def test_no_bytes_break_it(atr: bytes) -> None:
    assert len(historical_bytes(atr)) <= 15
    card_capabilities(atr)
