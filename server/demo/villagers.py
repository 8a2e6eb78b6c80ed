"""The people of the demo's day, by number: names as frequent as in Viet Nam, and of the fashion of the year of birth.

Those of ``load`` are for counting a million of: every name as likely as any other. These are for looking at: who is
called Nguyễn, and how old people are who come to a district hospital, is what a receptionist sees first.
"""

import random
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from server.demo.load import identity_card
from server.domain.identity import Sex

FIRST: Final = 2_900_000
"""Villager 0 as a person of ``load``: beyond the two million that ``demo --people`` invents at most."""

# Of a thousand people; after Lê Trung Hoa, Họ và tên người Việt Nam (2005).
_FAMILY: Final[Mapping[str, int]] = {
    "Nguyễn": 384, "Trần": 121, "Lê": 95, "Phạm": 70, "Hoàng": 51, "Phan": 45, "Vũ": 39, "Đặng": 21, "Bùi": 20,
    "Đỗ": 14, "Hồ": 13, "Ngô": 13, "Dương": 10, "Đinh": 9, "Đoàn": 8, "Lương": 8, "Trịnh": 8, "Lý": 5, "Mai": 5,
}  # fmt: skip

# By the year from which on they were usual: names between family and given name, and given names.
_NAMES: Final[Mapping[Sex, Mapping[int, tuple[str, str]]]] = {
    Sex.MALE: {
        0: (
            "Văn Văn Văn Văn Xuân Đình Hữu Bá",
            "Bình Chiến Cường Dũng Hòa Hùng Lâm Lợi Mạnh Minh Quý Sơn Thành Thắng Thịnh Vinh",
        ),
        1975: (
            "Văn Văn Đức Quang Xuân Minh Mạnh Anh",
            "Cường Dũng Đạt Hải Hiếu Hoàng Hùng Hưng Long Nam Quân Sơn Tuấn Trung Tùng Việt",
        ),
        2000: (
            "Minh Gia Đức Bảo Hoàng Tuấn Quốc Hải",
            "Anh Bảo Đăng Hiếu Huy Khang Khôi Kiên Long Minh Nam Phong Phúc Quân",
        ),
    },
    Sex.FEMALE: {
        0: (
            "Thị",
            "Bình Dung Hoa Hòa Hồng Hợi Lan Liên Lý Mùi Nga Nhàn Nhung Oanh Sâm Thơm Tuyết Vân Xuân Yến",
        ),
        1975: (
            "Thị Thị Thị Thu Thanh Ngọc",
            "Hà Hạnh Hằng Hiền Hoa Hương Huyền Lan Linh Loan Mai Ngân Nhung Phương Thảo Thủy Trang Yến",
        ),
        2000: (
            "Ngọc Bảo Khánh Minh Thảo Phương",
            "Anh Chi Châu Diệp Hà Hân Linh Ly My Ngân Nhi Thư Trang Vy",
        ),
    },
}

# Of a hundred who come, how many are at least so old and younger than the next line.
_AGES: Final = ((0, 9), (3, 8), (6, 8), (16, 9), (26, 12), (36, 12), (46, 14), (60, 16), (70, 9), (80, 3), (95, 0))
_BORN_BEFORE: Final = date(2026, 6, 30)


def villager(number: int) -> dict[str, Any]:
    """Return the invented person ``number``, FIRST and up, as a RegisterEncounter names them, the same each time."""
    chance = random.Random(number)  # noqa: S311 - invented people must be the same each time
    sex = chance.choices((Sex.FEMALE, Sex.MALE), (56, 44))[0]
    born_on = _born_on(chance)
    family = chance.choices(list(_FAMILY), list(_FAMILY.values()))[0]
    fashion = max(year for year in _NAMES[sex] if year <= born_on.year)
    middle, given = (chance.choice(names.split()) for names in _NAMES[sex][fashion])
    return {
        "full_name": f"{family} {middle} {given}",
        "born_on": born_on.isoformat(),
        "sex": sex,
        "identifiers": [identity_card(number, born_on, sex)],
        "address": f"Thôn {chance.randint(1, 12)}, Xã Mẫu {chance.randint(1, 30)}, Tỉnh Mẫu",
        "nationality": "VNM",
        "ethnicity": "Kinh",
    }


def _born_on(chance: random.Random) -> date:
    ages = [age for age, _ in _AGES]
    row = chance.choices(range(len(ages) - 1), [share for _, share in _AGES[:-1]])[0]
    years = chance.uniform(ages[row], ages[row + 1])
    return _BORN_BEFORE - timedelta(days=int(years * 365.25))
