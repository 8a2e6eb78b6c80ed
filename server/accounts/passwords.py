"""Passwords: what is accepted, how they are kept, how one is made.

Length decides, not a mixture of signs (OWASP ASVS 5.0, 6.2). Kept as argon2id with the library's current profile
(RFC 9106, low memory); a hash made with older parameters is renewed when its owner next signs in.
"""

import re
import secrets
import unicodedata
from enum import StrEnum
from functools import cache
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from server.domain.identity import fold_name

MINIMUM_LENGTH: Final = 12
MAXIMUM_LENGTH: Final = 128

# No l, i, o, 0, 1: a password is read from a terminal and typed once.
_READABLE: Final = "abcdefghjkmnpqrstuvwxyz23456789"

# The stems people build from; a stem that makes up half of a password makes it guessable, whatever is hung on it.
_COMMON_STEMS: Final = (
    "password", "passw0rd", "matkhau", "qwerty", "asdfgh", "zxcvbn", "abcdef", "abc123", "letmein", "welcome",
    "admin", "administrator", "quantri", "benhvien", "hospital", "tiepdon", "reception", "letan", "bacsi", "yta",
    "vietnam", "hanoi", "saigon", "anhyeuem", "emyeuanh", "iloveyou", "khongbiet", "khongco", "123456", "654321",
    "112233", "121212", "147258", "159753", "012345", "987654", "dragon", "monkey", "football", "sunshine", "princess",
)  # fmt: skip

_hasher: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hash takes 64 MiB: a burst of sign-ins waits here instead of taking the memory of the whole machine.
_at_once: Final = BoundedSemaphore(4)


class PasswordFault(StrEnum):
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    CONTAINS_NAME = "contains-name"
    TOO_COMMON = "too-common"


class PasswordRefused(Exception):
    """A new password is not good enough; ``fault`` says why."""

    code = "account.password_refused"

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(f"the password is refused: {fault}")
        self.fault = fault


def password_fault(password: str, *, personal_words: tuple[str, ...] = ()) -> PasswordFault | None:
    """Return why ``password`` cannot be taken, None when it can.

    ``personal_words``: user name, full name, facility; none of their words of four letters or more may stand inside.
    """
    if len(password) < MINIMUM_LENGTH:
        return PasswordFault.TOO_SHORT
    if len(password) > MAXIMUM_LENGTH:
        return PasswordFault.TOO_LONG
    bare = fold_name(password).replace(" ", "")
    words = {word for text in personal_words for word in re.split(r"[^a-z0-9]+", fold_name(text)) if len(word) >= 4}
    if any(word in bare for word in words):
        return PasswordFault.CONTAINS_NAME
    if len(set(bare)) < 5 or _made_of_stems(bare):
        return PasswordFault.TOO_COMMON
    return None


def _made_of_stems(bare: str) -> bool:
    rest = bare
    for stem in _COMMON_STEMS:
        rest = rest.replace(stem, "")
    return len(rest) * 2 <= len(bare)


def check_new_password(password: str, *, personal_words: tuple[str, ...] = ()) -> None:
    """Raise PasswordRefused unless ``password`` may become somebody's password."""
    if fault := password_fault(password, personal_words=personal_words):
        raise PasswordRefused(fault)


def make_password() -> str:
    """Return a new password such as ``k7mq-x2ve-9hwp-tzcd``: 16 readable characters, 79 bits."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    with _at_once:
        return _hasher.hash(_normal(password))


def is_password(password_hash: str, password: str) -> bool:
    """Whether ``password`` belongs to the hash; takes some 60 ms of one core and 64 MiB by intention."""
    with _at_once:
        try:
            return _hasher.verify(password_hash, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def needs_rehash(password_hash: str) -> bool:
    return _hasher.check_needs_rehash(password_hash)


@cache
def nobodys_hash() -> str:
    """Return a hash to compare with when nobody has the user name, so that the answer takes as long as for somebody."""
    return hash_password(secrets.token_urlsafe(32))


def _normal(password: str) -> str:
    # The same Vietnamese letters come as one or two code points, depending on the keyboard.
    return unicodedata.normalize("NFC", password)
