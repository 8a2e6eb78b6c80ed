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
from server.appointments.service import release, use
from server.domain.appointments import USABLE
from server.domain.catalogue import Payer
from server.domain.encounter import EncounterStatus, Unverified
from server.domain.identity import IdentityAssurance
from server.errors import NotFound, Refused, StaleVersion
from server.facilities.queries import price_for
from server.insurance.requests import ask_again, ask_unless_answered
from server.queues.live_days import is_of_live_day
from server.queues.service import live_ticket
from server.queues.withdrawing import put_back, withdraw
from server.reasons import checked_reason
from server.registration.appointed import note_kept_time
from server.registration.models import Encounter, Override
from server.registration.overrides import get_encounter

HIGHEST_FEE_VND: Final = 100_000_000
_APPOINTMENT: Final = "appointment"


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
    withdraw(session, ticket, by=act.by, now=act.now)
    _change(session, encounter, "status", encounter.status, EncounterStatus.CANCELLED, act, reason)
    encounter.status, encounter.cancel_reason = EncounterStatus.CANCELLED, reason
    released = release(session, encounter.id, by=f"staff:{act.by}", now=act.now)
    if released is not None:
        _change(session, encounter, _APPOINTMENT, released, None, act, reason)
    ask_again(session, encounter, now=act.now)
    _finish(session, encounter, "encounter.cancelled", act, {"ticket": ticket.label})


def restore_encounter(session: Session, encounter_id: UUID, act: Act, *, is_lead: bool, checks_insurance: bool) -> None:
    """Have a visit that was taken back by mistake live again under the same number, on its own day.

    The number stands where its arrival puts it; who had missed the call rejoins as before. The appointment counts as
    used again unless somebody else uses it by now. ``is_lead``: others than leads restore what they took back
    themselves. Raises Refused, also when the person has another number in the queue by now.
    """
    reason = checked_reason(act.reason)
    encounter = _current(session, encounter_id, act)
    if encounter.status is not EncounterStatus.CANCELLED:
        raise Refused("restore.not_cancelled", "the visit was not taken back")
    ticket = live_ticket(session, encounter.id)
    if not is_of_live_day(session, ticket, at=act.now):
        raise Refused("restore.past", "only today's visits can be restored")
    if not (is_lead or _cancelled_by(session, encounter.id) == act.by):
        raise Refused("restore.others", "a lead, or who took it back, restores a visit")
    put_back(session, ticket, now=act.now)
    _change(session, encounter, "status", encounter.status, EncounterStatus.ARRIVED, act, reason)
    encounter.status, encounter.cancel_reason = EncounterStatus.ARRIVED, None
    code = _released_appointment(session, encounter.id)
    if code is not None:
        outcome = use(
            session, code, facility=act.facility, patient_id=encounter.patient_id, encounter_id=encounter.id,
            at=encounter.arrived_at, now=act.now, by=f"staff:{act.by}",
        )  # fmt: skip
        if outcome in USABLE:
            _change(session, encounter, _APPOINTMENT, None, code, act, reason)
    note_kept_time(session, encounter, ticket)
    if checks_insurance:
        ask_unless_answered(session, encounter, now=act.now)
    _finish(session, encounter, "encounter.restored", act, {"ticket": ticket.label})


def can_be_restored(session: Session, encounter: Encounter, *, by: str, is_lead: bool, now: datetime) -> bool:
    """Whether ``restore_encounter`` is theirs to press; the person's other numbers are looked at when they do."""
    return (
        encounter.status is EncounterStatus.CANCELLED
        and is_of_live_day(session, live_ticket(session, encounter.id), at=now)
        and (is_lead or _cancelled_by(session, encounter.id) == by)
    )


def _cancelled_by(session: Session, encounter_id: UUID) -> str | None:
    return session.scalar(
        sa.select(Override.by)
        .where(
            Override.encounter_id == encounter_id,
            Override.field == "status",
            Override.new_value == EncounterStatus.CANCELLED.value,
        )
        .order_by(Override.at.desc(), Override.id)
        .limit(1)
    )


def _released_appointment(session: Session, encounter_id: UUID) -> str | None:
    """Return the code of the appointment that the latest cancellation let go; None where there was none."""
    latest = session.scalars(
        sa.select(Override)
        .where(Override.encounter_id == encounter_id, Override.field == _APPOINTMENT)
        .order_by(Override.at.desc(), Override.id)
    ).first()
    return latest.old_value if latest else None


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
    encounter = _current(session, encounter_id, act)
    if encounter.status is not EncounterStatus.ARRIVED:
        raise Refused("encounter.ended", "the visit has ended or was taken back")
    return encounter, reason


def _current(session: Session, encounter_id: UUID, act: Act) -> Encounter:
    encounter = get_encounter(session, encounter_id, facility=act.facility)
    if encounter.version != act.version:
        raise StaleVersion("encounter")
    return encounter


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
