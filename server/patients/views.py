"""The pages about people: one person's record, pairs that may be one person, and joining two records."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from server.actors import names_of
from server.api import clock, database
from server.domain.days import local_day
from server.domain.duplicates import compare as compare_records
from server.domain.identity import IdentifierSystem, Sex
from server.domain.numbers import TYPED, typed_number
from server.domain.phone import normal_phone
from server.domain.relations import Relationship
from server.domain.search import NameQuery, NothingToSearch, typed_date, understand
from server.errors import Refused, StaleVersion
from server.forms import read_form, read_id
from server.pages import make_area, refusal, texts
from server.patients.duplicates import count_open_pairs, describe, keep_apart, list_pairs
from server.patients.editing import (
    add_number,
    add_relative,
    change_patient,
    changes_since,
    end_number,
    end_relative,
    holder_of,
)
from server.patients.forms import CompareForm, EndForm, MergeForm, NumberForm, PersonForm, ReasonForm, RelativeForm
from server.patients.merging import Side, merge_patients, undo_merge
from server.patients.models import Patient
from server.patients.record import get_patient, open_record
from server.patients.search import search_patients
from server.patients.service import live_id
from server.patients.texts import TEXTS
from server.presenting import written_date
from server.security import signed_in

bp = make_area("patients", __name__, TEXTS, url_prefix="/patients")

_FIELDS = ("full_name", "born_on", "sex", "phone", "address", "nationality", "ethnicity")


@bp.context_processor
def _template_values() -> dict[str, object]:
    return {
        "sexes": list(Sex),
        "systems": TYPED,
        "relationships": list(Relationship),
        "value_of": _value_of,
    }


@bp.get("/<uuid:patient_id>")
def person(patient_id: UUID) -> ResponseReturnValue:
    """Show one person; the id of a record that was merged leads to the one that goes on."""
    with database().begin() as session:
        survivor_id = live_id(session, patient_id)
    if survivor_id != patient_id:
        address = url_for("patients.person", patient_id=survivor_id, merged=str(patient_id))
        return redirect(address, HTTPStatus.SEE_OTHER)
    done = f"done.{request.args.get('done', '')}"
    notice = "person.was_merged" if "merged" in request.args else done if texts().has(done) else None
    return _person_page(patient_id, notice=notice)


@bp.post("/<uuid:patient_id>")
def change(patient_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(PersonForm, request.form.to_dict()), signed_in()
    try:
        values = _values(form)
        with database().begin() as session:
            changed = change_patient(
                session, patient_id, values, reason=form.reason, version=form.version, facility=staff.facility,
                by=staff.username, now=clock().now(),
            )  # fmt: skip
    except StaleVersion:
        return _conflict(patient_id, form.version, form)
    except Refused as error:
        return _refused(patient_id, error, form)
    return _done(patient_id, "changed" if changed else "unchanged")


@bp.post("/<uuid:patient_id>/numbers")
def give_number(patient_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(NumberForm, request.form.to_dict()), signed_in()
    number = typed_number(form.system, form.value)
    try:
        if number is None:
            raise Refused("number.form", "not a number of its system")
        taken = database().transact(
            lambda session: add_number(
                session, patient_id, number, version=form.version, facility=staff.facility, by=staff.username,
                now=clock().now(),
            )
        )  # fmt: skip
    except StaleVersion:
        return _conflict(patient_id, form.version)
    except Refused as error:
        return _refused(patient_id, error)
    if taken is not None:
        return _person_page(patient_id, mistake="refusal.number.taken", other=taken.holder_id), HTTPStatus.CONFLICT
    return _done(patient_id, "number")


@bp.post("/<uuid:patient_id>/numbers/<uuid:identifier_id>/end")
def take_number(patient_id: UUID, identifier_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(EndForm, request.form.to_dict()), signed_in()
    try:
        with database().begin() as session:
            end_number(
                session, patient_id, identifier_id, reason=form.reason, version=form.version, by=staff.username,
                now=clock().now(),
            )  # fmt: skip
    except StaleVersion:
        return _conflict(patient_id, form.version)
    except Refused as error:
        return _refused(patient_id, error)
    return _done(patient_id, "ended")


@bp.post("/<uuid:patient_id>/relatives")
def give_relative(patient_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(RelativeForm, request.form.to_dict()), signed_in()
    try:
        name, phone = " ".join(form.full_name.split()), normal_phone(form.phone) if form.phone else None
        number = typed_number(IdentifierSystem.PERSONAL_NUMBER, form.number) if form.number else None
        if not any(letter.isalpha() for letter in name):
            raise Refused("name.missing", "a person has a name")
        if form.phone and phone is None:
            raise Refused("phone.form", "not a phone number")
        if form.number and number is None:
            raise Refused("number.form", "not a number of its system")
        with database().begin() as session:
            add_relative(
                session, live_id(session, patient_id), relationship=form.relationship, full_name=name, phone=phone,
                relative_id=holder_of(session, number) if number else None, by=staff.username, now=clock().now(),
            )  # fmt: skip
    except Refused as error:
        return _refused(patient_id, error)
    return _done(patient_id, "relative")


@bp.post("/<uuid:patient_id>/relatives/<uuid:related_person_id>/end")
def take_relative(patient_id: UUID, related_person_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(ReasonForm, request.form.to_dict()), signed_in()
    try:
        with database().begin() as session:
            end_relative(
                session, patient_id, related_person_id, reason=form.reason, by=staff.username, now=clock().now()
            )
    except StaleVersion:
        return _conflict(patient_id, 1)
    except Refused as error:
        return _refused(patient_id, error)
    return _done(patient_id, "relative_ended")


@bp.get("/duplicates")
def duplicates() -> ResponseReturnValue:
    """Show the pairs that wait for a decision, oldest first."""
    return _pairs_page()


@bp.post("/duplicates/<uuid:pair_id>/apart")
def apart(pair_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(ReasonForm, request.form.to_dict()), signed_in()
    try:
        with database().begin() as session:
            keep_apart(
                session, pair_id, reason=form.reason, facility=staff.facility, by=staff.username, now=clock().now()
            )
    except StaleVersion:
        return _pairs_page("pairs.decided"), HTTPStatus.CONFLICT
    except Refused as error:
        return _pairs_page(refusal(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(url_for("patients.duplicates"), HTTPStatus.SEE_OTHER)


@bp.post("/<uuid:patient_id>/compare")
def find_other(patient_id: UUID) -> ResponseReturnValue:
    """Put a person beside the one who holds a number."""
    form = read_form(CompareForm, request.form.to_dict())
    query = understand(form.number)
    with database().reading() as session:
        found = (
            () if isinstance(query, (NameQuery, NothingToSearch)) else search_patients(session, query, limit=2).people
        )
    others = [one.patient_id for one in found if one.patient_id != patient_id]
    if len(others) != 1:
        return _person_page(patient_id, mistake="refusal.compare.nobody"), HTTPStatus.UNPROCESSABLE_ENTITY
    address = url_for("patients.compare", first_id=patient_id, second_id=others[0])
    return redirect(address, HTTPStatus.SEE_OTHER)


@bp.get("/compare/<uuid:first_id>/<uuid:second_id>")
def compare(first_id: UUID, second_id: UUID) -> ResponseReturnValue:
    with database().begin() as session:
        first_id, second_id = live_id(session, first_id), live_id(session, second_id)
    if first_id == second_id:
        return redirect(url_for("patients.person", patient_id=first_id), HTTPStatus.SEE_OTHER)
    return _compare_page(first_id, second_id)


@bp.post("/compare/<uuid:first_id>/<uuid:second_id>")
def merge(first_id: UUID, second_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(MergeForm, request.form.to_dict()), signed_in()
    first, second = Side(first_id, form.first_version), Side(second_id, form.second_version)
    survivor = next((side for side in (first, second) if side.id == form.survivor), None)
    try:
        if survivor is None:
            raise Refused("merge.survivor_missing", "one of the two goes on")
        merged = second if survivor is first else first
        database().transact(
            lambda session: merge_patients(
                session, survivor=survivor, merged=merged, reason=form.reason, facility=staff.facility,
                by=staff.username, now=clock().now(),
            )
        )  # fmt: skip
    except StaleVersion:
        return _compare_again(first_id, second_id, form)
    except Refused as error:
        page = _compare_page(first_id, second_id, mistake=refusal(error), form=form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    return _done(survivor.id, "merged")


@bp.post("/merges/<uuid:merge_id>/undo")
def undo(merge_id: UUID) -> ResponseReturnValue:
    form, staff = read_form(ReasonForm, request.form.to_dict()), signed_in()
    survivor_id = read_id(request.form.get("survivor", ""))
    try:
        undone = database().transact(
            lambda session: undo_merge(
                session, merge_id, reason=form.reason, facility=staff.facility, by=staff.username, now=clock().now()
            )
        )
    except StaleVersion:
        return _person_page(survivor_id, mistake="refusal.merge.undone"), HTTPStatus.CONFLICT
    except Refused as error:
        return _refused(survivor_id, error)
    return _done(undone.survivor_id, "undone")


def _values(form: PersonForm) -> dict[str, str | bool | None]:
    """Return the record's values of a form; raises Refused for what cannot be one."""
    name = " ".join(form.full_name.split())
    born_on = typed_date(form.born_on) if form.born_on else None
    phone = normal_phone(form.phone) if form.phone else None
    nationality = form.nationality.upper() or None
    if not name or not any(letter.isalpha() for letter in name):
        raise Refused("name.missing", "a person has a name")
    if form.born_on and (born_on is None or str(born_on) > local_day(clock().now()).isoformat()):
        raise Refused("born.unreadable", "not a birth date")
    if form.phone and phone is None:
        raise Refused("phone.form", "not a phone number")
    if nationality and not (len(nationality) == 3 and nationality.isascii() and nationality.isalpha()):
        raise Refused("nationality.form", "not a country's code")
    return {
        "full_name": name,
        "born_on": str(born_on) if born_on else None,
        "sex": form.sex,
        "phone": phone,
        "address": form.address or None,
        "nationality": nationality,
        "ethnicity": form.ethnicity or None,
        "is_birth_estimated": form.is_birth_estimated,
        "is_unidentified": form.is_unidentified,
    }


