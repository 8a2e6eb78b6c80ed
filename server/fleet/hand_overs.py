"""Taking over what somebody had got to at a kiosk: sealed on the way, read by one desk, gone in minutes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from server import audit, feed
from server.accounts.vault import Vault
from server.contract.fleet import HandOver
from server.db import insert
from server.errors import NotFound, Refused
from server.fleet.models import HandedOverSession
from server.fleet.service import Device

HAS_NUMBER: Final = "ticket"
"""Step of somebody who has a number: nothing is registered any more, the desk only looks at the visit."""

LIFE: Final = timedelta(minutes=15)
"""From the kiosk to the desk on foot, with the people who are served there before."""

_USE: Final = b"hand-over"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the desk continues with. ``content`` names the person; ``kiosk`` is where it comes from."""

    id: UUID
    kiosk: str
    content: HandOver
    received_at: datetime
    expires_at: datetime


def take_hand_over(
    session: Session, message: HandOver, *, device: Device, vault: Vault, now: datetime
) -> tuple[HandedOverSession, bool]:
    """Keep what a kiosk hands over, sealed; return it and whether it is new. The same key again changes nothing."""
    forget_expired(session, now=now)
    sealed = vault.seal(message.key, message.model_dump_json().encode(), use=_USE)
    stored = session.execute(
        insert(session.get_bind().dialect.name, HandedOverSession)
        .values(
            id=message.key, facility_code=device.facility, kiosk_id=device.id, session=message.session,
            call_key=message.call_key, command_id=message.command_id, step=message.step, sealed=sealed,
            received_at=now, expires_at=now + LIFE,
        )
        .on_conflict_do_nothing(index_elements=[HandedOverSession.id])
        .returning(HandedOverSession.id)
    ).scalar()  # fmt: skip
    kept = session.get_one(HandedOverSession, message.key)
    if kept.kiosk_id != device.id:
        raise Refused("hand_over.foreign", "another kiosk used this key")
    if stored is None:
        return kept, False
    audit.record(
        session, at=now, actor=device.actor, action="hand-over.received", subject_type="hand-over",
        subject_id=kept.id, details={"step": message.step, "has_person": message.person is not None},
    )  # fmt: skip
    feed.publish(session, facility_code=device.facility, topic="hand-over", subject_id=kept.id, at=now)
    return kept, True


def find_hand_over(
    session: Session, *, facility: str, now: datetime, command_id: UUID | None = None, call_key: UUID | None = None
) -> HandedOverSession | None:
    """Return the newest open one that belongs to an order of the desk, or to a call for staff."""
    belongs = (
        HandedOverSession.command_id == command_id if command_id is not None else HandedOverSession.call_key == call_key
    )
    return session.scalar(_open(facility, now).where(belongs).order_by(HandedOverSession.received_at.desc()).limit(1))


def find_of_session(session: Session, session_id: UUID, *, facility: str, now: datetime) -> HandedOverSession | None:
    """Return the newest open one of a person's stay at a kiosk."""
    query = _open(facility, now).where(HandedOverSession.session == session_id)
    return session.scalar(query.order_by(HandedOverSession.received_at.desc()).limit(1))


def open_hand_overs(session: Session, *, facility: str, now: datetime) -> list[HandedOverSession]:
    """Return what waits to be continued at a desk, oldest first; without its content.

    Whoever has a number waits no longer once somebody has looked: there is nothing to finish that would close it.
    """
    is_seen = sa.and_(HandedOverSession.step == HAS_NUMBER, HandedOverSession.opened_at.is_not(None))
    query = _open(facility, now).where(sa.not_(is_seen)).options(joinedload(HandedOverSession.kiosk))
    return list(session.scalars(query.order_by(HandedOverSession.received_at, HandedOverSession.id)))


def get_hand_over(session: Session, draft_id: UUID, *, facility: str, now: datetime) -> HandedOverSession:
    """Return one that waits, without its content; raises NotFound once it is used, expired, or elsewhere's."""
    kept = session.scalar(_open(facility, now).where(HandedOverSession.id == draft_id))
    if kept is None:
        raise NotFound("hand_over.gone", "nothing with this key waits at the desk")
    return kept


def open_draft(session: Session, draft_id: UUID, *, facility: str, vault: Vault, by: str, now: datetime) -> Draft:
    """Return what was handed over, and note who read it; raises NotFound once it is used, expired, or elsewhere's."""
    kept = session.scalar(
        _open(facility, now)
        .where(HandedOverSession.id == draft_id)
        .options(joinedload(HandedOverSession.kiosk))
        .with_for_update(of=HandedOverSession)
    )
    if kept is None or kept.sealed is None:
        raise NotFound("hand_over.gone", "nothing with this key waits at the desk")
    if kept.opened_at is None:
        kept.opened_at, kept.opened_by = now, by
        feed.publish(session, facility_code=facility, topic="hand-over", subject_id=kept.id, at=now)
    audit.record(
        session, at=now, actor=f"staff:{by}", action="hand-over.read", subject_type="hand-over", subject_id=kept.id
    )
    content = HandOver.model_validate_json(vault.unseal(kept.id, kept.sealed, use=_USE))
    return Draft(kept.id, kept.kiosk.name, content, kept.received_at, kept.expires_at)


def close_draft(session: Session, draft_id: UUID, *, facility: str, by: str, now: datetime) -> None:
    """Forget what was handed over: it is registered, or was thrown away. Harmless when repeated or expired."""
    kept = session.scalar(
        sa.select(HandedOverSession)
        .where(HandedOverSession.id == draft_id, HandedOverSession.facility_code == facility)
        .with_for_update()
    )
    if kept is None or kept.closed_at is not None:
        return
    kept.closed_at, kept.sealed = now, None
    audit.record(
        session, at=now, actor=f"staff:{by}", action="hand-over.closed", subject_type="hand-over", subject_id=kept.id
    )
    feed.publish(session, facility_code=facility, topic="hand-over", subject_id=kept.id, at=now)


def forget_expired(session: Session, *, now: datetime) -> None:
    """Drop the content of everything nobody came for; run with every report of a kiosk."""
    session.execute(
        sa.update(HandedOverSession)
        .where(HandedOverSession.expires_at <= now, HandedOverSession.sealed.is_not(None))
        .values(sealed=None)
    )


def _open(facility: str, now: datetime) -> sa.Select[HandedOverSession]:
    return sa.select(HandedOverSession).where(
        HandedOverSession.facility_code == facility,
        HandedOverSession.closed_at.is_(None),
        HandedOverSession.expires_at > now,
    )
