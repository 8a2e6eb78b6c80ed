"""Text from a chip: hostile until it is decoded, bounded and free of control characters."""

import unicodedata
from typing import Final

from drivers.errors import MalformedData

MAX_LENGTH: Final = 500


def clean_text(data: bytes, encoding: str, what: str) -> str | None:
    """Return NFC text with single spaces, None when nothing is left. Raises MalformedData.

    Control and other invisible characters are refused, not dropped: none of them belongs into a name or an address.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedData(what, f"text that is not {encoding}") from error
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > MAX_LENGTH:
        raise MalformedData(what, f"a text of more than {MAX_LENGTH} characters")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in text):
        raise MalformedData(what, "characters that no text of a card has")
    return text or None