def _person_page(
    patient_id: UUID, *, notice: str | None = None, mistake: str | None = None, form: PersonForm | None = None,
    seen_version: int | None = None, other: UUID | None = None,
) -> str:  # fmt: skip
    staff, now = signed_in(), clock().now()
    before = request.args.get("before")
    with database().begin() as session:
        record = open_record(
            session, patient_id, facility=staff.facility, by=staff.username, now=now,
            before=read_id(before) if before else None,
        )  # fmt: skip
        news = changes_since(session, patient_id, seen_version) if seen_version is not None else []
        return render_template(
            "patients/person.html",
            area="reception",  # where one comes from
            r=record,
            p=record.patient,
            form=form or _form_of(record.patient),
            news=news,
            news_by=names_of(session, [one.by for one in news]),
            notice=notice,
            mistake=mistake,
            other=other,
        )


def _form_of(patient: Patient) -> PersonForm:
    fields = {field: getattr(patient, field) or "" for field in _FIELDS} | {
        "born_on": written_date(patient.born_on),
        "is_birth_estimated": patient.is_birth_estimated,
        "is_unidentified": patient.is_unidentified,
        "version": patient.version,
    }
    return PersonForm.model_validate(fields)


def _pairs_page(mistake: str | None = None) -> str:
    facility = signed_in().facility
    after = request.args.get("after")
    with database().reading() as session:
        return render_template(
            "patients/duplicates.html",
            page=list_pairs(session, facility=facility, after=read_id(after) if after else None),
            count=count_open_pairs(session, facility=facility),
            mistake=mistake,
        )


