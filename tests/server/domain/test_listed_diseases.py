"""Appendix I of Circular 01/2025/TT-BYT, row by row, and how a disease is typed at the desk."""

from datetime import date

import pytest

from server.domain.coverage import ListedDisease, TechnicalLevel
from server.domain.identity import PartialDate
from server.domain.listed_diseases import (
    APPENDIX_I,
    Condition,
    ListedRow,
    ShownDisease,
    find_row,
    list_of,
    read_disease,
    rows_of,
)

DAY = date(2026, 11, 23)
GROWN_UP = PartialDate(1990, 8, 15)
CHILD = PartialDate(2012, 5, 1)


def row_for(code: str, *, born_on: PartialDate | None = GROWN_UP, on: date = DAY) -> ListedRow | None:
    return find_row(ShownDisease(code, ""), ListedDisease.APPENDIX_I, born_on=born_on, on=on)


# Number of the row, a code it names, its neighbour that it does not name, its name as typed in a hurry.
ROWS = [
    (1, "A17.0", "A17", "viem mang nao do lao"),
    (2, "A17.1", "A16.1", "u lao mang nao"),
    (3, "A17.8", "A17.2", "lao khac cua he than kinh"),
    (4, "A17.9", "A18.9", "lao he than kinh, khong xac dinh"),
    (5, "A31.0", "A31.1", "nhiem mycobacteria o phoi"),
    (6, "B39.0", "B39.1", "nhiem histoplasma capsulatum o phoi cap tinh"),
    (7, "B40.0", "B40.1", "nhiem nam blastomyces o phoi cap tinh"),
    (8, "B41.0", "B41.7", "nhiem nam paracoccidioides o phoi"),
    (9, "B42.0", "B42.1", "nhiem sporotrichum o phoi"),
    (10, "B44.0", "B44.9", "nhiem aspergillus o phoi xam lan"),
    (11, "B45.0", "B45.1", "nhiem cryptococcus o phoi"),
    (12, "B46.0", "B46.1", "nhiem mucor o phoi"),
    (13, "B46.4", "B46.5", "nhiem mucor lan toa"),
    (14, "C25.9", "C24", "u ac tuy"),
    (15, "C37", "C36", "u ac tuyen uc"),
    (16, "C38.1", "C38.4", "u ac cua tim, trung that va mang phoi"),
    (17, "C41.2", "C40", "u ac cua xuong va sun khop o vi tri khac va khong xac dinh"),
    (18, "C70.0", "C69", "u ac cua mang nao"),
    (19, "C71.9", "C73", "u ac cua nao"),
    (20, "C72.0", "C74", "u ac cua tuy song, day than kinh so va cac phan khac cua he than kinh trung uong"),
    (21, "C79.3", "C79.1", "u ac thu phat cua nao va mang nao"),
    (23, "C92.0", "C83.5", "u ac cua he lympho, he tao mau va cac mo lien quan"),
    (24, "D46.9", "D47", "hoi chung loan san tuy xuong"),
    (25, "D61.0", "D61.9", "cac the suy tuy xuong khac"),
    (26, "D68.6", "D68.5", "benh tang dong mau khac (hoi chung khang phospholipid)"),
    (27, "D76.2", "D76.1", "hoi chung thuc bao te bao mau lien quan den nhiem trung"),
    (28, "E10.7", "E10.6", "benh dai thao duong phu thuoc insulin (co da bien chung)"),
    (29, "E11.7", "E11.9", "benh dai thao duong khong phu thuoc insulin (co da bien chung)"),
    (33, "E75.2", "E77", "nhom roi loan du tru the tieu bao (pompe, mps, gaucher, fabry)"),
    (34, "E83.0", "E83.1", "roi loan chuyen hoa dong (bao gom ca benh wilson)"),
    (35, "E85.4", "E84", "thoai hoa dang bot"),
    (36, "F33.2", "F32", "roi loan tram cam tai dien"),
    (37, "F42.0", "F41", "roi loan am anh nghi thuc"),
    (38, "G04.9", "G04.2", "viem nao, viem tuy va viem nao tuy"),
    (39, "G35", "G36.1", "xo cung rai rac"),
    (40, "G36.0", "G36.9", "viem tuy thi than kinh [devic]"),
    (41, "G70.0", "G70.1", "nhuoc co"),
    (42, "H35.1", "H35.0", "benh ly vong mac cua tre de non"),
    (43, "I50.1", "I51.1", "suy tim"),
    (44, "L51.2", "L51.1", "hoai tu thuong bi nhiem doc (lyell, stevens-johnson)"),
    (45, "I97.0", "I97.2", "hoi chung sau mo tim"),
    (46, "I97.1", "I97.8", "roi loan chuc nang khac sau phau thuat tim"),
    (47, "J84.1", "J83", "benh phoi mo ke khac"),
    (48, "J85.2", "J87", "ap xe phoi va trung that"),
    (49, "J86.9", "J90", "mu long nguc (nhiem trung nang o phoi)"),
    (50, "K50.0", "K51", "benh crohn (viem ruot tung vung)"),
    (51, "L10.0", "L11", "pemphigus"),
    (52, "L95.0", "L95.1", "viem mach mang luoi"),
    (53, "L98.2", "L98.1", "benh da tang bach cau trung tinh co sot [hoi chung sweet]"),
    (54, "M32.1", "M32.9", "benh lupus ban do he thong co ton thuong phu tang"),
    (55, "P70.2", "P70.1", "dai thao duong so sinh"),
    (56, "Q04.3", "Q03", "di tat bam sinh khac cua nao"),
    (57, "Q06.8", "Q07", "cac di tat bam sinh khac cua tuy song"),
    (59, "Q65.0", "Q66", "bien dang bam sinh cua khop hang"),
    (60, "U84.3", "U84.2", "khang (cac) thuoc chong lao"),
    (61, "Y89.1", "Y89.0", "di chung cua hoat dong chien tranh"),
    (62, "Z94.0", "Z95", "tinh trang cua manh ghep co quan va to chuc"),
]
CHILDRENS_ROWS = [
    (22, "C50.9", "D00", "nhom u ac tinh"),
    (30, "E70.0", "E69", "roi loan chuyen hoa acid amin thom"),
    (31, "E71.3", "E73", "roi loan chuyen hoa acid amin chuoi nhanh va roi loan chuyen hoa acid beo"),
    (32, "E72.1", "E73", "cac roi loan khac cua chuyen hoa acid amin"),
    (58, "Q21.0", "Q29", "nhom cac di tat bam sinh cua he thong tuan hoan"),
]


