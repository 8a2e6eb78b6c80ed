"""Enrolling kiosks, recognising them, and the calls for help that come from them."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit, feed
from server.contract.v1 import CallStaff
from server.db import Database, insert
from server.errors import Conflict, Forbidden, NotFound, Unauthenticated
from server.facilities.models import Facility
from server.fleet.models import Kiosk, StaffCall

TOKEN_PREFIX: Final = "tdk_"  # noqa: S105 - tells our tokens from foreign ones, also to a scanner for leaked secrets
_SEEN_EVERY: Final = timedelta(seconds=30)
_KIOSK_OF_TOKEN: Final = sa.select(
    Kiosk.id, Kiosk.facility_code, Kiosk.name, Kiosk.letter, Kiosk.revoked_at, Kiosk.last_seen_at
).where(Kiosk.token_hash == sa.bindparam("token_hash"))


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk that has shown its token, as one request sees it."""

    id: UUID
    facility: str
    name: str
    letter: str

    @property
    def actor(self) -> str:
        return f"kiosk:{self.id}"


def enrol(session: Session, *, facility: str, name: str, letter: str, rotate: bool, now: datetime) -> str:
    """Store a kiosk and return its token, which nobody can learn again; only its hash is kept.

    A kiosk that is enrolled already keeps its letter and, with ``rotate``, gets a new token and may speak again. Raises
    NotFound for an unknown facility, Conflict when the name is enrolled or the letter belongs to another kiosk.
    """
    if session.get(Facility, facility) is None:
        raise NotFound("facility.unknown", f"there is no facility {facility}")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    kiosk = session.scalar(sa.select(Kiosk).where(Kiosk.facility_code == facility, Kiosk.name == name))
    holder = session.scalar(sa.select(Kiosk).where(Kiosk.facility_code == facility, Kiosk.letter == letter))
    if holder is not None and holder is not kiosk:
        raise Conflict("kiosk.letter_taken", f"the letter {letter} stands on the numbers of '{holder.name}'")
    if kiosk is None:
        kiosk = Kiosk(id=uuid4(), facility_code=facility, name=name, letter=letter, enrolled_at=now, token_hash="")
        session.add(kiosk)
    elif not rotate:
        raise Conflict("kiosk.enrolled", f"'{name}' is enrolled already; --rotate gives it a new token")
    elif kiosk.letter != letter:
        raise Conflict("kiosk.letter_fixed", f"'{name}' has the letter {kiosk.letter}; paper with it may be in use")
    kiosk.token_hash = hash_token(token)
    kiosk.revoked_at = None
    kiosk.enrolled_at = now
    audit.record(session, at=now, actor="system", action="kiosk.enrolled", subject_type="kiosk", subject_id=kiosk.id)
    return token


def revoke(session: Session, *, facility: str, name: str, now: datetime) -> None:
    """Take a kiosk's right to speak away, from its next request on; raises NotFound."""
    kiosk = session.scalar(sa.select(Kiosk).where(Kiosk.facility_code == facility, Kiosk.name == name))
    if kiosk is None:
        raise NotFound("kiosk.unknown", f"there is no kiosk '{name}' in facility {facility}")
    if kiosk.revoked_at is None:
        kiosk.revoked_at = now
        audit.record(session, at=now, actor="system", action="kiosk.revoked", subject_type="kiosk", subject_id=kiosk.id)


def list_kiosks(session: Session) -> list[Kiosk]:
    return list(session.scalars(sa.select(Kiosk).order_by(Kiosk.facility_code, Kiosk.name)))


def authenticate(database: Database, token: str, *, now: datetime) -> Device:
    """Return whose token it is and note that the kiosk is alive; raises Unauthenticated, Forbidden when revoked."""
    found = database.look_up(_KIOSK_OF_TOKEN, {"token_hash": hash_token(token)})
    if not found:
        raise Unauthenticated("device.unknown", "no kiosk has this token")
    ((kiosk_id, facility, name, letter, revoked_at, last_seen_at),) = found
    if revoked_at is not None:
        raise Forbidden("device.revoked", "this kiosk was revoked")
    if last_seen_at is None or now - last_seen_at >= _SEEN_EVERY:
        with database.begin() as session:
            session.execute(sa.update(Kiosk).where(Kiosk.id == kiosk_id).values(last_seen_at=now))
    return Device(kiosk_id, facility, name, letter)


def call_staff(session: Session, call: CallStaff, *, device: Device, now: datetime) -> bool:
    """Store a call for help, once per request key; return whether it is new."""
    stored = session.execute(
        insert(session.get_bind().dialect.name, StaffCall)
        .values(
            id=uuid4(), facility_code=device.facility, kiosk_id=device.id, request_key=call.request_key,
            step=call.step, problem=call.problem, called_at=call.called_at, received_at=now,
        )
        .on_conflict_do_nothing(index_elements=[StaffCall.request_key])
        .returning(StaffCall.id)
    ).scalar()  # fmt: skip
    if stored is None:
        return False
    audit.record(
        session, at=now, actor=device.actor, action="staff.called", subject_type="staff-call", subject_id=stored
    )
    feed.publish(session, facility_code=device.facility, topic="staff-call", subject_id=stored, at=now)
    return True


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
