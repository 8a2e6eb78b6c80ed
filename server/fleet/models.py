from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base


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
