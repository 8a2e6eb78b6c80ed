"""Random but plausible Vietnamese names and addresses of three levels (to June 2025) and two levels (since)."""

import random
import unicodedata
from typing import Final

_SURNAMES: Final = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Quách Tạ Mạc Âu Ỷ"
_ONSETS: Final = " b c ch d đ g gh gi h kh l m n ng ngh nh ph qu r s t th tr v x"
_RIMES: Final = "a ă â e ê i o ô ơ u ư y ai ao âu ây iê oa oe uê uy ươ uô an ăn âng iên ong ông ương uyên ich"
_TONES: Final = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_COMMUNES: Final = ("Xã", "Phường", "Thị trấn")
_DISTRICTS: Final = ("Huyện", "Quận", "Thị xã", "Thành phố")


def random_syllable(chance: random.Random) -> str:
    """Return one syllable with a tone on a vowel: any combination that can be written, used or not."""
    rime = chance.choice(_RIMES.split(" "))
    marked = [i for i, c in enumerate(rime) if c in "ăâêôơư"]
    place = (marked or [i for i, c in enumerate(rime) if c in "aeiouy"])[0]
    toned = unicodedata.normalize("NFC", rime[: place + 1] + chance.choice(_TONES) + rime[place + 1 :])
    return (chance.choice(_ONSETS.split(" ")) + toned).capitalize()


def random_name(chance: random.Random) -> str:
    name = " ".join(
        [chance.choice(_SURNAMES.split(" ")), *(random_syllable(chance) for _ in range(chance.randint(1, 3)))]
    )
    return name.upper() if chance.random() < 0.3 else name


def random_address(chance: random.Random, *, levels: int) -> str:
    """Return an address with the province and, for 3 ``levels``, the district that the reform of 2025 took away."""

    def place(kinds: tuple[str, ...]) -> str:
        return f"{chance.choice(kinds)} {random_syllable(chance)} {random_syllable(chance)}"

    parts = [f"Thôn {chance.randint(1, 20)}", place(_COMMUNES)]
    if levels == 3:
        parts.append(place(_DISTRICTS))
    return ", ".join([*parts, place(("Tỉnh", "TP"))])
