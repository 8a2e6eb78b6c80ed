"""Who a person is among the records that hold one of their numbers."""

from uuid import UUID

import pytest

from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex
from server.domain.matching import KnownPerson, Match, agree, match_person, normal

CCCD = Identifier(IdentifierSystem.PERSONAL_NUMBER, "099190000017")
OTHER_CCCD = Identifier(IdentifierSystem.PERSONAL_NUMBER, "099085000099")
CARD = Identifier(IdentifierSystem.INSURANCE_CARD, "9900000017")
OLD_ID = Identifier(IdentifierSystem.OLD_ID_NUMBER, "990000017")
PASSPORT = Identifier(IdentifierSystem.PASSPORT, "FRA/99XX00017")
ONE, TWO = UUID(int=1), UUID(int=2)


def person(*identifiers: Identifier, name: str = "Nguyễn Thị Thử", born_on: str = "1990-08-15") -> PersonIdentity:
    return PersonIdentity(name, PartialDate.parse(born_on), Sex.FEMALE, identifiers)


@pytest.mark.parametrize(
    ("shown", "known", "expected"),
    [
        # nobody holds a number of theirs
        (person(CCCD, CARD), [], Match(None, (CCCD, CARD))),
        # the state's number decides
        (person(CCCD), [KnownPerson(ONE, person(CCCD))], Match(ONE, ())),
        # a number not known yet joins the record
        (person(CCCD, CARD), [KnownPerson(ONE, person(CCCD))], Match(ONE, (CARD,))),
        # known by the card only, same name and birth date: now known by the state's number as well
        (person(CCCD, CARD), [KnownPerson(ONE, person(CARD))], Match(ONE, (CCCD,))),
        (person(CCCD, CARD), [KnownPerson(ONE, person(CARD, name="NGUYEN THI THU"))], Match(ONE, (CCCD,))),
        (person(CCCD, CARD), [KnownPerson(ONE, person(CARD, born_on="1990"))], Match(ONE, (CCCD,))),
        # the card's record is somebody else by name or birth date: a new person, the card stays there
        (person(CCCD, CARD), [KnownPerson(ONE, person(CARD, name="Trần Văn Khác"))], Match(None, (CCCD,), (CARD,))),
        (person(CCCD, CARD), [KnownPerson(ONE, person(CARD, born_on="1991"))], Match(None, (CCCD,), (CARD,))),
        # the card's record has another personal number: somebody else, even with the same name and birth date
        (person(CCCD, CARD), [KnownPerson(ONE, person(OTHER_CCCD, CARD))], Match(None, (CCCD,), (CARD,))),
        # two records: the stronger number decides, the other stays where it is
        (
            person(CCCD, CARD),
            [KnownPerson(ONE, person(CARD)), KnownPerson(TWO, person(CCCD))],
            Match(TWO, (), (CARD,)),
        ),
        (
            person(OLD_ID, CARD),
            [KnownPerson(ONE, person(CARD)), KnownPerson(TWO, person(OLD_ID))],
            Match(TWO, (), (CARD,)),
        ),
        # without a personal number the card alone finds its holder
        (person(CARD), [KnownPerson(ONE, person(CCCD, CARD))], Match(ONE, ())),
        (person(PASSPORT), [KnownPerson(ONE, person(PASSPORT))], Match(ONE, ())),
        # a person without any number
        (person(), [], Match(None, ())),
    ],
)
def test_person_is_found_new_or_in_conflict(shown: PersonIdentity, known: list[KnownPerson], expected: Match) -> None:
    assert match_person(shown, known) == expected


def test_second_personal_number_never_joins_a_record() -> None:
    known = [KnownPerson(ONE, person(CCCD))]
    assert match_person(person(CCCD, OTHER_CCCD), known).adds == ()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Identifier(IdentifierSystem.INSURANCE_CARD, "DN4999900000017"), "9900000017"),  # old card: ends in the number
        (Identifier(IdentifierSystem.INSURANCE_CARD, "9900000017"), "9900000017"),
        (Identifier(IdentifierSystem.PASSPORT, "fra/99xx00017"), "FRA/99XX00017"),
        (Identifier(IdentifierSystem.PERSONAL_NUMBER, "099190000017"), "099190000017"),
    ],
)
def test_number_has_one_form(given: Identifier, expected: str) -> None:
    assert normal(given).value == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1990", "1990-08-15", True),  # year only, as many old papers
        ("1990-08", "1990-08-15", True),
        ("1990-08-15", "1990-08-15", True),
        ("1990-08-15", "1990-08-16", False),
        ("1990-07", "1990-08-15", False),
        ("1989", "1990-08-15", False),
    ],
)
def test_dates_agree_in_what_both_know(one: str, other: str, expected: bool) -> None:
    assert agree(PartialDate.parse(one), PartialDate.parse(other)) is expected
    assert agree(PartialDate.parse(other), PartialDate.parse(one)) is expected
