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


def code_from(random_bytes: bytes) -> str:
    """Return the code of 13 random bytes (104 bits, of which 100 are used)."""
    if len(random_bytes) != 13:
        raise ValueError("a code is made of 13 random bytes")
    number = int.from_bytes(random_bytes, "big")
    return "".join(ALPHABET[(number >> (5 * i)) & 31] for i in range(CODE_LENGTH))


def is_code(text: str) -> bool:
    return re.fullmatch(f"[{ALPHABET}]{{{CODE_LENGTH}}}", text) is not None
