"""The codes that we print ourselves: a prefix naming the form's version, and 20 characters of Crockford's base 32.

The server mints them (server/domain/codes.py); a contract test holds both sides together.
"""

import re
from typing import Final

from drivers.codec.reading import CodeKind, OwnCode

VISIT_PREFIX: Final = "TD1:"
APPOINTMENT_PREFIX: Final = "TA1:"
CODE_LENGTH: Final = 20

_KINDS: Final = {VISIT_PREFIX: CodeKind.VISIT, APPOINTMENT_PREFIX: CodeKind.APPOINTMENT}
_OPAQUE: Final = f"[0-9A-HJKMNP-TV-Z]{{{CODE_LENGTH}}}"

_ADDRESS: Final = re.compile(f"https?://[^\\s?#]{{1,200}}/t/({_OPAQUE})", re.ASCII | re.IGNORECASE)
"""A slip's QR where the hospital lets phones in: the page of the visit, whatever the host's name is today."""

CODE: Final = re.compile(f"T[DA]1:{_OPAQUE}", re.ASCII)
"""One whole code of ours."""


def has_prefix(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None or text[: len(VISIT_PREFIX)].upper() in _KINDS


def parse(text: str) -> tuple[CodeKind, OwnCode] | None:
    """Return what ``text`` with one of our prefixes names; None when what follows is not a whole code.

    Lower case is taken: base 32 has one case, and a scanner with Caps Lock turns it round.
    """
    address = _ADDRESS.fullmatch(text)
    if address is not None:
        return CodeKind.VISIT, OwnCode(address[1].upper())
    if CODE.fullmatch(text.upper()) is None:
        return None
    return _KINDS[text[: len(VISIT_PREFIX)].upper()], OwnCode(text[len(VISIT_PREFIX) :].upper())