def test_each_of_the_62_rows_has_its_case() -> None:
    assert sorted(number for number, *_ in ROWS + CHILDRENS_ROWS) == list(range(1, 63))
    assert [row.number for row in APPENDIX_I] == list(range(1, 63))


@pytest.mark.parametrize(("number", "inside", "outside", "name"), ROWS + CHILDRENS_ROWS)
def test_a_row_names_its_codes_and_is_found_by_its_name_without_marks(
    number: int, inside: str, outside: str, name: str
) -> None:
    found = row_for(inside, born_on=CHILD)
    assert (found and found.number) == number
    neighbour = row_for(outside, born_on=GROWN_UP)
    assert neighbour is None or neighbour.number != number
    typed = read_disease(name, APPENDIX_I)
    by_name = find_row(typed, ListedDisease.APPENDIX_I, born_on=CHILD, on=DAY)
    assert (by_name and by_name.number) == number


@pytest.mark.parametrize("row", APPENDIX_I, ids=lambda row: str(row.number))
def test_what_the_page_proposes_for_a_row_leads_back_to_it(row: ListedRow) -> None:
    for name in (row.name, row.name_en):
        typed = read_disease(" ".join(filter(None, (row.only_code, name))), APPENDIX_I)
        assert find_row(typed, ListedDisease.APPENDIX_I, born_on=CHILD, on=DAY) == row


