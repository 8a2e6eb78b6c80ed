"""What the forms of the clinics' pages may say."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from server.domain.catalogue import DutySession
from server.forms import Form


class DutyForm(Form):
    day: date
    on_duty: DutySession


class CloseForm(Form):
    day: date
    reason: Annotated[str, Field(max_length=200)] = ""


class ReopenForm(Form):
    day: date


class CapacityForm(Form):
    day: date
    tables: Annotated[int, Field(ge=1, le=20)]
    visits_per_table: Annotated[int, Field(ge=1, le=500)] | Literal[""] = ""
