"""Texts of scanned codes, whole and damaged, and what becomes of them. All people are invented."""

import unicodedata
from dataclasses import replace
from typing import Final

import pytest

from drivers.codec.recognise import (
    CodeKind,
    IdCardCode,
    InsuranceCode,
    OwnCode,
    Recognised,
    Sex,
    recognise,
    recognise_all,
    shape_of,
)

CCCD: Final = "001090123456|012345678|Nguyễn Văn Đức|15081990|Nam|Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình|25042021"
CCCD_VALUE: Final = IdCardCode(
    personal_number="001090123456",
    old_number="012345678",
    full_name="Nguyễn Văn Đức",
    born_on="1990-08-15",
    sex="male",
    address="Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
    issued_on="2021-04-25",
)
CAN_CUOC: Final = (
    "001301000007||Lê Thị Ngọc Ánh|02092001|Nữ|Thôn Đông, Xã Ea Kao, TP Buôn Ma Thuột, Đắk Lắk|15082024||||"
)
CAN_CUOC_VALUE: Final = IdCardCode(
    personal_number="001301000007",
    old_number=None,
    full_name="Lê Thị Ngọc Ánh",
    born_on="2001-09-02",
    sex="female",
    address="Thôn Đông, Xã Ea Kao, TP Buôn Ma Thuột, Đắk Lắk",
    issued_on="2024-08-15",
    extras=("", "", "", ""),
)
ADDRESS_HEX: Final = "Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình".encode().hex()
BHYT: Final = (
    f"DN4340123456789|4e677579e1bb856e2056c4836e20c490e1bba963|15/08/1990|1|{ADDRESS_HEX}|34 - 018|01/01/2024|-|"
    "28/12/2023|34060123456789|-|4|01/01/2025|0123456789abcdef-7102|$"
)
BHYT_VALUE: Final = InsuranceCode(
    card_number="DN4340123456789",
    full_name="Nguyễn Văn Đức",
    born_on="1990-08-15",
    sex="male",
    address="Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
    primary_facility="34018",
    valid_from="2024-01-01",
    valid_to=None,
    issued_on="2023-12-28",
    social_insurance_number="0123456789",
    five_years_on="2025-01-01",
)
VISIT: Final = "TD1:0123456789ABCDEFGHJK"


def _with_field(text: str, index: int, field: str) -> bytes:
    fields = text.split("|")
    fields[index] = field
    return "|".join(fields).encode()


def _cp1252(text: str) -> str:
    """``text``'s UTF-8 read as cp1252, its five undefined bytes passed through as browsers do."""
    return "".join(
        chr(b) if b in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else bytes([b]).decode("cp1252") for b in text.encode()
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CCCD, Recognised(CodeKind.CCCD, CCCD_VALUE)),
        (CAN_CUOC, Recognised(CodeKind.CAN_CUOC, CAN_CUOC_VALUE)),
        (BHYT, Recognised(CodeKind.BHYT, BHYT_VALUE)),
        (VISIT, Recognised(CodeKind.VISIT, OwnCode("0123456789ABCDEFGHJK"))),
        (f"https://tiepdon.benhvien.example/t/{VISIT[4:]}", Recognised(CodeKind.VISIT, OwnCode(VISIT[4:]))),
        ("TA1:ZYXWVTSRQPNMKJHGFEDC", Recognised(CodeKind.APPOINTMENT, OwnCode("ZYXWVTSRQPNMKJHGFEDC"))),
    ],
)
def test_a_whole_code_becomes_its_fields_and_needs_no_repair(text: str, expected: Recognised) -> None:
    assert recognise(text.encode()) == expected


