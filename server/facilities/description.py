"""A facility as its IT department writes it down: one YAML file, every mistake in it named with its line."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError, model_validator
from pydantic_core import ErrorDetails

from server.contract.mistakes import line_of, sentence_of, written_place
from server.domain.appointments import EARLY_DAYS, GRACE_MIN, LATE_WORKING_DAYS
from server.domain.catalogue import VISITS_PER_TABLE, Hours, Payer, first_overlap
from server.domain.coverage import FormerLine, TechnicalLevel
from server.domain.identity import Sex

LONGEST_FILE: Final = 2 << 20

Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
EndTime = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Age = Annotated[int, Field(ge=0, le=120)]


class DescriptionError(Exception):
    """The file cannot be imported; ``mistakes`` are sentences, one for each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class HolidayPart(Part):
    day: date
    name: Words


class DoctorPart(Part):
    code: Code
    name: Words
    title: Annotated[str, Field(max_length=40)] = ""
    licence: Annotated[str, Field(max_length=40)] | None = None


class HoursPart(Part):
    """``days``: 1 is Monday, the day a span begins on. Times are quoted ("07:00"): bare, YAML reads them as numbers.

    A 'to' that is not later than 'from' is of the next day: from "18:00" to "06:00" is a night, "07:00" to "07:00" is a
    day and a night.
    """

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field(min_length=1)
    opens: ClockTime = Field(alias="from")
    closes: EndTime = Field(alias="to")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        list(self.spans())
        return self

    def spans(self) -> Iterator[Hours]:
        closes = time() if self.closes == "24:00" else time.fromisoformat(self.closes)
        for day in self.days:
            yield Hours(day, time.fromisoformat(self.opens), closes)


class SlotsPart(Part):
    minutes: Annotated[int, Field(ge=5, le=240)]
    places: PositiveInt = 1


class RoomPart(Part):
    name: Words
    floor: Annotated[str, Field(max_length=100)] = ""
    tables: Annotated[int, Field(ge=1, le=20)] = 1
    visits_per_table: Annotated[int, Field(ge=1, le=500)] | None = None


class PricePart(Part):
    payer: Payer
    valid_from: date = Field(alias="from")
    vnd: NonNegativeInt
    source: Annotated[str, Field(max_length=200)] | None = None


class ServicePart(Part):
    code: Code
    name: Words
    name_en: Words
    for_sex: Literal[Sex.MALE, Sex.FEMALE] | None = None
    age_from: Age | None = None
    age_below: Age | None = None
    prices: tuple[PricePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.age_from is not None and self.age_below is not None and self.age_from >= self.age_below:
            raise ValueError(f"nobody is at least {self.age_from} and below {self.age_below} years old")
        for (payer, day), times in Counter((one.payer, one.valid_from) for one in self.prices).items():
            if times > 1:
                raise ValueError(f"two prices for '{payer}' from {day}")
        return self


class ClinicPart(Part):
    code: Code
    name: Words
    name_en: Words
    letter: Annotated[str, Field(pattern=r"^[A-Z]{1,2}$")]
    waiting_room: Words | None = None
    slots: SlotsPart | None = None
    hours: tuple[HoursPart, ...] = ()
    rooms: tuple[RoomPart, ...] = Field(min_length=1)
    services: tuple[ServicePart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        names = [room.name for room in self.rooms]
        _refuse_twice("room", names)
        if self.waiting_room is not None and self.waiting_room not in names:
            raise ValueError(f"'waiting_room' names '{self.waiting_room}', which is no room of this clinic")
        overlap = first_overlap([span for part in self.hours for span in part.spans()])
        if overlap is not None:
            raise ValueError(f"the hours of weekday {overlap.weekday} overlap at {overlap.opens:%H:%M}")
        return self


class AppointmentsPart(Part):
    early_days: Annotated[int, Field(ge=0, le=60)] = EARLY_DAYS
    late_working_days: Annotated[int, Field(ge=0, le=60)] = LATE_WORKING_DAYS
    grace_min: Annotated[int, Field(ge=0, le=480)] = GRACE_MIN


class StandingPart(Part):
    """What the facility is licensed and rated for: it decides what insurance pays of a self-referred visit."""

    level: TechnicalLevel
    former_line: FormerLine
    points: Annotated[int, Field(ge=0, le=100)] | None = None


class FacilityDescription(Part):
    """The whole file."""

    facility: Annotated[str, Field(pattern=r"^[0-9A-Z]{5}$")]
    name: Words
    name_en: Words
    visits_per_table: Annotated[int, Field(ge=1, le=500)] | None = VISITS_PER_TABLE
    standing: StandingPart | None = None
    appointments: AppointmentsPart = AppointmentsPart()
    holidays: tuple[HolidayPart, ...] = ()
    doctors: tuple[DoctorPart, ...] = ()
    clinics: tuple[ClinicPart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> Self:
        _refuse_twice("clinic", [clinic.code for clinic in self.clinics])
        _refuse_twice("letter", [clinic.letter for clinic in self.clinics])
        _refuse_twice("service", [service.code for clinic in self.clinics for service in clinic.services])
        _refuse_twice("doctor", [doctor.code for doctor in self.doctors])
        _refuse_twice("holiday", [str(holiday.day) for holiday in self.holidays])
        return self


def read_description(path: Path) -> FacilityDescription:
    """Return the facility in ``path``; raises DescriptionError naming every mistake at once."""
    data = path.read_bytes()
    if len(data) > LONGEST_FILE:
        raise DescriptionError([f"{path}: longer than {LONGEST_FILE >> 20} MB, this is no description of a facility"])
    try:
        text = data.decode("utf-8-sig")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except UnicodeDecodeError as error:
        raise DescriptionError([f"{path}: not UTF-8 at byte {error.start}; save it as 'UTF-8'"]) from error
    except yaml.YAMLError as error:
        raise DescriptionError([f"{path}: {_yaml_sentence(error)}"]) from error
    if not isinstance(content, dict):
        raise DescriptionError([f"{path}: it should begin with 'facility:' and the facility's code"])
    try:
        return FacilityDescription.model_validate(content)
    except ValidationError as error:
        found = sorted((line_of(tree, one["loc"]), _sentence(one, content)) for one in _innermost(error))
        raise DescriptionError([f"{path}, line {line}: {sentence}" for line, sentence in found]) from error


def _refuse_twice(kind: str, values: Iterable[str]) -> None:
    twice = [value for value, times in Counter(values).items() if times > 1]
    if twice:
        raise ValueError(f"{kind} {', '.join(twice)} is named more than once")


def _innermost(error: ValidationError) -> list[ErrorDetails]:
    """Return the mistakes that no deeper one explains: a list is also called too short when an entry of it is wrong."""
    mistakes = error.errors(include_url=False)
    places = [one["loc"] for one in mistakes]
    return [one for one in mistakes if not any(place != one["loc"] == place[: len(one["loc"])] for place in places)]


def _sentence(mistake: ErrorDetails, content: object) -> str:
    place, said = written_place(mistake["loc"], content), sentence_of(mistake, FacilityDescription)
    return f"{place}: {said}" if place else said


def _yaml_sentence(error: yaml.YAMLError) -> str:
    mark: Any = getattr(error, "problem_mark", None)
    problem: Any = getattr(error, "problem", None)
    return f"line {mark.line + 1}: {problem or 'not YAML'}" if mark is not None else "not YAML"
