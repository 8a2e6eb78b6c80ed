"""What the kiosk knows of the one person in front of it; a new object for each person, and for each forgetting."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from drivers.codec.recognise import IdCardCode, InsuranceCode
from drivers.icao9303.reading import ChipPasswords
from kiosk.conversation.documents import Document, TypedDocument
from kiosk.conversation.identity import KnownPerson
from kiosk.conversation.ticket import IssuedTicket
from kiosk.conversation.view import Language, Printing
from server.contract.appointments import VisitorFound
from server.contract.v1 import IdentityEvidence, RegisterEncounter
from server.domain.catalogue import Payer
from server.domain.priority import PriorityGround

WRONG_NUMBERS_ALLOWED = 3
OPENED = "done"
"""Outcome of a password that opened its card."""


@dataclass(slots=True, eq=False)
class CardPresence:
    """One stay of one card on the reader. ``tries`` counts the numbers its chip refused, whoever gave them.

    ``needs_zone``: an older chip without PACE; what its printed zone says opens it, its number alone does not.
    """

    tries: int = 0
    needs_zone: bool = False

    @property
    def may_be_tried(self) -> bool:
        return self.tries < WRONG_NUMBERS_ALLOWED


@dataclass(slots=True, eq=False)
class DeskTry:
    """One try with a password of the desk's on the card that lies there; ``outcome`` is a stable code once it ended."""

    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class ToldEvidence:
    """What the server has been told, or will be, of a registered visit's identity; names nobody."""

    request_key: UUID
    evidence: IdentityEvidence


@dataclass(slots=True, eq=False)
class Conversation:
    """All personal data of a session live here and nowhere else; forgetting a person is dropping this object."""

    language: Language
    card: CardPresence | None = None  # the stay that belongs to this person; a card left behind belongs to nobody
    code: IdCardCode | None = None
    insurance: InsuranceCode | None = None
    document: Document | None = None  # a passport or card whose printed zone was read, or typed
    typed: TypedDocument | None = None  # while it is being typed
    number: ChipPasswords | None = None  # typed with the card in the hand; it opens the card that is laid down next
    known: KnownPerson | None = None
    helped: bool = False  # somebody at the desk is opening the card for them
    proving: bool = False
    contradicted: bool = False
    progress: float = 0.0
    appointment_code: str | None = None  # of a letter that was shown, whatever the server says of it
    visitor: VisitorFound | None = None  # what the server knows of the person
    payer: Payer | None = None  # whose price the person chose
    confirmed_at: datetime | None = None
    service: str | None = None  # the code of what was chosen
    told: ToldEvidence | None = None  # once the visit is being registered; a later proof is told too
    declared: tuple[PriorityGround, ...] = ()  # what the person says the law gives them priority for
    ticket: IssuedTicket | None = None
    again: RegisterEncounter | None = None  # of who has a number already, for a marked copy of its slip
    printing: Printing = "printing"
    printer_problem: str | None = None

    @property
    def from_letter(self) -> bool:
        return self.known is not None and self.known.evidence.method == "appointment"

    @property
    def from_chip(self) -> bool:
        return self.known is not None and self.known.evidence.method == "chip"


@dataclass(frozen=True, slots=True, eq=False)
class ReadingOrder:
    """One attempt to open the card that lies there, for the reader's thread."""

    conversation: Conversation
    card: CardPresence
    passwords: ChipPasswords
    typed: bool
    desk_try: DeskTry | None = None  # where the password is the desk's and not the person's own
