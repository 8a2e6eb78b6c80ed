"""The simulated insurance gateway knows the people of the kiosk's simulator: two tables, held together here."""

import pytest

from drivers.simulated.people import PEOPLE, InventedPerson
from server.domain.identity import PartialDate
from server.insurance.invented import BY_NUMBER, DEMO

INSURED = [person for person in PEOPLE if person.insurance is not None]


@pytest.mark.parametrize("person", INSURED, ids=lambda person: person.key)
def test_every_number_of_an_insured_person_leads_to_the_same_card(person: InventedPerson) -> None:
    card = person.insurance
    assert card is not None
    known = BY_NUMBER[card.card_number]
    assert {card.card_number, card.social_insurance_number, person.personal_number} == set(known.numbers)
    assert known.card_number == card.card_number
    assert known.full_name == person.full_name
    assert known.born_on == PartialDate(person.born_on.year, person.born_on.month, person.born_on.day)
    assert known.sex == ("Nam" if person.sex == "male" else "Nữ")
    assert (known.facility, known.valid_from, known.valid_to, known.five_years_on) == (
        card.primary_facility, card.valid_from, card.valid_to, card.five_years_on,
    )  # fmt: skip


def test_the_gateway_knows_nobody_more_of_them() -> None:
    assert len(DEMO) == len(INSURED)
    uninsured = {person.personal_number for person in PEOPLE if person.insurance is None}
    assert uninsured.isdisjoint(BY_NUMBER)
