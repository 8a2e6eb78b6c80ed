"""Passwords of a Vietnamese ID card from what stands on it, and the expiry dates a card can have.

Expiry: Law on Identification 2023 art. 21 (Law on Citizen Identity 2014 art. 21 before). A card is renewed at 14, 25,
40 and 60; one issued within the two years before such an age is valid to the next; from 58 on it never expires.
"""

import calendar
import re
from datetime import date, timedelta
from itertools import zip_longest
from typing import Final

from drivers.icao9303.mrz import NO_EXPIRY, Mrz
from drivers.icao9303.reading import ChipPasswords

MILESTONES: Final = (14, 25, 40, 60)
"""Ages in years at which a card is renewed."""

MAX_CANDIDATES: Final = 4
"""Wrong tries of one presentation: chips may slow down after failures."""

_EDGE: Final = timedelta(days=30)
_REFUSING_CARDS: Final = "999999"
"""One reader in the field uses it for cards that refuse the computed date; never seen by us."""

_OLDEST_CARD_YEARS: Final = 15


def passwords_from_card(
    personal_number: str, born_on: str | None = None, issued_on: str | None = None, *, today: date
) -> ChipPasswords:
    """Return what may open the card of ``personal_number`` (12 digits); dates are FHIR dates, as its QR has them.

    The CAN is the last six digits. The MRZ passwords need the birth date as well; without an issue date the expiries
    are those a card still in use on ``today`` can have.
    """
    if not re.fullmatch(r"[0-9]{12}", personal_number):
        raise ValueError("a personal number has 12 digits")
    can, document_number = personal_number[6:], personal_number[3:]
    if born_on is None:
        return ChipPasswords(can=can, document_number=document_number)
    birth_dates = _mrz_birth_dates(born_on)
    expiries = expiry_candidates(born_on, issued_on, today=today)
    return ChipPasswords(can, document_number, birth_dates[0], expiries, birth_dates[1:])


def passwords_from_document(document_number: str, born_on: str, expires_on: str) -> ChipPasswords:
    """Return what opens the chip of any document: its number (1 to 9 characters), and FHIR dates off its page."""
    birth_dates = _mrz_birth_dates(born_on)
    expiry = _yymmdd(_first_day(expires_on))
    return ChipPasswords(None, document_number, birth_dates[0], (expiry,), birth_dates[1:])


def passwords_from_mrz(mrz: Mrz) -> ChipPasswords:
    """Return the passwords in an MRZ that was seen whole; the CAN only where it carries a personal number."""
    number = mrz.personal_number
    return ChipPasswords(
        can=number[6:] if number else None,
        document_number=mrz.document_number,
        born_on=mrz.born_on,
        expiries=(mrz.expires_on,),
    )


def expiry_candidates(born_on: str, issued_on: str | None, *, today: date) -> tuple[str, ...]:
    """Return the YYMMDD expiries to try, likeliest first, ``991231`` for none; ``MAX_CANDIDATES`` at most.

    FHIR dates; of an incomplete birth date the rule counts from the first day it can mean. Who was born on 29 February
    has the birthday on 1 March of other years, or on 28 February: both are tried.
    """
    birth = _first_day(born_on)
    leapling = (birth.month, birth.day) == (2, 29)
    issued = _first_day(issued_on) if issued_on else None
    per_birthday = [
        _without_issue_date(birth, today, in_february) if issued is None else _by_issue_date(birth, issued, in_february)
        for in_february in ((False, True) if leapling else (False,))
    ]
    # One list after the other would try 991231 before the second reading of the likeliest date: take turns.
    in_turns = [one for rank in zip_longest(*per_birthday) for one in rank if one is not None]
    return tuple(dict.fromkeys(in_turns))[:MAX_CANDIDATES]


def _by_issue_date(birth: date, issued: date, in_february: bool) -> list[str]:
    ends = [_birthday(birth, age, in_february) for age in MILESTONES]
    after_issue = sum(end <= issued for end in ends)  # how many milestones have passed
    skips = after_issue < len(ends) and issued >= _birthday(birth, MILESTONES[after_issue] - 2, in_february)
    expiries = [*(_yymmdd(end) for end in ends), NO_EXPIRY]
    chosen = after_issue + skips
    found = [expiries[chosen]]
    if skips:
        found.append(expiries[chosen - 1])
    elif _is_near_window(birth, issued, in_february):
        found.append(expiries[chosen + 1])
    return [*found, NO_EXPIRY, _REFUSING_CARDS, *expiries[chosen + 1 : chosen + 2]]


def _is_near_window(birth: date, issued: date, in_february: bool) -> bool:
    """Whether the two-year window before an age begins within 30 days after the issue date."""
    return any(timedelta(0) <= _birthday(birth, age - 2, in_february) - issued <= _EDGE for age in MILESTONES)


def _without_issue_date(birth: date, today: date, in_february: bool) -> list[str]:
    earliest = today - timedelta(days=round(_OLDEST_CARD_YEARS * 365.25))
    ends = [_birthday(birth, age, in_february) for age in MILESTONES]
    # Cards valid to 14 exist since July 2024 only, so a past one is not tried.
    valid = [end for end in ends if end >= today]
    expired = [end for end in ends[1:] if earliest <= end < today]
    ordered = [_yymmdd(end) for end in (*valid, *expired)]
    return [*ordered[: MAX_CANDIDATES - 1], NO_EXPIRY]


def _birthday(birth: date, age: int, in_february: bool) -> date:
    year = birth.year + age
    if (birth.month, birth.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28) if in_february else date(year, 3, 1)
    return date(year, birth.month, birth.day)


def _first_day(text: str) -> date:
    year, month, day = (int(part) for part in f"{text}-01-01".split("-")[:3])
    return date(year, month, day)


def _mrz_birth_dates(born_on: str) -> tuple[str, ...]:
    """YYMMDD; how the MRZ of a card without day or month of birth looks is not known, so all three ways are offered."""
    first = _yymmdd(_first_day(born_on))
    known = first[: {4: 2, 7: 4}.get(len(born_on), 6)]
    return tuple(dict.fromkeys((first, known.ljust(6, "0"), known.ljust(6, "<"))))


def _yymmdd(day: date) -> str:
    return day.strftime("%y%m%d")
