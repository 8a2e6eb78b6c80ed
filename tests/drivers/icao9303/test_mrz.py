from datetime import date

import pytest

from drivers.errors import MalformedData
from drivers.icao9303.mrz import birth_date, build_td1, build_td3, build_vietnamese_td1, expiry_date, parse_mrz

DUC = "IDVNM0901234562001090123456<<39008157M3008155VNM<<<<<<<<<<<4NGUYEN<<VAN<DUC<<<<<<<<<<<<<<<<"
HOA = "IDVNM1600000186036160000018<<16003036F9912315VNM<<<<<<<<<<<8TRAN<<THI<HOA<<<<<<<<<<<<<<<<<"
TODAY = date(2025, 3, 1)


def test_a_vietnamese_card_is_read() -> None:
    mrz = parse_mrz(DUC[:90])
    assert (mrz.form, mrz.document_code, mrz.issuer, mrz.nationality) == ("TD1", "ID", "VNM", "VNM")
    assert (mrz.document_number, mrz.personal_number) == ("090123456", "001090123456")
    assert (mrz.sex, mrz.name) == ("male", "NGUYEN VAN DUC")
    assert birth_date(mrz, TODAY) == "1990-08-15"
    assert expiry_date(mrz) == "2030-08-15"
    assert mrz.information == b"090123456290081573008155"


def test_a_card_without_expiry_has_none() -> None:
    mrz = parse_mrz(HOA[:90])
    assert mrz.has_no_expiry
    assert expiry_date(mrz) is None
    assert birth_date(mrz, TODAY) == "1960-03-03"


def test_lines_may_come_apart_by_slash_or_line_end() -> None:
    lines = [DUC[:30], DUC[30:60], DUC[60:90]]
    assert parse_mrz("/".join(lines)) == parse_mrz("\r\n".join(lines)) == parse_mrz(DUC[:90])


def test_builders_give_the_worked_cards() -> None:
    assert build_vietnamese_td1("001090123456", "Nguyễn Văn Đức", "900815", "male", "300815") == DUC[:90]
    assert build_vietnamese_td1("036160000018", "Trần Thị Hòa", "600303", "female", "991231") == HOA[:90]


def test_the_passport_of_the_standard_is_read() -> None:
    # ICAO 9303-4 appendix B, the specimen of Utopia
    mrz = parse_mrz("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10")
    assert (mrz.form, mrz.document_number, mrz.issuer) == ("TD3", "L898902C3", "UTO")
    assert (mrz.name, mrz.sex, mrz.optional_data) == ("ERIKSSON ANNA MARIA", "female", "ZE184226B")
    assert mrz.personal_number is None
    assert birth_date(mrz, TODAY) == "1974-08-12"


def test_a_td1_of_another_country_is_read() -> None:
    # ICAO 9303-5 appendix B, the specimen of Utopia
    mrz = parse_mrz("I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert (mrz.document_number, mrz.nationality, mrz.personal_number) == ("D23145890", "UTO", None)


def test_a_document_number_longer_than_nine_runs_on() -> None:
    # ICAO 9303-5 clause 4.2.4: D23145890734, check digit 9
    mrz = parse_mrz("I<UTOD23145890<7349<<<<<<<<<<<3407127M9507122UTO<<<<<<<<<<<2STEVENSON<<PETER<JOHN<<<<<<<<<")
    assert mrz.document_number == "D23145890734"
    assert mrz.information.startswith(b"D23145890734" + b"9")


@pytest.mark.parametrize("position", [5, 14, 20, 29, 30, 36, 40, 44, 59])
def test_one_wrong_digit_is_refused(position: int) -> None:
    wrong = "1" if DUC[position] != "1" else "2"
    with pytest.raises(MalformedData, match="check digit"):
        parse_mrz(DUC[:position] + wrong + DUC[position + 1 : 90])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (DUC[:89], "cut"),
        (DUC[:60], "two lines"),
        (DUC[:89].lower() + "<", "lower case"),
        ("Đ" * 90, "letters"),
    ],
)
def test_what_is_no_mrz_is_refused(text: str, why: str) -> None:
    with pytest.raises(MalformedData):
        parse_mrz(text)


@pytest.mark.parametrize(
    ("number", "born", "full"),
    [
        ("001020123456", "200815", "1920-08-15"),  # over a hundred: the number says so
        ("001220123456", "200815", "2020-08-15"),  # a child
        ("001190123456", "900000", "1990"),  # only the year is known
        ("001190123456", "90<<<<", "1990"),
        ("001190123456", "9008<<", "1990-08"),
        ("001190123456", "900800", "1990-08"),
    ],
)
def test_birth_dates_keep_century_and_precision(number: str, born: str, full: str) -> None:
    mrz = parse_mrz(build_vietnamese_td1(number, "Lê Ánh", born, "female", "400815"))
    assert birth_date(mrz, TODAY) == full


def test_a_passports_century_never_lies_in_the_future() -> None:
    old = parse_mrz(build_td3("C1234567", "Le Anh", "260101", "female", "300101", "VNM"))
    young = parse_mrz(build_td3("C1234567", "Le Anh", "250101", "female", "300101", "VNM"))
    assert birth_date(old, TODAY) == "1926-01-01"
    assert birth_date(young, TODAY) == "2025-01-01"


def test_dates_no_calendar_has_are_refused() -> None:
    mrz = parse_mrz(build_vietnamese_td1("001090123456", "Lê Ánh", "900230", "female", "301301"))
    with pytest.raises(MalformedData):
        birth_date(mrz, TODAY)
    with pytest.raises(MalformedData):
        expiry_date(mrz)


def test_a_long_name_is_cut_and_an_unmarked_sex_is_kept_open() -> None:
    text = build_td1("X1", "Nguyễn Phúc Công Tằng Tôn Nữ Hoàng Thị Thiên", "900815", None, "300815", "UTO")
    mrz = parse_mrz(text)
    assert len(text) == 90
    assert mrz.sex is None
    assert mrz.name.startswith("NGUYEN PHUC CONG TANG")
