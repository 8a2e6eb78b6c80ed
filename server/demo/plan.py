"""One invented day of a district hospital as a plan: who comes when, and what befalls them. Pure, the same each time.

The curve is that of a hospital whose door opens before half past six: more than half are there by eight, a second small
wave follows the lunch break. Whoever looks at the demo at another hour finds that morning all the same, shifted to it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final, Literal
from uuid import UUID, uuid5

from server.contract.v1 import RegisterEncounter
from server.demo.load import card_number
from server.demo.villagers import FIRST, villager
from server.domain.catalogue import Payer
from server.domain.codes import code_from
from server.domain.days import VIETNAM, local_day
from server.domain.identity import Sex
from server.domain.priority import PriorityGround

NAMESPACE: Final = UUID("5b0f6d58-6f0c-4f0e-9a3e-34999d3e0004")
PEOPLE_KNOWN: Final = 700
"""The first so many villagers have been here before; of those who come, some are new."""

PEOPLE: Final = 900
CHILD_UNDER: Final = 16
ARRIVALS: Final = 340

DESK: Final = "desk"
"""The source of who came to the desk; every other source is a kiosk's letter."""

# From this time on (hospital's clock), how many of a thousand come until the next line.
_CURVE: Final = (
    (time(6, 10), 55), (time(6, 30), 140), (time(7, 0), 185), (time(7, 30), 160), (time(8, 0), 120), (time(8, 30), 80),
    (time(9, 0), 55), (time(9, 30), 40), (time(10, 0), 30), (time(10, 30), 20), (time(11, 0), 15), (time(13, 0), 35),
    (time(13, 30), 35), (time(14, 0), 15), (time(14, 30), 15), (time(15, 30), 0),
)  # fmt: skip
FIRST_ARRIVAL: Final = _CURVE[0][0]

_MORNING: Final = (time(7, 15), time(11, 30))
"""While the plan's own clock shows these, people wait and rooms call: there is something to look at."""

_MIDST: Final = time(8, 20)

# The line to the server was cut for a quarter of an hour: one kiosk gave numbers of its own.
_CUT: Final = (time(7, 10), time(7, 25))
CUT_KIOSK: Final = "M"

Decision = Literal["confirmed", "refused"]
CardFate = Literal["accepted", "replaced", "expired", "name-differs", "book-down", "no-answer", "not-asked"]


@dataclass(frozen=True, slots=True)
class Weight:
    """How busy a clinic is: its share of the arrivals, and how long one examination takes."""

    share: int
    minutes: float


# By service; the shares of a district hospital: general medicine takes a third, dentistry a twentieth.
WEIGHTS: Final[Mapping[str, Weight]] = {
    "NOI": Weight(32, 5.5),
    "NGOAI": Weight(12, 6.0),
    "NHI": Weight(17, 5.0),
    "SAN": Weight(11, 6.5),
    "MAT": Weight(8, 7.0),
    "TMH": Weight(8, 6.5),
    "RHM": Weight(5, 11.0),
    "YHCT": Weight(7, 9.0),
}
ORDINARY: Final = Weight(8, 6.0)
"""Of a service that was added to the invented hospital."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One person's arrival and what the day holds for them; spans are counted from the arrival."""

    command: RegisterEncounter
    source: str
    received_after: timedelta  # longer than nothing where the kiosk gave a number of its own
    card: CardFate
    moved_to: str | None  # another clinic, put right at the desk
    is_cancelled: bool  # went home again before anybody called
    is_looked_at: bool  # the desk compares papers and face, and need not again
    decision: Decision | None  # on the priority they asked for; None: nobody has looked yet
    has_appointment: bool
    is_reprinted: bool  # the kiosk's paper failed
    is_settled: bool  # what was unclear about them is settled in the course of the morning


def plan_day(
    facility: str, services: Sequence[str], kiosks: Sequence[str], day: date, *, shift: timedelta = timedelta()
) -> Iterator[Arrival]:
    """Yield the arrivals of a day in their order, all later by ``shift``. ``kiosks`` are letters."""
    chance = random.Random(f"{facility}/{day.isoformat()}")  # noqa: S311 - an invented day must be the same each time
    people = chance.sample(range(FIRST, FIRST + PEOPLE), ARRIVALS)
    own_numbers = 0
    for n, (planned_at, index) in enumerate(zip(instants_of(chance, day, ARRIVALS), people, strict=True)):
        source = _source(chance, kiosks)
        is_cut = source == CUT_KIOSK and _CUT[0] <= planned_at.astimezone(VIETNAM).time() < _CUT[1]
        arrived_at = planned_at + shift
        own_numbers += is_cut
        one = villager(index)
        suitable = {service: share for service in services if (share := share_of(service, one, day)) > 0}
        service = chance.choices(list(suitable), list(suitable.values()))[0]
        fields = _command(chance, facility, service, index, arrived_at, n, source)
        if is_cut:
            fields["offline_ticket"] = {"kiosk_letter": source, "number": own_numbers, "local_day": day}
        back = datetime.combine(day, _CUT[1], VIETNAM) + shift + timedelta(seconds=2 * own_numbers)
        others = [other for other in suitable if other != service]
        yield Arrival(
            command=RegisterEncounter.model_validate(fields),
            source=source,
            received_after=back - arrived_at if is_cut else timedelta(),
            card=_card_fate(chance) if fields["insurance"] else "not-asked",
            moved_to=chance.choice(others) if others and chance.random() < 0.04 else None,
            is_cancelled=chance.random() < 0.015,
            is_looked_at=fields["evidence"]["method"] in {"qr", "insurance-qr"} and chance.random() < 0.2,
            decision=chance.choices(("confirmed", "refused", None), (80, 10, 10))[0],
            has_appointment=_is_known(index) and not is_cut and chance.random() < 0.06,
            is_reprinted=source != DESK and chance.random() < 0.02,
            is_settled=chance.random() < 0.7,
        )


