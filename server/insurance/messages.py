"""What is sent to the insurance gateway and what it answers, as typed values.

The gateway's own field names stand here and in the simulated gateway, nowhere else. Its answers are hostile until
parsed: arrays come as null, numbers where texts are due, fields are left out. A field that cannot be understood is
None; only an answer without a result code is no answer. Source: Official letter 1923/BHXH-CNTT of 20 June 2024,
appendix 03 section 3.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from server.domain.days import VIETNAM
from server.domain.identity import PartialDate, Sex

_TEXT_LENGTH: Final = 2000
_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class CardInquiry:
    """One question about one person.

    ``number``: a card's 15 characters, a 10-digit social insurance number or a 12-digit personal number. ``full_name``
    as printed on the paper shown.
    """

    number: str
    full_name: str
    born_on: PartialDate

    @property
    def written_birth_date(self) -> str:
        """``15/08/1990``; the year alone where no more is known, which the gateway accepts."""
        born = self.born_on
        if born.day is None or born.month is None:
            return f"{born.year:04d}"
        return f"{born.day:02d}/{born.month:02d}/{born.year:04d}"


def _text(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # A control character, or half of a surrogate pair, is no text the database could take.
    clean = "".join(character if character.isprintable() else " " for character in str(value)[:_TEXT_LENGTH])
    return " ".join(clean.split()) or None


def _day(value: object) -> date | None:
    match = re.fullmatch(r"([0-9]{2})/?([0-9]{2})/?([0-9]{4})", _text(value) or "")
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _birth_date(value: object) -> PartialDate | None:
    day = _day(value)
    if day is not None:
        return PartialDate(day.year, day.month, day.day)
    text = _text(value) or ""
    return PartialDate(int(text)) if re.fullmatch(r"(19|20)[0-9]{2}", text) else None


def _instant(value: object) -> datetime | None:
    """Read ``yyyymmddHHMM`` with or without seconds, local time in Viet Nam."""
    text = _text(value) or ""
    for form in ("%Y%m%d%H%M%S", "%Y%m%d%H%M"):
        if len(text) == len(datetime(2000, 1, 1).strftime(form)):  # noqa: DTZ001 - only its length is asked
            try:
                return datetime.strptime(text, form).replace(tzinfo=VIETNAM)
            except ValueError:
                return None
    return None


def _sex(value: object) -> Sex:
    return {"nam": Sex.MALE, "nữ": Sex.FEMALE, "nu": Sex.FEMALE}.get((_text(value) or "").casefold(), Sex.UNKNOWN)


def _rows(value: object) -> Sequence[Any]:
    return [row for row in value[:_ROWS] if isinstance(row, dict)] if isinstance(value, list) else []


Text = Annotated[str | None, BeforeValidator(_text)]
Day = Annotated[date | None, BeforeValidator(_day)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True, populate_by_name=True)


class PastVisit(_Answer):
    """One earlier visit of the person, at any facility (``dsLichSuKCB2018``)."""

    file_key: Text = Field(None, alias="maHoSo")
    facility: Text = Field(None, alias="maCSKCB")
    began_at: Instant = Field(None, alias="ngayVao")
    ended_at: Instant = Field(None, alias="ngayRa")
    disease: Text = Field(None, alias="tenBenh")
    discharge: Text = Field(None, alias="tinhTrang")
    outcome: Text = Field(None, alias="kqDieuTri")
    patient_type: Text = Field(None, alias="lyDoVV")
    employer_code: Text = Field(None, alias="TEMP1")
    employer_name: Text = Field(None, alias="TEMP2")
    spare_3: Text = Field(None, alias="TEMP3")
    spare_4: Text = Field(None, alias="TEMP4")
    spare_5: Text = Field(None, alias="TEMP5")


class PastInquiry(_Answer):
    """One earlier look-up of the card, at any facility (``dsLichSuKT2018``)."""

    by: Text = Field(None, alias="userKT")
    at: Instant = Field(None, alias="thoiGianKT")
    message: Text = Field(None, alias="thongBao")
    result_code: Text = Field(None, alias="maLoi")


class CardAnswer(_Answer):
    """What the gateway says about a card; ``note`` is a sentence for staff, never a ground for a decision."""

    result_code: Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[0-9A-Za-z]{1,10}$")] = Field(
        alias="maKetQua"
    )
    note: Text = Field(None, alias="ghiChu")

    card_number: Text = Field(None, alias="maThe")
    full_name: Text = Field(None, alias="hoTen")
    born_on: Annotated[PartialDate | None, BeforeValidator(_birth_date)] = Field(None, alias="ngaySinh")
    sex: Annotated[Sex, BeforeValidator(_sex)] = Field(Sex.UNKNOWN, alias="gioiTinh")
    address: Text = Field(None, alias="diaChi")
    primary_facility: Text = Field(None, alias="maDKBD")
    issuing_office: Text = Field(None, alias="cqBHXH")
    valid_from: Day = Field(None, alias="gtTheTu")
    valid_to: Day = Field(None, alias="gtTheDen")
    living_area: Text = Field(None, alias="maKV")
    five_years_on: Day = Field(None, alias="ngayDu5Nam")
    social_insurance_number: Text = Field(None, alias="maSoBHXH")

    old_card_number: Text = Field(None, alias="maTheCu")
    new_card_number: Text = Field(None, alias="maTheMoi")
    new_valid_from: Day = Field(None, alias="gtTheTuMoi")
    new_valid_to: Day = Field(None, alias="gtTheDenMoi")
    new_primary_facility: Text = Field(None, alias="maDKBDMoi")
    new_primary_facility_name: Text = Field(None, alias="tenDKBDMoi")

    visits: Annotated[tuple[PastVisit, ...], BeforeValidator(_rows)] = Field((), alias="dsLichSuKCB2018")
    inquiries: Annotated[tuple[PastInquiry, ...], BeforeValidator(_rows)] = Field((), alias="dsLichSuKT2018")


@dataclass(frozen=True, slots=True)
class Reply:
    """A parsed answer and the bytes it came as; the bytes are personal data and the visit's evidence."""

    answer: CardAnswer
    raw: bytes
