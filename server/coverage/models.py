from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.domain.papers import TransferPaper
from server.domain.visit_coverage import Circumstance


class InsurancePapers(Base):
    """What papers shown at the desk say about one visit's insurance; no row where none were shown."""

    __tablename__ = "insurance_papers"

    encounter_id: Mapped[UUID] = mapped_column(ForeignKey("encounter.id"), primary_key=True)
    transfer_number: Mapped[str | None]  # as the paper writes it; no paper without its number
    transfer_from: Mapped[str | None]  # 5-character facility code
    transfer_to: Mapped[str | None]
    transfer_signed_on: Mapped[date | None]
    transfer_is_one_year: Mapped[bool]
    circumstance: Mapped[Circumstance | None]

    @property
    def transfer_paper(self) -> TransferPaper | None:
        if not (self.transfer_number and self.transfer_from and self.transfer_to and self.transfer_signed_on):
            return None
        return TransferPaper(
            self.transfer_number, self.transfer_from, self.transfer_to, self.transfer_signed_on,
            one_year=self.transfer_is_one_year,
        )  # fmt: skip
