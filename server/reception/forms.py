"""What the desk's forms may say; anything else is refused before a service sees it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, field_validator

from server.desk.forms import SCAN_LENGTH
from server.desk.scanning import read_scan
from server.forms import Form, Line
from server.reception.arrivals import Filter, Show


class FilterForm(Form):
    text: Annotated[str, Field(max_length=SCAN_LENGTH)] = ""  # typed, or a card or slip scanned into the field
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
        return bool(self.text or self.clinic or self.needs_staff or self.place or self.show)

    def wanted(self, *, today: date) -> Filter:
        return Filter(_sought(self.text, today), self.clinic, self.needs_staff, str(self.place), self.show)


def _sought(text: str, today: date) -> str:
    """Return what to search for: of a scanned card its number, of a slip or letter its code, else what was typed."""
    scan = read_scan(text, today=today)
    card = scan.fields
    if "passport" in card:
        return f"{card.get('nationality', '')}/{card['passport']}"
    return card.get("personal_number") or card.get("insurance_card") or scan.search or text


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
