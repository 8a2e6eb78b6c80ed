from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.domain.card_check import CardStatus


class CardCheck(Base):
    """The question about one visit's insurance, and what came of it; stored with the visit, asked by a worker.

    ``attempts`` also tells which attempt an answer belongs to: one that comes after its lease has run out is dropped.
    """

    __tablename__ = "card_check"
    __table_args__ = (Index("ix_card_check_due", "local_day", "next_attempt_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), unique=True)
    facility_code: Mapped[str]
    local_day: Mapped[date]  # of the visit; the question is not put after it

    number: Mapped[str]  # personal; as shown, or the personal number where no card was shown
    full_name: Mapped[str]  # personal; as the paper shown wrote it
    born_on: Mapped[str]  # personal; a FHIR date
    is_claimed: Mapped[bool]  # the patient showed a card

    attempts: Mapped[int]
    next_attempt_at: Mapped[datetime | None]  # empty: nothing more is asked
    asked_at: Mapped[datetime | None]  # of the last attempt
    error: Mapped[str | None]  # why the last attempt brought no answer
    answered_at: Mapped[datetime | None]
    result_code: Mapped[str | None]
    status: Mapped[CardStatus | None]
    sealed_answer: Mapped[bytes | None]  # personal; the answer as it came, encrypted (sealing.py)

    # What the visit rests on, of the answer
    five_years_on: Mapped[date | None]
    living_area: Mapped[str | None]
