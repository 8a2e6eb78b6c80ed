"""The second factor: an authenticator app's codes, and ten recovery codes for the day the app is lost."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.accounts.models import RecoveryCode, SecondFactor, SecurityKey, User
from server.accounts.totp import SECRET_BYTES, matching_step
from server.accounts.vault import Vault
from server.domain.codes import ALPHABET
from server.errors import Conflict, Refused

RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 10  # 50 bits each, and every wrong one makes the next wait longer


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``recovery_codes`` are shown once and kept as hashes only."""

    recovery_codes: tuple[str, ...]


def is_enrolled(session: Session, user_id: UUID) -> bool:
    factor = session.get(SecondFactor, user_id)
    return factor is not None and factor.confirmed_at is not None


def enrolled_among(session: Session, user_ids: Collection[UUID]) -> set[UUID]:
    """Return whose second factor counts."""
    query = sa.select(SecondFactor.user_id).where(SecondFactor.confirmed_at.is_not(None))
    return set(session.scalars(query.where(SecondFactor.user_id.in_(user_ids))))


def begin(session: Session, user_id: UUID, *, vault: Vault) -> bytes:
    """Return the secret to show: a new one, or the one already shown and not yet confirmed.

    It counts for nothing until ``confirm``. Raises Conflict for an account that has a second factor: it must be removed
    first, and its secret is never shown again.
    """
    factor = session.get(SecondFactor, user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise Conflict("second_factor.present", "the account has a second factor")
    if factor is not None:
        return vault.unseal(user_id, factor.sealed_secret)
    secret = secrets.token_bytes(SECRET_BYTES)
    session.add(SecondFactor(user_id=user_id, sealed_secret=vault.seal(user_id, secret), last_step=0))
    return secret


def confirm(session: Session, user_id: UUID, code: str, *, vault: Vault, by: str, now: datetime) -> Enrolled | None:
    """Take the shown secret into use when ``code`` proves that the app has it; None when it does not."""
    factor = session.get(SecondFactor, user_id, with_for_update=True)
    if factor is None or factor.confirmed_at is not None:
        return None
    step = matching_step(vault.unseal(user_id, factor.sealed_secret), _bare(code), now=now, last_step=factor.last_step)
    if step is None:
        return None
    factor.confirmed_at, factor.last_step = now, step
    _audit(session, "staff.second-factor-added", user_id, by, now)
    return Enrolled(_new_recovery_codes(session, user_id, vault))


def is_right(session: Session, user_id: UUID, code: str, *, vault: Vault, by: str, now: datetime) -> bool:
    """Whether ``code`` is the app's present one, or a recovery code; either is used up by this."""
    factor = session.get(SecondFactor, user_id, with_for_update=True)
    if factor is None or factor.confirmed_at is None:
        return False
    bare = _bare(code)
    if len(bare) == _RECOVERY_LENGTH:
        return _use_recovery_code(session, user_id, bare, vault, by, now)
    step = matching_step(vault.unseal(user_id, factor.sealed_secret), bare, now=now, last_step=factor.last_step)
    if step is not None:
        factor.last_step = step
    return step is not None


def remove(session: Session, user: User, *, by: str, now: datetime) -> None:
    """Take an account's second factor away, app, recovery codes and keys; harmless when it has none."""
    session.execute(sa.delete(SecurityKey).where(SecurityKey.user_id == user.id))
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    session.execute(sa.delete(SecondFactor).where(SecondFactor.user_id == user.id))
    _audit(session, "staff.second-factor-removed", user.id, by, now)


def renew_recovery_codes(session: Session, user_id: UUID, *, vault: Vault, by: str, now: datetime) -> tuple[str, ...]:
    """Return new recovery codes, to be shown once; the old ones end. Raises Refused for an account without the app."""
    if not is_enrolled(session, user_id):
        raise Refused("second_factor.missing", "recovery codes stand for an app")
    _audit(session, "staff.recovery-codes-renewed", user_id, by, now)
    return _new_recovery_codes(session, user_id, vault)


def recovery_codes_left(session: Session, user_id: UUID) -> int:
    query = sa.select(sa.func.count()).select_from(RecoveryCode)
    return session.scalar(query.where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))) or 0


def _new_recovery_codes(session: Session, user_id: UUID, vault: Vault) -> tuple[str, ...]:
    codes = tuple("".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(user_id=user_id, code_hash=vault.code_hash(user_id, one)) for one in codes)
    return tuple(f"{one[:5]}-{one[5:]}" for one in codes)


def _use_recovery_code(session: Session, user_id: UUID, code: str, vault: Vault, by: str, now: datetime) -> bool:
    row = session.scalar(
        sa.select(RecoveryCode)
        .where(
            RecoveryCode.user_id == user_id,
            RecoveryCode.code_hash == vault.code_hash(user_id, code),
            RecoveryCode.used_at.is_(None),
        )
        .with_for_update()
    )
    if row is None:
        return False
    row.used_at = now
    _audit(session, "staff.recovery-code-used", user_id, by, now)
    return True


def _bare(code: str) -> str:
    """Return a code as it is compared: people type spaces, hyphens, small letters, and O for 0."""
    return "".join(c for c in code.upper() if c.isascii() and c.isalnum()).translate(str.maketrans("OIL", "011"))


def _audit(session: Session, action: str, user_id: UUID, by: str, now: datetime) -> None:
    audit.record(session, at=now, actor=by, action=action, subject_type="staff-user", subject_id=user_id)
