"""What must hold for any bytes, and for any Vietnamese name and address."""

import random
import unicodedata
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from drivers.codec.recognise import CodeKind, IdCardCode, InsuranceCode, recognise, recognise_all, shape_of
from drivers.codec.vietnamese import MARKED_LETTERS, fold, undo_wrong_charset
from tests.support.vietnamese_texts import random_address, random_name

_CARD_LIKE: Final = st.lists(
    st.one_of(
        st.sampled_from(
            ["001090123456", "012345678", "15081990", "Nam", "Nữ", "15/08/1990", "1", "-", "$", "", "TD1:"]
        ),
        st.sampled_from(["DN4340123456789", "0123456789", "34 - 018", "4e677579", "0123456789abcdef-7102"]),
        st.text(max_size=12),
    ),
    max_size=20,
).map(lambda fields: "|".join(fields).encode("utf-8", "surrogatepass"))


@given(st.one_of(st.binary(max_size=5000), _CARD_LIKE, st.text(max_size=400).map(lambda text: text.encode())))
@example(b"\xff" * 5000)
@example(b"\xed\xa0\x80|" * 20)
def test_any_bytes_become_a_reading_or_a_refusal(data: bytes) -> None:
    found = recognise(data)
    assert (found.kind is CodeKind.UNKNOWN) == (found.value is None) == (found.refusal is not None)
    assert recognise_all(data)
    assert shape_of(data).isascii()


@given(st.text(max_size=200))
def test_undoing_a_charset_never_changes_text_that_is_vietnamese_already(text: str) -> None:
    vietnamese = "".join(c for c in unicodedata.normalize("NFC", text) if c.isascii() or c in MARKED_LETTERS)
    assert undo_wrong_charset(vietnamese) == (vietnamese, None)


@given(st.text(alphabet=sorted(MARKED_LETTERS) + list("aehinot ABH'-"), max_size=60))
def test_folding_is_settled_after_one_time_and_blind_to_case_and_form(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert fold(folded) == fold(text.upper()) == fold(unicodedata.normalize("NFD", text)) == folded


def test_ten_thousand_names_and_addresses_pass_each_damage_with_a_way_back() -> None:
    chance = random.Random(2026)
    for i in range(10_000):
        name, address = random_name(chance), random_address(chance, levels=2 + i % 2)
        text = f"001090123456||{name}|15081990|Nữ|{address}|25042021"
        damaged = (
            text.encode(),
            unicodedata.normalize("NFD", text).encode(),
            text.encode().decode("latin-1").encode(),
            text.encode().decode("cp437").encode(),
            b"\xef\xbb\xbf]Q1" + text.encode() + b"\r\n",
        )[i // 2 % 5]
        read = recognise(damaged).value
        assert isinstance(read, IdCardCode)
        assert (read.full_name, read.address, read.sex) == (name, address, "female")

        insured = f"0123456789|{name.encode().hex()}|1990|2|{address.encode().hex()}|34 - 018" + "|-" * 8 + "|$"
        card = recognise(insured.encode()).value
        assert isinstance(card, InsuranceCode)
        assert (card.full_name, card.address) == (name, address)
