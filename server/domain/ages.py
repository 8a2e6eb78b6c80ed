"""Completed years of a person whose day or month of birth may be unknown: the least and the most they may be."""

from datetime import date

from server.domain.identity import PartialDate


def youngest_age(born_on: PartialDate, on: date) -> int:
    """Return the completed years of somebody born as late as the date allows."""
    return _age(on, born_on.year, born_on.month or 12, born_on.day or 31)


def oldest_age(born_on: PartialDate, on: date) -> int:
    """Return the completed years of somebody born as early as the date allows."""
    return _age(on, born_on.year, born_on.month or 1, born_on.day or 1)


def _age(on: date, year: int, month: int, day: int) -> int:
    """Who was born on 29 February turns a year older on 1 March of a common year."""
    return on.year - year - ((on.month, on.day) < (month, day))
