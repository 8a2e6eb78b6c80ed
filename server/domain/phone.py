"""Vietnamese phone numbers, in the one form in which they are stored and looked for."""

import re


def normal_phone(text: str) -> str | None:
    """Return the number in digits with its leading 0 (``0912345678``); None for what is no phone number.

    Spaces, dots, hyphens and brackets are taken out; +84 and 0084 become 0. A foreign number keeps its ``+``.
    """
    bare = re.sub(r"[\s().-]", "", text)
    bare = re.sub(r"^(?:\+84|0084)0?", "0", bare)
    return bare if re.fullmatch(r"0[1-9][0-9]{8,9}|\+[1-9][0-9]{6,14}", bare) else None