@pytest.mark.parametrize(
    ("data", "repairs"),
    [
        (b"\xef\xbb\xbf" + CCCD.encode(), ("bom",)),
        (b"]Q1" + CCCD.encode(), ("aim",)),
        (b"]Q2\\000026" + CCCD.encode(), ("aim",)),  # AIM's way of spelling ECI 26
        (b"\xef\xbb\xbf]Q1" + CCCD.encode() + b"\r\n", ("bom", "aim")),
        (b"]Q1\xef\xbb\xbf" + CCCD.encode(), ("aim", "bom")),
        (CCCD.encode() + b"\r", ()),
        (CCCD.encode() + b"\r\n", ()),
        (CCCD.encode() + b"\t", ()),
        (CCCD.encode() + b"\x00", ()),
        (b"\x02" + CCCD.encode() + b"\x03", ()),  # STX and ETX of serial imagers
        (b"  " + CCCD.encode() + b"  ", ()),
        (unicodedata.normalize("NFD", CCCD).encode(), ("nfd",)),
        (CCCD.encode().decode("latin-1").encode(), ("latin1",)),
        (_cp1252(CCCD).encode(), ("cp1252",)),
        (CCCD.encode().decode("cp437").encode(), ("cp437",)),
        (("\ufeff" + CCCD).encode().decode("latin-1").encode(), ("latin1", "bom")),
        (unicodedata.normalize("NFD", CCCD).encode().decode("latin-1").encode(), ("latin1", "nfd")),
        ((CCCD + CCCD).encode(), ("twice",)),
        ((CCCD + "\r\n]Q1" + CCCD).encode(), ("twice",)),
        (_with_field(CCCD, 3, "15/08/1990"), ("slash-dates",)),
        (_with_field(CCCD, 6, "25/04/2021"), ("slash-dates",)),
    ],
)
def test_damage_with_an_exact_way_back_is_repaired_and_named(data: bytes, repairs: tuple[str, ...]) -> None:
    assert recognise(data) == Recognised(CodeKind.CCCD, CCCD_VALUE, repairs)


def test_a_letter_ending_in_a_no_break_space_survives_the_repair_of_its_charset() -> None:
    # "à" is C3 A0; read as Latin-1 its second half is a no-break space, which str.strip() would take away.
    text = CCCD.replace("|25042021", "").replace("Thái Bình", "Thành phố Hà")
    read = recognise(text.encode().decode("latin-1").encode())
    assert isinstance(read.value, IdCardCode)
    assert read.value.address == "Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thành phố Hà"


@pytest.mark.parametrize(
    ("spelling", "sex", "repaired"),
    [
        ("Nam", "male", False),
        ("NAM", "male", True),
        ("M", "male", True),
        ("Male", "male", True),
        ("Nữ", "female", False),
        ("NỮ", "female", True),
        ("Nu", "female", True),
        ("F", "female", True),
        ("Female", "female", True),
        ("N?", None, False),  # could be read as either by somebody eager
        ("", None, False),
        ("Khác", None, False),
    ],
)
def test_a_sex_is_read_in_every_known_spelling_and_never_guessed(
    spelling: str, sex: Sex | None, repaired: bool
) -> None:
    read = recognise(_with_field(CCCD, 4, spelling))
    assert read.value == replace(CCCD_VALUE, sex=sex)
    assert ("sex-spelling" in read.repairs) is repaired


@pytest.mark.parametrize(
    ("written", "born_on"),
    [
        ("15081990", "1990-08-15"),
        ("081990", "1990-08"),
        ("1990", "1990"),
        ("00081990", "1990-08"),
        ("00001990", "1990"),
        ("15/8/1990", "1990-08-15"),
        ("8/1990", "1990-08"),
        ("29022000", "2000-02-29"),
    ],
)
def test_a_birth_date_keeps_the_precision_it_was_written_with(written: str, born_on: str) -> None:
    assert recognise(_with_field(CCCD, 3, written)).value == replace(CCCD_VALUE, born_on=born_on)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "31021990",  # there is no 31 February
        "29021990",  # nor this one
        "15001990",  # a day of no month
        "15131990",
        "15080090",
        "1508199",
        "١٥٠٨١٩٩٠",  # digits to str.isdecimal(), not to a card
        "1990-08-15",
    ],
)
def test_a_card_with_an_impossible_birth_date_is_refused(written: str) -> None:
    assert recognise(_with_field(CCCD, 3, written)) == Recognised(CodeKind.UNKNOWN, refusal="code.damaged")


@pytest.mark.parametrize("name", ["Nguy?n V?n ??c", "Nguy□n Văn Đức", "Nguy\ufffdn", "Nguyá»n VÄn", "", "Nguyễn\tVăn"])
def test_a_name_with_lost_letters_is_left_out_and_the_digits_are_kept(name: str) -> None:
    read = recognise(_with_field(CCCD, 2, name))
    assert isinstance(read.value, IdCardCode)
    assert read.value.full_name is None
    assert (read.value.personal_number, read.value.born_on, read.value.sex) == ("001090123456", "1990-08-15", "male")
    assert read.repairs == ("lost-letters",)


def test_bytes_that_are_no_utf8_cost_the_letters_and_not_the_digits() -> None:
    read = recognise(CCCD.encode().replace("Tổ".encode(), b"T\xc3"))
    assert isinstance(read.value, IdCardCode)
    assert (read.value.personal_number, read.value.full_name, read.value.address) == ("001090123456", None, None)
    assert read.repairs == ("lost-letters",)


