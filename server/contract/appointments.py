"""Messages about appointments: what a kiosk asks before a visit, and what other systems book."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from server.contract.v1 import (
    AppointmentCode,
    Code,
    IdentifierMessage,
    Line,
    Message,
    Name,
    PersonMessage,
    ShortCode,
    VisitCode,
)
from server.domain.appointments import AppointmentSource, AppointmentStatus, CheckIn
from server.domain.identity import Sex

Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class FindVisitor(Message):
    """Ask what is known here of a person before a kiosk: by the code of an appointment, by their numbers, or both.

    With both the appointment is the code's, and whether it is this person's is part of the answer.
    """

    code: AppointmentCode | None = None
    identifiers: tuple[IdentifierMessage, ...] = Field(default=(), max_length=8)

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.code is None and not self.identifiers:
            raise ValueError("a code or identifiers")
        return self


class AppointmentOffer(Message):
    """An appointment as a kiosk shows it. ``check_in`` is what the rules say of it at this moment."""

    code: VisitCode
    source: AppointmentSource
    service: Code
    service_name: Name
    service_name_en: Name
    room: str
    floor: str
    doctor: str
    """Title and name; empty where no doctor was promised."""

    due_on: date
    starts_at: AwareDatetime | None
    valid_to: date
    check_in: CheckIn
    short_code: ShortCode | None = None


class LetterHolder(Message):
    """Whom a letter's code names: what stands on the letter itself, and nothing more of the record."""

    full_name: Name
    birth_year: int | None
    sex: Sex


class VisitorFound(Message):
    """``appointments``: the code's, or the person's by nearness; ``holder`` is told to who shows a code and no card."""

    appointments: tuple[AppointmentOffer, ...] = ()
    holder: LetterHolder | None = None
    last_service: Code | None = None
    last_visit_on: date | None = None


class BookAppointment(Message):
    """Promise a time (``starts_at``) or a day (``due_on``) to a person; safe to repeat with the same key.

    ``number`` is the hospital's own number of a re-examination letter, ``from_encounter`` the visit it closes.
    """

    request_key: UUID
    person: PersonMessage
    service: Code
    doctor: Code | None = None
    starts_at: AwareDatetime | None = None
    due_on: date | None = None
    number: Number | None = None
    from_encounter: UUID | None = None

    @model_validator(mode="after")
    def _names_one_moment(self) -> Self:
        if (self.starts_at is None) == (self.due_on is None):
            raise ValueError("either starts_at (a slot) or due_on (a letter's day)")
        return self


class CancelAppointment(Message):
    reason: Line


class AppointmentState(Message):
    """One appointment as it stands.

    ``code`` stands in the letter's QR behind ``TA1:``. ``short_code`` belongs on the letter too, to be typed at a kiosk
    without a scanner: 11 digits, the last one the check digit of ISO/IEC 7064 MOD 11,10.
    """

    id: UUID
    code: VisitCode
    status: AppointmentStatus
    source: AppointmentSource
    service: Code
    doctor: Code | None
    due_on: date
    starts_at: AwareDatetime | None
    valid_from: date
    valid_to: date
    number: str | None
    encounter_id: UUID | None
    short_code: ShortCode | None = None


class SlotMessage(Message):
    starts_at: AwareDatetime
    places_left: Annotated[int, Field(ge=0)]


class SlotsOfDay(Message):
    """The bookable times of a clinic's day, full ones too; empty where the clinic books no times."""

    day: date
    service: Code
    slots: tuple[SlotMessage, ...]
