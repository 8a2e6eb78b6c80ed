"""From what a card or a code said to a person, and how sure we are; in one place.

What a card says is hostile until it fits the contract's message: everything here raises MalformedData when it does not.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from pydantic import ValidationError

from drivers.codec.recognise import IdCardCode, InsuranceCode, MrzCode
from drivers.errors import MalformedData
from drivers.icao9303.mrz import birth_date, expiry_date, iso_country
from drivers.icao9303.passwords import passwords_from_card
from drivers.icao9303.reading import Access, Assurance, ChipIdentity, ChipPasswords
from server.contract.appointments import LetterHolder
from server.contract.v1 import IdentityEvidence, InsuranceClaim, PersonMessage
from server.domain.identity import (
    Identifier,
    IdentifierSystem,
    IdentityAssurance,
    PartialDate,
    PersonIdentity,
    Sex,
    fold_name,
    is_personal_number,
)

ASSURANCE: Final = {
    Assurance.TRUSTED: IdentityAssurance.CHIP_TRUSTED,
    Assurance.CONSISTENT: IdentityAssurance.CHIP_CONSISTENT,
    Assurance.READ: IdentityAssurance.CHIP_READ,
    Assurance.CONTRADICTED: IdentityAssurance.CHIP_CONTRADICTED,
}


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person, and the evidence for it; ``message`` is the person as RegisterEncounter carries it."""

    person: PersonIdentity
    evidence: IdentityEvidence
    message: PersonMessage

    def with_proof(self, assurance: Assurance, reasons: Sequence[str]) -> "KnownPerson":
        """Return the same person after the chip's proof came in."""
        update = {"assurance": ASSURANCE[assurance], "reasons": tuple(reasons)}
        return replace(self, evidence=self.evidence.model_copy(update=update))

    def with_reason(self, reason: str) -> "KnownPerson":
        """Return the same person with one more reason why we are not surer."""
        reasons = (*self.evidence.reasons, reason)
        return replace(self, evidence=self.evidence.model_copy(update={"reasons": reasons}))


def from_chip(chip: ChipIdentity, access: Access, read_at: datetime) -> KnownPerson:
    """Return the person on a chip that was opened and not proved yet."""
    identifiers = []
    if chip.personal_number is not None:
        identifiers.append(Identifier(IdentifierSystem.PERSONAL_NUMBER, chip.personal_number))
    else:
        issuer = chip.issuer or chip.nationality
        identifiers.append(Identifier(IdentifierSystem.PASSPORT, f"{issuer}/{chip.document_number}"))
    return _known(
        PersonIdentity(
            full_name=chip.full_name,
            born_on=_date(chip.born_on),
            sex=_sex(chip.sex),
            identifiers=(*identifiers, *_old_number(chip.old_number)),
            address=chip.address,
            nationality=chip.nationality,
            ethnicity=chip.ethnicity,
        ),
        IdentityEvidence(
            assurance=IdentityAssurance.CHIP_READ,
            method="chip",
            access=access,
            document_expires_on=_full_date(chip.expires_on),
            read_at=read_at,
        ),
    )


def from_zone(zone: MrzCode, read_at: datetime, *, today: date) -> KnownPerson:
    """Return the person a printed zone names; like a code it is printed, not proved."""
    if zone.personal_number is not None:
        number = Identifier(IdentifierSystem.PERSONAL_NUMBER, zone.personal_number)
    else:
        number = Identifier(IdentifierSystem.PASSPORT, f"{iso_country(zone.issuer)}/{zone.document_number}")
    return _known(
        PersonIdentity(
            full_name=zone.name,
            born_on=_date(birth_date(zone, today)),
            sex=_sex(zone.sex),
            identifiers=(number,),
            nationality=iso_country(zone.nationality),
        ),
        IdentityEvidence(
            assurance=IdentityAssurance.QR,
            method="mrz",
            document_expires_on=_full_date(expiry_date(zone)),
            read_at=read_at,
        ),
    )


def from_id_code(code: IdCardCode, read_at: datetime) -> KnownPerson | None:
    """Return the person an ID card's code names; None when the scanner destroyed the name's letters."""
    if code.full_name is None:
        return None
    number = Identifier(IdentifierSystem.PERSONAL_NUMBER, code.personal_number)
    return _known(
        PersonIdentity(
            full_name=code.full_name,
            born_on=_date(code.born_on),
            sex=_sex(code.sex),
            identifiers=(number, *_old_number(code.old_number)),
            address=code.address,
        ),
        IdentityEvidence(assurance=IdentityAssurance.QR, method="qr", read_at=read_at),
    )


