"""What the pages about people may say; anything else is refused before a service sees it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from server.domain.identity import IdentifierSystem, Sex
from server.domain.relations import Relationship
from server.forms import Form, Line

_Short = Annotated[str, Field(max_length=40)]
_Version = Annotated[int, Field(ge=1)]


class PersonForm(Form):
    """A person's data as typed; ``version`` is the record's as it was shown."""

    full_name: Annotated[str, Field(max_length=200)] = ""
    born_on: _Short = ""
    sex: Sex = Sex.UNKNOWN
    phone: _Short = ""
    address: Line = ""
    nationality: _Short = ""
    ethnicity: _Short = ""
    is_birth_estimated: bool = False
    is_unidentified: bool = False
    reason: Line = ""
    version: _Version


class NumberForm(Form):
    system: IdentifierSystem
    value: _Short = ""
    version: _Version


class EndForm(Form):
    reason: Line = ""
    version: _Version


class RelativeForm(Form):
    """Somebody who belongs to the person; ``number`` is their own personal number, where they have a record."""

    relationship: Relationship
    full_name: Annotated[str, Field(max_length=200)] = ""
    phone: _Short = ""
    number: _Short = ""


class ReasonForm(Form):
    reason: Line = ""


class MergeForm(Form):
    """``survivor`` is one of the two compared; the versions are of the first and the second as they were shown."""

    survivor: UUID | None = None
    first_version: _Version
    second_version: _Version
    reason: Line = ""


class CompareForm(Form):
    number: _Short = ""
