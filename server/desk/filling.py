"""How the page is filled: from a scan, from a record, from what a kiosk handed over. Nothing typed is lost unseen."""

from uuid import UUID, uuid4

from server.contract.fleet import HandOver
from server.desk.forms import PersonKind, RegistrationForm
from server.desk.scanning import Fields
from server.domain.identity import IdentifierSystem, fold_name
from server.patients.models import Patient, RelatedPerson
from server.presenting import written_date

_NUMBERS = {
    "personal_number": IdentifierSystem.PERSONAL_NUMBER,
    "old_number": IdentifierSystem.OLD_ID_NUMBER,
    "insurance_card": IdentifierSystem.INSURANCE_CARD,
    "social_number": IdentifierSystem.SOCIAL_INSURANCE,
}
_INSURANCE = ("insurance_card", "social_number", "insurance_facility", "insurance_from", "insurance_to")


def blank(language: str = "vi") -> RegistrationForm:
    """Return an empty page with a key of its own."""
    return RegistrationForm.model_validate({"request_key": uuid4(), "language": language})


def updated(form: RegistrationForm, fields: Fields) -> RegistrationForm:
    """Return the page with ``fields`` in place of what stood there."""
    return RegistrationForm.model_validate(form.model_dump(include=set(RegistrationForm.model_fields)) | fields)


def with_scan(form: RegistrationForm, fields: Fields) -> tuple[RegistrationForm, str | None]:
    """Return the page after a card was scanned, and why the card was not taken.

    A second card of the person on the page adds what it knows. Another person's ID card begins a new page; another
    person's insurance card is not taken, as it would put one patient's insurance on another's visit.
    """
    is_same = _is_same_person(form, fields)
    if fields.get("scanned") == "insurance-qr" and form.full_name:
        if not is_same:
            return form, "scan.other_person"
        return updated(form, {name: fields[name] for name in _INSURANCE if name in fields}), None
    if form.full_name and not is_same:
        return updated(blank(form.language), fields), None
    return updated(form, fields), None


def with_record(
    form: RegistrationForm, patient: Patient, relative: RelatedPerson | None, *, keeps_typed: bool
) -> RegistrationForm:
    """Return the page for a person on record; ``keeps_typed`` leaves what a document said, so that it is compared."""
    recorded = _fields_of(patient)
    if relative is not None:
        recorded |= {
            "companion": relative.relationship.value,
            "companion_name": relative.full_name,
            "companion_phone": relative.phone or "",
        }
    typed = form.model_dump(mode="json")
    compared = set(recorded) - {"kind"} if keeps_typed else set(_NUMBERS)
    recorded = {
        name: value
        for name, value in recorded.items()
        if name not in compared or typed.get(name) in {None, "", "unknown"}
    }
    return updated(form, recorded | {"patient_id": str(patient.id)})


def from_hand_over(content: HandOver, draft_id: UUID) -> RegistrationForm:
    """Return the page that goes on where somebody stopped at a kiosk."""
    fields: Fields = {"draft": str(draft_id), "service": content.service or ""}
    if content.person is not None:
        person = content.person
        numbers = {one.system: one.value for one in person.identifiers}
        fields |= {name: numbers[system] for name, system in _NUMBERS.items() if system in numbers}
        if IdentifierSystem.PASSPORT in numbers:
            country, _, number = numbers[IdentifierSystem.PASSPORT].partition("/")
            fields |= {"passport": number, "nationality": country, "kind": PersonKind.FOREIGNER.value}
        fields |= {
            "full_name": person.full_name,
            "born_on": written_date(person.born_on),
            "sex": person.sex.value,
            "address": person.address or "",
        }
        fields.setdefault("nationality", person.nationality or "")
    if content.evidence is not None:
        fields["expires_on"] = written_date(content.evidence.document_expires_on)
    if content.insurance is not None:
        claim = content.insurance
        fields |= {
            "insurance_card": claim.card_number,
            "insurance_facility": claim.primary_facility or "",
            "insurance_from": written_date(claim.valid_from),
            "insurance_to": written_date(claim.valid_to),
        }
    return updated(blank(content.language), fields)


def _fields_of(patient: Patient) -> Fields:
    numbers = {one.system: one.value for one in patient.identifiers if one.valid_to is None}
    fields = {name: numbers[system] for name, system in _NUMBERS.items() if system in numbers}
    kind = PersonKind.DOCUMENTS if fields else PersonKind.NO_PAPERS
    if IdentifierSystem.PASSPORT in numbers:
        fields["passport"] = numbers[IdentifierSystem.PASSPORT].partition("/")[2]
        kind = PersonKind.FOREIGNER
    return fields | {
        "kind": (PersonKind.UNIDENTIFIED if patient.is_unidentified else kind).value,
        "full_name": patient.full_name,
        "born_on": written_date(patient.born_on),
        "sex": patient.sex.value,
        "nationality": patient.nationality or "",
        "phone": patient.phone or "",
        "address": patient.address or "",
    }


def _is_same_person(form: RegistrationForm, fields: Fields) -> bool:
    if form.personal_number and fields.get("personal_number"):
        return form.personal_number == fields["personal_number"]
    return "full_name" not in fields or fold_name(form.full_name) == fold_name(fields["full_name"])
