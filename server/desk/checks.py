"""What a receptionist should know before she presses the button: mistakes, questions, warnings. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from server.desk.entry import Entry, personal_number_doubts
from server.domain.ages import oldest_age
from server.domain.catalogue import Payer
from server.domain.coverage import needs_paper_card
from server.domain.documents import has_expired
from server.domain.duplicates import Ground
from server.domain.identity import IdentifierSystem
from server.domain.matching import Difference
from server.domain.priority import PriorityGround, ground_by_age
from server.domain.relations import COMPANION_UNDER
from server.domain.visit_coverage import due_on_slip


class Level(StrEnum):
    """How much a note weighs; only the first two keep the visit from being registered."""

    MISTAKE = "mistake"  # must be put right
    QUESTION = "question"  # must be answered: by a tick or a reason
    WARNING = "warning"  # registered all the same
    GOOD_TO_KNOW = "good-to-know"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know; ``code`` has its words, ``values`` go into them, ``place`` is the form's field it is about."""

    level: Level
    code: str
    place: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class VisitToday:
    """A visit the person has today already."""

    encounter_id: str
    label: str
    clinic_name: str
    clinic_name_en: str
    is_same_queue: bool  # as the chosen service, and live


@dataclass(frozen=True, slots=True)
class LikePerson:
    """Somebody on record who may be the person."""

    patient_id: str
    full_name: str
    born_on: str | None
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known about a registration before it is made.

    ``held_elsewhere``: numbers typed here that belong to somebody else's record. ``differences``: what the picked or
    found record says otherwise. ``other_personal_number``: the record that was picked has another one.
    """

    entry: Entry
    today: date
    is_new_person: bool = True
    record_id: str | None = None  # the record that was picked or found
    visits_today: tuple[VisitToday, ...] = ()
    like_people: tuple[LikePerson, ...] = ()
    held_elsewhere: tuple[IdentifierSystem, ...] = ()
    differences: tuple[Difference, ...] = ()
    other_personal_number: bool = False
    payer: Payer | None = None  # None: as the card says
    prices_vnd: Mapping[Payer, int] = field(default_factory=dict)  # of the chosen service today
    is_other_person: bool = False  # the answers given
    second_reason: str = ""


def notes_of(situation: Situation) -> list[Note]:
    """Return what must be said about a registration, heaviest first."""
    entry = situation.entry
    notes = [Note(Level.MISTAKE, code, place) for place, code in entry.mistakes.items()]
    if situation.other_personal_number:
        notes.append(Note(Level.MISTAKE, "number.not_of_record", "personal_number"))
    notes += _visits(situation)
    notes += _people(situation)
    notes += [Note(Level.WARNING, code, "personal_number") for code in personal_number_doubts(entry)]
    notes += _papers(entry, situation.today)
    notes += _age(entry, situation.today)
    if _is_child_without_card(situation):
        notes.append(Note(Level.GOOD_TO_KNOW, "card.child", "insurance_card"))
    notes += _charge(situation)
    return sorted(notes, key=lambda note: list(Level).index(note.level))


def is_ready(notes: list[Note]) -> bool:
    """Whether nothing keeps the visit from being registered."""
    return not any(note.level in {Level.MISTAKE, Level.QUESTION} for note in notes)


def _visits(situation: Situation) -> list[Note]:
    notes = []
    for visit in situation.visits_today:
        values = {
            "label": visit.label,
            "clinic_name": visit.clinic_name,
            "clinic_name_en": visit.clinic_name_en,
            "encounter_id": visit.encounter_id,
        }
        if not visit.is_same_queue:
            notes.append(Note(Level.GOOD_TO_KNOW, "visit.elsewhere", values=values))
        elif situation.second_reason.strip():
            notes.append(Note(Level.WARNING, "visit.second", "second_reason", values))
        else:
            notes.append(Note(Level.QUESTION, "visit.same_queue", "second_reason", values))
    return notes


def _people(situation: Situation) -> list[Note]:
    notes = [Note(Level.WARNING, "number.held", values={"system": one.value}) for one in situation.held_elsewhere]
    notes += [
        Note(Level.WARNING, "record.differs", one.field,
             {"field": one.field, "recorded": one.recorded, "presented": one.presented})
        for one in situation.differences
    ]  # fmt: skip
    if situation.is_new_person and situation.like_people and not situation.is_other_person:
        notes.append(Note(Level.QUESTION, "person.like", "is_other_person"))
    return notes


def _papers(entry: Entry, today: date) -> list[Note]:
    notes = []
    if has_expired(entry.document_expires_on, on=today):
        notes.append(Note(Level.WARNING, "document.expired", "expires_on"))
    claim = entry.claim
    if claim is not None and claim.valid_to is not None and claim.valid_to < today:
        notes.append(Note(Level.WARNING, "card.expired", "insurance_to"))
    if claim is not None and claim.valid_from is not None and claim.valid_from > today:
        notes.append(Note(Level.WARNING, "card.not_yet", "insurance_from"))
    if claim is not None and needs_paper_card(claim.card_number):
        notes.append(Note(Level.WARNING, "card.paper", "insurance_card"))
    return notes


def _age(entry: Entry, today: date) -> list[Note]:
    born_on = entry.person.born_on
    if born_on is None:
        return []
    notes = []
    if oldest_age(born_on, today) < COMPANION_UNDER and entry.relative is None:
        notes.append(Note(Level.WARNING, "child.alone", "companion_name"))
    ground = ground_by_age(born_on, today)
    if ground is not None:
        notes.append(Note(Level.GOOD_TO_KNOW, f"priority.{ground.value}"))
    return notes


def _is_child_without_card(situation: Situation) -> bool:
    """Whether somebody under six counts as insured all the same (Decree 188/2025/ND-CP art. 37)."""
    ground = ground_by_age(situation.entry.person.born_on, situation.today)
    is_paying = situation.payer is Payer.SELF
    return ground is PriorityGround.CHILD and situation.entry.claim is None and not is_paying


def _charge(situation: Situation) -> list[Note]:
    """Return what the patient is told of money: where nobody chose who pays, a card that holds or the age decides."""
    claim, today = situation.entry.claim, situation.today
    holds = claim is not None and (claim.valid_from or today) <= today <= (claim.valid_to or today)
    is_insured = holds or _is_child_without_card(situation)
    payer = situation.payer or (Payer.INSURED if is_insured else Payer.SELF)
    price_vnd = situation.prices_vnd.get(payer)
    if price_vnd is None:
        return []
    insured_vnd = situation.prices_vnd.get(Payer.INSURED)
    now_vnd = due_on_slip(payer, price_vnd, insured_price_vnd=insured_vnd, shows_card=holds)
    values = {"payer": payer.value, "price_vnd": str(price_vnd), "now_vnd": str(now_vnd or 0)}
    return [Note(Level.GOOD_TO_KNOW, "charge", values=values)]