@pytest.mark.parametrize("code", [inside for _, inside, _, _ in CHILDRENS_ROWS])
@pytest.mark.parametrize(
    ("born_on", "holds", "reason"),
    [
        (PartialDate(2008, 11, 24), True, "eighteen tomorrow"),
        (PartialDate(2008, 11, 23), False, "eighteen today"),
        (PartialDate(2008), True, "only the year is known: read in the patient's favour"),
        (PartialDate(2007), False, "eighteen whatever the day"),
        (None, True, "nobody knows the birth date"),
    ],
)
def test_a_childrens_row_ends_at_eighteen(code: str, born_on: PartialDate | None, *, holds: bool, reason: str) -> None:
    assert (row_for(code, born_on=born_on) is not None) is holds, reason


def test_what_one_row_leaves_out_another_may_name() -> None:
    assert row_for("C83.5") is None
    assert row_for("C38.4") is None
    childs = row_for("C83.5", born_on=CHILD)
    assert childs is not None
    assert childs.number == 22
    leukaemia = row_for("C91.0", born_on=CHILD)
    assert leukaemia is not None
    assert (leukaemia.number, leukaemia.children_only) == (23, False)  # the row without an age goes first


def test_the_code_as_the_circular_prints_it_counts_beside_the_one_icd_10_has() -> None:
    assert row_for("I51.2") == row_for("L51.2")


def test_the_list_holds_from_its_day_and_only_for_its_appendix() -> None:
    assert row_for("I50", on=date(2024, 12, 31)) is None
    assert row_for("I50", on=date(2025, 1, 1)) is not None
    assert rows_of(ListedDisease.APPENDIX_II, on=DAY) == ()


@pytest.mark.parametrize(
    ("level", "appendix"),
    [
        (TechnicalLevel.INITIAL, None),
        (TechnicalLevel.BASIC, ListedDisease.APPENDIX_II),
        (TechnicalLevel.SPECIALISED, ListedDisease.APPENDIX_I),
    ],
)
def test_each_level_has_its_appendix(level: TechnicalLevel, appendix: ListedDisease | None) -> None:
    assert list_of(level) is appendix


@pytest.mark.parametrize(
    ("text", "code", "name", "reason"),
    [
        ("i50", "I50", "Suy tim", "a code, small"),
        ("I50.1 suy tim trái", "I50.1", "suy tim trái", "code and own words"),
        ("I501", "I50.1", "Suy tim", "without the dot"),
        ("m32.1†", "M32.1", "Bệnh lupus ban đỏ hệ thống có tổn thương phủ tạng", "the dagger is no part of the code"),
        ("I50 Suy tim", "I50", "Suy tim", "as the page proposes it"),
        ("J45: hen", "J45", "hen", "a disease of no row"),
        ("SUY TIM", "I50", "Suy tim", "a name finds its code"),
        ("nhược cơ", "G70.0", "Nhược cơ", "with marks"),
        ("multiple sclerosis", "G35", "Xơ cứng rải rác", "in English"),
        (
            "lupus",
            "M32.1",
            "Bệnh lupus ban đỏ hệ thống có tổn thương phủ tạng",
            "one word is enough",
        ),
        ("u ác não", None, "u ác não", "of several rows none is taken"),
        ("hen phế quản", None, "hen phế quản", "a name of no row stays as it is"),
        ("A1", None, "A1", "half a code is no code"),
        ("C00-C97", None, "C00-C97", "a range of codes is no disease"),
    ],
)
def test_what_is_typed_is_understood(text: str, code: str | None, name: str, reason: str) -> None:
    found = read_disease(text, APPENDIX_I)
    assert (found.code, found.name) == (code, name), reason


def test_a_row_keeps_what_staff_must_see_besides_the_code() -> None:
    failure, cancer = row_for("I50"), row_for("C50", born_on=CHILD)
    assert failure is not None
    assert failure.conditions == (Condition.HEART_FAILURE,)
    assert cancer is not None
    assert cancer.conditions == (Condition.SPECIFIC_TREATMENT,)
