"""How an arrival looks at the desk: its lights and its words."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from server.domain.card_check import CardStatus
from server.domain.encounter import IssueCode
from server.domain.identity import IdentityAssurance
from server.presenting import Light, clock_time
from server.reception.arrivals import Arrival
from server.texts import Texts

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


def sort_key(arrival: Arrival) -> str:
    """Return a text by which the newest arrival sorts last, as the database's order does."""
    return f"{arrival.arrived_at.timestamp():020.6f} {arrival.encounter_id.hex}"


class Sign(NamedTuple):
    """Words beside a light, or without one."""

    light: Light | None
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """An arrival in the words of a page; its row only sets them. Empty where there is nothing to say."""

    encounter_id: str
    key: str
    needs_staff: bool
    label: str
    mark: str
    arrived_at: str
    time: str
    full_name: str
    birth_year: str
    sex: str
    clinic: str
    place: str
    identity: Sign
    document: str
    insurance: Sign
    kiosk: str
    outcome: Sign
    why: str


def line_of(arrival: Arrival, t: Texts) -> Line:
    light, code = outcome(arrival)
    return Line(
        encounter_id=str(arrival.encounter_id),
        key=sort_key(arrival),
        needs_staff=arrival.needs_staff,
        label=arrival.label,
        mark=_mark(arrival, t),
        arrived_at=arrival.arrived_at.isoformat(),
        time=clock_time(arrival.arrived_at),
        full_name=arrival.full_name,
        birth_year=arrival.birth_year or t("unknown"),
        sex=t(f"sex.{arrival.sex}"),
        clinic=t.either(arrival.clinic_name, arrival.clinic_name_en),
        place=" · ".join(filter(None, (arrival.room, arrival.floor))),
        identity=Sign(IDENTITY_LIGHTS[arrival.assurance], t(f"assurance.short.{arrival.assurance}")),
        document=_document(arrival, t),
        insurance=_insurance(arrival, t),
        kiosk=arrival.kiosk or t("desk"),
        outcome=Sign(light, t(code)),
        why=_why(arrival, t) if code == "outcome.needs_staff" else "",
    )


def _mark(arrival: Arrival, t: Texts) -> str:
    offline = t("offline.mark") if arrival.is_offline else ""
    booked = t("booked.mark", time=clock_time(arrival.due_at)) if arrival.due_at else ""
    return " · ".join(filter(None, (offline, booked)))


def _document(arrival: Arrival, t: Texts) -> str:
    is_said = arrival.why is IssueCode.DOCUMENT_EXPIRED  # the same words, under the outcome
    return t("document.expired.short") if arrival.was_document_expired and not is_said else ""


def _insurance(arrival: Arrival, t: Texts) -> Sign:
    if arrival.card_status is not None:
        return Sign(CARD_LIGHTS[arrival.card_status], t(f"card.{arrival.card_status}"))
    if not arrival.has_insurance:
        return Sign(None, t("insurance.none"))
    if arrival.is_insurance_unverified:
        return Sign("warn", t("insurance.unverified"))
    return Sign("good", t("insurance.verified"))


def _why(arrival: Arrival, t: Texts) -> str:
    if arrival.why is None:
        return ""
    more = f" (+{arrival.open_issues - 1})" if arrival.open_issues > 1 else ""
    return t(f"why.{arrival.why}") + more