@pytest.mark.parametrize(
    "name", ["Y", "K'Brêu", "H’Hen Niê", "Điểu K´Lộc", "LÊ THỊ NGỌC ÁNH", "Trần Lê", "Nguyễn Thị A-B"]
)
def test_unusual_names_are_taken_as_they_are_printed(name: str) -> None:
    assert recognise(_with_field(CCCD, 2, name)).value == replace(CCCD_VALUE, full_name=name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            CCCD.rpartition("|")[0],
            Recognised(CodeKind.CCCD, replace(CCCD_VALUE, issued_on=None), ("field-count",)),
        ),  # six fields: writers are known that leave out the issue date
        (
            CCCD.replace("012345678|", "012345678901|"),
            Recognised(CodeKind.CCCD, replace(CCCD_VALUE, old_number="012345678901")),
        ),
        (CCCD.replace("25042021", ""), Recognised(CodeKind.CCCD, replace(CCCD_VALUE, issued_on=None))),
        (
            CCCD + "||Trần Văn Bình",
            Recognised(CodeKind.CAN_CUOC, replace(CCCD_VALUE, extras=("", "Trần Văn Bình")), ("field-count",)),
        ),  # nine fields, the issue date in its place: only the extras are uncertain
        (
            CCCD.replace("Tổ 3,", "Tổ 3|"),
            Recognised(
                CodeKind.CAN_CUOC,
                replace(
                    CCCD_VALUE,
                    address=None,
                    issued_on=None,
                    extras=("Tổ 3", "Quỳnh Côi, Quỳnh Phụ, Thái Bình", "25042021"),
                ),
                ("field-count",),
            ),
        ),  # a separator inside the address: nobody can say where it ends
        (
            CAN_CUOC.replace("||||", "|001300000001|Lê Văn Tâm|Hoàng Thị Thu|"),
            Recognised(
                CodeKind.CAN_CUOC, replace(CAN_CUOC_VALUE, extras=("001300000001", "Lê Văn Tâm", "Hoàng Thị Thu", ""))
            ),
        ),  # a cancelled number must not be taken for a second card
    ],
)
def test_other_counts_of_fields_are_read_as_far_as_they_are_certain(text: str, expected: Recognised) -> None:
    assert recognise(text.encode()) == expected


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (CCCD[:40], "code.half"),
        (CCCD[:-4], "code.half"),
        (CCCD[12:], "code.half"),
        (CCCD[30:], "code.half"),
        (BHYT[:60], "code.half"),
        (BHYT[40:], "code.half"),
        (VISIT[:-1], "code.half"),
        (CCCD.replace("012345678|", "01234567|"), "code.damaged"),
        (CCCD + "|" * 40, "code.damaged"),
        (BHYT + "|" * 5, "code.damaged"),
        ("!)!@#$%^&*()\\x", "code.layout"),
        ("àà&à_à&é\"'(-|", "code.layout"),
        ("₫₫ă₫đ₫ăâêô\u0300\u0309|", "code.layout"),
        ("001090123456", "code.number_only"),
        ("0123456789", "code.number_only"),
        ("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "code.unreadable_here"),
        ("QmVhcmVyIGNyZWRlbnRpYWwsIG5vdCB0byBiZSBrZXB0", "code.unreadable_here"),
        ("0f" * 40, "code.unreadable_here"),
        ("https://vneid.gov.vn/xac-thuc?t=abc", "code.unreadable_here"),
        ("https://menu.example/ban-12", "code.foreign"),
        ("https://tiepdon.benhvien.example/t/0123456789ABCDEF", "code.foreign"),  # cut: no code of ours has 16
        ("https://gov.vn.menu.example/", "code.foreign"),
        ("WIFI:S:khach;T:WPA;P:12345678;;", "code.foreign"),
        ("", "code.foreign"),
        ("x" * 5000, "code.foreign"),
        (CCCD.replace("001090123456", "٠٠١٠٩٠١٢٣٤٥٦"), "code.half"),
    ],
)
def test_what_is_no_whole_code_of_ours_is_refused_with_its_reason(text: str, refusal: str) -> None:
    assert recognise(text.encode()) == Recognised(CodeKind.UNKNOWN, refusal=refusal)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (CCCD + BHYT, (CCCD_VALUE, BHYT_VALUE)),
        (BHYT + CCCD, (BHYT_VALUE, CCCD_VALUE)),
        (BHYT[:-2] + CCCD, (BHYT_VALUE, CCCD_VALUE)),
        (CCCD + CAN_CUOC, (CCCD_VALUE, CAN_CUOC_VALUE)),
        (CCCD + "\r\n" + CAN_CUOC, (CCCD_VALUE, CAN_CUOC_VALUE)),
        (CAN_CUOC + VISIT, (CAN_CUOC_VALUE, OwnCode("0123456789ABCDEFGHJK"))),
        (
            CCCD + BHYT.replace("DN4340123456789", "0123456789"),
            (CCCD_VALUE, replace(BHYT_VALUE, card_number="0123456789")),
        ),  # 8 digits of a date, then 10 of a card
    ],
)
def test_two_codes_glued_together_come_apart_and_neither_is_chosen(data: str, expected: tuple[object, ...]) -> None:
    assert tuple(one.value for one in recognise_all(data.encode())) == expected
    assert recognise(data.encode()) == Recognised(CodeKind.UNKNOWN, refusal="code.several")


