"""How a value looks at the desk: which light it has, how a time or a date is written."""

from datetime import date, datetime
from typing import Final, Literal

from server.domain.card_check import CardStatus
from server.domain.days import VIETNAM
from server.domain.identity import IdentityAssurance, PartialDate
from server.reception.arrivals import Arrival

Light = Literal["good", "fair", "warn", "bad"]

IDENTITY_LIGHTS: Final[dict[IdentityAssurance, Light]] = {
    IdentityAssurance.CHIP_TRUSTED: "good",
    IdentityAssurance.STAFF: "good",
    IdentityAssurance.CHIP_CONSISTENT: "fair",
    IdentityAssurance.CHIP_READ: "fair",
    IdentityAssurance.QR: "warn",
    IdentityAssurance.TYPED: "warn",
    IdentityAssurance.CHIP_CONTRADICTED: "bad",
}


def outcome(arrival: Arrival) -> tuple[Light, str]:
    """Return the light and the text code of what became of an arrival."""
    if arrival.status == "cancelled":
        return "fair", "outcome.cancelled"
    return ("warn", "outcome.needs_staff") if arrival.needs_staff else ("good", "outcome.registered")


CARD_LIGHTS: Final[dict[CardStatus, Light]] = {
    CardStatus.ACCEPTED: "good",
    CardStatus.REPLACED: "good",
    CardStatus.PROVISIONAL: "fair",
    CardStatus.UNVERIFIED: "warn",
    CardStatus.CORRECT: "warn",
    CardStatus.COUNTER: "warn",
    CardStatus.CHILD: "warn",
    CardStatus.NOT_INSURED: "bad",
}


def clock_time(instant: datetime) -> str:
    """Return ``06:41`` in the hospital's time."""
    return instant.astimezone(VIETNAM).strftime("%H:%M")


def day_and_time(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime("%H:%M:%S %d/%m/%Y")


def written_date(value: date | str | None) -> str:
    """Return a date the Vietnamese way, as far as it is known: ``15/08/1990``, ``08/1990``, ``1990``."""
    if value is None:
        return ""
    known = PartialDate.parse(value) if isinstance(value, str) else PartialDate(value.year, value.month, value.day)
    parts = [f"{part:02d}" for part in (known.day, known.month) if part is not None]
    return "/".join([*parts, f"{known.year:04d}"])


def sort_key(arrival: Arrival) -> str:
    """Return a text by which the newest arrival sorts last, as the database's order does."""
    return f"{arrival.arrived_at.timestamp():020.6f} {arrival.encounter_id.hex}"
