"""Which browser stands at which desk: what a desk's own devices read appears there, and nowhere else.

Whoever pairs must see the code on the screen of the desk's own computer: that proves the place. The browser then keeps
a secret of its own; of that, and of the code, only hashes are stored.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.contract.fleet import CommandKind
from server.errors import NotFound, Refused
from server.fleet.commands import get_kiosk, give_command
from server.fleet.models import DeskBrowser, DeskPairing, HandedOverSession, Kiosk, KioskState

DESK_COOKIE: Final = "tiepdon-desk"
"""Holds a paired browser's secret."""

CODE_LIFE: Final = timedelta(minutes=3)
WRONG_CODES_ALLOWED: Final = 5
"""Of a million codes, for three minutes, by somebody who is signed in: the odds of a guess are 1 to 200 000."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The devices of the desk at which a browser stands."""

    kiosk_id: UUID
    name: str


def list_desks(session: Session, *, facility: str) -> list[Kiosk]:
    """Return the facility's desks that have devices of their own and have spoken, by name."""
    return list(
        session.scalars(
            sa.select(Kiosk)
            .join(KioskState, KioskState.kiosk_id == Kiosk.id)
            .where(Kiosk.facility_code == facility, Kiosk.revoked_at.is_(None), KioskState.is_desk)
            .order_by(Kiosk.name, Kiosk.id)
        )
    )


def begin_pairing(session: Session, kiosk_id: UUID, *, facility: str, by: str, now: datetime) -> UUID:
    """Have a desk's devices show a code; return the pairing's id. Raises NotFound, Refused for a patients' kiosk."""
    kiosk = get_kiosk(session, kiosk_id, facility=facility)
    state = session.get(KioskState, kiosk.id)
    if state is None or not state.is_desk:
        raise Refused("pairing.no_desk", "only a desk's own devices are paired with a browser")
    code = f"{secrets.randbelow(10**6):06d}"
    pairing = DeskPairing(
        kiosk_id=kiosk.id, code_hash=_hash(code), begun_by=by, expires_at=now + CODE_LIFE, wrong_codes=0
    )
    session.add(pairing)
    session.flush()
    give_command(
        session, kiosk_id=kiosk.id, facility=facility, kind=CommandKind.SHOW_PAIRING_CODE, by=by, now=now,
        arguments={"code": code}, lives=CODE_LIFE,
    )  # fmt: skip
    return pairing.id


def confirm_pairing(
    session: Session, pairing_id: UUID, code: str, *, facility: str, by: str, now: datetime
) -> str | None:
    """Return the browser's new secret when ``code`` is the one shown; None when it is not, and the try is counted.

    Raises NotFound, for another facility's too; Refused when the code has been used, has expired or was missed too
    often.
    """
    pairing = session.scalar(
        sa.select(DeskPairing)
        .join(Kiosk, Kiosk.id == DeskPairing.kiosk_id)
        .where(DeskPairing.id == pairing_id, Kiosk.facility_code == facility)
        .with_for_update(of=DeskPairing)
    )
    if pairing is None:
        raise NotFound("pairing.unknown", "the facility has no such pairing")
    is_over = pairing.used_at is not None or pairing.expires_at <= now or pairing.wrong_codes >= WRONG_CODES_ALLOWED
    if is_over:
        raise Refused("pairing.over", "the code is no longer shown: begin again")
    if not hmac.compare_digest(pairing.code_hash, _hash("".join(code.split()))):
        pairing.wrong_codes += 1
        return None
    pairing.used_at = now
    token = secrets.token_urlsafe(32)
    session.add(DeskBrowser(kiosk_id=pairing.kiosk_id, token_hash=_hash(token), paired_at=now, paired_by=by))
    audit.record(
        session, at=now, actor=f"staff:{by}", action="desk.paired", subject_type="kiosk", subject_id=pairing.kiosk_id
    )
    return token


def find_desk(session: Session, token: str, *, facility: str) -> Desk | None:
    """Return the desk of a browser; None when it was never paired, or its desk is another facility's or revoked."""
    kiosk = session.scalar(
        sa.select(Kiosk)
        .join(DeskBrowser, DeskBrowser.kiosk_id == Kiosk.id)
        .where(
            DeskBrowser.token_hash == _hash(token),
            DeskBrowser.revoked_at.is_(None),
            Kiosk.facility_code == facility,
            Kiosk.revoked_at.is_(None),
        )
    )
    return None if kiosk is None else Desk(kiosk.id, kiosk.name)


def unpair(session: Session, token: str, *, by: str, now: datetime) -> None:
    """Let a browser stand at no desk any more; harmless when it did not."""
    browser = session.scalar(sa.select(DeskBrowser).where(DeskBrowser.token_hash == _hash(token)))
    if browser is None or browser.revoked_at is not None:
        return
    browser.revoked_at = now
    audit.record(
        session, at=now, actor=f"staff:{by}", action="desk.unpaired", subject_type="kiosk", subject_id=browser.kiosk_id
    )


def newest_reading(session: Session, desk: Desk, *, now: datetime) -> UUID | None:
    """Return the hand-over of whom the desk's devices identified last and nobody has looked at; None without one."""
    return session.scalar(
        sa.select(HandedOverSession.id)
        .where(
            HandedOverSession.kiosk_id == desk.kiosk_id,
            HandedOverSession.opened_at.is_(None),
            HandedOverSession.closed_at.is_(None),
            HandedOverSession.expires_at > now,
        )
        .order_by(HandedOverSession.received_at.desc(), HandedOverSession.id)
        .limit(1)
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
