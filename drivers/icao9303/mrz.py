"""The machine readable zone (ICAO 9303-3, -4 TD3, -5 TD1), as DG1 holds it and as cards print it.

Vietnamese ID cards are TD1: the document number is the last nine digits of the 12-digit personal number, the whole
number stands in the optional data of line 1, and position 30 carries a check digit over positions 16 to 29 that ICAO
does not know.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, Protocol

from drivers.errors import MalformedData
from drivers.icao9303.keys import check_digit, mrz_information

NO_EXPIRY: Final = "991231"
"""What a card without expiry carries; its check digit is 5. Never a date."""

_WHAT: Final = "MRZ"
_LINE_LENGTHS: Final = {90: 30, 88: 44}


@dataclass(frozen=True, slots=True)
class Mrz:
    """One parsed MRZ. Dates are YYMMDD as printed (unknown parts of a birth date are ``<<`` or ``00``).

    ``optional_data`` is positions 16-30 of line 1 (TD1) or 29-42 of line 2 (TD3), without fillers at its end.
    ``name`` has single spaces and no marks; it may be cut.
    """

    form: Literal["TD1", "TD3"]
    document_code: str
    issuer: str
    document_number: str
    optional_data: str
    born_on: str
    sex: Literal["male", "female"] | None
    expires_on: str
    nationality: str
    name: str

    @property
    def personal_number(self) -> str | None:
        """The 12-digit number of a Vietnamese ID card."""
        found = re.match(r"[0-9]{12}(?![0-9])", self.optional_data) if self.form == "TD1" else None
        return found[0] if found and self.issuer == "VNM" else None

    @property
    def information(self) -> bytes:
        """The MRZ information from which BAC and PACE-MRZ keys come (ICAO 9303-11, 9.7.2)."""
        return mrz_information(self.document_number, self.born_on, self.expires_on)

    @property
    def has_no_expiry(self) -> bool:
        return self.expires_on == NO_EXPIRY


def parse_mrz(text: str) -> Mrz:
    """Return the MRZ in ``text``: 90 (TD1) or 88 (TD3) characters, line ends and ``/`` between lines allowed.

    Raises MalformedData for another length or alphabet and for any wrong check digit.
    """
    bare = re.sub(r"[\r\n/ ]", "", text)
    if len(bare) not in _LINE_LENGTHS:
        raise MalformedData(_WHAT, f"{len(bare)} characters, neither TD1 (90) nor TD3 (88)")
    if not re.fullmatch(r"[A-Z0-9<]+", bare):
        raise MalformedData(_WHAT, "characters outside A-Z, 0-9 and <")
    width = _LINE_LENGTHS[len(bare)]
    lines = [bare[i : i + width] for i in range(0, len(bare), width)]
    return _parse_td1(lines) if width == 30 else _parse_td3(lines)


def _parse_td1(lines: list[str]) -> Mrz:
    first, second, third = lines
    _check("composite", first[5:] + second[:7] + second[8:15] + second[18:29], second[29])
    # The Vietnamese digit at position 30 is covered by the composite check digit; it is not demanded by itself,
    # because whether cards issued from July 2024 keep it is not known.
    number, optional = _td1_number(first)
    return _common("TD1", first, number, optional, second, third, nationality=second[15:18])


def _td1_number(first: str) -> tuple[str, str]:
    if first[14] != "<":
        _check("document number", first[5:14], first[14])
        return first[5:14].rstrip("<"), first[15:30].rstrip("<")
    # A number longer than nine runs on in the optional data, up to a filler; its last character is the check digit.
    tail, _, optional = first[15:30].partition("<")
    if not tail:
        raise MalformedData(_WHAT, "a document number without check digit")
    number = first[5:14] + tail[:-1]
    _check("document number", number, tail[-1])
    return number, optional.strip("<")


def _parse_td3(lines: list[str]) -> Mrz:
    first, second = lines
    _check("document number", second[:9], second[9])
    optional = second[28:42]
    if optional.strip("<") or second[42] != "<":
        _check("optional data", optional, second[42])
    _check("composite", second[:10] + second[13:20] + second[21:43], second[43])
    rearranged = second[13:20] + second[20] + second[21:28]  # birth, sex, expiry stand as on line 2 of TD1
    number = second[:9].rstrip("<")
    return _common("TD3", first, number, optional.rstrip("<"), rearranged, first[5:], nationality=second[10:13])


def _common(
    form: Literal["TD1", "TD3"], first: str, number: str, optional: str, dates: str, name: str, *, nationality: str
) -> Mrz:
    _check("birth date", dates[:6], dates[6])
    _check("expiry date", dates[8:14], dates[14])
    if not re.fullmatch(r"[0-9<]{6}", dates[:6]) or not re.fullmatch(r"[0-9]{6}", dates[8:14]):
        raise MalformedData(_WHAT, "a date that is none")
    sexes: dict[str, Literal["male", "female"]] = {"M": "male", "F": "female"}
    return Mrz(
        form=form,
        document_code=first[:2].rstrip("<"),
        issuer=first[2:5].rstrip("<"),
        document_number=number,
        optional_data=optional,
        born_on=dates[:6],
        sex=sexes.get(dates[7]),
        expires_on=dates[8:14],
        nationality=nationality.rstrip("<"),
        name=" ".join(name.replace("<", " ").split()),
    )


def _check(field: str, text: str, digit: str) -> None:
    if check_digit(text) != digit:
        raise MalformedData(_WHAT, f"the check digit of the {field} is wrong")


def build_vietnamese_td1(
    personal_number: str,
    full_name: str,
    born_on: str,
    sex: Literal["male", "female"] | None,
    expires_on: str,
    document_code: str = "ID",
) -> str:
    """Return the 90 characters of a Vietnamese ID card; dates YYMMDD, ``expires_on`` ``991231`` for none."""
    first = f"{document_code:<<2}VNM" + personal_number[3:] + check_digit(personal_number[3:])
    optional = personal_number + "<<"
    first += optional + check_digit(optional)
    return _build_td1(first, born_on, sex, expires_on, "VNM", full_name)


def build_td1(
    document_number: str,
    full_name: str,
    born_on: str,
    sex: Literal["male", "female"] | None,
    expires_on: str,
    issuer: str,
    document_code: str = "I",
) -> str:
    """Return the 90 characters of another country's card, number of nine characters at most."""
    number = document_number.ljust(9, "<")
    first = f"{document_code:<<2}{issuer:<<3}{number}{check_digit(number)}".ljust(30, "<")
    return _build_td1(first, born_on, sex, expires_on, issuer, full_name)