@pytest.mark.parametrize(
    ("index", "field", "change"),
    [
        (0, "0123456789", {"card_number": "0123456789"}),  # cards since April 2021
        (0, "TE1 34 21AA004417", {"card_number": "TE13421AA004417"}),  # letters on cards before August 2017
        (0, "001090123456", {"card_number": "001090123456"}),  # the personal number as insurance number
        (2, "1990", {"born_on": "1990"}),
        (2, "5/8/1990", {"born_on": "1990-08-05"}),
        (3, "2", {"sex": "female"}),
        (3, "3", {"sex": None}),
        (4, "-", {"address": None}),
        (5, "34 – 018", {"primary_facility": "34018"}),
        (5, "34018", {"primary_facility": "34018"}),
        (5, "34 - A1B", {"primary_facility": "34A1B"}),
        (5, "34", {"primary_facility": None}),
        (7, "31/12/2025", {"valid_to": "2025-12-31"}),
        (9, "-", {"social_insurance_number": None}),
        (10, "Trần Thị Hoa", {"parent_name": "Trần Thị Hoa"}),
        (10, "Trần Thị Hoa".encode().hex(), {"parent_name": "Trần Thị Hoa"}),
        (12, " 01/01/2025", {"five_years_on": "2025-01-01"}),
        (12, "-", {"five_years_on": None}),
    ],
)
def test_an_insurance_card_is_read_in_the_forms_its_fields_were_seen_in(
    index: int, field: str, change: dict[str, str | None]
) -> None:
    expected = replace(BHYT_VALUE, **change)  # type: ignore[arg-type]  # the table names fields of text only
    assert recognise(_with_field(BHYT, index, field)) == Recognised(CodeKind.BHYT, expected)


@pytest.mark.parametrize(
    "damaged",
    [
        "4E677579E1BB856E",  # upper case: Caps Lock turned the card number round as well
        "4e677579e1bb856",  # odd length: cut
        "4e677579e1bb",  # cut inside a letter
        "4e677579e1bb856e20c490đ1bba963",  # Telex made "dd" a letter
        "00112233445566778899aabbccddeeff",  # opaque bytes, seen on a child's card
        "4e3f",  # "N?"
        "c383c2aa",  # mojibake under the hex
    ],
)
def test_a_name_that_is_no_clean_hex_is_left_out_and_the_rest_of_the_card_is_read(damaged: str) -> None:
    read = recognise(_with_field(BHYT, 1, damaged))
    assert read == Recognised(CodeKind.BHYT, replace(BHYT_VALUE, full_name=None), ("hex",))


def test_a_name_in_decomposed_hex_is_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Nguyễn Văn Đức").encode().hex()
    assert recognise(_with_field(BHYT, 1, decomposed)) == Recognised(CodeKind.BHYT, BHYT_VALUE, ("nfd",))


def test_an_impossible_date_on_an_insurance_card_is_left_out_and_noted() -> None:
    read = recognise(_with_field(BHYT, 6, "31/02/2024"))
    assert read == Recognised(CodeKind.BHYT, replace(BHYT_VALUE, valid_from=None), ("dates",))


def test_the_end_mark_may_be_missing_because_a_scanner_took_it_for_its_own() -> None:
    for end in ("|$", "$"):
        assert recognise(BHYT.removesuffix(end).encode()).value == BHYT_VALUE


def test_our_own_code_under_caps_lock_is_read_and_says_so() -> None:
    assert recognise(VISIT.lower().encode()) == Recognised(CodeKind.VISIT, OwnCode("0123456789ABCDEFGHJK"), ("case",))


def test_the_shape_of_an_opaque_code_tells_its_length_and_alphabet_and_nothing_of_it() -> None:
    assert shape_of(b"QmVhcmVyIGNyZWRlbnRpYWwsIG5vdCB0byBiZSBrZXB0") == "44 bytes, base64"
    assert shape_of(CCCD.encode()) == f"{len(CCCD.encode())} bytes, text, 7 fields"
