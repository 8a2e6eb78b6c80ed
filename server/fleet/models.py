from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base

_HOLDS_SECRET = text("sealed IS NOT NULL")


class Kiosk(Base):
    """One enrolled device. Its letter marks the numbers of its own series, so it is never given to another one."""

    __tablename__ = "kiosk"
    __table_args__ = (UniqueConstraint("facility_code", "name"), UniqueConstraint("facility_code", "letter"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    name: Mapped[str]
    letter: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex; 256 random bits need no slow hash
    enrolled_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]


class StaffCall(Base):
    """A person at a kiosk asked for help."""

    __tablename__ = "staff_call"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"), index=True)
    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"))
    request_key: Mapped[UUID] = mapped_column(unique=True)
    step: Mapped[str]
    problem: Mapped[str | None]
    called_at: Mapped[datetime]
    received_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]  # the member of staff's username

    kiosk: Mapped[Kiosk] = relationship()


class KioskState(Base):
    """What a kiosk said of itself last; names nobody. One row for each kiosk that ever reported."""

    __tablename__ = "kiosk_state"

    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"), primary_key=True)
    received_at: Mapped[datetime]  # written at most every few seconds while nothing changes
    clock_ahead_s: Mapped[float]  # of the server's; negative: behind
    version: Mapped[str]
    is_desk: Mapped[bool]
    session: Mapped[UUID | None]  # of the person who stands there now
    step: Mapped[str]
    since: Mapped[datetime]  # by the server's clock
    language: Mapped[str]
    problem: Mapped[str | None]
    failures: Mapped[int]
    card_wants: Mapped[str | None]  # what would open the card that lies there: its number, or its printed zone
    out_of_service: Mapped[str | None]
    warnings: Mapped[list[str]] = mapped_column(JSON)
    devices: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    waiting_visits: Mapped[int]
    dead_letters: Mapped[int]
    uncertain_papers: Mapped[int]
    papers: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # the newest of them: request key, state, code
    refused: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # visits staff must settle, named by their key


class Command(Base):
    """Something the desk asked a kiosk to do. The kiosk fetches it with its report and says there what became of it."""

    __tablename__ = "kiosk_command"
    __table_args__ = (
        Index("ix_kiosk_command_open", "kiosk_id", "done_at"),
        Index("ix_kiosk_command_sealed", "expires_at", sqlite_where=_HOLDS_SECRET, postgresql_where=_HOLDS_SECRET),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"))
    kind: Mapped[str]
    arguments: Mapped[dict[str, str]] = mapped_column(JSON)  # ids and codes, no personal data
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # a card's password; None once it was used or expired
    given_at: Mapped[datetime]
    given_by: Mapped[str]  # the member of staff's username
    expires_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    result: Mapped[str | None]  # "done", or the stable code of why not

    kiosk: Mapped[Kiosk] = relationship()


class HandedOverSession(Base):
    """What a person had got to at a kiosk or a desk's own reader, on its way to a desk: sealed, and gone in minutes."""

    __tablename__ = "hand_over"

    id: Mapped[UUID] = mapped_column(primary_key=True)  # minted by the kiosk
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"), index=True)
    session: Mapped[UUID]
    call_key: Mapped[UUID | None] = mapped_column(index=True)
    command_id: Mapped[UUID | None] = mapped_column(index=True)
    step: Mapped[str]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # personal; None once it is closed or has expired
    received_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]

    kiosk: Mapped[Kiosk] = relationship()


class DeskPairing(Base):
    """A code shown on a desk's own screen, by which its browser proves that it stands there."""

    __tablename__ = "desk_pairing"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"))
    code_hash: Mapped[str]
    begun_by: Mapped[str]
    expires_at: Mapped[datetime]
    wrong_codes: Mapped[int]
    used_at: Mapped[datetime | None]


class DeskBrowser(Base):
    """A browser that stands at a desk with its own devices: what they read appears there, and nowhere else."""

    __tablename__ = "desk_browser"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    kiosk_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk.id"), index=True)
    token_hash: Mapped[str] = mapped_column(unique=True)  # SHA-256, hex, of the browser's cookie
    paired_at: Mapped[datetime]
    paired_by: Mapped[str]
    revoked_at: Mapped[datetime | None]

    kiosk: Mapped[Kiosk] = relationship()
