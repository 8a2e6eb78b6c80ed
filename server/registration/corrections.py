"""What staff put right about a visit beside its clinic: identity, insurance card, payer and fee, and taking it back.

Each is a fact with its reason (``Override``). ``version`` is the encounter's as the member of staff ``by`` saw it: of
two who change one visit at once one wins, and the other raises StaleVersion. All raise NotFound for another
facility's visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.appointments.service import release
from server.domain.catalogue import Payer
from server.domain.encounter import EncounterStatus, Unverified
from server.domain.identity import IdentityAssurance
from server.domain.queue import TicketStatus
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.queries import price_for
from server.insurance.requests import ask_again
from server.queues.service import live_ticket
from server.reasons import checked_reason
from server.registration.models import Encounter, Override
from server.registration.overrides import get_encounter

HIGHEST_FEE_VND: Final = 100_000_000
_UNDER_WAY: Final = {TicketStatus.SERVING, TicketStatus.DONE}


@dataclass(frozen=True, slots=True)
class Act:
    """Who puts something right, why, and on which version of the visit."""

    facility: str
    reason: str
    version: int
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """A health insurance card as staff read it off the paper."""

    number: str
    facility: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


def confirm_identity(session: Session, encounter_id: UUID, act: Act) -> None:
    """Note that staff compared papers and face; raises Refused when that was done already."""
    encounter, reason = _open(session, encounter_id, act)
    if encounter.assurance is IdentityAssurance.STAFF:
        raise Refused("override.same", "staff confirmed the identity already")
    _change(session, encounter, "assurance", encounter.assurance, IdentityAssurance.STAFF, act, reason)
    encounter.assurance = IdentityAssurance.STAFF
    encounter.unverified = [one for one in encounter.unverified if one != Unverified.IDENTITY.value]
    _finish(session, encounter, "encounter.identity-confirmed", act)


def change_card(session: Session, encounter_id: UUID, card: Card | None, act: Act, *, checks_insurance: bool) -> None:
    """Put the insurance card of a visit right, or take it off with None; the gateway is asked anew where it is asked.

    Raises Refused when nothing changes.
    """
    encounter, reason = _open(session, encounter_id, act)
    new = {
        "insurance_card": card.number if card else None,
        "insurance_facility": card.facility if card else None,
        "insurance_from": card.valid_from if card else None,
        "insurance_to": card.valid_to if card else None,
    }
    changed = {name: value for name, value in new.items() if getattr(encounter, name) != value}
    if not changed:
        raise Refused("override.same", "the visit has this card already")
    for name, value in changed.items():
        _change(session, encounter, name, getattr(encounter, name), value, act, reason)
        setattr(encounter, name, value)
    others = [one for one in encounter.unverified if one != Unverified.INSURANCE.value]
    encounter.unverified = [*others, Unverified.INSURANCE.value] if card else others
    if checks_insurance:
        ask_again(session, encounter, now=act.now)
    _finish(session, encounter, "encounter.card-changed", act, {"fields": " ".join(sorted(changed))})


def change_payer(session: Session, encounter_id: UUID, payer: Payer, act: Act) -> None:
    """Have somebody else pay for a visit, at the price of its day; raises Refused when nothing changes."""
    encounter, reason = _open(session, encounter_id, act)
    if encounter.payer is payer:
        raise Refused("override.same", "this payer pays already")
    price_vnd = price_for(session, encounter.service_id, payer, on=encounter.local_day)
    _change(session, encounter, "payer", encounter.payer, payer, act, reason)
    _change(session, encounter, "price_vnd", encounter.price_vnd, price_vnd, act, reason)
    encounter.payer, encounter.price_vnd = payer, price_vnd
    _finish(session, encounter, "encounter.payer-changed", act, {"payer": payer.value})


def change_fee(session: Session, encounter_id: UUID, price_vnd: int, act: Act) -> None:
    """Give a visit another price than the catalogue's, e.g. none at all; raises Refused for an impossible one."""
    encounter, reason = _open(session, encounter_id, act)
    if not 0 <= price_vnd <= HIGHEST_FEE_VND:
        raise Refused("fee.impossible", f"0 to {HIGHEST_FEE_VND} đồng")
    if encounter.price_vnd == price_vnd:
        raise Refused("override.same", "the visit has this price already")
    _change(session, encounter, "price_vnd", encounter.price_vnd, price_vnd, act, reason)
    encounter.price_vnd = price_vnd
    _finish(session, encounter, "encounter.fee-changed", act, {"price_vnd": price_vnd})


