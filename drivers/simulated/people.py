"""Invented people and what stands on their papers.

Nobody here exists. Numbers agree with the rest of each card as real ones do (Decree 137/2015 art. 13: province, century
and sex, year of birth), expiries follow the milestones of the Law on Identification 2023 art. 21. The set is chosen so
that each rule met at a desk has somebody who needs it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

NO_EXPIRY_MRZ: Final = "991231"

CardGeneration = Literal["cccd", "can-cuoc", "passport"]


@dataclass(frozen=True, slots=True)
class InventedInsurance:
    """A health insurance card (thẻ BHYT). ``card_number``: 15 characters, or 10 digits on cards since April 2021."""

    card_number: str
    social_insurance_number: str
    primary_facility: str  # 5 characters: province and facility
    valid_from: date
    issued_on: date
    valid_to: date | None = None
    five_years_on: date | None = None
    parent_name: str | None = None  # on a young child's card


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One person and one identity document.

    ``expires_on`` is None for a card without expiry. ``document_number`` is what the MRZ carries: the last 9 digits of
    a personal number, or a passport's number. ``nationality`` is ISO 3166-1 alpha-3.
    """

    key: str
    personal_number: str | None
    full_name: str
    born_on: date
    sex: Literal["male", "female"]
    address: str
    issued_on: date
    expires_on: date | None
    generation: CardGeneration = "cccd"
    nationality: str = "VNM"
    passport_number: str | None = None
    old_number: str | None = None
    ethnicity: str = "Kinh"
    religion: str = "Không"
    place_of_origin: str = ""
    identifying_marks: str = ""
    father: str | None = None
    mother: str | None = None
    spouse: str | None = None
    parents_on_qr: bool = False
    has_photo: bool = True
    insurance: InventedInsurance | None = None

    @property
    def can(self) -> str | None:
        """The card access number: the last six digits of the personal number."""
        return self.personal_number[-6:] if self.personal_number else None

    @property
    def mrz_expiry(self) -> str:
        """The end of validity as the MRZ writes it, YYMMDD."""
        return f"{self.expires_on:%y%m%d}" if self.expires_on else NO_EXPIRY_MRZ

    @property
    def document_number(self) -> str:
        if self.personal_number:
            return self.personal_number[-9:]
        assert self.passport_number is not None
        return self.passport_number


