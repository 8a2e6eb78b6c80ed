"""Rows of accounts, sessions and failed sign-ins."""

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.accounts.roles import Role
from server.db import Base


class User(Base):
    """A member of staff. Rows are disabled, never deleted: the audit trail names them."""

    __tablename__ = "staff_user"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)  # small letters, as service.normal_username gives
    full_name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[Role]
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))  # only its patients may be seen
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    password_changed_at: Mapped[datetime]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(default=False)  # it was made by somebody else, for one use


class StaffPosting(Base):
    """Where somebody worked before: what they did there until then is that facility's to look at."""

    __tablename__ = "staff_posting"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"), index=True)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"), index=True)
    ended_at: Mapped[datetime]

    user: Mapped[User] = relationship()


class StaffSession(Base):
    """One signed-in browser. The browser holds the token, we its hash; rows go when they end."""

    __tablename__ = "staff_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32), unique=True)  # SHA-256 of 256 random bits
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"), index=True)
    address: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    awaits_second_factor: Mapped[bool] = mapped_column(default=False)  # the password was right, the code is missing
    confirmed_at: Mapped[datetime | None]  # when the person last showed, inside the session, that it is still them
    # What a security key is asked to sign, once and soon; it belongs to this session and goes with it.
    key_challenge: Mapped[bytes | None] = mapped_column(sa.LargeBinary(32))
    key_challenge_for: Mapped[str | None] = mapped_column(sa.String(16))
    key_challenge_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class SecondFactor(Base):
    """An account's authenticator app; it counts once a code proved that the app has the secret."""

    __tablename__ = "staff_second_factor"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(sa.LargeBinary(128))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(sa.BigInteger)  # of the last code taken; none is taken twice


class RecoveryCode(Base):
    """One of the codes for the day the app is lost; each opens once."""

    __tablename__ = "staff_recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"))
    code_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    used_at: Mapped[datetime | None]


class SecurityKey(Base):
    """A security key, or a phone's or computer's own lock, that an account may show instead of the app's code."""

    __tablename__ = "staff_security_key"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))  # as its owner calls it
    rp_id: Mapped[str] = mapped_column(sa.String(253))  # the server's name it was made for; it signs for no other
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1023), unique=True)
    credential: Mapped[bytes] = mapped_column(sa.LargeBinary(4096))  # attested credential data: AAGUID, id, COSE key
    transports: Mapped[list[str]] = mapped_column(sa.JSON)
    verifies_person: Mapped[bool]  # by a PIN or a finger, not by a touch alone
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]  # its counter went back: there is a second one like it


class FamiliarAddress(Base):
    """An address from which an account has signed in; it is spared the delay that strangers' guesses cause."""

    __tablename__ = "staff_familiar_address"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff_user.id"), primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    last_used_at: Mapped[datetime]


class FailedSignIns(Base):
    """The count behind one growing delay; ``subject`` is a keyless hash, since people type passwords as user names."""

    __tablename__ = "staff_failed_sign_ins"
    __table_args__ = (UniqueConstraint("scope", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    scope: Mapped[str] = mapped_column(sa.String(32))
    subject: Mapped[str] = mapped_column(sa.String(64))
    failures: Mapped[int]
    last_failed_at: Mapped[datetime] = mapped_column(index=True)


class ApiToken(Base):
    """Another system's right to speak for a facility, in its scopes only. Shown once, kept as a hash, never deleted."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("facility_code", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    name: Mapped[str] = mapped_column(sa.String(100))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)  # SHA-256, hex, of 256 random bits
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(64))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
