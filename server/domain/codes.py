"""Opaque codes printed on paper: long enough not to be guessed, short enough to be typed.

20 characters of Crockford's base 32 (no I, L, O, U) carry 100 bits. The prefix tells our codes from foreign ones and
names the form's version.
"""

import re
from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 20
VISIT_PREFIX: Final = "TD1:"
APPOINTMENT_PREFIX: Final = "TA1:"
SHORT_CODE_LENGTH: Final = 11
SHORT_CODES: Final = 7 * 10**9
_FIRST_SHORT: Final = 10**9
"""None begins with 0, which gets lost, nor with the 84 that stands before a phone number."""

TEMPORARY_PREFIX: Final = "TX-"
TEMPORARY_LENGTH: Final = 8


def code_from(random_bytes: bytes) -> str:
    """Return the code of 13 random bytes (104 bits, of which 100 are used)."""
    if len(random_bytes) != 13:
        raise ValueError("a code is made of 13 random bytes")
    number = int.from_bytes(random_bytes, "big")
    return "".join(ALPHABET[(number >> (5 * i)) & 31] for i in range(CODE_LENGTH))


def is_code(text: str) -> bool:
    return re.fullmatch(f"[{ALPHABET}]{{{CODE_LENGTH}}}", text) is not None


def slip_text(code: str, public_url: str | None) -> str:
    """Return what a slip's QR holds: the address of its page for phones, or the bare code where there is none."""
    return f"{public_url}/t/{code}" if public_url else VISIT_PREFIX + code


def visit_code_in(text: str) -> str | None:
    """Return the code in what a scanner or a keyboard gave of a slip; None when it holds none.

    Taken as printed in the QR (``TD1:...``, or an address that ends in ``/t/...``) or typed from below it, with spaces
    and in either case.
    """
    bare = "".join(text.upper().split())
    for start in (VISIT_PREFIX, "/T/"):
        _, found, rest = bare.rpartition(start)
        if found:
            bare = rest
    return bare if is_code(bare) else None


def short_code_from(number: int) -> str:
    """Return an appointment's code for the keys, of a random number below ``SHORT_CODES``: 11 digits, one a check.

    Eleven, since numbers of 9, 10 and 12 digits are people's. It is no secret of 100 bits: whoever types one at random
    meets one of two thousand appointments that can be used in one of three million tries.
    """
    if not 0 <= number < SHORT_CODES:
        raise ValueError("outside of the short codes")
    payload = str(_FIRST_SHORT + number)
    return f"{payload}{_check_digit(payload)}"


def is_short_code(text: str) -> bool:
    """Whether ``text`` can be a short code; a wrong digit, and nearly every two that changed places, are found."""
    return (
        re.fullmatch(f"[1-7][0-9]{{{SHORT_CODE_LENGTH - 1}}}", text) is not None and _check_digit(text[:-1]) == text[-1]
    )


def written_short_code(code: str) -> str:
    """Return a short code as it stands on paper, in groups that can be kept in mind: ``482 1093 7225``."""
    return f"{code[:3]} {code[3:7]} {code[7:]}"


def _check_digit(payload: str) -> str:
    """Return the check digit of ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in payload:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def temporary_code_from(random_bytes: bytes) -> str:
    """Return the number of a person without any, of 5 random bytes: ``TX-7K3M9Q2A``.

    Short enough to be written on a wrist band, and never mistaken for a number of 9, 10 or 12 digits.
    """
    if len(random_bytes) != 5:
        raise ValueError("a temporary code is made of 5 random bytes")
    number = int.from_bytes(random_bytes, "big")
    return TEMPORARY_PREFIX + "".join(ALPHABET[(number >> (5 * i)) & 31] for i in range(TEMPORARY_LENGTH))
