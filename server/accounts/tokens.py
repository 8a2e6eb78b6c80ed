"""Tokens of other systems: what one may do stands in its scopes; shown once, kept as a hash, revoked at any time."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.accounts.models import ApiToken
from server.db import Database
from server.errors import Conflict, Forbidden, NotFound, Refused, Unauthenticated

TOKEN_PREFIX: Final = "tdi_"  # noqa: S105 - tells our tokens from foreign ones, also to a scanner for leaked secrets
NAME_LENGTH: Final = range(2, 101)
_USED_EVERY: Final = timedelta(minutes=1)


class Scope(StrEnum):
    """What another system may do. A new endpoint for systems names the scope it asks for."""

    ENCOUNTERS_READ = "encounters:read"
    APPOINTMENTS_READ = "appointments:read"
    APPOINTMENTS_WRITE = "appointments:write"
    METRICS_READ = "metrics:read"
    CALLS_SPEAK = "calls:speak"  # a waiting room's display


@dataclass(frozen=True, slots=True)
class Integration:
    """Another system that has shown its token, as one request sees it."""

    id: UUID
    name: str
    facility: str
    scopes: frozenset[Scope]

    @property
    def actor(self) -> str:
        return f"integration:{self.id}"


def create_token(
    session: Session, *, facility: str, name: str, scopes: Collection[Scope], by: str, now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:  # fmt: skip
    """Store a system's right and return it with its token, which nobody can learn again.

    Raises Refused without a name or scope, Conflict when the facility has a token of this name.
    """
    name = " ".join(name.split())
    if len(name) not in NAME_LENGTH or not name.isprintable():
        raise Refused("token.name", "2 to 100 characters")
    if not scopes:
        raise Refused("token.scopes", "a token without scopes opens nothing")
    if session.scalar(sa.select(ApiToken.id).where(ApiToken.facility_code == facility, ApiToken.name == name)):
        raise Conflict("token.name_taken", "names stand in the trail: a new token gets a new one")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        facility_code=facility, name=name, token_hash=_hash(token), scopes=sorted(scope.value for scope in scopes),
        created_at=now, created_by=by, expires_at=expires_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _audit(session, "token.created", row.id, by=by, now=now, scopes=" ".join(row.scopes))
    return row, token


def revoke_token(session: Session, token_id: UUID, *, facility: str, by: str, now: datetime) -> ApiToken:
    """Take a system's right away from its next request on; harmless when repeated. Raises NotFound."""
    row = session.scalar(sa.select(ApiToken).where(ApiToken.id == token_id, ApiToken.facility_code == facility))
    if row is None:
        raise NotFound("token.unknown", "the facility has no such token")
    if row.revoked_at is None:
        row.revoked_at = now
        _audit(session, "token.revoked", row.id, by=by, now=now)
    return row


def list_tokens(session: Session, *, facility: str) -> Sequence[ApiToken]:
    """Return the facility's tokens: those that open something first, then by name."""
    return session.scalars(
        sa.select(ApiToken)
        .where(ApiToken.facility_code == facility)
        .order_by(ApiToken.revoked_at.is_not(None), ApiToken.name, ApiToken.id)
    ).all()


def authenticate_system(database: Database, token: str, *, scope: Scope, now: datetime) -> Integration:
    """Return whose token it is; raises Unauthenticated, Forbidden when it has ended or lacks ``scope``."""
    with database.reading() as session:
        row = session.scalar(sa.select(ApiToken).where(ApiToken.token_hash == _hash(token)))
    if row is None:
        raise Unauthenticated("token.unknown", "no system has this token")
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        raise Forbidden("token.ended", "this token was revoked or has expired")
    system = Integration(row.id, row.name, row.facility_code, frozenset(Scope(one) for one in row.scopes))
    if scope not in system.scopes:
        raise Forbidden("token.scope", f"this token lacks the scope {scope}")
    if row.last_used_at is None or now - row.last_used_at >= _USED_EVERY:
        with database.begin() as session:
            session.execute(sa.update(ApiToken).where(ApiToken.id == row.id).values(last_used_at=now))
    return system


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _audit(session: Session, action: str, token_id: UUID, *, by: str, now: datetime, scopes: str | None = None) -> None:
    audit.record(
        session, at=now, actor=f"staff:{by}", action=action, subject_type="api-token", subject_id=token_id,
        details={"scopes": scopes} if scopes else None,
    )  # fmt: skip