def cancel_encounter(session: Session, encounter_id: UUID, act: Act) -> None:
    """Take a visit back: its number is called no more, its appointment may be used again, nothing is deleted.

    Raises Refused once the patient is being served, or when the visit has ended.
    """
    encounter, reason = _open(session, encounter_id, act)
    ticket = live_ticket(session, encounter.id)
    if ticket.status in _UNDER_WAY:
        raise Refused("encounter.under_way", "the patient is being served or the visit has ended")
    _change(session, encounter, "status", encounter.status, EncounterStatus.CANCELLED, act, reason)
    encounter.status, encounter.cancel_reason = EncounterStatus.CANCELLED, reason
    ticket.status = TicketStatus.CANCELLED
    release(session, encounter.id, by=f"staff:{act.by}", now=act.now)
    ask_again(session, encounter, now=act.now)
    _finish(session, encounter, "encounter.cancelled", act, {"ticket": ticket.label})
    feed.publish(session, facility_code=act.facility, topic="ticket", subject_id=ticket.id, at=act.now)
    feed.publish(session, facility_code=act.facility, topic="call", subject_id=ticket.queue_id, at=act.now)


def overrides_since(session: Session, encounter_id: UUID, version: int, *, facility: str) -> list[Override]:
    """Return what others put right after the page with ``version`` was drawn, oldest first; raises NotFound."""
    current = session.scalar(
        sa.select(Encounter.version).where(Encounter.id == encounter_id, Encounter.facility_code == facility)
    )
    if current is None:
        raise NotFound("encounter.unknown", "the facility has no such encounter")
    query = sa.select(Override).where(Override.encounter_id == encounter_id)
    made = session.scalars(query.order_by(Override.at.desc(), Override.id.desc())).all()
    return list(reversed(_newest_acts(made, current - version)))


def _newest_acts(overrides: Iterable[Override], count: int) -> list[Override]:
    """Return the overrides of the newest ``count`` acts; what one act changed has one instant and one author."""
    acts: list[tuple[datetime, str]] = []
    found = []
    for one in overrides:
        if (one.at, one.by) not in acts:
            if len(acts) >= count:
                break
            acts.append((one.at, one.by))
        found.append(one)
    return found


def _open(session: Session, encounter_id: UUID, act: Act) -> tuple[Encounter, str]:
    reason = checked_reason(act.reason)
    encounter = get_encounter(session, encounter_id, facility=act.facility)
    if encounter.version != act.version:
        raise StaleVersion("encounter")
    if encounter.status is not EncounterStatus.ARRIVED:
        raise Refused("encounter.ended", "the visit has ended or was taken back")
    return encounter, reason


def _change(
    session: Session, encounter: Encounter, field: str, old: object, new: object, act: Act, reason: str
) -> None:
    session.add(
        Override(
            encounter_id=encounter.id, field=field, old_value=_text(old), new_value=_text(new), reason=reason,
            by=act.by, at=act.now,
        )
    )  # fmt: skip


def _finish(
    session: Session, encounter: Encounter, action: str, act: Act, details: audit.Details | None = None
) -> None:
    audit.record(
        session, at=act.now, actor=f"staff:{act.by}", action=action, subject_type="encounter",
        subject_id=encounter.id, details=details,
    )  # fmt: skip
    feed.publish(session, facility_code=act.facility, topic="encounter", subject_id=encounter.id, at=act.now)
    session.flush()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
