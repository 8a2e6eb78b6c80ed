"""The reason somebody gives for putting a record right."""

from typing import Final

from server.errors import Refused

REASON_LENGTH: Final = range(3, 501)


def checked_reason(text: str) -> str:
    """Return a reason fit for the trail: one line, trimmed; raises Refused when nothing of weight was written."""
    reason = " ".join(text.split())
    if len(reason) not in REASON_LENGTH or not reason.isprintable() or not any(c.isalpha() for c in reason):
        raise Refused("override.reason_missing", "3 to 500 characters, in words")
    return reason
