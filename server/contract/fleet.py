"""What a kiosk tells of itself every few seconds, what it is asked to do in return, and what it hands to the desk."""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from server.contract.v1 import (
    Code,
    IdentityEvidence,
    InsuranceClaim,
    Message,
    PersonMessage,
    TicketMessage,
    VisitCode,
)
from server.domain.catalogue import Payer

Count = Annotated[int, Field(ge=0)]
PAPERS_REPORTED: Final = 64
REFUSED_REPORTED: Final = 32
REFUSED_STEP: Final = "refused"
"""Step of a call and of a hand-over that is about a visit the server refused; nobody stands at the kiosk for it."""
Argument = Annotated[str, StringConstraints(max_length=200)]
CardWants = Literal["number", "document"]
"""What would open the card on a reader: its number, or what its printed zone says."""


class DeviceReport(Message):
    """One device of a kiosk: ``kind`` and ``state`` are the drivers' words, ``code`` the stable cause."""

    kind: Literal["card-reader", "scanner", "printer"]
    state: Literal["ready", "attention", "unavailable"]
    code: Code
    since: AwareDatetime


class PaperReport(Message):
    """One visit whose patient may hold no paper, named by its request key alone; ``code`` is what the printer had."""

    request_key: UUID
    state: Literal["unsure", "failed"]
    code: Code


class RefusedReport(Message):
    """One visit, or the later proof of one, that the server refused; named by its request key alone.

    ``reason`` is the refusal's code, behind ``late.`` where nobody stood there any more to choose another clinic.
    ``own_number`` is on paper where the kiosk gave one.
    """

    request_key: UUID
    what: Literal["visit", "proof"]
    recorded_at: AwareDatetime
    reason: Code
    own_number: Count | None = None


class CommandResult(Message):
    """What became of a command; ``result`` is ``done`` or the stable code of why not."""

    command_id: UUID
    result: Code


class KioskReport(Message):
    """How a kiosk is at one moment, and at which step the person before it stands; it names nobody.

    ``session`` is a random id of the person's stay (None: nobody is there), so that a command meant for one person is
    never carried out on the next. ``failures`` counts what went wrong in that stay; ``problem`` is the page's code.
    ``card_wants`` is set while a card lies there that nobody could open yet, and the desk may.
    ``papers`` are the newest of the uncertain ones, ``refused`` the oldest of the refused ones. ``results`` are
    repeated until the answer no longer asks for their commands.
    """

    reported_at: AwareDatetime  # the kiosk's own clock
    version: Code
    place: Literal["kiosk", "desk"] = "kiosk"
    session: UUID | None
    step: Code
    since: AwareDatetime
    language: Literal["vi", "en"]
    problem: Code | None = None
    failures: Count = 0
    card_wants: CardWants | None = None
    out_of_service: Code | None = None
    warnings: tuple[Code, ...] = Field(default=(), max_length=16)
    devices: tuple[DeviceReport, ...] = Field(default=(), max_length=8)
    waiting_visits: Count = 0
    dead_letters: Count = 0
    uncertain_papers: Count = 0
    papers: tuple[PaperReport, ...] = Field(default=(), max_length=PAPERS_REPORTED)
    refused: tuple[RefusedReport, ...] = Field(default=(), max_length=REFUSED_REPORTED)
    results: tuple[CommandResult, ...] = Field(default=(), max_length=32)


class CommandKind(StrEnum):
    """What a kiosk can be asked to do. A kiosk that does not know a kind answers ``command.unknown``."""

    END_SESSION = "end-session"
    HAND_OVER = "hand-over"
    RELOAD_SCREEN = "reload-screen"
    SHOW_PAIRING_CODE = "show-pairing-code"
    ANNOUNCE_HELP = "announce-help"
    OPEN_CARD = "open-card"
    REPRINT = "reprint"
    PAPER_GIVEN = "paper-given"
    SEND_REFUSED = "send-refused"
    SETTLE_REFUSED = "settle-refused"
    TAKE_REFUSED = "take-refused"


class KioskCommand(Message):
    """One thing to do, safe to receive again. ``arguments`` are ids and codes, never a person's data."""

    id: UUID
    kind: Code
    arguments: dict[str, Argument] = Field(default_factory=dict, max_length=16)
    expires_at: AwareDatetime


class KioskCommands(Message):
    """The answer to a report: what is still to be done, oldest first."""

    commands: tuple[KioskCommand, ...]
    as_of: AwareDatetime


class CardPassword(Message):
    """What opens the chip of a card, as it is printed there. A secret: sealed at the server, gone when it was used.

    ``number`` alone: the 6 digits of the CAN, or a card's 12 digits, whose last six they are. With ``born_on`` (a FHIR
    date): a card's 12 digits, or a document's number and ``expires_on`` (``YYYY-MM-DD``).
    """

    number: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{5,12}$")] = Field(repr=False)
    born_on: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")] | None = Field(
        default=None, repr=False
    )
    expires_on: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None = Field(
        default=None, repr=False
    )

    @model_validator(mode="after")
    def _opens_something(self) -> Self:
        is_card = self.number.isdigit() and len(self.number) == 12
        if self.born_on is None:
            is_whole = self.expires_on is None and self.number.isdigit() and len(self.number) in (6, 12)
        else:
            is_whole = is_card or (len(self.number) <= 9 and self.expires_on is not None)
        if not is_whole:
            raise ValueError("not all that opens a chip")
        return self


class HandOver(Message):
    """What a kiosk knows of the person before it when the desk takes over; the server keeps it sealed, for minutes.

    ``key`` is minted by the kiosk: the same again changes nothing. ``call_key`` is the call for staff it belongs to,
    ``command_id`` the desk's order. A person who has a number already is named by ``visit_code`` alone.
    """

    key: UUID
    session: UUID
    step: Code
    problem: Code | None = None
    call_key: UUID | None = None
    command_id: UUID | None = None
    person: PersonMessage | None = None
    evidence: IdentityEvidence | None = None
    is_confirmed: bool = False  # the person said: this is me
    insurance: InsuranceClaim | None = None
    service: Code | None = None
    visit_code: VisitCode | None = None
    language: Literal["vi", "en"] = "vi"
    handed_at: AwareDatetime


class HandedOver(Message):
    """The desk has it until ``expires_at``."""

    key: UUID
    expires_at: AwareDatetime


class ReprintSlip(Message):
    """What stands on a slip that the desk ordered; the kiosk that prints it may fetch it while that is open.

    ``copy_number`` counts from 1 and stands on the paper; 0 is the first slip of a visit registered at the desk, whose
    printer it is. ``request_key`` names the visit: where this kiosk's own paper of it is uncertain, the copy settles
    that. ``payer`` and ``price_vnd``: whose price it is, and how much of it is paid before the examination.
    """

    order: UUID
    copy_number: Annotated[int, Field(ge=0, le=999)]
    request_key: UUID
    language: Literal["vi", "en"]
    full_name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    birth_year: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None
    insurance_unverified: bool
    visit_code: VisitCode
    ticket: TicketMessage
    by_appointment: bool = False
    payer: Payer | None = None
    price_vnd: Count | None = None
