"""Whether a person who shows numbers is one we know: found, new, or somebody to ask about; never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from server.domain.identity import Identifier, IdentifierSystem, PartialDate, PersonIdentity, Sex, fold_name

# What decides when the numbers shown belong to different records: the state's number first, a changeable card last.
_STRENGTH: Final = (
    IdentifierSystem.PERSONAL_NUMBER,
    IdentifierSystem.PASSPORT,
    IdentifierSystem.OLD_ID_NUMBER,
    IdentifierSystem.SOCIAL_INSURANCE,
    IdentifierSystem.INSURANCE_CARD,
    IdentifierSystem.TEMPORARY,
)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A record that holds, live, at least one of the numbers shown; ``identity`` names all its live numbers."""

    patient_id: UUID
    identity: PersonIdentity


@dataclass(frozen=True, slots=True)
class Difference:
    """The record says one thing, the document another; a member of staff decides, nothing is overwritten."""

    field: str
    recorded: str
    presented: str


@dataclass(frozen=True, slots=True)
class Match:
    """What to do with a person who is here.

    ``patient_id`` is None for a person not known yet. ``adds`` are numbers to store with the record, ``conflicts``
    numbers that stay with somebody else's.
    """

    patient_id: UUID | None
    adds: tuple[Identifier, ...]
    conflicts: tuple[Identifier, ...] = ()
    differences: tuple[Difference, ...] = ()


def normal(identifier: Identifier) -> Identifier:
    """Return the one form in which a number is stored and compared.

    An insurance card of 15 characters ends in the holder's 10-digit social insurance number; the five before it
    (kind, benefit, province) change with every new card.
    """
    value = "".join(identifier.value.split()).upper()
    if identifier.system is IdentifierSystem.INSURANCE_CARD and len(value) == 15:
        value = value[5:]
    return Identifier(identifier.system, value)


def match_person(person: PersonIdentity, known: Sequence[KnownPerson], *, chosen: UUID | None = None) -> Match:
    """Return who ``person`` is among the records that hold one of their numbers (all in normal form).

    ``chosen`` is the one of ``known`` that a member of staff says it is; otherwise the numbers decide. A record with
    another personal number is somebody else, whatever other number they share. A record without one is this person if
    the number shown is their strongest link and, where the person does show a personal number, name and birth date
    agree.
    """
    holders = {identifier: one for one in known for identifier in one.identity.identifiers}
    shown = sorted(set(person.identifiers), key=lambda i: (_STRENGTH.index(i.system), i.value))
    if chosen is not None:
        owner = next((one for one in known if one.patient_id == chosen), None)
    else:
        owner = next((holders[i] for i in shown if i in holders and _can_be(person, holders[i].identity, i)), None)
    conflicts = tuple(i for i in shown if i in holders and holders[i] is not owner)
    if owner is None:
        return Match(None, tuple(i for i in shown if i not in holders), conflicts)
    held = set(owner.identity.identifiers)
    # A second number of a kind is not stored beside the first: which of the two is right, a person must say.
    systems = {i.system for i in held if i.system is IdentifierSystem.PERSONAL_NUMBER}
    adds = tuple(i for i in shown if i not in holders and i.system not in systems)
    return Match(owner.patient_id, adds, conflicts, tuple(differences(owner.identity, person)))


def differences(recorded: PersonIdentity, presented: PersonIdentity) -> Iterable[Difference]:
    """Yield what two descriptions of one person contradict each other in; what one leaves open is no contradiction."""
    if fold_name(recorded.full_name) != fold_name(presented.full_name):
        yield Difference("full_name", recorded.full_name, presented.full_name)
    if recorded.born_on and presented.born_on and not agree(recorded.born_on, presented.born_on):
        yield Difference("born_on", str(recorded.born_on), str(presented.born_on))
    if Sex.UNKNOWN not in {recorded.sex, presented.sex} and recorded.sex is not presented.sex:
        yield Difference("sex", recorded.sex, presented.sex)


def agree(one: PartialDate, other: PartialDate) -> bool:
    """Whether two dates can be the same day: equal in every part that both know."""
    pairs = ((one.year, other.year), (one.month, other.month), (one.day, other.day))
    return all(a == b for a, b in pairs if a is not None and b is not None)


def _can_be(person: PersonIdentity, recorded: PersonIdentity, link: Identifier) -> bool:
    if link.system is IdentifierSystem.PERSONAL_NUMBER:
        return True
    if person.personal_number is None:
        return True
    if recorded.personal_number is not None:
        return recorded.personal_number == person.personal_number
    same_name = fold_name(recorded.full_name) == fold_name(person.full_name)
    return same_name and (not recorded.born_on or not person.born_on or agree(recorded.born_on, person.born_on))
