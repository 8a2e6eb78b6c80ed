"""Dates as cards write them, to FHIR dates that keep how precise they are."""

import re
from datetime import date
from typing import Final

_COMPACT: Final = re.compile(r"(?:(?:(\d\d))?(\d\d))?(\d{4})", re.ASCII)
_SLASHED: Final = re.compile(r"(?:(?:(\d{1,2})/)?(\d{1,2})/)?(\d{4})", re.ASCII)
_YEARS: Final = range(1900, 2200)


def from_compact(text: str) -> str | None:
    """Return the FHIR date of ``ddMMyyyy``, ``MMyyyy`` or ``yyyy``; None where no such date exists.

    Day, or day and month, may be ``00`` for unknown.
    """
    return _fhir(_COMPACT.fullmatch(text))


def from_slashed(text: str) -> str | None:
    """Return the FHIR date of ``dd/MM/yyyy``, ``MM/yyyy`` or ``yyyy``; days and months of one digit are taken too."""
    return _fhir(_SLASHED.fullmatch(text))


def is_full(fhir_date: str | None) -> bool:
    return fhir_date is not None and len(fhir_date) == len("yyyy-mm-dd")


def _fhir(match: re.Match[str] | None) -> str | None:
    if match is None:
        return None
    day, month, year = (int(part or 0) for part in match.groups())
    if year not in _YEARS or (day and not month):
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}" if month else str(year)
