"""What an invented person's papers say to a machine: the lines of the MRZ, and the QR of each card."""

import hashlib
import unicodedata
from datetime import date

from drivers.icao9303.keys import check_digit
from drivers.simulated.people import InventedPerson


def mrz_lines(person: InventedPerson) -> tuple[str, ...]:
    """Return the machine-readable zone: 3 lines of 30 (TD1), or 2 of 44 for a passport (TD3).

    Source: ICAO 9303-5 4.2 and 9303-4 4.2; the last character of a Vietnamese card's first line is a further check
    digit over its optional data.
    """
    return _td3_lines(person) if person.generation == "passport" else _td1_lines(person)


def _td1_lines(person: InventedPerson) -> tuple[str, str, str]:
    number, optional = person.document_number, f"{person.personal_number}<<"
    born, expires = _yymmdd(person.born_on), person.mrz_expiry
    first = f"IDVNM{_checked(number)}{_checked(optional)}"
    second = f"{_checked(born)}{person.sex[0].upper()}{_checked(expires)}{person.nationality}{'<' * 11}"
    composite = first[5:] + second[:7] + second[8:15] + second[18:]
    return first, second + check_digit(composite), _mrz_name(person.full_name).ljust(30, "<")[:30]


def _td3_lines(person: InventedPerson) -> tuple[str, str]:
    first = f"P<{person.nationality}{_mrz_name(person.full_name)}".ljust(44, "<")[:44]
    second = (
        f"{_checked(person.document_number.ljust(9, '<'))}{person.nationality}{_checked(_yymmdd(person.born_on))}"
        f"{person.sex[0].upper()}{_checked(person.mrz_expiry)}{_checked('<' * 14)}"
    )
    return first, second + check_digit(second[:10] + second[13:20] + second[21:])


def card_qr_text(person: InventedPerson) -> str | None:
    """Return the text of the QR on the card; None for a passport, which has none.

    7 fields on a CCCD (Circular 06/2021/TT-BCA), 11 on a thẻ căn cước (Circular 16/2024/TT-BCA).
    """
    if person.generation == "passport":
        return None
    fields = [
        person.personal_number or "",
        person.old_number or "",
        person.full_name,
        f"{person.born_on:%d%m%Y}",
        "Nam" if person.sex == "male" else "Nữ",
        person.address,
        f"{person.issued_on:%d%m%Y}",
    ]
    if person.generation == "can-cuoc":
        parents = [person.father or "", person.mother or ""] if person.parents_on_qr else ["", ""]
        fields += ["", *parents, ""]  # a cancelled number would stand first
    return "|".join(fields)


def insurance_qr_text(person: InventedPerson) -> str | None:
    """Return the text of the QR on the health insurance card (15 fields); None without insurance.

    The check string at its end is as opaque here as on a real card.
    """
    card = person.insurance
    if card is None:
        return None
    facility = f"{card.primary_facility[:2]} - {card.primary_facility[2:]}"
    check = hashlib.sha256(card.card_number.encode()).hexdigest()[:16]
    fields = [
        card.card_number,
        person.full_name.encode().hex(),
        f"{person.born_on:%d/%m/%Y}",
        "1" if person.sex == "male" else "2",
        person.address.encode().hex(),
        facility,
        f"{card.valid_from:%d/%m/%Y}",
        f"{card.valid_to:%d/%m/%Y}" if card.valid_to else "-",
        f"{card.issued_on:%d/%m/%Y}",
        f"{card.primary_facility[:2]}06{card.social_insurance_number}",
        card.parent_name.encode().hex() if card.parent_name else "-",
        "4",
        f"{card.five_years_on:%d/%m/%Y}" if card.five_years_on else "-",
        f"{check}-7102",
        "$",
    ]
    return "|".join(fields)


def _checked(text: str) -> str:
    return text + check_digit(text)


def _yymmdd(day: date) -> str:
    return f"{day:%y%m%d}"


def _mrz_name(full_name: str) -> str:
    """Return a name as the MRZ writes it: no marks, Đ as D, no apostrophe; the first word stands as the surname."""
    decomposed = unicodedata.normalize("NFD", full_name.upper().replace("Đ", "D"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) and c != "'")
    surname, *given = bare.split()
    return f"{surname}<<{'<'.join(given)}" if given else surname
