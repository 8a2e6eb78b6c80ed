"""What the forms that put a visit right may say; anything else is refused before a service sees it."""

from datetime import date
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, field_validator

from server.coverage.service import Papers
from server.domain.catalogue import Payer
from server.domain.coverage import LivingArea
from server.domain.listed_diseases import ShownDisease
from server.domain.papers import TransferPaper
from server.domain.search import typed_date
from server.domain.visit_coverage import Circumstance
from server.errors import Refused
from server.forms import Form, Line
from server.reasons import checked_reason
from server.registration.corrections import HIGHEST_FEE_VND, Card

_CARD: Final = r"^$|^[A-Z]{2}[1-5][0-9]{2}[0-9A-Z]{10}$|^[0-9]{10}$|^[0-9]{12}$"
_FACILITY: Final = r"^$|^[0-9]{2}[0-9A-Z]{3}$"
_PAPER_NUMBER: Final = r"^$|^[\w./ -]{1,50}$"  # 50: GIAY_CHUYEN_TUYEN of the insurance tables


def _compacted(text: str) -> str:
    return "".join(text.split()).upper()


def _whole_day(text: str) -> date | None:
    if not text.strip():
        return None
    found = typed_date(text)
    if found is None or found.month is None or found.day is None:
        raise ValueError("not a whole date")
    return date(found.year, found.month, found.day)


TypedDay = Annotated[date | None, BeforeValidator(_whole_day)]
"""A day typed the Vietnamese way, ``31/12/2026``; empty is None."""


class CorrectionForm(Form):
    reason: Line = ""
    version: Annotated[int, Field(ge=1)]


class CardForm(CorrectionForm):
    """An empty number takes the card off the visit. Days are typed the Vietnamese way: ``31/12/2026``."""

    card_number: Annotated[str, Field(pattern=_CARD)] = ""
    card_facility: Annotated[str, Field(pattern=_FACILITY)] = ""
    valid_from: TypedDay = None
    valid_to: TypedDay = None

    @field_validator("card_number", "card_facility", mode="before")
    @classmethod
    def _compact(cls, text: str) -> str:
        return _compacted(text)

    def card(self) -> Card | None:
        if not self.card_number:
            return None
        return Card(self.card_number, self.card_facility or None, self.valid_from, self.valid_to)


class PapersForm(CorrectionForm):
    """Papers shown for insurance; a transfer paper is there when its number is, and then whole."""

    transfer_number: Annotated[str, Field(pattern=_PAPER_NUMBER)] = ""
    transfer_from: Annotated[str, Field(pattern=_FACILITY)] = ""
    transfer_to: Annotated[str, Field(pattern=_FACILITY)] = ""
    transfer_signed_on: TypedDay = None
    transfer_one_year: bool = False
    circumstance: Circumstance | None = None
    disease: Line = ""  # ICD-10 code or name
    disease_is_listed: bool = False  # staff vouch that it is, on these grounds
    disease_grounds: Line = ""
    living_area: LivingArea | None = None
    is_admitted: bool = False

    @field_validator("transfer_from", "transfer_to", mode="before")
    @classmethod
    def _compact(cls, text: str) -> str:
        return _compacted(text)

    @field_validator("circumstance", "living_area", mode="before")
    @classmethod
    def _none_chosen(cls, text: str) -> str | None:
        return text or None

    def vouched_grounds(self) -> str:
        """Return why staff vouch that the disease is on its list, empty where they do not; raises Refused."""
        if not (self.disease and self.disease_is_listed):
            return ""
        try:
            return checked_reason(self.disease_grounds)
        except Refused as error:
            raise Refused("papers.disease_grounds", "a disease is vouched for on grounds in words") from error

    def papers(self, disease: ShownDisease | None) -> Papers:
        """Return what was shown, with ``disease`` as it was understood; raises Refused for half a transfer paper."""
        return Papers(self._transfer_paper(), self.circumstance, disease, self.living_area, self.is_admitted)

    def _transfer_paper(self) -> TransferPaper | None:
        if not (self.transfer_number or self.transfer_from or self.transfer_signed_on):
            return None  # the receiving facility stands in the form from the start
        if not (self.transfer_number and self.transfer_from and self.transfer_to and self.transfer_signed_on):
            raise Refused("papers.incomplete", "a transfer paper has a number, two facilities and a date")
        return TransferPaper(
            self.transfer_number, self.transfer_from, self.transfer_to, self.transfer_signed_on,
            one_year=self.transfer_one_year,
        )  # fmt: skip


class PayerForm(CorrectionForm):
    payer: Payer


class FeeForm(CorrectionForm):
    price_vnd: Annotated[int, Field(ge=0, le=HIGHEST_FEE_VND)]

    @field_validator("price_vnd", mode="before")
    @classmethod
    def _without_points(cls, text: str) -> str:
        return text.replace(".", "").replace(" ", "").removesuffix("đ")
