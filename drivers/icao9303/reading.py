"""What a chip said: values of one secure-messaging session, never merged across sessions.

Dates are FHIR dates (``1990``, ``1990-08``, ``1990-08-15``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Access = Literal["PACE-CAN", "PACE-MRZ", "BAC"]


@dataclass(frozen=True, slots=True)
class ChipPasswords:
    """What is known of the card that may open it; at least one of ``can`` and (``document_number``, ``born_on``).

    ``can``: 6 digits. ``document_number``: 9 characters of the MRZ. ``born_on``: YYMMDD.
    ``expiries``: YYMMDD candidates in the order to try (``991231`` for none); never more than these are tried.
    """

    can: str | None = None
    document_number: str | None = None
    born_on: str | None = None
    expiries: tuple[str, ...] = ()
    other_births: tuple[str, ...] = ()
    """Further ways to write a birth date of which day or month is unknown, tried with the likeliest expiry only."""


@dataclass(frozen=True, slots=True)
class ChipIdentity:
    """The person on the chip: DG1 (MRZ), completed by DG13 where it is there.

    ``full_name`` has its Vietnamese marks when DG13 gave it, otherwise it is the MRZ's ASCII name.
    ``expires_on`` is None for a card without expiry. ``extras`` keeps unknown DG13 entries raw, by index.
    """

    document_number: str
    personal_number: str | None
    full_name: str
    born_on: str
    sex: Literal["male", "female"] | None
    nationality: str  # ISO 3166-1 alpha-3 of the MRZ
    expires_on: str | None
    issued_on: str | None = None
    ethnicity: str | None = None
    address: str | None = None
    old_number: str | None = None
    issuer: str | None = None  # ISO 3166-1 alpha-3, as ``nationality``
    name_from: Literal["DG13", "DG11", "DG1"] = "DG1"
    extras: Mapping[str, bytes] = field(default_factory=dict)


class Assurance(StrEnum):
    """The ladder of what a chip proves, strongest first; CONTRADICTED stands apart and stops self-service."""

    TRUSTED = "trusted"
    CONSISTENT = "consistent"  # signed and whole, issuer unknown to us
    READ = "read"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class Photo:
    data: bytes
    media_type: Literal["image/jpeg", "image/jp2"]


class Check(StrEnum):
    """How one proof went."""

    VALID = "valid"
    INVALID = "invalid"
    ABSENT = "absent"  # the chip does not offer it
    UNSUPPORTED = "unsupported"  # the chip offers a form this reader, or this connection, cannot check
    SKIPPED = "skipped"  # not asked for


@dataclass(frozen=True, slots=True)
class ChipProof:
    """What stands behind an assurance, for technicians and the record.

    ``secure_messaging``: cipher of the session, e.g. ``"AES-128"``. ``passive_authentication`` is VALID when every hash
    and signature holds, whether or not the issuer is known; ``issuer`` names who signed the document signer.
    ``differences``: fields in which the chip and the code shown with it name different people.
    """

    secure_messaging: str
    passive_authentication: Check = Check.SKIPPED
    active_authentication: Check = Check.SKIPPED
    chip_authentication: Check = Check.SKIPPED
    issuer: str | None = None
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChipReading:
    """All that one session gave. ``files`` maps names (``"EF.DG1"``) to raw bytes, ``timings_ms`` steps to time."""

    access: Access
    identity: ChipIdentity
    assurance: Assurance
    reasons: tuple[str, ...]  # stable codes behind the assurance, e.g. "pa.csca_unknown", "aa.valid"
    photo: Photo | None
    files: Mapping[str, bytes]
    apdus: int
    timings_ms: Mapping[str, float]
    proof: ChipProof


# What an observer is told while the chip is being read, in this order; bytes are known once a file's header is read.


@dataclass(frozen=True, slots=True)
class AccessOpened:
    access: Access


@dataclass(frozen=True, slots=True)
class BytesRead:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class IdentityAvailable:
    """The screen may show the person; proof and photo follow."""

    identity: ChipIdentity


@dataclass(frozen=True, slots=True)
class ProofAvailable:
    """What the chip proves without its photo; the finished reading may still lower it, never raise it."""

    assurance: Assurance
    reasons: tuple[str, ...]


ReadingEvent = AccessOpened | BytesRead | IdentityAvailable | ProofAvailable
Observer = Callable[[ReadingEvent], None]
