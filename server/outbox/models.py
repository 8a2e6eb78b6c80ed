from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.domain.outbound import OutboundState


class OutboundMessage(Base):
    """One change the hospital's information system is told of; ids are in the order of commits.

    ``attempts`` also tells which attempt an outcome belongs to: one that comes after its lease has run out is dropped.
    """

    __tablename__ = "outbound_message"
    __table_args__ = (
        Index("ix_outbound_message_due", "state", "next_attempt_at"),
        Index("ix_outbound_message_subject", "encounter_id", "id"),
        {"sqlite_autoincrement": True},  # an id is never used again
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    key: Mapped[UUID] = mapped_column(unique=True)  # the receiver's Idempotency-Key
    facility_code: Mapped[str] = mapped_column(ForeignKey("facility.code"))
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"))
    written_at: Mapped[datetime]

    state: Mapped[OutboundState] = mapped_column(default=OutboundState.WAITING)
    attempts: Mapped[int]
    tries: Mapped[int]  # without success since it was written, or since staff said "try again"
    next_attempt_at: Mapped[datetime | None]  # while sending, the end of the lease
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # personal; as first sent, gone once it was taken
    error: Mapped[str | None]  # why the last attempt did not succeed, a code
    answer: Mapped[str | None] = mapped_column(String(500))  # personal; the other system's own words
    sent_at: Mapped[datetime | None]
