"""A machine readable zone that came as text: typed, sent by a passport reader, or read off a picture.

Only check digits make it believable, and only they may decide between letters and digits that look alike.
"""

import re
from typing import Final

from drivers.codec.reading import CodeKind, MrzCode, Recognised
from drivers.errors import MalformedData
from drivers.icao9303.mrz import Mrz, parse_mrz

_BARE: Final = re.compile(r"[A-Z0-9<]+")
_DIGITS_FOR: Final = str.maketrans("ODQILZSB", "00011258")
# Where only digits, or a filler, may stand: check digits and dates (ICAO 9303-5 4.2.2, 9303-4 4.2.2).
_NUMERIC: Final = {
    90: ((14, 15), (30, 37), (38, 45), (59, 60)),
    88: ((53, 54), (57, 64), (65, 72), (87, 88)),
}


def looks_like(text: str) -> bool:
    bare = _bare(text)
    return len(bare) in _NUMERIC and _BARE.fullmatch(bare) is not None and "<<" in bare and bare[0] in "IACP"


def parse(text: str) -> Recognised:
    """Return the document of an MRZ; refused where a check digit is wrong and look-alikes do not explain it."""
    bare = _bare(text)
    for candidate, repairs in ((bare, ()), (_with_digits(bare), ("look-alikes",))):
        try:
            return Recognised(CodeKind.MRZ, _value(parse_mrz(candidate)), repairs)
        except MalformedData:
            continue
    return Recognised(CodeKind.UNKNOWN, refusal="code.damaged")


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text).upper().replace("«", "<<").replace("‹", "<")


def _with_digits(bare: str) -> str:
    for start, end in _NUMERIC[len(bare)]:
        bare = bare[:start] + bare[start:end].translate(_DIGITS_FOR) + bare[end:]
    return bare


def _value(mrz: Mrz) -> MrzCode:
    return MrzCode(
        document_number=mrz.document_number,
        personal_number=mrz.personal_number,
        name=mrz.name,
        born_on=mrz.born_on,
        sex=mrz.sex,
        expires_on=None if mrz.has_no_expiry else mrz.expires_on,
        nationality=mrz.nationality,
        issuer=mrz.issuer,
    )
