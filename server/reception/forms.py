"""What the desk's forms may say; anything else is refused before a service sees it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, field_validator

from server.forms import Form, Line
from server.reception.arrivals import Filter, Show


class FilterForm(Form):
    text: Annotated[str, Field(max_length=100)] = ""
    clinic: Annotated[str, Field(max_length=64)] = ""
    needs_staff: bool = False
    place: UUID | Literal["desk", ""] = ""
    show: Show = Show.ALL
    day: date | None = None  # today's list, which goes over midnight, has none
    before: UUID | None = None

    @field_validator("day", mode="before")
    @classmethod
    def _none_where_empty(cls, text: object) -> object:
        return text or None

    @property
    def is_filtered(self) -> bool:
        return self.wanted() != Filter()

    def wanted(self) -> Filter:
        return Filter(self.text, self.clinic, self.needs_staff, str(self.place), self.show)


class ClinicForm(Form):
    service: Annotated[str, Field(max_length=64)] = ""
    reason: Line = ""
    version: Annotated[int, Field(ge=1)]


class SettleForm(Form):
    decision: Line = ""


class ReprintForm(Form):
    """``printer``: the kiosk that prints the copy; None for the printer of the desk's own computer."""

    printer: UUID | None = None
    copy_number: Annotated[int, Field(ge=1, le=999)]
