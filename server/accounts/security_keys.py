"""Security keys of an account: adding them, asking for one, taking its answer once, taking a lost one away.

They stand beside the authenticator app, never instead of it: app and recovery codes open on a machine without https or
without a port for the key. What a key is asked to sign belongs to one session, for one purpose, for a few minutes, and
is used up by the first answer, right or wrong.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.accounts import second_factor, webauthn
from server.accounts.models import SecurityKey, StaffSession
from server.accounts.relying_party import RelyingParty
from server.accounts.sessions import Staff
from server.accounts.webauthn import CHALLENGE_BYTES, KnownKey, NotProven
from server.errors import NotFound, Refused

CHALLENGE_LIFE: Final = timedelta(minutes=5)
MOST_KEYS: Final = 10
NAME_LENGTH: Final = range(1, 61)


class Purpose(StrEnum):
    """What a key's answer is for; one given for another purpose opens nothing."""

    ADD = "add"
    SIGN_IN = "sign-in"
    CONFIRM = "confirm"

    @property
    def asks_person(self) -> bool:
        """Whether a touch is too little.

        At sign-in the password was given just before. To confirm, the key stands for the password, and a key left in
        an unattended desk would sign for whoever touches it.
        """
        return self is Purpose.CONFIRM


def list_keys(session: Session, user_id: UUID) -> Sequence[SecurityKey]:
    """Return an account's keys, in the order in which they were added."""
    query = sa.select(SecurityKey).where(SecurityKey.user_id == user_id)
    return session.scalars(query.order_by(SecurityKey.added_at, SecurityKey.id)).all()


def usable_keys(
    session: Session, user_id: UUID, *, party: RelyingParty | None, purpose: Purpose
) -> Sequence[SecurityKey]:
    """Return which keys can answer on this page for this purpose; none where ``party`` is None."""
    return [
        key
        for key in list_keys(session, user_id)
        if party is not None
        and key.rp_id == party.id
        and key.suspended_at is None
        and (key.verifies_person or not purpose.asks_person)
    ]


def key_name(text: str) -> str:
    """Return a key's name in its only form; raises Refused when it cannot be one."""
    name = " ".join(text.split())
    if len(name) not in NAME_LENGTH or not name.isprintable():
        raise Refused("security_key.name", "1 to 60 characters")
    return name


def begin_adding(session: Session, staff: Staff, *, party: RelyingParty, now: datetime) -> dict[str, Any]:
    """Return what the browser asks the new key; raises Refused without an app, and for too many keys."""
    keys = list_keys(session, staff.user_id)
    if not second_factor.is_enrolled(session, staff.user_id):
        raise Refused("security_key.app_first", "the app and its recovery codes come first")
    if len(keys) >= MOST_KEYS:
        raise Refused("security_key.too_many", f"an account has at most {MOST_KEYS} keys")
    return webauthn.creation_options(
        party,
        user_id=staff.user_id,
        username=staff.username,
        full_name=staff.full_name,
        known=[_known(key) for key in keys if key.rp_id == party.id],
        challenge=_new_challenge(session, staff.session_id, Purpose.ADD, now),
    )


def add_key(
    session: Session, staff: Staff, answer: str, *, name: str, party: RelyingParty, now: datetime
) -> SecurityKey | None:
    """Keep the key that answered; None when the answer proves none. Raises Refused for its name."""
    name = key_name(name)
    challenge = _take_challenge(session, staff.session_id, Purpose.ADD, now)
    if challenge is None:
        return None
    try:
        new = webauthn.read_registration(party, answer, challenge=challenge)
    except NotProven:
        return None
    if session.scalar(sa.select(SecurityKey.id).where(SecurityKey.credential_id == new.credential_id)) is not None:
        return None
    key = SecurityKey(
        user_id=staff.user_id, name=name, rp_id=party.id, credential_id=new.credential_id, credential=new.credential,
        transports=list(new.transports), verifies_person=new.verifies_person, sign_count=new.sign_count, added_at=now,
    )  # fmt: skip
    session.add(key)
    session.flush()
    _audit(session, "staff.key-added", key, by=f"staff:{staff.username}", now=now)
    return key


