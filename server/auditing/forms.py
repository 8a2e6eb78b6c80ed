"""What the auditor's page is asked for; an address somebody typed wrongly is refused, not guessed."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field, field_validator

from server.auditing.actions import ACTIONS, Kind
from server.auditing.trail import Filter
from server.forms import Form

DAYS_AT_ONCE: Final = 31
DAYS_OF_ONE_RECORD: Final = 366

Text = Annotated[str, Field(max_length=200)]


class FilterForm(Form):
    """The fields of the search; empty ones ask for nothing."""

    first: date | None = None
    last: date | None = None
    staff: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9._-]{1,62})?$")] = ""
    what: Text = ""
    """``kind:`` and a kind, or an action."""

    result: Literal["", "done", "refused"] = ""
    person: UUID | None = None
    record: Annotated[str, Field(pattern=r"^([a-z-]{1,40}:[^\s:]{1,100})?$")] = ""
    after: Annotated[int, Field(ge=1, lt=2**63)] | None = None

    @field_validator("first", "last", "person", "after", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("what")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value and value not in ACTIONS and value.removeprefix("kind:") not in set(Kind):
            raise ValueError("no such act")
        return value

    @property
    def is_of_one_record(self) -> bool:
        return self.person is not None or bool(self.record)

    def understood(self, today: date) -> tuple[Filter, bool]:
        """Return the filter, and whether it had to be shortened to the days that can be looked at in one go."""
        most = DAYS_OF_ONE_RECORD if self.is_of_one_record else DAYS_AT_ONCE
        last = min(self.last or today, today)
        earliest = last - timedelta(days=most - 1)
        first = min(self.first or (earliest if self.is_of_one_record else last), last)
        record_type, _, record_id = self.record.partition(":")
        kind = Kind(self.what.removeprefix("kind:")) if self.what.startswith("kind:") else None
        asked = Filter(
            first,
            last,
            staff=self.staff or None,
            kind=kind,
            action=self.what if self.what and kind is None else None,
            refused={"": None, "done": False, "refused": True}[self.result],
            person=self.person,
            record=(record_type, record_id) if self.record else None,
        )
        return (replace(asked, first_day=earliest), True) if first < earliest else (asked, False)


class PersonForm(Form):
    number: Text
