from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from server.db import Base
from server.fleet.models import Command


class PrintOrder(Base):
    """A copy of a slip that a kiosk was asked to print; what became of it stands in its command."""

    __tablename__ = "print_order"
    __table_args__ = (ForeignKeyConstraint(["ticket_id", "copy"], ["ticket_reprint.ticket_id", "ticket_reprint.copy"]),)

    command_id: Mapped[UUID] = mapped_column(ForeignKey("kiosk_command.id"), primary_key=True)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), index=True)
    ticket_id: Mapped[UUID]
    copy: Mapped[int]
    given_at: Mapped[datetime | None]  # by hand, when the kiosk's printer did not serve
    given_by: Mapped[str | None]

    command: Mapped[Command] = relationship()
