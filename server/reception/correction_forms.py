"""What the forms that put a visit right may say; anything else is refused before a service sees it."""

from datetime import date
from typing import Annotated, Final

from pydantic import Field, field_validator

from server.domain.catalogue import Payer
from server.domain.search import typed_date
from server.forms import Form, Line
from server.registration.corrections import HIGHEST_FEE_VND, Card

_CARD: Final = r"^$|^[A-Z]{2}[1-5][0-9]{2}[0-9A-Z]{10}$|^[0-9]{10}$|^[0-9]{12}$"
_FACILITY: Final = r"^$|^[0-9]{2}[0-9A-Z]{3}$"


class CorrectionForm(Form):
    reason: Line = ""
    version: Annotated[int, Field(ge=1)]


class CardForm(CorrectionForm):
    """An empty number takes the card off the visit. Days are typed the Vietnamese way: ``31/12/2026``."""

    card_number: Annotated[str, Field(pattern=_CARD)] = ""
    card_facility: Annotated[str, Field(pattern=_FACILITY)] = ""
    valid_from: date | None = None
    valid_to: date | None = None

    @field_validator("card_number", "card_facility", mode="before")
    @classmethod
    def _compact(cls, text: str) -> str:
        return "".join(text.split()).upper()

    @field_validator("valid_from", "valid_to", mode="before")
    @classmethod
    def _day(cls, text: str) -> date | None:
        if not text.strip():
            return None
        found = typed_date(text)
        if found is None or found.month is None or found.day is None:
            raise ValueError("not a whole date")
        return date(found.year, found.month, found.day)

    def card(self) -> Card | None:
        if not self.card_number:
            return None
        return Card(self.card_number, self.card_facility or None, self.valid_from, self.valid_to)


class PayerForm(CorrectionForm):
    payer: Payer


class FeeForm(CorrectionForm):
    price_vnd: Annotated[int, Field(ge=0, le=HIGHEST_FEE_VND)]

    @field_validator("price_vnd", mode="before")
    @classmethod
    def _without_points(cls, text: str) -> str:
        return text.replace(".", "").replace(" ", "").removesuffix("đ")