def build_td3(
    document_number: str,
    full_name: str,
    born_on: str,
    sex: Literal["male", "female"] | None,
    expires_on: str,
    issuer: str,
    optional_data: str = "",
) -> str:
    """Return the 88 characters of a passport."""
    number = document_number.ljust(9, "<")
    optional = optional_data.ljust(14, "<")
    optional_digit = check_digit(optional) if optional_data else "<"
    second = f"{number}{check_digit(number)}{issuer:<<3}{_dates(born_on, sex, expires_on)}{optional}{optional_digit}"
    composite = check_digit(second[:10] + second[13:20] + second[21:43])
    return f"P<{issuer:<<3}{_mrz_name(full_name, 39)}{second}{composite}"


def _build_td1(
    first: str, born_on: str, sex: Literal["male", "female"] | None, expires_on: str, nationality: str, name: str
) -> str:
    second = f"{_dates(born_on, sex, expires_on)}{nationality:<<3}".ljust(29, "<")
    composite = check_digit(first[5:] + second[:7] + second[8:15] + second[18:29])
    return first + second + composite + _mrz_name(name, 30)


def _dates(born_on: str, sex: Literal["male", "female"] | None, expires_on: str) -> str:
    letter = {"male": "M", "female": "F", None: "<"}[sex]
    return f"{born_on}{check_digit(born_on)}{letter}{expires_on}{check_digit(expires_on)}"


def _mrz_name(full_name: str, width: int) -> str:
    """Return a Vietnamese name as the MRZ has it: SURNAME<<MIDDLE<GIVEN, no marks, Đ as D, cut to ``width``."""
    bare = unicodedata.normalize("NFD", full_name.upper().replace("Đ", "D"))
    words = re.sub(r"[^A-Z ]", "", "".join(c for c in bare if not unicodedata.combining(c))).split()
    return f"{words[0]}<<{'<'.join(words[1:])}"[:width].ljust(width, "<")


class Holder(Protocol):
    """What the dates of a document's holder are told from: an Mrz, or a code recognised as one."""

    @property
    def personal_number(self) -> str | None: ...
    @property
    def born_on(self) -> str: ...
    @property
    def expires_on(self) -> str | None: ...


def birth_date(mrz: Holder, today: date) -> str:
    """Return the birth date as a FHIR date, as precise as the MRZ knows it; raises MalformedData for no date.

    The century comes from the personal number where there is one (a pivot year would make centenarians newborns),
    otherwise from ``today``: nobody is born in the future.
    """
    year, month, day = (mrz.born_on[i : i + 2] for i in (0, 2, 4))
    if not year.isdigit():
        raise MalformedData(_WHAT, "a birth date without year")
    full_year = _century(mrz, int(year), today) + int(year)
    if not month.isdigit() or month == "00":
        return f"{full_year}"
    if not day.isdigit() or day == "00":
        return _checked_date(f"{full_year}-{month}-01")[:7]
    return _checked_date(f"{full_year}-{month}-{day}")


def expiry_date(mrz: Holder) -> str | None:
    """Return the expiry as YYYY-MM-DD, None for a card without one; raises MalformedData for no date."""
    text = mrz.expires_on
    if text in (None, NO_EXPIRY, "999999"):  # the last is said of some cards, never seen by us
        return None
    return _checked_date(f"20{text[:2]}-{text[2:4]}-{text[4:]}")


def iso_country(code: str) -> str:
    """Return an MRZ's country as ISO 3166-1 alpha-3 has it: all do but Germany's (ICAO 9303-3, 5)."""
    return "DEU" if code == "D" else code


def _century(mrz: Holder, year: int, today: date) -> int:
    number = mrz.personal_number
    if number:
        return 1900 + int(number[3]) // 2 * 100
    return 2000 if 2000 + year <= today.year else 1900


def _checked_date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise MalformedData(_WHAT, "a date that no calendar has") from error