def from_insurance_code(code: InsuranceCode, read_at: datetime) -> KnownPerson | None:
    """Return the person a health insurance card's code names; None when the name was not clean text."""
    if code.full_name is None:
        return None
    identifiers = [Identifier(IdentifierSystem.INSURANCE_CARD, code.card_number)]
    if code.social_insurance_number is not None:
        identifiers.append(Identifier(IdentifierSystem.SOCIAL_INSURANCE, code.social_insurance_number))
    return _known(
        PersonIdentity(
            full_name=code.full_name,
            born_on=_date(code.born_on),
            sex=_sex(code.sex),
            identifiers=tuple(identifiers),
            # The card's address is often the employer's; it is no address of the person.
            address=None,
        ),
        IdentityEvidence(assurance=IdentityAssurance.QR, method="insurance-qr", read_at=read_at),
    )


def from_letter(holder: LetterHolder, read_at: datetime, *, typed: bool = False) -> KnownPerson:
    """Return whom a re-examination letter names. It carries no number: the server knows whose appointment it is."""
    assurance = IdentityAssurance.TYPED if typed else IdentityAssurance.QR
    born_on = PartialDate(holder.birth_year) if holder.birth_year else None
    return _known(
        PersonIdentity(full_name=holder.full_name, born_on=born_on, sex=holder.sex, identifiers=()),
        IdentityEvidence(assurance=assurance, method="appointment", read_at=read_at),
    )


def may_be_holder(holder: PersonIdentity, person: PersonIdentity) -> bool:
    """Whether a letter's holder, of whom name and year of birth are known, may be ``person``."""
    years = {one.born_on.year for one in (holder, person) if one.born_on is not None}
    return fold_name(holder.full_name) == fold_name(person.full_name) and len(years) < 2


def insurance_claim(code: InsuranceCode) -> InsuranceClaim:
    """Return what the person showed, for the server to verify; open-ended and partial dates stay empty."""
    valid_from, valid_to = _full_date(code.valid_from), _full_date(code.valid_to)
    try:
        return InsuranceClaim(
            card_number=code.card_number,
            primary_facility=code.primary_facility,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    except ValidationError:
        raise MalformedData("BHYT QR", "does not fit the record") from None


def passwords_from_code(code: IdCardCode, *, today: date) -> ChipPasswords:
    """Return what an ID card's code knows of its chip's passwords."""
    return passwords_from_card(code.personal_number, code.born_on, code.issued_on, today=today)


def passwords_from_number(digits: str) -> ChipPasswords | None:
    """Return the password in typed digits: the last 6 of the number on the card, or all 12; None for anything else."""
    return ChipPasswords(can=digits[-6:]) if re.fullmatch(r"[0-9]{6}|[0-9]{12}", digits) else None


def contradictions(code: IdCardCode, chip: ChipIdentity) -> tuple[str, ...]:
    """Return what a code and a chip shown together disagree on, as stable reasons; empty when they are one person's.

    The number decides. Names and dates may differ for lawful reasons (a corrected record), and only where the chip
    carries no personal number do they have to.
    """
    if chip.personal_number is not None:
        return () if chip.personal_number == code.personal_number else ("code.other_number",)
    return () if code.personal_number.endswith(chip.document_number) else ("code.other_document",)


def contradicts_zone(zone: MrzCode, chip: ChipIdentity) -> bool:
    """Whether a printed zone and a chip shown together are of two documents."""
    return zone.document_number != chip.document_number or zone.personal_number not in (None, chip.personal_number)


def is_same_person(insurance: InsuranceCode, person: PersonIdentity) -> bool:
    """Whether a health insurance card may belong to ``person``: name without marks, and the date as far as both go.

    A card whose name cannot be read belongs to nobody: guessing would put one patient's insurance on another's visit.
    """
    if insurance.full_name is None or fold_name(insurance.full_name) != fold_name(person.full_name):
        return False
    theirs, ours = insurance.born_on, str(person.born_on) if person.born_on else None
    if theirs is None or ours is None:
        return True
    shorter = min(len(theirs), len(ours))
    return theirs[:shorter] == ours[:shorter]


def _known(person: PersonIdentity, evidence: IdentityEvidence) -> KnownPerson:
    try:
        message = PersonMessage.of(person)
    except ValidationError as error:
        # The cause would carry the person's data into a log.
        fields = ", ".join(str(mistake["loc"][0]) for mistake in error.errors(include_input=False))
        raise MalformedData("identity document", f"does not fit the record: {fields}") from None
    return KnownPerson(person, evidence, message)


def _date(text: str | None) -> PartialDate | None:
    try:
        return PartialDate.parse(text) if text else None
    except ValueError:
        raise MalformedData("identity document", "an impossible date") from None


def _full_date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and len(text) == len("YYYY-MM-DD") else None
    except ValueError:
        raise MalformedData("identity document", "an impossible date") from None


def _sex(text: str | None) -> Sex:
    return Sex(text) if text else Sex.UNKNOWN


def _old_number(text: str | None) -> tuple[Identifier, ...]:
    if not text:
        return ()
    # An old document was a 9-digit CMND, or already the 12-digit number (an earlier, cancelled one).
    system = IdentifierSystem.PERSONAL_NUMBER if is_personal_number(text) else IdentifierSystem.OLD_ID_NUMBER
    return (Identifier(system, text),)
