from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.domain.coverage import LivingArea
from server.domain.listed_diseases import ShownDisease
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
    disease_code: Mapped[str | None]  # ICD-10
    disease_name: Mapped[str | None]  # personal; with the code or alone, no disease without either
    disease_grounds: Mapped[str | None]  # personal; why staff vouch that it is on the list
    living_area: Mapped[LivingArea | None]  # as the card says; the gateway's own stands with its answer
    is_admitted: Mapped[bool]

    @property
    def transfer_paper(self) -> TransferPaper | None:
        if not (self.transfer_number and self.transfer_from and self.transfer_to and self.transfer_signed_on):
            return None
        return TransferPaper(
            self.transfer_number, self.transfer_from, self.transfer_to, self.transfer_signed_on,
            one_year=self.transfer_is_one_year,
        )  # fmt: skip

    @property
    def disease(self) -> ShownDisease | None:
        if not (self.disease_code or self.disease_name):
            return None
        return ShownDisease(self.disease_code, self.disease_name or "", self.disease_grounds)