def begin_asking(
    session: Session, staff: Staff, *, purpose: Purpose, party: RelyingParty, now: datetime
) -> dict[str, Any]:
    """Return what the browser asks any of the person's keys; raises NotFound when they have none that can answer."""
    keys = usable_keys(session, staff.user_id, party=party, purpose=purpose)
    if not keys:
        raise NotFound("security_key.none", "the account has no key for this page")
    return webauthn.request_options(
        party,
        known=[_known(key) for key in keys],
        challenge=_new_challenge(session, staff.session_id, purpose, now),
        verified=purpose.asks_person,
    )


def is_right(
    session: Session, staff: Staff, answer: str, *, purpose: Purpose, party: RelyingParty, by: str, now: datetime
) -> bool:
    """Whether one of the person's keys signed what it was asked to; used up by this, right or wrong.

    A counter that went back tells of a copy of the key: nobody can say which of the two is here, so it opens nothing
    from then on (Web Authentication Level 2, 6.1.1).
    """
    challenge = _take_challenge(session, staff.session_id, purpose, now)
    if challenge is None:
        return False
    keys = {key.credential_id: key for key in usable_keys(session, staff.user_id, party=party, purpose=purpose)}
    try:
        signed = webauthn.read_signature(
            party, answer, known=[_known(key) for key in keys.values()], challenge=challenge,
            verified=purpose.asks_person,
        )  # fmt: skip
    except NotProven:
        return False
    key = session.get_one(SecurityKey, keys[signed.credential_id].id, with_for_update=True, populate_existing=True)
    if (signed.sign_count or key.sign_count) and signed.sign_count <= key.sign_count:
        key.suspended_at = now
        _audit(session, "staff.key-copy-refused", key, by=by, now=now)
        return False
    key.sign_count, key.last_used_at = signed.sign_count, now
    return True


def remove_key(session: Session, user_id: UUID, key_id: UUID, *, by: str, now: datetime) -> SecurityKey:
    """Take one of an account's keys away; raises NotFound."""
    key = session.scalar(sa.select(SecurityKey).where(SecurityKey.id == key_id, SecurityKey.user_id == user_id))
    if key is None:
        raise NotFound("security_key.unknown", "the account has no such key")
    session.delete(key)
    _audit(session, "staff.key-removed", key, by=by, now=now)
    return key


def _known(key: SecurityKey) -> KnownKey:
    return KnownKey(key.credential_id, key.credential, tuple(key.transports))


def _new_challenge(session: Session, session_id: UUID, purpose: Purpose, now: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    session.execute(
        sa.update(StaffSession)
        .where(StaffSession.id == session_id)
        .values(key_challenge=challenge, key_challenge_for=purpose.value, key_challenge_at=now)
    )
    return challenge


def _take_challenge(session: Session, session_id: UUID, purpose: Purpose, now: datetime) -> bytes | None:
    """Return what was asked in this session for this purpose, for the last time; None when nothing still holds."""
    row = session.get(StaffSession, session_id, with_for_update=True)
    if row is None:
        return None
    challenge, asked_for, asked_at = row.key_challenge, row.key_challenge_for, row.key_challenge_at
    row.key_challenge = row.key_challenge_for = row.key_challenge_at = None
    is_fresh = asked_at is not None and now - asked_at < CHALLENGE_LIFE
    return challenge if asked_for == purpose and is_fresh else None


def _audit(session: Session, action: str, key: SecurityKey, *, by: str, now: datetime) -> None:
    audit.record(
        session, at=now, actor=by, action=action, subject_type="staff-user", subject_id=key.user_id,
        details={"key": str(key.id)},
    )  # fmt: skip
