"""What the page for registration by hand says, as it was typed; nothing of it is believed yet."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, field_validator

from server.domain.catalogue import Payer
from server.domain.identity import Sex
from server.domain.priority import PriorityGround
from server.domain.relations import Relationship
from server.forms import Form, Line

SCAN_LENGTH = 4096  # two cards' codes glued together, at most

_Scan = Annotated[str, Field(max_length=SCAN_LENGTH)]
_Name = Annotated[str, Field(max_length=200)]
_Short = Annotated[str, Field(max_length=40)]


class PersonKind(StrEnum):
    """Who is being registered: it decides what is asked and what may be left out."""

    DOCUMENTS = "documents"  # a citizen with a card, or who knows its number
    NO_PAPERS = "no-papers"  # says who they are
    UNIDENTIFIED = "unidentified"  # nobody can say
    NEWBORN = "newborn"
    FOREIGNER = "foreigner"


class RegistrationForm(Form):
    """Everything on the page. Texts are as typed; the empty one is what was left out."""

    request_key: UUID | None = None  # minted with the page: pressing twice registers once
    patient_id: UUID | None = None  # the record that was picked
    draft: UUID | None = None  # what a kiosk handed over
    language: Literal["vi", "en"] = "vi"  # of the slip

    kind: PersonKind = PersonKind.DOCUMENTS
    full_name: _Name = ""
    born_on: _Short = ""
    age: _Short = ""  # where nobody knows the birth date
    sex: Sex = Sex.UNKNOWN
    personal_number: _Short = ""
    old_number: _Short = ""
    passport: _Short = ""
    nationality: _Short = ""  # ISO 3166-1 alpha-3
    expires_on: _Short = ""
    phone: _Short = ""
    address: Line = ""
    papers_seen: bool = False  # staff compared papers and face
    scanned: Literal["", "qr", "insurance-qr", "mrz"] = ""  # where the data came from

    insurance_card: _Short = ""
    social_number: _Short = ""
    insurance_facility: _Short = ""
    insurance_from: _Short = ""
    insurance_to: _Short = ""

    companion: Relationship | Literal[""] = ""
    companion_name: _Name = ""
    companion_phone: _Short = ""
    companion_number: _Short = ""  # the mother's or companion's own personal number

    appointment: _Short = ""  # the code of the one this visit uses
    service: Annotated[str, Field(max_length=64)] = ""
    payer: Payer | Literal[""] = ""
    priority: PriorityGround | Literal[""] = ""

    is_other_person: bool = False  # staff looked at who it may be, and it is none of them
    second_reason: Line = ""  # why a second number in the same queue


class LookForm(RegistrationForm):
    """The page with something to look for: scanned, typed, or picked from what was found."""

    look: _Scan = ""
    pick: UUID | None = None
    after: Line = ""  # the next page of what was found
    clear: bool = False

    @field_validator("look")
    @classmethod
    def _without_shortcut(cls, text: str) -> str:
        """Leave out the key that leads to the field, pressed by somebody who was there already."""
        return text.removeprefix("/")
