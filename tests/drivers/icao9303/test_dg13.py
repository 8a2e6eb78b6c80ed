"""EF.DG13 in every form that readers in the field have met, and what none of them should meet."""

from collections.abc import Callable

import pytest

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.dg13 import VietnameseData, parse_dg13
from drivers.smartcard import tlv

# Synthetic card: the invented Nguyễn Văn Đức, with an INTEGER 0 before the SET.
FIXTURE = bytes.fromhex(
    "6D820188308201840201003182017D3011020101130C30303130393031323334353630190201020C144E677579E1BB856E2056C4836E"
    "20C490E1BBA963300F020103130A31352F30382F3139393030080201040C034E616D300F0201050C0A5669E1BB8774204E616D300902"
    "01060C044B696E68300B0201070C064B68C3B46E67301F0201080C1A5175E1BBB36E68205068E1BBA52C205468C3A1692042C3AC6E68"
    "30350201090C3054E1BB9520332C205175E1BBB36E682043C3B4692C205175E1BBB36E68205068E1BBA52C205468C3A1692042C3AC6E"
    "68303302010A0C2E4EE1BB9174207275E1BB936920433A31636D207472C3AA6E2073617520C49175C3B469206DC3A079207472C3A169"
    "300F02010B130A32352F30342F32303231300F02010C0C0A31352F30382F32303330302E02010D30150C134E677579E1BB856E2056C4"
    "836E2042C3AC6E6830120C105472E1BAA76E205468E1BB8B20486F61300302010E300E02010F13093031323334353637383015020110"
    "131030313233343536373839414243444546"
)

DUC = VietnameseData(
    personal_number="001090123456",
    full_name="Nguyễn Văn Đức",
    born_on="1990-08-15",
    sex="male",
    nationality="Việt Nam",
    ethnicity="Kinh",
    place_of_origin="Quỳnh Phụ, Thái Bình",
    address="Tổ 3, Quỳnh Côi, Quỳnh Phụ, Thái Bình",
    issued_on="2021-04-25",
    expires_on="2030-08-15",
    old_number="012345678",
    extras={"16": bytes.fromhex("131030313233343536373839414243444546")},
)


def utf8(text: str) -> bytes:
    return tlv.encode(0x0C, text.encode())


def entry(number: int, *values: bytes) -> bytes:
    return tlv.encode(der.SEQUENCE, der.encode_integer(number), *values)


def dg13(*entries: bytes) -> bytes:
    return tlv.encode(0x6D, tlv.encode(der.SEQUENCE, tlv.encode(der.SET, *entries)))


NUMBER = entry(1, tlv.encode(0x13, b"001090123456"))


def entries_of(data: bytes) -> list[bytes]:
    inner = tlv.parse_one(tlv.parse_one(data, "test").value, "test").children("test")
    return [one.raw for one in tlv.get(inner, der.SET, "test").children("test")]


def test_the_known_form_is_read_whole() -> None:
    assert parse_dg13(FIXTURE) == DUC


def test_order_is_no_promise() -> None:
    assert parse_dg13(dg13(*reversed(entries_of(FIXTURE)))) == DUC


def test_padding_of_the_file_is_no_content() -> None:
    assert parse_dg13(FIXTURE + bytes(100)) == DUC


@pytest.mark.parametrize(
    ("wrap", "why"),
    [
        (lambda entries: tlv.encode(0x6D, tlv.encode(0x31, entries)), "no SEQUENCE around the SET"),
        (lambda entries: tlv.encode(0x6D, tlv.encode(0x30, tlv.encode(0x31, entries))), "no version"),
        (lambda entries: tlv.encode(0x6D, tlv.encode(0x30, tlv.encode(0x31, entries), utf8("v2"))), "members after it"),
        (lambda entries: tlv.encode(0x6D, tlv.encode(0x30, entries)), "no SET at all"),
    ],
)
def test_what_stands_around_the_entries_does_not_matter(wrap: Callable[[bytes], bytes], why: str) -> None:
    assert parse_dg13(wrap(b"".join(entries_of(FIXTURE)))) == DUC


