"""What was spoken in the waiting rooms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class Announcement(Base):
    """One call spoken in one area, or being spoken: by which of its displays, and when.

    ``display`` is a random word that the display's page made for itself. ``ended_at`` stays None when it vanished.
    """

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_area", "facility_code", "area", "began_at"),)

    call_id: Mapped[UUID] = mapped_column(ForeignKey("ticket_call.id"), primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    display: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