PEOPLE: Final[tuple[InventedPerson, ...]] = (
    InventedPerson(
        key="duc",
        personal_number="001090123456",
        full_name="Nguyễn Văn Đức",
        born_on=date(1990, 8, 15),
        sex="male",
        address="Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
        issued_on=date(2021, 4, 25),
        expires_on=date(2030, 8, 15),
        old_number="012345678",
        place_of_origin="Quỳnh Phụ, Thái Bình",
        identifying_marks="Nốt ruồi C:1cm trên sau đuôi mày trái",
        father="Nguyễn Văn Bình",
        mother="Trần Thị Hoa",
        insurance=InventedInsurance(
            card_number="DN4340123456789",
            social_insurance_number="0123456789",
            primary_facility="34018",
            valid_from=date(2024, 1, 1),
            issued_on=date(2023, 12, 28),
            five_years_on=date(2025, 1, 1),
        ),
    ),
    InventedPerson(
        key="hoa",  # 78 years old, a card for life
        personal_number="036148000018",
        full_name="Trần Thị Hoà",
        born_on=date(1948, 3, 3),
        sex="female",
        address="Thôn Đông Hoà, An Khê, Quỳnh Phụ, Thái Bình",
        issued_on=date(2021, 4, 1),
        expires_on=None,
        old_number="150123987",
        place_of_origin="Ý Yên, Nam Định",
        identifying_marks="Sẹo chấm C:2cm dưới trước cánh mũi phải",
        spouse="Nguyễn Văn Lịch",
        insurance=InventedInsurance(
            card_number="3498001234",
            social_insurance_number="3498001234",
            primary_facility="34018",
            valid_from=date(2026, 1, 1),
            valid_to=date(2030, 12, 31),
            issued_on=date(2025, 12, 15),
            five_years_on=date(2020, 1, 1),
        ),
    ),
    InventedPerson(
        key="an",  # under six at issue: no portrait on the card or in the chip, the parents in the QR
        personal_number="034221004417",
        full_name="Phạm Gia An",
        born_on=date(2021, 9, 10),
        sex="male",
        address="Thôn Bồ Trang 2, Quỳnh Hoa, Quỳnh Phụ, Thái Bình",
        issued_on=date(2024, 11, 5),
        expires_on=date(2035, 9, 10),
        generation="can-cuoc",
        place_of_origin="Quỳnh Phụ, Thái Bình",
        father="Phạm Đình Khôi",
        mother="Lương Thị Hạnh",
        parents_on_qr=True,
        has_photo=False,
        insurance=InventedInsurance(
            card_number="TE1343421004417",
            social_insurance_number="3421004417",
            primary_facility="34018",
            valid_from=date(2021, 9, 10),
            valid_to=date(2027, 9, 30),
            issued_on=date(2021, 10, 2),
            parent_name="Lương Thị Hạnh",
        ),
    ),
    InventedPerson(
        key="linh",  # renewed less than two years before 25: the card skips that milestone and lasts to 40
        personal_number="066302000007",
        full_name="Lê Thị Ngọc Linh",
        born_on=date(2002, 5, 1),
        sex="female",
        address="Thôn Đông, Xã Ea Kao, TP Buôn Ma Thuột, Đắk Lắk",
        issued_on=date(2025, 5, 20),
        expires_on=date(2042, 5, 1),
        generation="can-cuoc",
        place_of_origin="Krông Pắc, Đắk Lắk",
        father="Lê Quang Vinh",
        mother="Ngô Thị Bích",
        insurance=InventedInsurance(
            card_number="6621458802",
            social_insurance_number="6621458802",
            primary_facility="66005",
            valid_from=date(2026, 1, 1),
            valid_to=date(2027, 12, 31),
            issued_on=date(2025, 12, 20),
            five_years_on=date(2028, 9, 1),
        ),
    ),
    InventedPerson(
        key="thuong",  # Đ and stacked marks: differs in NFC and NFD, in Latin-1 and in code pages
        personal_number="034071005532",
        full_name="Đặng Hữu Thưởng",
        born_on=date(1971, 10, 20),
        sex="male",
        address="Khu 5, Thị trấn An Bài, Quỳnh Phụ, Thái Bình",
        issued_on=date(2022, 3, 14),
        expires_on=date(2031, 10, 20),
        old_number="151098765",
        place_of_origin="Đông Hưng, Thái Bình",
        identifying_marks="Nốt ruồi C:3cm dưới sau mép phải",
        father="Đặng Hữu Đạt",
        mother="Đỗ Thị Nhường",
        spouse="Quách Thị Duyên",
        insurance=InventedInsurance(
            card_number="HC4343400987654",
            social_insurance_number="3400987654",
            primary_facility="34018",
            valid_from=date(2025, 1, 1),
            valid_to=date(2027, 12, 31),
            issued_on=date(2024, 12, 22),
            five_years_on=date(2019, 6, 1),
        ),
    ),
    InventedPerson(
        key="kbreu",  # a name of one word, with an apostrophe that the MRZ leaves out
        personal_number="068088007719",
        full_name="K'Brêu",
        born_on=date(1988, 1, 1),
        sex="male",
        address="Thôn Păng Tiêng, Xã Lát, Lạc Dương, Lâm Đồng",
        issued_on=date(2021, 9, 9),
        expires_on=date(2028, 1, 1),
        ethnicity="Cơ Ho",
        religion="Tin lành",
        place_of_origin="Lạc Dương, Lâm Đồng",
        mother="Ka Thêm",
        insurance=InventedInsurance(
            card_number="DK2686821340077",
            social_insurance_number="6821340077",
            primary_facility="68110",
            valid_from=date(2026, 1, 1),
            valid_to=date(2027, 12, 31),
            issued_on=date(2025, 12, 28),
        ),
    ),
    InventedPerson(
        key="hai",  # the address has two levels: province and commune, as since July 2025
        personal_number="034085006248",
        full_name="Vũ Minh Hải",
        born_on=date(1985, 12, 30),
        sex="male",
        address="Thôn Đồng Lạc, Xã Quỳnh Phụ, Tỉnh Hưng Yên",
        issued_on=date(2025, 9, 15),
        expires_on=date(2045, 12, 30),
        generation="can-cuoc",
        old_number="151634209",
        place_of_origin="Quỳnh Phụ, Thái Bình",
        father="Vũ Đức Thịnh",
        mother="Bùi Thị Xuyến",
        spouse="Đoàn Thu Hằng",
        insurance=InventedInsurance(
            card_number="3410556677",
            social_insurance_number="3410556677",
            primary_facility="34018",
            valid_from=date(2026, 1, 1),
            issued_on=date(2025, 12, 30),
            five_years_on=date(2027, 3, 1),
        ),
    ),
    InventedPerson(
        key="tuan",  # the card ran out on the fortieth birthday: it still opens
        personal_number="034086001903",
        full_name="Phạm Anh Tuấn",
        born_on=date(1986, 2, 10),
        sex="male",
        address="Thôn Lộng Khê, An Khê, Quỳnh Phụ, Thái Bình",
        issued_on=date(2021, 6, 5),
        expires_on=date(2026, 2, 10),
        old_number="151577310",
        place_of_origin="Quỳnh Phụ, Thái Bình",
        identifying_marks="Sẹo chấm C:1,5cm trên đầu mày phải",
        father="Phạm Văn Toản",
        mother="Nguyễn Thị Gấm",
        insurance=InventedInsurance(
            card_number="GD4343411220033",
            social_insurance_number="3411220033",
            primary_facility="34018",
            valid_from=date(2026, 2, 1),
            valid_to=date(2027, 1, 31),
            issued_on=date(2026, 1, 25),
        ),
    ),
    InventedPerson(
        key="mai",  # has no health insurance
        personal_number="030195008841",
        full_name="Hoàng Thị Tuyết Mai",
        born_on=date(1995, 7, 7),
        sex="female",
        address="Số 18, Ngõ 42, Phố Bùi Thị Cúc, TT Ân Thi, Ân Thi, Hưng Yên",
        issued_on=date(2024, 8, 19),
        expires_on=date(2035, 7, 7),
        generation="can-cuoc",
        place_of_origin="Thanh Miện, Hải Dương",
        father="Hoàng Công Nghĩa",
        mother="Phùng Thị Vân",
    ),
    InventedPerson(
        key="ngan",  # a pupil whose card skipped fourteen
        personal_number="034312002265",
        full_name="Nguyễn Hoàng Bảo Ngân",
        born_on=date(2012, 1, 1),
        sex="female",
        address="Tổ 7, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
        issued_on=date(2024, 8, 1),
        expires_on=date(2037, 1, 1),
        generation="can-cuoc",
        place_of_origin="Quỳnh Phụ, Thái Bình",
        father="Nguyễn Hoàng Long",
        mother="Đinh Thị Phượng",
        insurance=InventedInsurance(
            card_number="HS4343412002265",
            social_insurance_number="3412002265",
            primary_facility="34018",
            valid_from=date(2026, 10, 1),
            valid_to=date(2027, 9, 30),
            issued_on=date(2026, 9, 20),
            five_years_on=date(2026, 9, 1),
        ),
    ),
    InventedPerson(
        key="somsak",  # a visitor with a passport: TD3, no personal number, no QR
        personal_number=None,
        full_name="Phommachanh Somsak",
        born_on=date(1979, 11, 23),
        sex="male",
        address="",
        issued_on=date(2023, 2, 6),
        expires_on=date(2033, 2, 5),
        generation="passport",
        nationality="LAO",
        passport_number="PA0174263",
        ethnicity="",
        religion="",
    ),
)


def get_person(key: str) -> InventedPerson:
    """Return the person named ``key``; raises KeyError."""
    for person in PEOPLE:
        if person.key == key:
            return person
    raise KeyError(key)
