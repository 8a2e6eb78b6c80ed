"""Time-based one-time passwords (RFC 6238: SHA-1, 30 s, six digits, as every authenticator app does them)."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
ISSUER: Final = "Tiepdon"


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP_S


def code_of(secret: bytes, step: int) -> str:
    """Return the six digits of a step (RFC 4226, 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, *, now: datetime, last_step: int) -> int | None:
    """Return the step whose code was given: the present one or a neighbour, for clocks that differ a little.

    Only steps after ``last_step`` count: a code that somebody read over the shoulder is worth nothing once it was used.
    """
    present = step_at(now)
    for step in (present, present - 1, present + 1):
        if step > last_step and hmac.compare_digest(code_of(secret, step).encode(), code.encode()):
            return step
    return None


def secret_text(secret: bytes) -> str:
    """Return the secret as people type it into an app: base 32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def enrolment_address(secret: bytes, username: str) -> str:
    """Return the ``otpauth://`` address that an app reads from a QR code."""
    parameters = {"secret": secret_text(secret).replace(" ", ""), "issuer": ISSUER, "algorithm": "SHA1"}
    return f"otpauth://totp/{quote(ISSUER)}:{quote(username)}?" + urlencode(
        {**parameters, "digits": DIGITS, "period": STEP_S}
    )
