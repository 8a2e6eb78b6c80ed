"""Whether two records may be one person's, and on what ground; a person decides, nothing is merged by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.domain.identity import PartialDate, PersonIdentity, Sex, fold_name
from server.domain.matching import agree


class Ground(StrEnum):
    """Why two records are put side by side."""

    SAME_NUMBER = "same-number"  # a number shown with one record belongs to the other
    SAME_NAME = "same-name"  # without marks and case
    SAME_BIRTH_DATE = "same-birth-date"
    SIMILAR_BIRTH_DATE = "similar-birth-date"  # one knows less of it, or day and month changed places
    SAME_PHONE = "same-phone"
    SAME_ADDRESS = "same-address"
    OTHER_SEX = "other-sex"


_WEIGHTS: Final = {
    Ground.SAME_NUMBER: 10,
    Ground.SAME_NAME: 4,
    Ground.SAME_BIRTH_DATE: 4,
    Ground.SIMILAR_BIRTH_DATE: 2,
    Ground.SAME_PHONE: 3,
    Ground.SAME_ADDRESS: 1,
    Ground.OTHER_SEX: -3,
}
PROBABLE_FROM: Final = 7
"""A common name with a full birth date, or with half a date and the phone; never a common name with a year alone."""


@dataclass(frozen=True, slots=True)
class Described:
    """One record as the comparison sees it; ``phone`` in normal form."""

    identity: PersonIdentity
    phone: str | None = None


def compare(one: Described, other: Described) -> tuple[Ground, ...]:
    """Return the grounds for holding two records for one person's, strongest first; empty when they are not probable.

    Two personal numbers are two citizens: of these nothing but a shared number is said.
    """
    grounds = tuple(sorted(_grounds(one, other), key=lambda ground: -_WEIGHTS[ground]))
    if Ground.SAME_NUMBER not in grounds and _are_two_citizens(one.identity, other.identity):
        return ()
    return grounds if sum(_WEIGHTS[ground] for ground in grounds) >= PROBABLE_FROM else ()


def birth_dates_like(born_on: PartialDate | None) -> tuple[str, ...]:
    """Return the birth dates, as they are stored, of the records that are worth comparing with ``born_on``."""
    if born_on is None:
        return ()
    known = {f"{born_on.year:04d}", str(born_on)}
    if born_on.month is not None:
        known.add(f"{born_on.year:04d}-{born_on.month:02d}")
    turned = _day_and_month_turned(born_on)
    return tuple(sorted(known | ({str(turned)} if turned else set())))


def _grounds(one: Described, other: Described) -> Iterator[Ground]:
    if set(one.identity.identifiers) & set(other.identity.identifiers):
        yield Ground.SAME_NUMBER
    if fold_name(one.identity.full_name) == fold_name(other.identity.full_name):
        yield Ground.SAME_NAME
    if ground := _birth_ground(one.identity.born_on, other.identity.born_on):
        yield ground
    if one.phone and one.phone == other.phone:
        yield Ground.SAME_PHONE
    if one.identity.address and fold_name(one.identity.address) == fold_name(other.identity.address or ""):
        yield Ground.SAME_ADDRESS
    sexes = {one.identity.sex, other.identity.sex}
    if Sex.UNKNOWN not in sexes and len(sexes) > 1:
        yield Ground.OTHER_SEX


def _birth_ground(one: PartialDate | None, other: PartialDate | None) -> Ground | None:
    if one is None or other is None:
        return None
    if one == other and one.day is not None:
        return Ground.SAME_BIRTH_DATE
    return Ground.SIMILAR_BIRTH_DATE if agree(one, other) or one == _day_and_month_turned(other) else None


def _day_and_month_turned(date: PartialDate) -> PartialDate | None:
    if date.month is None or date.day is None or date.day > 12:
        return None
    return PartialDate(date.year, date.day, date.month)


def _are_two_citizens(one: PersonIdentity, other: PersonIdentity) -> bool:
    numbers = {one.personal_number, other.personal_number}
    return None not in numbers and len(numbers) == 2
