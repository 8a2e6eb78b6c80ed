"""What the desk types to open a card at a kiosk, and what is wrong with it."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from server.contract.fleet import CardPassword
from server.domain.search import typed_date
from server.forms import Form

_Short = Annotated[str, Field(max_length=40)]
_GAPS: Final = re.compile(r"[\s.-]")
_CARD_NUMBER: Final = re.compile(r"[0-9]{12}")
_CAN_OR_CARD_NUMBER: Final = re.compile(r"[0-9]{6}|[0-9]{12}")
_DOCUMENT_NUMBER: Final = re.compile(r"[0-9]{12}|[0-9A-Z]{5,9}")


class CardForm(Form):
    """Texts as typed; ``wants`` is what the page asked for. Dates are left out where a number alone was asked for."""

    session: _Short
    wants: Literal["number", "document"]
    number: _Short = ""
    born_on: _Short = ""
    expires_on: _Short = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """``password`` is None where something is wrong: ``wrong`` names the fields and the words that tell it."""

    password: CardPassword | None
    wrong: dict[str, str]


def read_card_form(form: CardForm, *, today: date) -> Typed:
    """Return what was typed, as it opens a chip. Gaps and small letters are taken as they are meant."""
    number = _GAPS.sub("", form.number).upper()
    if form.wants == "number":
        is_number = _CAN_OR_CARD_NUMBER.fullmatch(number)
        return Typed(CardPassword(number=number), {}) if is_number else Typed(None, {"number": "help.wrong.number"})
    wrong = {} if _DOCUMENT_NUMBER.fullmatch(number) else {"number": "help.wrong.document"}
    born_on = typed_date(form.born_on)
    if born_on is None or str(born_on) > today.isoformat():
        wrong["born_on"] = "help.wrong.date"
    expires_on = typed_date(form.expires_on)
    may_be_left_out = _CARD_NUMBER.fullmatch(number) and not form.expires_on  # it follows from the age then
    if not may_be_left_out and (expires_on is None or expires_on.day is None):
        wrong["expires_on"] = "help.wrong.date"
    if wrong:
        return Typed(None, wrong)
    valid_to = str(expires_on) if expires_on is not None else None
    return Typed(CardPassword(number=number, born_on=str(born_on), expires_on=valid_to), {})
