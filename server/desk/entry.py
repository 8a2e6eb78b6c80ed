"""From what was typed to values, and what is wrong with it in words a receptionist can act on."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.desk.forms import PersonKind, RegistrationForm
from server.domain.identity import (
    Identifier,
    IdentifierSystem,
    PartialDate,
    PersonIdentity,
    Sex,
    born_in,
    is_personal_number,
)
from server.domain.matching import normal
from server.domain.numbers import compact, typed_number
from server.domain.phone import normal_phone
from server.domain.relations import Relationship
from server.domain.search import typed_date

OLDEST_AGE: Final = 130


@dataclass(frozen=True, slots=True)
class Relative:
    relationship: Relationship
    full_name: str
    phone: str | None
    personal_number: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A health insurance card shown; dates that are not known are None."""

    card_number: str
    facility: str | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed, as values. ``mistakes``: field of the form -> code of what is wrong there."""

    person: PersonIdentity
    phone: str | None
    is_birth_estimated: bool
    is_unidentified: bool
    document_expires_on: date | None
    claim: Claim | None
    relative: Relative | None
    mistakes: dict[str, str]


def read_entry(form: RegistrationForm, *, today: date) -> Entry:
    """Return what ``form`` says; every mistake is named, none raises."""
    return _Reader(form, today).read()


class _Reader:
    def __init__(self, form: RegistrationForm, today: date) -> None:
        self._form = form
        self._today = today
        self._mistakes: dict[str, str] = {}

    def read(self) -> Entry:
        form = self._form
        born_on, is_estimated = self._born_on()
        is_unidentified = form.kind is PersonKind.UNIDENTIFIED
        claim = None if is_unidentified else self._claim()
        entry = Entry(
            person=PersonIdentity(
                full_name=self._name(),
                born_on=born_on,
                sex=form.sex,
                identifiers=() if is_unidentified else self._identifiers(claim),
                address=form.address or None,
                nationality=self._nationality(),
            ),
            phone=self._phone("phone"),
            is_birth_estimated=is_estimated,
            is_unidentified=is_unidentified,
            document_expires_on=self._full_date("expires_on"),
            claim=claim,
            relative=self._relative(),
            mistakes=self._mistakes,
        )
        if not form.service:
            self._mistakes["service"] = "service.missing"
        return entry

    def _name(self) -> str:
        form = self._form
        name = " ".join(form.full_name.split())
        if not name and form.kind is PersonKind.NEWBORN and form.companion_name:
            return f"Con bà {' '.join(form.companion_name.split())}"  # as the birth certificate's form has it
        if not name and form.kind is PersonKind.UNIDENTIFIED:
            return "Chưa rõ danh tính"
        if not name:
            self._mistakes["full_name"] = "name.missing"
        elif not name.isprintable() or not any(letter.isalpha() for letter in name):
            self._mistakes["full_name"] = "name.letters"
        return name

    def _born_on(self) -> tuple[PartialDate | None, bool]:
        form = self._form
        if form.born_on:
            born_on = typed_date(form.born_on)
            if born_on is None:
                self._mistakes["born_on"] = "born.unreadable"
            elif born_on.year < self._today.year - OLDEST_AGE or _earliest(born_on) > self._today:
                self._mistakes["born_on"] = "born.impossible"
            else:
                return born_on, False
            return None, False
        if form.age:
            if re.fullmatch("[0-9]{1,3}", form.age) and int(form.age) <= OLDEST_AGE:
                return PartialDate(self._today.year - int(form.age)), True
            self._mistakes["age"] = "age.unreadable"
        elif form.kind is PersonKind.NEWBORN:
            self._mistakes["born_on"] = "born.missing"
        return None, False

    def _identifiers(self, claim: Claim | None) -> tuple[Identifier, ...]:
        form = self._form
        found = [
            self._number("personal_number", IdentifierSystem.PERSONAL_NUMBER, "number.form"),
            self._number("old_number", IdentifierSystem.OLD_ID_NUMBER, "old_number.form"),
            self._number("social_number", IdentifierSystem.SOCIAL_INSURANCE, "social.form"),
            self._passport(),
        ]
        if claim is not None:
            found.append(normal(Identifier(IdentifierSystem.INSURANCE_CARD, claim.card_number)))
        if form.kind is PersonKind.DOCUMENTS and not any(found) and not form.patient_id and not self._mistakes:
            self._mistakes["personal_number"] = "number.missing"
        return tuple(one for one in found if one is not None)

    def _number(self, field: str, system: IdentifierSystem, mistake: str) -> Identifier | None:
        text = getattr(self._form, field)
        number = typed_number(system, text) if text else None
        if text and number is None:
            self._mistakes[field] = mistake
        return number

    def _passport(self) -> Identifier | None:
        number = compact(self._form.passport)
        if not number:
            if self._form.kind is PersonKind.FOREIGNER and not self._form.patient_id:
                self._mistakes["passport"] = "passport.missing"
            return None
        country = self._nationality()
        if country is None:
            self._mistakes.setdefault("nationality", "passport.country")
            return None
        passport = typed_number(IdentifierSystem.PASSPORT, f"{country}/{number}")
        if passport is None:
            self._mistakes["passport"] = "passport.form"
        return passport

    def _nationality(self) -> str | None:
        text = self._form.nationality.upper()
        if text and not re.fullmatch("[A-Z]{3}", text):
            self._mistakes["nationality"] = "nationality.form"
            return None
        return text or None

    def _claim(self) -> Claim | None:
        if self._number("insurance_card", IdentifierSystem.INSURANCE_CARD, "card.form") is None:
            return None
        number = compact(self._form.insurance_card)  # as it stands on the card: the claim names it whole
        facility = compact(self._form.insurance_facility)
        if facility and not re.fullmatch("[0-9]{2}[0-9A-Z]{3}", facility):
            self._mistakes["insurance_facility"] = "facility.form"
            facility = ""
        return Claim(number, facility or None, self._full_date("insurance_from"), self._full_date("insurance_to"))

    def _relative(self) -> Relative | None:
        form = self._form
        name, phone = " ".join(form.companion_name.split()), self._phone("companion_phone")
        number = compact(form.companion_number)
        if number and not is_personal_number(number):
            self._mistakes["companion_number"] = "number.form"
            number = ""
        relationship = form.companion or (Relationship.MOTHER if form.kind is PersonKind.NEWBORN else "")
        if not name:
            if form.kind is PersonKind.NEWBORN:
                self._mistakes["companion_name"] = "mother.missing"
            elif phone or number or form.companion:
                self._mistakes["companion_name"] = "companion.missing"
            return None
        if not relationship:
            self._mistakes["companion"] = "companion.relation"
            return None
        return Relative(relationship, name, phone, number or None)

    def _phone(self, field: str) -> str | None:
        text = getattr(self._form, field)
        phone = normal_phone(text) if text else None
        if text and phone is None:
            self._mistakes[field] = "phone.form"
        return phone

    def _full_date(self, field: str) -> date | None:
        text = getattr(self._form, field)
        found = typed_date(text) if text else None
        if text and (found is None or found.month is None or found.day is None):
            self._mistakes[field] = "date.form"
            return None
        return date(found.year, found.month, found.day) if found and found.month and found.day else None


def personal_number_doubts(entry: Entry) -> list[str]:
    """Return what inside a personal number disagrees with birth year and sex: lawful in some cases, a slip in most."""
    number, person = entry.person.personal_number, entry.person
    if number is None:
        return []
    doubts = []
    if person.born_on is not None and born_in(number) != person.born_on.year:
        doubts.append("number.other_year")
    sex = Sex.FEMALE if int(number[3]) % 2 else Sex.MALE
    if person.sex not in {Sex.UNKNOWN, sex}:
        doubts.append("number.other_sex")
    return doubts


def _earliest(born_on: PartialDate) -> date:
    return date(born_on.year, born_on.month or 1, born_on.day or 1)
