"""Rows of the journal as values."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from server.contract.v1 import EncounterRegistered, IdentityProved, RegisterEncounter


class PrintStep(StrEnum):
    """How far the paper of a visit got; the latest step counts."""

    WAITING = "waiting"
    SENDING = "sending"  # found at a start it becomes UNSURE: bytes may have gone out
    PRINTED = "printed"
    UNSURE = "unsure"  # never printed again by itself
    FAILED = "failed"
    GIVEN_BY_HAND = "given-by-hand"


@dataclass(frozen=True, slots=True)
class UnsentVisit:
    """A visit the server has not acknowledged; ``command`` carries the number on paper when the kiosk gave one."""

    command: RegisterEncounter
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class UnsentProof:
    """A later proof whose visit the server has; ``seq`` names its row."""

    seq: int
    message: IdentityProved


@dataclass(frozen=True, slots=True)
class SentVisit:
    command: RegisterEncounter
    answer: EncounterRegistered


@dataclass(frozen=True, slots=True)
class InterruptedVisit:
    """A visit whose paper was cut by a restart: FAILED (nothing went out) or UNSURE."""

    command: RegisterEncounter
    paper: PrintStep


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A visit, or a later proof of one, that the server refused; it stays until staff have dealt with it.

    ``own_number`` is what stands on paper, if the kiosk gave it.
    """

    request_key: UUID
    recorded_at: datetime
    reason: str
    own_number: int | None
    is_proof: bool = False


@dataclass(frozen=True, slots=True)
class UncertainPaper:
    """A visit whose patient may hold no ticket; ``state`` is None when printing never began."""

    request_key: UUID
    recorded_at: datetime
    state: PrintStep | None
    code: str


@dataclass(frozen=True, slots=True)
class CopyState:
    """How far the paper of a copy got that the desk ordered; ``code`` is the printer's."""

    step: PrintStep
    code: str


@dataclass(frozen=True, slots=True)
class OwnNumber:
    queue: str
    local_day: date
    kiosk_letter: str
    number: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for the server; ``oldest_at`` is None when nothing does."""

    visits: int
    staff_calls: int
    proofs: int
    oldest_at: datetime | None
