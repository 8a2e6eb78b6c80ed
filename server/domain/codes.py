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


def temporary_code_from(random_bytes: bytes) -> str:
    """Return the number of a person without any, of 5 random bytes: ``TX-7K3M9Q2A``.

    Short enough to be written on a wrist band, and never mistaken for a number of 9, 10 or 12 digits.
    """
    if len(random_bytes) != 5:
        raise ValueError("a temporary code is made of 5 random bytes")
    number = int.from_bytes(random_bytes, "big")
    return TEMPORARY_PREFIX + "".join(ALPHABET[(number >> (5 * i)) & 31] for i in range(TEMPORARY_LENGTH))
