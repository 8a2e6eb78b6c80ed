"""Which clinic a kiosk or a clerk proposes first, and why; a proposal only, the patient chooses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.domain.identity import PartialDate, Sex


class Ground(StrEnum):
    """Why a clinic is proposed; each has its sentence on the screens."""

    APPOINTMENT = "appointment"
    LAST_VISIT = "last-visit"
    AGE = "age"  # a clinic for an age group the patient belongs to
    SHORTEST_WAIT = "shortest-wait"


class Unfit(StrEnum):
    """Why a clinic is not meant for somebody. Never a ground to refuse: a record's sex or date may be wrong."""

    AGE = "age"
    SEX = "sex"


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a service is meant for. Ages are completed years; ``below`` is exclusive; None does not bound."""

    sex: Sex | None = None
    age_from: int | None = None
    age_below: int | None = None

    @property
    def is_age_group(self) -> bool:
        """Whether age alone makes the audience, as for children: then the clinic is theirs whatever they have."""
        return self.sex is None and self != Audience()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service as the proposal sees it. ``wait_min``: the longer end of the expected wait, None when unknown."""

    service: str
    accepts: bool
    waiting: int | None
    wait_min: int | None = None
    audience: Audience = Audience()


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of the person; ``appointment`` and ``last_service`` are services' codes."""

    born_on: PartialDate | None = None
    sex: Sex = Sex.UNKNOWN
    appointment: str | None = None
    last_service: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A service in its place on the screen; at most one has a ``ground``, and it stands first."""

    service: str
    ground: Ground | None = None
    unfit: Unfit | None = None


def propose(candidates: Iterable[Candidate], visitor: Visitor, *, on: date) -> tuple[Placed, ...]:
    """Return every service in the order of the screen: the proposed one, those that fit, the others, the closed ones.

    Proposed is the clinic of the appointment, else of the last visit, else of the patient's age group, else, when the
    wait of all that fit is known, the one with the shortest wait. Among equals the hospital's own order decides. A
    service that takes nobody, or is not meant for the person, is never proposed, except that an appointment and a last
    visit speak for themselves.
    """
    in_order = list(candidates)
    unfit = {one.service: unfit_for(one.audience, visitor, on=on) for one in in_order}
    proposed = _proposed(in_order, visitor, unfit)
    rank = {one.service: position for position, one in enumerate(in_order)}

    def key(one: Candidate) -> tuple[bool, bool, bool, int]:
        is_proposed = proposed is not None and one.service == proposed.service
        return (not is_proposed, not one.accepts, unfit[one.service] is not None, rank[one.service])

    placed = [Placed(one.service, unfit=unfit[one.service]) for one in sorted(in_order, key=key)]
    return (proposed, *placed[1:]) if proposed is not None else tuple(placed)


def unfit_for(audience: Audience, visitor: Visitor, *, on: date) -> Unfit | None:
    """Return why a service is not meant for somebody, None when it is or nothing is known against it.

    Where day or month of birth is unknown, a service is unfit only if it is so for every possible date.
    """
    if audience.sex is not None and visitor.sex is not Sex.UNKNOWN and visitor.sex is not audience.sex:
        return Unfit.SEX
    if visitor.born_on is None:
        return None
    least, most = ages(visitor.born_on, on)
    if audience.age_from is not None and most < audience.age_from:
        return Unfit.AGE
    if audience.age_below is not None and least >= audience.age_below:
        return Unfit.AGE
    return None


def ages(born_on: PartialDate, on: date) -> tuple[int, int]:
    """Return the least and the most completed years somebody may have on a day; equal when the date is whole."""
    youngest = on.year - born_on.year - ((on.month, on.day) < (born_on.month or 12, born_on.day or 31))
    oldest = on.year - born_on.year - ((on.month, on.day) < (born_on.month or 1, born_on.day or 1))
    return youngest, oldest


def _proposed(candidates: list[Candidate], visitor: Visitor, unfit: dict[str, Unfit | None]) -> Placed | None:
    open_ = {one.service: one for one in candidates if one.accepts}
    if visitor.appointment in open_:
        return Placed(open_[visitor.appointment].service, Ground.APPOINTMENT)
    if visitor.last_service in open_:
        return Placed(open_[visitor.last_service].service, Ground.LAST_VISIT)
    fitting = [one for one in open_.values() if unfit[one.service] is None]
    if visitor.born_on is not None:
        own_age = next((one for one in fitting if one.audience.is_age_group), None)
        if own_age is not None:
            return Placed(own_age.service, Ground.AGE)
    everybodys = [one for one in fitting if one.audience == Audience()]
    if len(everybodys) > 1 and all(one.wait_min is not None for one in everybodys):
        quickest = min(everybodys, key=lambda one: one.wait_min or 0)
        if any(one.wait_min != quickest.wait_min for one in everybodys):
            return Placed(quickest.service, Ground.SHORTEST_WAIT)
    return None
