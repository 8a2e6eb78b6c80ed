from dataclasses import replace
from datetime import date

import pytest

from drivers.codec.recognise import IdCardCode
from drivers.icao9303.data_groups import AdditionalDetails
from drivers.icao9303.dg13 import VietnameseData
from drivers.icao9303.identity import chip_identity, contradictions_within, differences
from drivers.icao9303.mrz import build_td3, build_vietnamese_td1, parse_mrz

TODAY = date(2025, 3, 1)
MRZ = parse_mrz(build_vietnamese_td1("001090123456", "Nguyễn Văn Đức", "900815", "male", "300815"))
VIETNAMESE = VietnameseData(
    personal_number="001090123456",
    full_name="Nguyễn Văn Đức",
    born_on="1990-08-15",
    sex="male",
    ethnicity="Kinh",
    address="Quỳnh Côi",
    issued_on="2021-04-25",
    old_number="012345678",
)
IDENTITY = chip_identity(MRZ, VIETNAMESE, None, TODAY)
CODE = IdCardCode("001090123456", None, "Nguyễn Văn Đức", "1990-08-15", "male", "Quỳnh Côi", "2021-04-25")


def test_dg13_gives_the_marks_and_the_rest() -> None:
    assert (IDENTITY.full_name, IDENTITY.name_from) == ("Nguyễn Văn Đức", "DG13")
    assert (IDENTITY.document_number, IDENTITY.personal_number) == ("090123456", "001090123456")
    assert (IDENTITY.expires_on, IDENTITY.issued_on) == ("2030-08-15", "2021-04-25")
    assert (IDENTITY.ethnicity, IDENTITY.address, IDENTITY.old_number) == ("Kinh", "Quỳnh Côi", "012345678")


def test_without_dg13_the_mrz_names_the_person() -> None:
    alone = chip_identity(MRZ, None, None, TODAY)
    assert (alone.full_name, alone.name_from, alone.born_on) == ("NGUYEN VAN DUC", "DG1", "1990-08-15")
    assert alone.address is None


def test_a_passport_takes_name_and_century_from_dg11() -> None:
    mrz = parse_mrz(build_td3("C1234567", "Le Thi Anh", "200101", "female", "300101", "VNM"))
    details = AdditionalDetails(full_name="LÊ THỊ ÁNH", born_on="1920-01-01", issued_on="2020-01-01")
    passport = chip_identity(mrz, None, details, TODAY)
    assert (passport.full_name, passport.name_from, passport.personal_number) == ("LÊ THỊ ÁNH", "DG11", None)
    assert passport.born_on == "1920-01-01"
    assert chip_identity(mrz, None, None, TODAY).born_on == "2020-01-01"


def test_a_german_passport_has_an_iso_nationality() -> None:
    mrz = parse_mrz(build_td3("C01X00T47", "Mustermann Erika", "640812", "female", "270228", "D"))
    assert chip_identity(mrz, None, None, TODAY).nationality == "DEU"


@pytest.mark.parametrize(
    ("change", "fields", "why"),
    [
        ({}, (), "the same person"),
        ({"full_name": None, "born_on": None, "personal_number": None}, (), "nothing said"),
        ({"full_name": "NGUYỄN VĂN ĐỨC"}, (), "capitals"),
        ({"born_on": "1990"}, (), "less precise"),
        ({"personal_number": "001090123457"}, ("personal_number",), "another number"),
        ({"full_name": "Nguyễn Văn Giả"}, ("full_name",), "another name"),
        ({"born_on": "1990-08-16"}, ("born_on",), "another day"),
    ],
)
def test_dg13_of_another_person_is_found_out(change: dict[str, str], fields: tuple[str, ...], why: str) -> None:
    assert contradictions_within(MRZ, replace(VIETNAMESE, **change), TODAY) == fields  # type: ignore[arg-type]  # table


def test_a_name_cut_in_the_mrz_is_no_contradiction() -> None:
    full = "Nguyễn Phúc Công Tằng Tôn Nữ Hoàng Thị Thiên Hương"
    mrz = parse_mrz(build_vietnamese_td1("001090123456", full, "900815", "female", "300815"))
    assert contradictions_within(mrz, replace(VIETNAMESE, full_name=full), TODAY) == ()
    other = full.replace("Phúc", "Phước")
    assert contradictions_within(mrz, replace(VIETNAMESE, full_name=other), TODAY) == ("full_name",)


@pytest.mark.parametrize(
    ("change", "fields", "why"),
    [
        ({}, (), "the same person"),
        ({"full_name": "NGUYỄN VĂN ĐỨC"}, (), "capitals"),
        ({"full_name": "Nguye\u0302\u0303n Va\u0306n Đu\u031b\u0301c"}, (), "NFD"),
        ({"full_name": None, "born_on": None, "sex": None}, (), "destroyed by the scanner"),
        ({"born_on": "1990"}, (), "the code knows less"),
        ({"old_number": "999999999", "address": "Hà Nội", "issued_on": "2024-01-01"}, (), "an older card's address"),
        ({"personal_number": "001090123457"}, ("personal_number",), "another number"),
        ({"full_name": "Nguyễn Văn Đứa"}, ("full_name",), "another name"),
        ({"born_on": "1990-08-16", "sex": "female"}, ("born_on", "sex"), "another day and sex"),
    ],
)
def test_the_code_of_another_person_is_found_out(change: dict[str, str], fields: tuple[str, ...], why: str) -> None:
    assert differences(IDENTITY, replace(CODE, **change)) == fields  # type: ignore[arg-type]  # a table of changes


def test_tone_placement_is_no_difference() -> None:
    code = replace(CODE, full_name="Nguyễn Thị Hoà")
    assert differences(replace(IDENTITY, full_name="Nguyễn Thị Hòa"), code) == ()
