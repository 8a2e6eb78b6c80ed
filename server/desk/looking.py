"""Who is at the desk? One field answers: a card scanned, a number or a name typed, somebody picked from a list."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server import audit
from server.desk.checks import Situation
from server.desk.due import due_appointments
from server.desk.entry import read_entry
from server.desk.filling import blank, updated, with_record, with_scan
from server.desk.forms import LookForm, PersonKind, RegistrationForm
from server.desk.scanning import read_scan
from server.desk.service import Desk, find_record, person_behind
from server.domain.days import local_day
from server.domain.identity import fold_name, is_personal_number
from server.domain.matching import KnownPerson
from server.domain.phone import normal_phone
from server.domain.search import CodeQuery, NameQuery, NothingToSearch, NumberQuery, PassportQuery, understand
from server.errors import NotFound
from server.patients.models import RelatedPerson
from server.patients.search import Cursor, search_patients
from server.patients.service import holders_of

SHOWN: Final = 8
"""As many as fit beside the form without scrolling."""

NOTED_FOR: Final = timedelta(minutes=10)
"""The page asks for its remarks with every pause of the keys: one line in the trail stands for one form."""


@dataclass(frozen=True, slots=True)
class Found:
    """The page after somebody was looked for. ``message`` is a code of what to say, empty when all went well."""

    form: RegistrationForm
    people: tuple[KnownPerson, ...] = ()
    next: str = ""
    message: str = ""


def look_up(session: Session, look: LookForm, desk: Desk) -> Found:
    """Return the page after a scan, a search or a pick; who was shown is noted."""
    if look.clear:
        return Found(blank(look.language))
    if look.pick is not None:
        return Found(pick(session, look, look.pick, desk, keeps_typed=False))
    if not look.look:
        return Found(look)
    scan = read_scan(look.look, today=local_day(desk.now))
    if scan.refusal:
        return Found(look, message=scan.refusal)
    if scan.search:
        return _search(session, look, scan.search, desk)
    form, refusal = with_scan(look, scan.fields)
    if refusal:
        return Found(form, message=refusal)
    holder = known_holder(session, form, desk)
    if holder is not None:
        form = pick(session, form, holder, desk, keeps_typed=True)
    message = "scan.damaged" if scan.has_damage and not form.full_name else "scan.known" if holder else "scan.new"
    return Found(form, message=message)


def pick(
    session: Session, form: RegistrationForm, patient_id: UUID, desk: Desk, *, keeps_typed: bool
) -> RegistrationForm:
    """Return the page for a person on record, and note that the record was read; raises NotFound.

    ``keeps_typed``: what stands on the page was read from the person's own card. Otherwise only what was typed for
    this very name is kept: another person's numbers must not go over to the record.
    """
    patient = find_record(session, patient_id)
    if patient is None:
        raise NotFound("patient.unknown", "there is no such person")
    is_other = form.patient_id not in {None, patient.id} or fold_name(form.full_name) not in {"", patient.folded_name}
    if is_other and not keeps_typed:
        form = blank(form.language)
    relative = session.scalars(
        sa.select(RelatedPerson)
        .where(RelatedPerson.patient_id == patient.id, RelatedPerson.ended_at.is_(None))
        .order_by(RelatedPerson.noted_at.desc(), RelatedPerson.id)
        .limit(1)
    ).first()
    audit.record(
        session, at=desk.now, actor=f"staff:{desk.by}", action="patient.read", subject_type="patient",
        subject_id=patient.id,
    )  # fmt: skip
    form = with_record(form, patient, relative, keeps_typed=keeps_typed)
    due = due_appointments(session, patient.id, facility=desk.facility, now=desk.now)
    if not due or form.service:
        return form
    return updated(form, {"appointment": due[0].code, "service": due[0].service})


def unnoted(session: Session, situation: Situation, desk: Desk) -> list[tuple[str, str]]:
    """Return whose records a page with ``situation`` tells of, each with the act to note, unless it was noted lately.

    A number or a name typed into the form opens a record as a search does: what differs there, who is like the person.
    """
    if situation.record_id is not None:
        shown = [(situation.record_id, "patient.read")]
    else:
        shown = [(one.patient_id, "patient.listed") for one in situation.like_people]
    actor, after = f"staff:{desk.by}", desk.now - NOTED_FOR

    def is_known(patient_id: str, action: str) -> bool:
        acts = {action, "patient.read"}
        return audit.is_noted(
            session, actor=actor, actions=acts, subject_type="patient", subject_id=patient_id, after=after
        )

    return [(patient_id, action) for patient_id, action in shown if not is_known(patient_id, action)]


def note_shown(session: Session, situation: Situation, desk: Desk) -> None:
    """Note who was shown by what stands on the page beside the form."""
    for patient_id, action in unnoted(session, situation, desk):
        audit.record(
            session, at=desk.now, actor=f"staff:{desk.by}", action=action, subject_type="patient",
            subject_id=patient_id,
        )  # fmt: skip


def known_holder(session: Session, form: RegistrationForm, desk: Desk) -> UUID | None:
    """Return whose record the numbers on the page lead to, None for somebody who is not known yet."""
    person = read_entry(form, today=local_day(desk.now)).person
    return person_behind(person, holders_of(session, person.identifiers))


def _search(session: Session, look: LookForm, text: str, desk: Desk) -> Found:
    query = understand(text)
    if isinstance(query, NothingToSearch):
        return Found(look, message="look.too_little")
    page = search_patients(session, query, after=_cursor(look.after), limit=SHOWN)
    if len(page.people) == 1 and not isinstance(query, NameQuery) and not look.after:
        return Found(pick(session, look, page.people[0].patient_id, desk, keeps_typed=False), message="look.one")
    for person in page.people:
        audit.record(
            session, at=desk.now, actor=f"staff:{desk.by}", action="patient.listed", subject_type="patient",
            subject_id=person.patient_id,
        )  # fmt: skip
    if page.people:
        return Found(look, page.people, str(page.next or ""))
    # A name alone is compared from its beginning: who was not found so may well be on record.
    is_beginning = isinstance(query, NameQuery) and query.born_on is None
    message = "look.nobody_of_beginning" if is_beginning else "look.nobody"
    return Found(_new_person(look, text, query), message=message)


def _new_person(
    look: LookForm, text: str, query: NumberQuery | PassportQuery | NameQuery | CodeQuery
) -> RegistrationForm:
    """Return the page with what was searched for in its place: nobody types it twice."""
    form = blank(look.language) if look.patient_id else look
    match query:
        case NumberQuery(value):
            field = _field_of(value)
            return updated(form, {field: value}) if field else form
        case PassportQuery(number):
            return updated(form, {"kind": PersonKind.FOREIGNER.value, "passport": number})
        case NameQuery():
            name, born_on = _split_name(text)
            return updated(form, {"full_name": name, "born_on": born_on})
        case CodeQuery():
            return form


def _field_of(number: str) -> str | None:
    if is_personal_number(number):
        return "personal_number"
    if normal_phone(number):
        return "phone"
    if re.fullmatch("[0-9]{9}", number):
        return "old_number"
    return "insurance_card" if re.fullmatch("[0-9]{10}", number) else None


def _split_name(text: str) -> tuple[str, str]:
    match = re.fullmatch(r"(.*?) ?([0-9][0-9./-]*)?", text)
    assert match is not None
    return match[1].title() if match[1].islower() else match[1], match[2] or ""


def _cursor(text: str) -> Cursor | None:
    try:
        return Cursor.parse(text) if text else None
    except ValueError as error:
        raise NotFound("query.cursor", "not what an earlier page gave") from error
