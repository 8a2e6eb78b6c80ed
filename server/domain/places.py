"""Where to go, in the words of a language, however the hospital wrote its rooms down: "101", "P.101", "Phòng 101"."""

import re
from typing import Final

_ROOM: Final = re.compile(r"(?:Phòng\s*|P\.\s*)?(?P<name>[0-9][0-9A-Z./-]*)", re.IGNORECASE)
_FLOOR: Final = re.compile(r"(?:Tầng\s*)?(?P<name>[0-9]+)", re.IGNORECASE)


def place_words(room: str, floor: str, *, room_phrase: str, floor_phrase: str) -> tuple[str, ...]:
    """Return ``("Phòng 101", "Tầng 1")`` or ``("Room 101", "Floor 1")`` from phrases like ``Room {name}``.

    A name of another form ("Nhà B", "Tầng trệt") stays as it is; an empty one is left out.
    """
    return tuple(
        phrase.format(name=match["name"]) if (match := form.fullmatch(name)) else name
        for phrase, form, name in ((room_phrase, _ROOM, room.strip()), (floor_phrase, _FLOOR, floor.strip()))
        if name
    )