@pytest.mark.parametrize(
    ("string", "why"),
    [
        (tlv.encode(0x0C, "Lê Hoà".encode()), "UTF8String"),
        (tlv.encode(0x1E, "Lê Hoà".encode("utf-16-be")), "BMPString"),
        (tlv.encode(0x14, "Lê Hoà".encode("latin-1")), "T61String"),
        (tlv.encode(0x0C, "  Lê   Hoà ".encode()), "spaces"),
        (tlv.encode(0x0C, "Le\u0302 Hoa\u0300".encode()), "NFD"),
    ],
)
def test_a_name_in_any_string_type_comes_out_the_same(string: bytes, why: str) -> None:
    assert parse_dg13(dg13(NUMBER, entry(2, string))).full_name == "Lê Hoà"


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("15/08/1990", "1990-08-15"),
        ("5/8/1990", "1990-08-05"),
        ("08/1990", "1990-08"),
        ("1990", "1990"),
        ("00/08/1990", "1990-08"),
        ("00/00/1990", "1990"),
    ],
)
def test_a_birth_date_is_as_precise_as_the_card(text: str, date: str) -> None:
    assert parse_dg13(dg13(entry(3, tlv.encode(0x13, text.encode())))).born_on == date


def test_a_card_without_expiry_says_so_in_words() -> None:
    assert parse_dg13(dg13(NUMBER, entry(12, utf8("Không thời hạn")))).expires_on is None


def test_empty_entries_and_missing_ones_are_the_same() -> None:
    empty = parse_dg13(dg13(NUMBER, entry(14), entry(15, tlv.encode(0x13, b"")), entry(16, tlv.encode(0x13, b" "))))
    assert empty == VietnameseData(personal_number="001090123456")


def test_an_old_number_in_sixteenth_place_is_told_by_its_form() -> None:
    assert parse_dg13(dg13(NUMBER, entry(16, tlv.encode(0x13, b"012345678")))).old_number == "012345678"
    both = parse_dg13(dg13(entry(15, tlv.encode(0x13, b"111111111")), entry(16, tlv.encode(0x13, b"222222222"))))
    assert both.old_number == "111111111"


def test_unknown_entries_are_kept_raw() -> None:
    assert parse_dg13(dg13(NUMBER, entry(17, utf8("O+")), entry(300, tlv.encode(0x04, b"\x01")))).extras == {
        "17": utf8("O+"),
        "300": tlv.encode(0x04, b"\x01"),
    }


def test_parents_and_spouse_are_passed_over() -> None:
    parents = entry(13, tlv.encode(0x30, utf8("Nguyễn Văn Bình")), tlv.encode(0x30, utf8("Trần Thị Hoa")))
    found = parse_dg13(dg13(NUMBER, parents, entry(14, tlv.encode(0x30, utf8("Lê Thị An")))))
    assert found == VietnameseData(personal_number="001090123456")


def test_a_long_address_takes_a_long_length() -> None:
    address = "Ấp Bình Hoà, " * 30
    assert parse_dg13(dg13(NUMBER, entry(9, utf8(address)))).address == " ".join(address.split())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing"),
        (FIXTURE[:-1], "cut"),
        (b"\x61" + FIXTURE[1:], "another file"),
        (dg13(), "no entries"),
        (dg13(NUMBER, NUMBER), "an entry twice"),
        (dg13(entry(1, tlv.encode(0x13, b"12345"))), "a short number"),
        (dg13(entry(1, utf8("٠٠١٠٩٠١٢٣٤٥٦"))), "digits of another script"),
        (dg13(entry(2, tlv.encode(0x0C, b"\xff\xfe"))), "not UTF-8"),
        (dg13(entry(2, utf8("Đức\x07"))), "a control character"),
        (dg13(entry(2, utf8("Đức\u202e"))), "a direction mark"),
        (dg13(entry(2, utf8("x" * 501))), "a name without end"),
        (dg13(entry(3, utf8("31/02/1990"))), "no such day"),
        (dg13(entry(3, utf8("yesterday"))), "no date"),
        (dg13(tlv.encode(0x30)), "an entry without number"),
        (dg13(tlv.encode(0x30, utf8("1"))), "a number that is text"),
    ],
)
def test_anything_else_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedData):
        parse_dg13(data)
