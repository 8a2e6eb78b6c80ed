"""A document's fields off the keys: which are asked for, which cannot stand, and what they open."""

from datetime import date

import pytest

from drivers.icao9303.reading import ChipPasswords
from kiosk.conversation.documents import Field, TypedDocument

TODAY = date(2026, 11, 22)


def _typed(*fields: str) -> TypedDocument:
    document = TypedDocument()
    for field in fields:
        further = document.with_field(field, today=TODAY)
        assert further is not None, field
        document = further
    return document


def test_a_passport_is_asked_for_number_birth_and_expiry() -> None:
    document = TypedDocument()
    asked = []
    for field in ("L898902C3", "12081974", "15042032"):
        asked.append(document.asked)
        document = _typed_on(document, field)
    assert asked == [Field.NUMBER, Field.BORN, Field.EXPIRES]
    assert document.asked is None
    assert document.passwords(today=TODAY) == ChipPasswords(None, "L898902C3", "740812", ("320415",))


def _typed_on(document: TypedDocument, field: str) -> TypedDocument:
    further = document.with_field(field, today=TODAY)
    assert further is not None
    return further


def test_of_a_card_the_expiry_is_not_asked_for_because_it_follows_from_the_birth_date() -> None:
    document = _typed("001090123456", "15081990")
    assert document.asked is None
    passwords = document.passwords(today=TODAY)
    assert (passwords.can, passwords.document_number, passwords.born_on) == ("123456", "090123456", "900815")
    assert passwords.expiries[0] == "300815"


def test_a_birth_date_without_day_is_tried_in_every_way_it_may_be_printed() -> None:
    passwords = _typed("PA0174263", "00031948", "01012030").passwords(today=TODAY)
    assert (passwords.born_on, *passwords.other_births) == ("480301", "480300", "4803<<")


@pytest.mark.parametrize(
    ("before", "text", "why"),
    [
        ((), "1234", "too short for any number"),
        ((), "1234567890", "ten characters: neither a passport's number nor a card's"),
        ((), "AB12345678", "too long for a passport"),
        ((), "", "nothing"),
        (("L898902C3",), "3002199", "seven digits"),
        (("L898902C3",), "30021990", "30 February"),
        (("L898902C3",), "23112026", "born tomorrow"),
        (("L898902C3",), "15001990", "a day without a month"),
        (("L898902C3", "12081974"), "00042032", "an expiry has a day"),
        (("L898902C3", "12081974"), "15041932", "a passport of the last century"),
        (("L898902C3", "12081974"), "31042032", "31 April"),
    ],
)
def test_a_field_that_cannot_be_right_is_asked_for_again(before: tuple[str, ...], text: str, why: str) -> None:
    assert _typed(*before).with_field(text, today=TODAY) is None, why


def test_the_field_before_can_be_typed_again() -> None:
    document = _typed("L898902C3", "12081974")
    once = document.without_last()
    assert once is not None
    assert once.asked is Field.BORN
    twice = once.without_last()
    assert twice is not None
    assert twice.asked is Field.NUMBER
    assert twice.without_last() is None
