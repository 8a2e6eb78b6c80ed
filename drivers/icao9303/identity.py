"""One person out of the data groups of one chip, and whether these and the code shown speak of the same person."""

import unicodedata
from datetime import date

from drivers.codec.recognise import IdCardCode
from drivers.icao9303.data_groups import AdditionalDetails
from drivers.icao9303.dg13 import VietnameseData
from drivers.icao9303.mrz import Mrz, birth_date, expiry_date, iso_country
from drivers.icao9303.reading import ChipIdentity


def chip_identity(
    mrz: Mrz, vietnamese: VietnameseData | None, details: AdditionalDetails | None, today: date
) -> ChipIdentity:
    """Return the person: DG1, completed by DG13, or by DG11 and DG12 of other documents.

    DG1 decides wherever both speak, except for the name (with its marks) and for a birth date that the other knows
    more of. ``today`` is for the century of a passport's birth date. Raises MalformedData for a date that is none.
    """
    viet, more = vietnamese or VietnameseData(), details or AdditionalDetails()
    number = mrz.personal_number or viet.personal_number
    return ChipIdentity(
        document_number=mrz.document_number,
        personal_number=number,
        full_name=viet.full_name or more.full_name or mrz.name,
        born_on=_most_precise(birth_date(mrz, today), viet.born_on, more.born_on),
        sex=mrz.sex or viet.sex,
        nationality=iso_country(mrz.nationality),
        expires_on=expiry_date(mrz),
        issued_on=viet.issued_on or more.issued_on,
        ethnicity=viet.ethnicity,
        address=viet.address or more.address,
        old_number=viet.old_number,
        issuer=iso_country(mrz.issuer),
        name_from="DG13" if viet.full_name else "DG11" if more.full_name else "DG1",
        extras=viet.extras,
    )


def _most_precise(of_mrz: str, *others: str | None) -> str:
    # DG13 and DG11 carry four digits of the year, so they also settle a century the MRZ had to guess.
    return max((of_mrz, *(other for other in others if other)), key=lambda one: (len(one), one != of_mrz))


def contradictions_within(mrz: Mrz, vietnamese: VietnameseData, today: date) -> tuple[str, ...]:
    """Return the fields in which DG13 speaks of another person than DG1; empty for a card that is whole."""
    found = []
    if vietnamese.personal_number and mrz.personal_number not in (None, vietnamese.personal_number):
        found.append("personal_number")
    if vietnamese.born_on and not _dates_agree(birth_date(mrz, today), vietnamese.born_on):
        found.append("born_on")
    if vietnamese.full_name and not _names_agree(mrz.name, vietnamese.full_name):
        found.append("full_name")
    return tuple(found)


def differences(identity: ChipIdentity, code: IdCardCode) -> tuple[str, ...]:
    """Return the fields in which the chip and the code shown with it name different people.

    Fields the code does not have, or that a scanner destroyed, are no difference. Names are compared without marks and
    case: the two tone placements (hòa, hoà) are different letters for the same name.
    """
    found = []
    if identity.personal_number is not None and code.personal_number != identity.personal_number:
        found.append("personal_number")
    if code.full_name and not _names_agree(identity.full_name, code.full_name):
        found.append("full_name")
    if code.born_on and not _dates_agree(identity.born_on, code.born_on):
        found.append("born_on")
    if code.sex and identity.sex and code.sex != identity.sex:
        found.append("sex")
    return tuple(found)


def _dates_agree(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


_MRZ_NAME_FULL = 28
"""From this length on (30 places less fillers) a name of a TD1 MRZ may have been cut."""


def _names_agree(chip: str, other: str) -> bool:
    folded, wanted = _folded(chip), _folded(other)
    return folded == wanted or (len(chip) >= _MRZ_NAME_FULL and wanted.startswith(folded))


def _folded(name: str) -> str:
    bare = unicodedata.normalize("NFD", name.casefold()).replace("đ", "d")
    return "".join(c for c in bare if c.isascii() and c.isalpha())