def morning_shift(now: datetime) -> timedelta:
    """Return how much later than planned today runs, so that ``now`` is in the midst of its morning.

    Nought in the morning itself. Nobody comes before midnight, for numbers count anew then: just after it the shifted
    morning has only begun.
    """
    local = now.astimezone(VIETNAM).replace(microsecond=0)
    if _MORNING[0] <= local.time() < _MORNING[1]:
        return timedelta()
    wanted = datetime.combine(local.date(), _MIDST, VIETNAM)
    earliest = datetime.combine(local.date(), time(), VIETNAM) - datetime.combine(local.date(), FIRST_ARRIVAL, VIETNAM)
    return max(local - wanted, earliest)


def days_to_fill(now: datetime) -> list[date]:
    """Return today, and while its morning has hardly begun also yesterday, so that the pages show a whole day."""
    today = local_day(now)
    on_plan = now - morning_shift(now)
    if on_plan.astimezone(VIETNAM).time() < _MORNING[0]:
        return [today - timedelta(days=1), today]
    return [today]


def _is_known(index: int) -> bool:
    return index < FIRST + PEOPLE_KNOWN


def share_of(service: str, one: Mapping[str, Any], day: date) -> float:
    """Return how likely a person goes to a clinic: children to paediatrics, and no man to obstetrics."""
    share = WEIGHTS.get(service, ORDINARY).share
    is_child = day.year - int(one["born_on"][:4]) < CHILD_UNDER
    if service == "NHI":
        return share if is_child else 0
    if service == "SAN":
        return share if one["sex"] is Sex.FEMALE and not is_child else 0
    return share / 20 if is_child else share


def instants_of(chance: random.Random, day: date, count: int) -> list[datetime]:
    """Return when ``count`` people come on a day, in order."""
    spans = list(pairwise(_CURVE))
    chosen = chance.choices(spans, [weight for (_, weight), _ in spans], k=count)
    return sorted(_between(chance, day, start, end) for (start, _), (end, _) in chosen)


def _between(chance: random.Random, day: date, start: time, end: time) -> datetime:
    begins, ends = (datetime.combine(day, one, VIETNAM) for one in (start, end))
    return (begins + chance.random() * (ends - begins)).replace(microsecond=0).astimezone(UTC)


def _source(chance: random.Random, kiosks: Sequence[str]) -> str:
    return chance.choice(kiosks) if kiosks and chance.random() < 0.82 else DESK


def _command(
    chance: random.Random, facility: str, service: str, index: int, arrived_at: datetime, n: int, source: str
) -> dict[str, Any]:
    request_key = uuid5(NAMESPACE, f"{facility}/{local_day(arrived_at)}/{n}")
    one = villager(index)
    if _is_known(index) and chance.random() < 0.02:
        one["born_on"] = one["born_on"][:4]  # the paper knows the year only
    elif _is_known(index) and chance.random() < 0.02:
        one["full_name"] = f"{one['full_name']} Anh"  # the record was written down wrongly once
    has_card = chance.random() < 0.82
    return {
        "request_key": request_key,
        "visit_code": code_from(uuid5(NAMESPACE, str(request_key)).bytes[:13]),
        "facility": facility,
        "service": service,
        "person": one,
        "evidence": _evidence(chance, arrived_at, source),
        "arrived_at": arrived_at,
        "language": "en" if chance.random() < 0.01 else "vi",
        "insurance": {"card_number": card_number(index)} if has_card else None,
        "payer": Payer.INSURED if has_card else Payer.ON_REQUEST if chance.random() < 0.1 else Payer.SELF,
        "declared": _declared(chance, one, service) if source != DESK else (),
    }


def _declared(chance: random.Random, one: Mapping[str, Any], service: str) -> tuple[PriorityGround, ...]:
    """Return what a person asks priority for at the kiosk; age speaks for itself."""
    if service == "SAN" and chance.random() < 0.5:
        return (PriorityGround.PREGNANCY,)
    if one["born_on"] < "1956" and chance.random() < 0.15:
        return (PriorityGround.MERIT,)
    return (PriorityGround.DISABILITY,) if chance.random() < 0.01 else ()


def _evidence(chance: random.Random, read_at: datetime, source: str) -> dict[str, Any]:
    if source == DESK:
        return {"assurance": "staff", "method": "staff", "read_at": read_at}
    kind = chance.random()
    if kind < 0.72:
        access = "BAC" if kind < 0.05 else "PACE-CAN"
        return {"assurance": "chip-trusted", "method": "chip", "access": access, "read_at": read_at}
    if kind < 0.78:
        reasons = ["pa.csca_unknown", "copy.unchecked"]
        return {
            "assurance": "chip-consistent", "method": "chip", "access": "PACE-CAN", "reasons": reasons,
            "read_at": read_at,
        }  # fmt: skip
    if kind < 0.785:
        return {
            "assurance": "chip-contradicted", "method": "chip", "access": "BAC", "reasons": ["pa.hash_wrong.dg2"],
            "read_at": read_at,
        }  # fmt: skip
    return {"assurance": "qr", "method": "insurance-qr" if kind > 0.95 else "qr", "read_at": read_at}


def _card_fate(chance: random.Random) -> CardFate:
    fates: dict[CardFate, int] = {
        "accepted": 880, "replaced": 30, "expired": 20, "name-differs": 15, "book-down": 15, "no-answer": 40,
    }  # fmt: skip
    return chance.choices(list(fates), list(fates.values()))[0]
