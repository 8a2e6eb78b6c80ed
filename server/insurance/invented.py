"""The invented people whom the simulated gateway knows: one for each result code, some for the faults, the demo's own.

Nobody here exists. Days are fixed or count from the day of the question, so that the answers stay what they are.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from server.domain.identity import PartialDate

Fault = Literal["html", "null-arrays", "delay-3", "delay-15", "reset", "status-503", "wrong-json", "huge", "client-400"]


@dataclass(frozen=True, slots=True)
class Insured:
    """One person and their card as the gateway has it; ``numbers`` are all the numbers that find them.

    ``code`` is the answer when name and birth date fit. ``valid_to`` None: open.
    """

    numbers: tuple[str, ...]
    full_name: str
    born_on: PartialDate
    sex: Literal["Nam", "Nữ"]
    facility: str = "34999"
    valid_from: date = date(2026, 1, 1)
    valid_to: date | None = date(2035, 12, 31)
    five_years_on: date | None = None
    area: str = ""
    code: str = "000"
    new_number: str = ""
    new_facility: str = ""
    fault: Fault | None = None

    @property
    def card_number(self) -> str:
        return self.numbers[0]


def _born(text: str) -> PartialDate:
    return PartialDate.parse(text)


# The people of the kiosk's simulator, with the papers they carry there.
DEMO: Final = (
    Insured(
        ("DN4340123456789", "0123456789", "001090123456"), "Nguyễn Văn Đức", _born("1990-08-15"), "Nam",
        facility="34018", valid_from=date(2024, 1, 1), valid_to=None, five_years_on=date(2025, 1, 1),
    ),
    Insured(
        ("3498001234", "036148000018"), "Trần Thị Hoà", _born("1948-03-03"), "Nữ", facility="34018",
        valid_to=date(2030, 12, 31), five_years_on=date(2020, 1, 1),
    ),
    Insured(
        ("TE1343421004417", "3421004417", "034221004417"), "Phạm Gia An", _born("2021-09-10"), "Nam",
        facility="34018", valid_from=date(2021, 9, 10), valid_to=date(2027, 9, 30),
    ),
    Insured(
        ("6621458802", "066302000007"), "Lê Thị Ngọc Linh", _born("2002-05-01"), "Nữ", facility="66005",
        valid_to=date(2027, 12, 31), five_years_on=date(2028, 9, 1),
    ),
    Insured(
        ("HC4343400987654", "3400987654", "034071005532"), "Đặng Hữu Thưởng", _born("1971-10-20"), "Nam",
        facility="34018", valid_from=date(2025, 1, 1), valid_to=date(2027, 12, 31), five_years_on=date(2019, 6, 1),
    ),
    Insured(
        ("DK2686821340077", "6821340077", "068088007719"), "K'Brêu", _born("1988-01-01"), "Nam", facility="68110",
        valid_to=date(2027, 12, 31), area="K1",
    ),
    Insured(
        ("3410556677", "034085006248"), "Vũ Minh Hải", _born("1985-12-30"), "Nam", facility="34018", valid_to=None,
        five_years_on=date(2027, 3, 1),
    ),
    Insured(
        ("GD4343411220033", "3411220033", "034086001903"), "Phạm Anh Tuấn", _born("1986-02-10"), "Nam",
        facility="34018", valid_from=date(2026, 2, 1), valid_to=date(2027, 1, 31),
    ),
    Insured(
        ("HS4343412002265", "3412002265", "034312002265"), "Nguyễn Hoàng Bảo Ngân", _born("2012-01-01"), "Nữ",
        facility="34018", valid_from=date(2026, 10, 1), valid_to=date(2027, 9, 30), five_years_on=date(2026, 9, 1),
    ),
)  # fmt: skip


def number_of(code: str) -> str:
    """Return the card of the invented person whose answer is a result code: 15 characters."""
    return f"GD43499000{code:0>5}"


def name_of(code: str) -> str:
    return f"Nguyễn Thị Mã {_SPOKEN[code]}"


# A name in words, as a person's name has no digits.
_DIGITS: Final = ("Không", "Một", "Hai", "Ba", "Bốn", "Năm", "Sáu", "Bảy", "Tám", "Chín")
CODES: Final = (
    "000", "001", "002", "003", "004", "010", "050", "051", "052", "053", "054", "055", "060", "061", "070", "100",
    "101", "110", "120", "121", "122", "123", "124", "130", "205", "401", "500", "501", "999",
)  # fmt: skip
_SPOKEN: Final = {code: " ".join(_DIGITS[int(digit)] for digit in code) for code in CODES}


def _person_of(code: str) -> Insured:
    is_replaced = code in {"003", "004"}
    return Insured(
        (number_of(code),),
        name_of(code),
        _born("1980-05-17"),
        "Nữ",
        valid_from=date(2024, 1, 1),
        valid_to=date(2025, 12, 31) if code in {"003", "010"} else date(2035, 12, 31),
        code=code,
        new_number=f"GD43499001{code:0>5}" if is_replaced else "",
        new_facility="34018" if is_replaced else "",
    )


FAULT_NUMBERS: Final[dict[Fault, str]] = {
    "html": "GD4349900090001",
    "null-arrays": "GD4349900090002",
    "delay-3": "GD4349900090003",
    "delay-15": "GD4349900090004",
    "reset": "GD4349900090005",
    "status-503": "GD4349900090006",
    "wrong-json": "GD4349900090007",
    "huge": "GD4349900090008",
    "client-400": "GD4349900090009",
}
"""A 4xx answer carries code 205 in its JSON."""

YEAR_ONLY: Final = "GD4349900080001"
ELSEWHERE: Final = "GD4349900080002"
AREA_K1: Final = "GD4349900080003"
TWO_CARDS: Final = "GD4349900080004"

_SPECIAL: Final = (
    Insured((YEAR_ONLY,), "Lò Thị Mẩy", _born("1951"), "Nữ"),
    Insured((ELSEWHERE,), "Đinh Văn Nơi Khác", _born("1977-02-03"), "Nam", facility="01013"),
    Insured((AREA_K1,), "Giàng A Thử", _born("1992-11-09"), "Nam", area="K1"),
    # The first card holds; a newer one begins only in a year.
    Insured(
        (TWO_CARDS,), "Bùi Thị Hai Thẻ", _born("1969-06-30"), "Nữ", code="004", new_number="GD4349900180004",
        new_facility="34018",
    ),
    *(
        Insured((number,), "Trần Văn Lỗi", _born("1970-01-01"), "Nam", fault=fault)
        for fault, number in FAULT_NUMBERS.items()
    ),
)  # fmt: skip

PEOPLE: Final = (*DEMO, *(_person_of(code) for code in CODES), *_SPECIAL)
BY_NUMBER: Final = {number: person for person in PEOPLE for number in person.numbers}


def new_card_days(person: Insured, today: date) -> tuple[date, date]:
    """Return the first and last day of the card that replaces a person's old one."""
    begins = today + timedelta(days=365) if person.card_number == TWO_CARDS else date(2026, 1, 1)
    return begins, date(2036, 12, 31)


def code_for(person: Insured, *, full_name: str, born_on: str, today: date) -> str:
    """Return the result code for a question about a person; names are compared in capitals, with their marks."""
    sent, known = _capitals(full_name), _capitals(person.full_name)
    if sent != known:
        return "061" if [word[0] for word in sent.split()] == [word[0] for word in known.split()] else "060"
    if born_on not in birth_dates(person):
        return "070"
    if person.code == "000" and person.valid_to is not None and person.valid_to < today:
        return "010"
    return person.code


def _capitals(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).upper()


def birth_dates(person: Insured) -> tuple[str, ...]:
    """Return the forms in which the gateway takes a person's birth date."""
    born = person.born_on
    if born.day is None or born.month is None:
        return (f"{born.year:04d}",)
    return (f"{born.day:02d}/{born.month:02d}/{born.year}", f"{born.day:02d}{born.month:02d}{born.year}")
