"""Version 1 of the messages between kiosk and server.

A message is closed (unknown fields are refused) and frozen. Instants are aware and in UTC, days are local days of
Asia/Ho_Chi_Minh, money is whole đồng. The JSON form is what ``model_dump(mode="json")`` gives.
"""

from datetime import date, time
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, field_validator

from server.domain.catalogue import ClinicState, Payer
from server.domain.codes import ALPHABET, CODE_LENGTH, SHORT_CODE_LENGTH
from server.domain.documents import ExpiredDocuments
from server.domain.identity import (
    Identifier,
    IdentifierSystem,
    IdentityAssurance,
    PartialDate,
    PersonIdentity,
    Sex,
)
from server.domain.priority import AT_THE_KIOSK, PriorityGround
from server.domain.red_flags import RED_FLAGS

IDEMPOTENCY_HEADER = "Idempotency-Key"

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:/-]+$")]
VisitCode = Annotated[str, StringConstraints(pattern=f"^[{ALPHABET}]{{{CODE_LENGTH}}}$")]
ShortCode = Annotated[str, StringConstraints(pattern=f"^[0-9]{{{SHORT_CODE_LENGTH}}}$")]
AppointmentCode = VisitCode | ShortCode
"""As it stands in a letter's QR, or as it is typed off the letter."""


class Message(BaseModel):
    """What goes over the line. A request is taken in exactly its form; an answer may be a newer server's."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)  # an error may reach a log

    @classmethod
    def of_answer(cls, body: str | bytes) -> Self:
        """Return an answer, without what a newer server says in it beyond our form; raises ValidationError."""
        return cls.model_validate_json(body, extra="ignore")


class IdentifierMessage(Message):
    system: IdentifierSystem
    value: Code


class PersonMessage(Message):
    """A person as a document named them. ``born_on`` is a FHIR date: ``1990``, ``1990-08`` or ``1990-08-15``."""

    full_name: Name
    born_on: str | None = None
    sex: Sex = Sex.UNKNOWN
    identifiers: tuple[IdentifierMessage, ...] = Field(default=(), max_length=8)
    address: Line | None = None
    nationality: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    ethnicity: Line | None = None

    @field_validator("born_on")
    @classmethod
    def _is_a_date(cls, value: str | None) -> str | None:
        return None if value is None else str(PartialDate.parse(value))

    @classmethod
    def of(cls, person: PersonIdentity) -> Self:
        """Raises ValidationError for a person no message can carry."""
        return cls(
            full_name=person.full_name,
            born_on=str(person.born_on) if person.born_on else None,
            sex=person.sex,
            identifiers=tuple(IdentifierMessage(system=one.system, value=one.value) for one in person.identifiers),
            address=person.address,
            nationality=person.nationality,
            ethnicity=person.ethnicity,
        )

    def identity(self, *more: Identifier) -> PersonIdentity:
        """Return the person as the rules see it, with ``more`` numbers behind its own."""
        return PersonIdentity(
            full_name=self.full_name,
            born_on=PartialDate.parse(self.born_on) if self.born_on else None,
            sex=self.sex,
            identifiers=(*(Identifier(one.system, one.value) for one in self.identifiers), *more),
            address=self.address,
            nationality=self.nationality,
            ethnicity=self.ethnicity,
        )


class IdentityEvidence(Message):
    """How the kiosk came to know the person. ``reasons`` are stable codes, e.g. ``pa.csca_unknown``."""

    assurance: IdentityAssurance
    method: Literal["chip", "qr", "insurance-qr", "mrz", "visit-code", "typed", "staff", "appointment"]
    access: Literal["PACE-CAN", "PACE-MRZ", "BAC"] | None = None
    reasons: tuple[Code, ...] = Field(default=(), max_length=32)
    document_expires_on: date | None = None
    read_at: AwareDatetime


class OfflineTicket(Message):
    """A number the kiosk gave from its own series while the server was out of reach; it is on paper already."""

    kiosk_letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")]
    number: Annotated[int, Field(ge=1, le=9999)]
    local_day: date


class PrintedTicket(Message):
    """A number of the server's series that is on paper already; told to a server that may have lost it."""

    queue: Code
    number: Annotated[int, Field(ge=1, le=99_999)]
    local_day: date


class InsuranceClaim(Message):
    """A BHYT card the person showed; unverified until the server has asked the insurance gateway."""

    card_number: Code
    primary_facility: Code | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class RegisterEncounter(Message):
    """Register one arrival; safe to repeat with the same ``request_key``, online, offline and replayed.

    ``request_key`` is minted by the kiosk before the first attempt and equals the Idempotency-Key header.
    ``visit_code`` is minted with it: opaque, never used before, and in the slip's QR whether the server answers or not.
    ``arrived_at`` is when the patient confirmed; the queue day follows from it, never from the upload.
    ``appointment_code`` names the appointment the patient came for; one that cannot be used leaves the visit an
    ordinary one. A person whom nothing but that code names (method ``appointment``) is the appointment's.
    """

    request_key: UUID
    visit_code: VisitCode
    facility: Code
    service: Code
    person: PersonMessage
    evidence: IdentityEvidence
    arrived_at: AwareDatetime
    language: Literal["vi", "en"] = "vi"
    insurance: InsuranceClaim | None = None
    payer: Payer | None = None
    """Whose price the patient chose; None leaves it to the desk."""

    declared: tuple[PriorityGround, ...] = Field(default=(), max_length=len(AT_THE_KIOSK))
    """Grounds for priority the patient named; staff confirm them. Those of age follow from the birth date."""

    appointment_code: AppointmentCode | None = None
    offline_ticket: OfflineTicket | None = None
    printed_ticket: PrintedTicket | None = None
    """Comes along when the visit is sent again after the server's epoch has changed."""

    @property
    def is_on_paper(self) -> bool:
        """Whether a number is in the patient's hands: such a visit is registered, whatever was decided meanwhile."""
        return self.offline_ticket is not None or self.printed_ticket is not None

    @field_validator("declared")
    @classmethod
    def _needs_the_patients_word(cls, value: tuple[PriorityGround, ...]) -> tuple[PriorityGround, ...]:
        if not set(value) <= set(AT_THE_KIOSK) or len(set(value)) < len(value):
            raise ValueError("each of pregnancy, disability and merit once at most")
        return value


