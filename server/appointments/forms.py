"""What the forms of the appointments' pages may say."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from server.forms import Form

_Code = Annotated[str, Field(max_length=64)]


class FindForm(Form):
    text: Annotated[str, Field(max_length=200)] = ""


class ChoiceForm(Form):
    """Whom and what an appointment is for, while it is being chosen."""

    person: UUID
    service: _Code = ""
    day: date | Literal[""] = ""


class BookForm(Form):
    """``slot``: a time of the day, empty for a letter that names the day only."""

    request_key: UUID
    person: UUID
    service: _Code
    day: date
    slot: AwareDatetime | Literal[""] = ""
    doctor: _Code = ""
    number: Annotated[str, Field(max_length=50)] = ""


class CameForm(Form):
    version: Annotated[int, Field(ge=1)]


class CancelForm(Form):
    version: Annotated[int, Field(ge=1)]
    reason: Annotated[str, Field(max_length=200)] = ""
