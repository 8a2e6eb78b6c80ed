"""From chips and codes to persons, row by row."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from drivers.codec.recognise import IdCardCode, InsuranceCode
from drivers.errors import MalformedData
from drivers.icao9303.reading import Assurance
from drivers.simulated.people import PEOPLE, get_person
from kiosk.conversation import identity
from server.contract.v1 import InsuranceClaim, RegisterEncounter
from server.domain.identity import Identifier, IdentifierSystem, IdentityAssurance, PartialDate, PersonIdentity, Sex
from tests.kiosk.kit import NOON, chip_identity, command, id_code, insurance_code

NUMBER = IdentifierSystem.PERSONAL_NUMBER
WITH_CARD_QR = [person.key for person in PEOPLE if person.generation != "passport"]
WITH_INSURANCE = [person.key for person in PEOPLE if person.insurance]


def code_of(key: str) -> IdCardCode:
    value = id_code(key).value
    assert isinstance(value, IdCardCode)
    return value


def insurance_of(key: str) -> InsuranceCode:
    value = insurance_code(key).value
    assert isinstance(value, InsuranceCode)
    return value


def person_of(key: str) -> PersonIdentity:
    return identity.from_chip(chip_identity(key), "BAC", NOON).person


def test_a_chip_names_a_person_with_everything_it_says() -> None:
    known = identity.from_chip(
        replace(chip_identity("duc"), old_number="012345678", ethnicity="Kinh"), "PACE-CAN", NOON
    )
    assert known.person == PersonIdentity(
        full_name="Nguyễn Văn Đức",
        born_on=PartialDate(1990, 8, 15),
        sex=Sex.MALE,
        identifiers=(Identifier(NUMBER, "001090123456"), Identifier(IdentifierSystem.OLD_ID_NUMBER, "012345678")),
        address="Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
        nationality="VNM",
        ethnicity="Kinh",
    )
    evidence = known.evidence
    assert (evidence.assurance, evidence.method, evidence.access) == (IdentityAssurance.CHIP_READ, "chip", "PACE-CAN")
    assert evidence.document_expires_on == date(2030, 8, 15)


def test_a_passport_is_known_by_its_issuer_and_number() -> None:
    assert person_of("somsak").identifiers == (Identifier(IdentifierSystem.PASSPORT, "LAO/PA0174263"),)


@pytest.mark.parametrize("key", [person.key for person in PEOPLE])
def test_every_invented_persons_chip_fits_the_contract(key: str) -> None:
    message = identity.from_chip(chip_identity(key), "BAC", NOON).message
    assert (
        RegisterEncounter.model_validate_json(command().model_copy(update={"person": message}).model_dump_json()).person
        == message
    )


@pytest.mark.parametrize("key", WITH_CARD_QR)
def test_code_and_chip_of_one_card_name_the_same_person(key: str) -> None:
    from_code = identity.from_id_code(code_of(key), NOON)
    assert from_code is not None
    chip = person_of(key)
    assert from_code.person.personal_number == chip.personal_number
    assert (from_code.person.full_name, from_code.person.born_on) == (chip.full_name, chip.born_on)
    assert from_code.evidence.assurance is IdentityAssurance.QR


def test_a_code_whose_letters_were_lost_names_nobody() -> None:
    assert identity.from_id_code(replace(code_of("duc"), full_name=None), NOON) is None
    assert identity.from_insurance_code(replace(insurance_of("duc"), full_name=None), NOON) is None


# (old number on the card, namespace it belongs to)
OLD_NUMBERS = [
    ("012345678", IdentifierSystem.OLD_ID_NUMBER),  # the 9-digit CMND
    ("001190654321", NUMBER),  # an earlier 12-digit number, cancelled since
]


@pytest.mark.parametrize(("number", "system"), OLD_NUMBERS)
def test_an_old_number_goes_to_its_own_namespace(number: str, system: IdentifierSystem) -> None:
    known = identity.from_id_code(replace(code_of("duc"), old_number=number), NOON)
    assert known is not None
    assert known.person.identifiers[1] == Identifier(system, number)
    assert known.person.personal_number == "001090123456"


@pytest.mark.parametrize("key", WITH_INSURANCE)
def test_an_insurance_card_names_a_person_without_taking_its_address(key: str) -> None:
    card = get_person(key).insurance
    assert card is not None
    known = identity.from_insurance_code(insurance_of(key), NOON)
    assert known is not None
    assert known.evidence.method == "insurance-qr"
    assert known.person.address is None  # often the employer's
    assert known.person.personal_number is None
    assert Identifier(IdentifierSystem.INSURANCE_CARD, card.card_number) in known.person.identifiers


def test_an_insurance_claim_keeps_open_ends_open() -> None:
    assert identity.insurance_claim(insurance_of("duc")) == InsuranceClaim(
        card_number="DN4340123456789", primary_facility="34018", valid_from=date(2024, 1, 1), valid_to=None
    )


# (changed field, value): each is what a hostile chip may say
HOSTILE = [
    ("full_name", "A" * 201),
    ("full_name", "Nguyễn\x1b@Đức"),  # would command a printer
    ("full_name", "   "),
    ("address", "x" * 501),
    ("nationality", "VN"),
    ("born_on", "1990-02-30"),
    ("expires_on", "2030-13-01"),
    ("personal_number", "'; --"),
]


@pytest.mark.parametrize(("field", "value"), HOSTILE)
def test_a_chip_that_says_the_impossible_is_refused_without_its_data_in_the_message(field: str, value: str) -> None:
    change: dict[str, Any] = {field: value}
    changed = replace(chip_identity("duc"), **change)
    with pytest.raises(MalformedData) as refusal:
        identity.from_chip(changed, "BAC", NOON)
    shown = str(refusal.value) + str(refusal.value.__cause__)
    assert "Nguyễn" not in shown
    assert value not in shown


def test_proof_changes_the_assurance_and_nothing_of_the_person() -> None:
    known = identity.from_chip(chip_identity("duc"), "BAC", NOON)
    proved = known.with_proof(Assurance.TRUSTED, ("pa.valid", "aa.valid"))
    assert proved.evidence.assurance is IdentityAssurance.CHIP_TRUSTED
    assert proved.evidence.reasons == ("pa.valid", "aa.valid")
    assert proved.person == known.person


def test_a_cards_code_and_the_chip_of_another_contradict_each_other() -> None:
    assert identity.contradictions(code_of("duc"), chip_identity("duc")) == ()
    assert identity.contradictions(code_of("duc"), chip_identity("tuan")) == ("code.other_number",)
    assert identity.contradictions(code_of("duc"), chip_identity("somsak")) == ("code.other_document",)
    nameless = replace(chip_identity("duc"), personal_number=None)
    assert identity.contradictions(code_of("duc"), nameless) == ()


# (change to Mr Đức's insurance card, may it be his?)
BELONGING: list[tuple[dict[str, str | None], bool]] = [
    ({}, True),
    ({"full_name": "NGUYEN VAN DUC"}, True),  # printed without marks
    ({"full_name": "Nguyễn Văn Đưc"}, True),  # a mark lost
    ({"born_on": "1990"}, True),  # only the year is known
    ({"born_on": None}, True),
    ({"born_on": "1990-08-16"}, False),
    ({"born_on": "1991"}, False),
    ({"full_name": "Nguyễn Văn Dũng"}, False),
    ({"full_name": None}, False),  # nobody's: guessing would put it on another patient's visit
]


@pytest.mark.parametrize(("change", "belongs"), BELONGING)
def test_an_insurance_card_belongs_to_who_bears_its_name_and_date(change: dict[str, Any], belongs: bool) -> None:
    assert identity.is_same_person(replace(insurance_of("duc"), **change), person_of("duc")) is belongs


# (what was typed, the CAN in it)
TYPED = [
    ("123456", "123456"),
    ("001090123456", "123456"),  # all of the number
    ("12345", None),
    ("1234567", None),
    ("12345a", None),
    ("١٢٣٤٥٦", None),  # digits, but not ours
    ("", None),
]


@pytest.mark.parametrize(("digits", "can"), TYPED)
def test_six_or_twelve_typed_digits_open_a_chip(digits: str, can: str | None) -> None:
    passwords = identity.passwords_from_number(digits)
    assert (passwords.can if passwords else None) == can


def test_a_code_knows_what_opens_its_chip() -> None:
    passwords = identity.passwords_from_code(code_of("duc"), today=date(2026, 11, 23))
    assert (passwords.can, passwords.document_number, passwords.born_on) == ("123456", "090123456", "900815")
    assert passwords.expiries[0] == "300815"