class IdentityProved(Message):
    """What a chip's proof said after its visit was registered; safe to repeat, in any order.

    ``request_key`` is the encounter's. ``evidence`` is whole: as in the command, with the later assurance and reasons.
    """

    request_key: UUID
    evidence: IdentityEvidence
    proved_at: AwareDatetime


class IdentityHeld(Message):
    """The answer to IdentityProved: what the server holds of the encounter's identity now."""

    encounter_id: UUID
    assurance: IdentityAssurance
    reasons: tuple[Code, ...]


class WaitMessage(Message):
    """An expected wait from the pace of the day: a range in whole minutes."""

    least_min: Annotated[int, Field(ge=0)]
    most_min: Annotated[int, Field(ge=0)]


class TicketMessage(Message):
    """One number. ``label`` is what stands on paper.

    ``waiting_before`` counts who is called before it if nobody else comes, ``wait`` (None: too early to say) is how
    long that takes; both as they were when it was given. ``priority`` is the ground that counts for it.
    """

    id: UUID
    queue: Code
    number: int
    label: str
    local_day: date
    clinic_name: Name
    clinic_name_en: Name
    room: str
    floor: str
    waiting_before: int
    wait: WaitMessage | None = None
    priority: PriorityGround | None = None
    issued_at: AwareDatetime


class EncounterRegistered(Message):
    """The answer to RegisterEncounter. ``visit_code`` is the command's; it stands in the slip's QR.

    ``is_known``: the person has a live number in this queue today. This is the one, with the code of its own slip, and
    nothing new was registered; its waiting is that of now, and ``copies`` of its slip were printed already.
    """

    encounter_id: UUID
    patient_id: UUID
    visit_code: VisitCode
    ticket: TicketMessage
    is_known: bool = False
    copies: int = 0


class CopyWanted(Message):
    """A person wants the slip of the number they have once more. ``copy_number`` is the next one: 1, 2, ..."""

    copy_number: Annotated[int, Field(ge=1, le=999)]


class RedFlag(Message):
    """A sign that needs somebody at once. ``code`` goes into the call to staff."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,30}$")]
    words: Name
    words_en: Name


USUAL_RED_FLAGS: Final = tuple(RedFlag(code=code, words=vi, words_en=en) for code, vi, en in RED_FLAGS)


class PriceMessage(Message):
    payer: Payer
    price_vnd: Annotated[int, Field(ge=0)]


class HoursMessage(Message):
    """A span of a clinic's week: ISO weekday, local times."""

    weekday: Annotated[int, Field(ge=1, le=7)]
    opens: time
    closes: time


class ServiceOffer(Message):
    """One thing a patient can choose at the kiosk, with its load at this moment.

    ``price_vnd`` is the insured price, or the only one; ``prices`` has one for each kind of payer. ``state`` says why
    it is not ``open``, ``opens`` when it opens again today. ``hours`` let a kiosk without a server tell by itself.
    """

    service: Code
    name: Name
    name_en: Name
    queue: Code
    queue_letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}$")]
    clinic_name: Name
    clinic_name_en: Name
    room: str
    floor: str
    price_vnd: Annotated[int, Field(ge=0)]
    waiting: int
    open: bool = True
    state: ClinicState = ClinicState.OPEN
    opens: time | None = None
    hours: tuple[HoursMessage, ...] = ()
    prices: tuple[PriceMessage, ...] = ()
    wait: WaitMessage | None = None
    places_left: Annotated[int, Field(ge=0)] | None = None
    """How many more visits the cap of today leaves; None where no cap is known."""

    for_sex: Sex | None = None
    age_from: int | None = None
    age_below: int | None = None


class FacilityServices(Message):
    """What a facility offers now; a kiosk keeps the last one for the hours without a server."""

    facility: Code
    facility_name: Name
    facility_name_en: Name
    kiosk_letter: Annotated[str, StringConstraints(pattern=r"^[A-Z]$")] | None = None
    services: tuple[ServiceOffer, ...]
    holidays: tuple[date, ...] = ()
    red_flags: tuple[RedFlag, ...] = USUAL_RED_FLAGS
    """Signs at which the kiosk calls staff instead of giving a number."""

    expired_documents: ExpiredDocuments = ExpiredDocuments.ALLOWED
    """What the kiosk does about a card or passport past its last day."""

    public_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")] | None = None
    """Where phones reach the server; the slip's QR is then ``<public_url>/t/<code>``."""

    epoch: UUID | None = None
    """Another one than before: the server went back to a backup, and what it was sent since may be lost."""

    as_of: AwareDatetime


class CallStaff(Message):
    """A person at a kiosk asks for help. ``step`` is the session's state, ``problem`` a stable code."""

    request_key: UUID
    step: Code
    problem: Code | None = None
    called_at: AwareDatetime


class Problem(Message):
    """An error answer (RFC 9457, ``application/problem+json``); ``code`` is stable, ``detail`` is for engineers."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    errors: tuple[dict[str, str], ...] = ()
