import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import MalformedData
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu


@pytest.mark.parametrize(
    ("raw", "data", "le", "extended", "case"),
    [
        ("00440000", "", None, False, "1"),
        ("00B0000004", "", 4, False, "2 short"),
        ("00B0000000", "", 256, False, "2 short, Le 00"),
        ("00A4020C02011C", "011C", None, False, "3 short"),
        ("0022C1A40201FF00", "01FF", 256, False, "4 short"),
        ("00B00000000100", "", 256, True, "2 extended"),
        ("00B00000000000", "", 65536, True, "2 extended, Le 0000"),
        ("00A4020C000002011C", "011C", None, True, "3 extended"),
        ("00A4020C000002011C1000", "011C", 4096, True, "4 extended"),
    ],
)
def test_the_cases_of_iso_7816_3(raw: str, data: str, le: int | None, extended: bool, case: str) -> None:
    command = CommandApdu.parse(bytes.fromhex(raw))
    assert (command.data.hex().upper(), command.le, command.extended) == (data, le, extended)
    assert command.encode().hex().upper() == raw


@pytest.mark.parametrize(
    "raw",
    ["", "00B000", "00A4020C03011C", "00A4020C02011C0000", "00A4020C00000301", "00B000000001", "00A4020C0000000000"],
)
def test_lengths_that_do_not_fit_are_refused(raw: str) -> None:
    with pytest.raises(MalformedData):
        CommandApdu.parse(bytes.fromhex(raw))


def test_long_data_takes_the_extended_form_by_itself() -> None:
    assert CommandApdu(0, 0x86, 0, 0, bytes(256), 256).encode()[4:7] == bytes.fromhex("000100")


@given(st.binary(max_size=400), st.none() | st.integers(1, 65536), st.booleans(), st.tuples(*[st.integers(0, 255)] * 4))
def test_what_was_built_parses_back(
    data: bytes, le: int | None, extended: bool, header: tuple[int, int, int, int]
) -> None:
    command = CommandApdu(*header, data=data, le=le, extended=extended)
    parsed = CommandApdu.parse(command.encode())
    assert (parsed.header, parsed.data, parsed.le) == (command.header, data, le)


@given(st.binary(max_size=64))
def test_any_bytes_are_a_command_or_a_typed_refusal(raw: bytes) -> None:
    try:
        command = CommandApdu.parse(raw)
    except MalformedData:
        return
    assert command.encode() == raw or command.extended


@pytest.mark.parametrize(
    ("raw", "tag", "length"),
    [
        ("3003020101", 0x30, 3),
        ("5F1F0141", 0x5F1F, 1),
        ("7F61820001AA", 0x7F61, 1),
        ("308103020101", 0x30, 3),
        ("0400", 4, 0),
    ],
)
def test_tags_and_lengths_are_read(raw: str, tag: int, length: int) -> None:
    one = tlv.parse_one(bytes.fromhex(raw), "test")
    assert (one.tag, len(one.value)) == (tag, length)
    assert one.raw.hex().upper() == raw


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "nothing"),
        ("30", "no length"),
        ("3080", "indefinite length"),
        ("3085000000000101", "five length bytes"),
        ("300301", "value cut"),
        ("3084FFFFFFFF01", "4 GB announced"),
        ("5F", "tag cut"),
        ("7F818181010141", "tag of four bytes"),
        ("3000FF", "bytes behind"),
        ("3082", "length cut"),
    ],
)
def test_what_is_no_object_is_refused(raw: str, why: str) -> None:
    with pytest.raises(MalformedData):
        tlv.parse_one(bytes.fromhex(raw), "test")


def test_another_tag_than_asked_for_is_named() -> None:
    with pytest.raises(MalformedData, match="tag 30 instead of 31"):
        tlv.parse_one(bytes.fromhex("3000"), "test", 0x31)


def test_a_flood_of_objects_is_refused() -> None:
    with pytest.raises(MalformedData, match="more than"):
        tlv.parse(bytes(2) * 5000, "test")


@given(st.sampled_from([0x04, 0x30, 0x5F1F, 0x7F61, 0x7F4E]), st.binary(max_size=70000))
def test_what_was_encoded_parses_back(tag: int, value: bytes) -> None:
    one = tlv.parse_one(tlv.encode(tag, value), "test")
    assert (one.tag, one.value) == (tag, value)


@given(st.binary(max_size=300))
def test_any_bytes_are_objects_that_fill_them_or_a_typed_refusal(raw: bytes) -> None:
    try:
        objects = tlv.parse(raw, "test")
    except MalformedData:
        return
    assert b"".join(one.raw for one in objects) == raw
