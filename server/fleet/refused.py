"""Visits that kiosks say the server refused: who is settled how stands with the kiosk, asked for by orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.contract.fleet import REFUSED_STEP, CommandKind
from server.errors import NotFound
from server.fleet.commands import give_command
from server.fleet.models import Command, HandedOverSession, Kiosk, KioskState

ORDER_LIFE: Final = timedelta(days=1)
"""A kiosk that is off hears tomorrow what became of its visit."""

_KINDS: Final = (CommandKind.SEND_REFUSED.value, CommandKind.SETTLE_REFUSED.value)


@dataclass(frozen=True, slots=True)
class RefusedVisit:
    """One that staff must settle. ``order``: what the kiosk was asked to do about it and has not done yet.

    ``what`` is "visit", or "proof" for the later proof of a visit that was registered.
    """

    kiosk_id: UUID
    kiosk: str
    request_key: UUID
    what: str
    recorded_at: datetime
    reason: str
    own_number: int | None
    letter: str
    order: str | None


def list_refused(session: Session, *, facility: str, now: datetime) -> list[RefusedVisit]:
    """Return what the kiosks of a facility hold, the oldest first."""
    orders = {
        (command.kiosk_id, command.arguments["request_key"]): command.kind
        for command in session.scalars(
            sa.select(Command)
            .where(
                Command.facility_code == facility,
                Command.kind.in_(_KINDS),
                Command.done_at.is_(None),
                Command.expires_at > now,
            )
            .order_by(Command.given_at, Command.id)
        )
    }
    rows = session.execute(
        sa.select(Kiosk, KioskState.refused)
        .join(KioskState, KioskState.kiosk_id == Kiosk.id)
        .where(Kiosk.facility_code == facility)
        .order_by(Kiosk.name, Kiosk.id)
    )
    found = [
        RefusedVisit(
            kiosk_id=kiosk.id,
            kiosk=kiosk.name,
            request_key=UUID(one["request_key"]),
            what=one["what"],
            recorded_at=datetime.fromisoformat(one["recorded_at"]),
            reason=one["reason"],
            own_number=one["own_number"],
            letter=kiosk.letter,
            order=orders.get((kiosk.id, one["request_key"])),
        )
        for kiosk, refused in rows
        for one in refused
    ]
    return sorted(found, key=lambda one: (one.recorded_at, one.request_key))


def order_for(
    session: Session, kiosk_id: UUID, request_key: UUID, kind: CommandKind, *, facility: str, by: str, now: datetime
) -> Command:
    """Ask a kiosk to send a refused visit again, to hand it over, or to count it as settled.

    Raises NotFound where the kiosk holds no such visit, Conflict for a revoked kiosk.
    """
    held = list_refused(session, facility=facility, now=now)
    if not any((one.kiosk_id, one.request_key) == (kiosk_id, request_key) for one in held):
        raise NotFound("visit.not_refused", "this kiosk holds no such refused visit")
    lives = {"lives": ORDER_LIFE} if kind.value in _KINDS else {}
    return give_command(
        session, kiosk_id=kiosk_id, facility=facility, kind=kind, by=by, now=now,
        arguments={"request_key": str(request_key)}, **lives,
    )  # fmt: skip


def settle_registered(session: Session, draft_id: UUID, *, facility: str, by: str, now: datetime) -> None:
    """Have the kiosk count a refused visit as settled: the desk took it over and registered it by hand."""
    draft = session.get(HandedOverSession, draft_id)
    if draft is None or draft.facility_code != facility or draft.step != REFUSED_STEP:
        return
    give_command(
        session, kiosk_id=draft.kiosk_id, facility=facility, kind=CommandKind.SETTLE_REFUSED, by=by, now=now,
        lives=ORDER_LIFE, arguments={"request_key": str(draft.session)},
    )  # fmt: skip
