"""Numbers of people as somebody types them, each in the form its issuer gives it."""

import re
from typing import Final

from server.domain.identity import Identifier, IdentifierSystem, is_personal_number
from server.domain.matching import normal

_FORMS: Final = {
    IdentifierSystem.OLD_ID_NUMBER: "[0-9]{9}",
    IdentifierSystem.SOCIAL_INSURANCE: "[0-9]{10}",
    # 15 characters (Decision 1351/QĐ-BHXH), 10 digits (Decision 1666/QĐ-BHXH), or the personal number
    IdentifierSystem.INSURANCE_CARD: "[A-Z]{2}[1-5][0-9]{2}[0-9A-Z]{10}|[0-9]{10}|[0-9]{12}",
    IdentifierSystem.PASSPORT: "[A-Z]{3}/[A-Z0-9]{4,20}",
}
TYPED: Final = (IdentifierSystem.PERSONAL_NUMBER, *_FORMS)
"""The systems whose numbers people know; a temporary one is ours to give."""


def compact(text: str) -> str:
    """Return a number without what people put between its groups, in capitals."""
    return re.sub(r"[\s.-]", "", text).upper()


def typed_number(system: IdentifierSystem, text: str) -> Identifier | None:
    """Return the number in the form in which it is stored; None when it cannot be one of its system."""
    value = compact(text)
    if system is IdentifierSystem.PERSONAL_NUMBER:
        is_right = is_personal_number(value)
    else:
        is_right = system in _FORMS and re.fullmatch(_FORMS[system], value) is not None
    return normal(Identifier(system, value)) if is_right else None