def _compare_page(first_id: UUID, second_id: UUID, *, mistake: str | None = None, form: MergeForm | None = None) -> str:
    staff, now = signed_in(), clock().now()
    with database().begin() as session:
        sides = [
            open_record(session, one, facility=staff.facility, by=staff.username, now=now)
            for one in (first_id, second_id)
        ]
        grounds = compare_records(*(describe(side.patient) for side in sides))
        has_number = [
            any(n.system is IdentifierSystem.PERSONAL_NUMBER and n.valid_to is None for n in side.numbers)
            for side in sides
        ]
        return render_template(
            "patients/compare.html",
            sides=sides,
            grounds=grounds,
            fields=_FIELDS,
            are_two_citizens=all(has_number),
            survivor=(form.survivor if form else None) or _survivor(sides, has_number),
            form=form,
            mistake=mistake,
        )


def _compare_again(first_id: UUID, second_id: UUID, form: MergeForm) -> ResponseReturnValue:
    """Show the two as they are now; where somebody merged one of them meanwhile, the record that goes on."""
    with database().begin() as session:
        live = {live_id(session, one) for one in (first_id, second_id)}
    if live != {first_id, second_id}:
        return _person_page(live.pop(), mistake="compare.stale"), HTTPStatus.CONFLICT
    return _compare_page(first_id, second_id, mistake="compare.stale", form=form), HTTPStatus.CONFLICT


def _survivor(sides: list[Any], has_number: list[bool]) -> UUID:
    """Return which record is proposed to go on: the one with a personal number, else the older one."""
    if has_number[0] != has_number[1]:
        survivor: UUID = sides[has_number.index(True)].patient.id
        return survivor
    older: UUID = min(sides, key=lambda side: side.patient.created_at).patient.id
    return older


def _conflict(patient_id: UUID, seen_version: int, form: PersonForm | None = None) -> ResponseReturnValue:
    """Show the record as it is now, what changed meanwhile, and what was typed, ready to be sent again."""
    with database().reading() as session:
        patient = get_patient(session, patient_id)
        survivor_id = patient.merged_into_id
    if survivor_id is not None:
        return _person_page(survivor_id, mistake="person.was_merged"), HTTPStatus.CONFLICT
    again = form.model_copy(update={"version": patient.version}) if form else None
    page = _person_page(patient_id, mistake="change.conflict", form=again, seen_version=seen_version)
    return page, HTTPStatus.CONFLICT


def _refused(patient_id: UUID, error: Refused, form: PersonForm | None = None) -> ResponseReturnValue:
    page = _person_page(patient_id, mistake=refusal(error), form=form)
    return page, HTTPStatus.UNPROCESSABLE_ENTITY


def _done(patient_id: UUID, what: str) -> ResponseReturnValue:
    return redirect(url_for("patients.person", patient_id=patient_id, done=what), HTTPStatus.SEE_OTHER)


def _value_of(field: str, value: str | None) -> str:
    """Return a field's stored value as people write it."""
    t = texts()
    if value is None or value == "":
        return t("value.none")
    if field == "sex":
        return t("sex." + value)
    if field in {"is_birth_estimated", "is_unidentified"}:
        return t("value." + value)
    return written_date(value) if field == "born_on" else value
