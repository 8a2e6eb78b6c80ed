"""What somebody at a desk types to find a person, understood before anything is looked up."""

import re
from dataclasses import dataclass
from typing import Final

from server.domain.codes import (
    ALPHABET,
    APPOINTMENT_PREFIX,
    CODE_LENGTH,
    TEMPORARY_LENGTH,
    TEMPORARY_PREFIX,
    VISIT_PREFIX,
    is_code,
    is_short_code,
)
from server.domain.identity import PartialDate, fold_name
from server.domain.phone import normal_phone

MAX_LENGTH = 200
# Without a space, as a name of two letters may have a date behind it. A passport of digits only, or with letters in
# between, is asked for with its country.
_PASSPORT: Final = re.compile("[A-Z]{1,2}[0-9]{6,8}")


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """A number of any kind, in the form in which numbers are stored (``server.domain.matching.normal``).

    A phone number too (``server.domain.phone``): ten digits that begin with 0 may be one, or a social insurance number.
    """

    value: str


@dataclass(frozen=True, slots=True)
class PassportQuery:
    """A passport's number as the document bears it, whatever country gave it."""

    number: str


@dataclass(frozen=True, slots=True)
class CodeQuery:
    """The code of a visit, from its slip, or of an appointment, from its letter."""

    code: str


@dataclass(frozen=True, slots=True)
class NameQuery:
    """Folded words of a name and, if given, the birth date, month or year."""

    words: tuple[str, ...]
    born_on: PartialDate | None


@dataclass(frozen=True, slots=True)
class NothingToSearch:
    """Too little was typed to search for, or a date that does not exist."""


Query = NumberQuery | PassportQuery | CodeQuery | NameQuery | NothingToSearch


def understand(text: str) -> Query:
    """Return what ``text`` asks for.

    A slip's or a letter's code (with or without ``TD1:``, ``TA1:``; the letter's short one), a number (digits with
    spaces, dots or hyphens between them; an insurance card of 15 characters; a temporary number), a passport, alone or
    as ``FRA/12AB34567``, a phone number, or a name. A name may be followed by a birth date (``15/8/1990``,
    ``1990-08-15``, ``15081990``) or by a year.
    """
    text = " ".join(text[:MAX_LENGTH].split())
    code = text.upper().removeprefix(VISIT_PREFIX).removeprefix(APPOINTMENT_PREFIX)
    if len(code) == CODE_LENGTH and is_code(code):
        return CodeQuery(code)
    if is_short_code(digits := re.sub(r"[ .-]", "", text)):
        return CodeQuery(digits)
    if number := _number(text):
        return NumberQuery(number)
    if passport := _PASSPORT.fullmatch(text.upper()):
        return PassportQuery(passport[0])
    return _name(text)


def _number(text: str) -> str | None:
    compact = re.sub(r"[ .-]", "", text).upper()
    if re.fullmatch(r"[0-9]{9}|[0-9]{10}|[0-9]{12}", compact):
        return compact
    if re.fullmatch(r"[A-Z]{2}[0-9]{13}", compact):
        return compact[5:]  # kind, benefit and province change with every card; the holder's number stays
    if re.fullmatch(r"[A-Z]{3}/[A-Z0-9]{4,20}", compact):
        return compact
    if match := re.fullmatch(f"TX([{ALPHABET}]{{{TEMPORARY_LENGTH}}})", compact):
        return TEMPORARY_PREFIX + match[1]
    return normal_phone(text)


def _name(text: str) -> Query:
    match = re.fullmatch(r"(.*?) ?([0-9][0-9./-]*)?", text)
    assert match is not None
    words = tuple(fold_name(match[1]).split())
    if match[2] is None:
        return NameQuery(words, None) if _is_enough(words) else NothingToSearch()
    born_on = typed_date(match[2])
    return NameQuery(words, born_on) if words and born_on is not None else NothingToSearch()


def _is_enough(words: tuple[str, ...]) -> bool:
    return sum(len(word) for word in words) >= 2


def typed_date(text: str) -> PartialDate | None:
    """Return a date as people type it, day first, as much of it as is known; None for what is no date."""
    patterns = (
        r"(?P<day>[0-9]{1,2})[./-](?P<month>[0-9]{1,2})[./-](?P<year>[0-9]{4})",
        r"(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})",
        r"(?P<month>[0-9]{1,2})[./-](?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})",
    )
    for pattern in patterns:
        if match := re.fullmatch(pattern, text):
            parts = {name: int(value) for name, value in match.groupdict().items()}
            try:
                return PartialDate(parts["year"], parts.get("month"), parts.get("day"))
            except ValueError:
                return None
    return None
