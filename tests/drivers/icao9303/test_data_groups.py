import pytest

from drivers.errors import MalformedData
from drivers.icao9303.data_groups import parse_additional_details, parse_com, parse_dg1, parse_dg2
from drivers.icao9303.mrz import build_td3, build_vietnamese_td1
from drivers.smartcard import tlv

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 10 + b"\xff\xd9"
JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"picture" * 10
CODESTREAM = b"\xff\x4f\xff\x51" + b"picture" * 10


def face_record(picture: bytes, points: int = 0, behind: bytes = b"") -> bytes:
    """ISO/IEC 19794-5: header, one face with feature points, image information, picture."""
    length = 20 + 8 * points + 12 + len(picture)
    information = length.to_bytes(4, "big") + points.to_bytes(2, "big") + bytes(14)
    face = information + bytes(8 * points) + bytes(12) + picture
    return b"FAC\x00010\x00" + (14 + len(face)).to_bytes(4, "big") + b"\x00\x01" + face + behind


def dg2(record: bytes, *, tag: int = 0x5F2E, instances: int = 1) -> bytes:
    template = tlv.encode(0x7F60, tlv.encode(0xA1, tlv.encode(0x80, b"\x01\x01")), tlv.encode(tag, record))
    return tlv.encode(0x75, tlv.encode(0x7F61, tlv.encode(2, bytes([instances])), template))


def test_the_example_of_the_standard_lists_its_files() -> None:
    # ICAO 9303-11 appendix D
    assert parse_com(bytes.fromhex("60145F0104303130365F36063034303030305C026175")) == {1, 2}


def test_tags_that_name_no_file_are_passed_over() -> None:
    assert parse_com(tlv.encode(0x60, tlv.encode(0x5C, b"\x61\x6d\x00\xff\x77"))) == {1, 13}


@pytest.mark.parametrize(
    "mrz",
    [
        build_vietnamese_td1("001090123456", "Lê An", "900815", "male", "300815"),
        build_td3("C1234567", "Le An", "900815", "male", "300815", "VNM"),
    ],
)
def test_dg1_holds_either_form_of_mrz(mrz: str) -> None:
    parsed = parse_dg1(tlv.encode(0x61, tlv.encode(0x5F1F, mrz.encode())))
    assert (parsed.name, parsed.born_on) == ("LE AN", "900815")


@pytest.mark.parametrize(
    "data", [b"", b"\x61\x00", tlv.encode(0x61, tlv.encode(0x5F1F, b"\xc4\x90" * 45)), tlv.encode(0x75, b"")]
)
def test_a_dg1_without_mrz_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedData):
        parse_dg1(data)


@pytest.mark.parametrize(
    ("picture", "media_type"), [(JPEG, "image/jpeg"), (JP2, "image/jp2"), (CODESTREAM, "image/jp2")]
)
@pytest.mark.parametrize("points", [0, 3])
@pytest.mark.parametrize("tag", [0x5F2E, 0x7F2E])
def test_the_picture_is_cut_by_its_headers(picture: bytes, media_type: str, points: int, tag: int) -> None:
    photo = parse_dg2(dg2(face_record(picture, points, behind=b"another record"), tag=tag))
    assert photo
    assert (photo.data, photo.media_type) == (picture, media_type)


def test_a_picture_inside_the_feature_points_is_not_the_picture() -> None:
    record = bytearray(face_record(JPEG, points=2))
    record[34:38] = b"\xff\xd8\xff\xe0"  # where searching for the marker would find a picture
    photo = parse_dg2(dg2(bytes(record)))
    assert photo
    assert photo.data == JPEG


def test_a_card_without_photo_has_none() -> None:
    assert parse_dg2(dg2(b"", instances=0)) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (dg2(b""), "an empty record"),
        (dg2(face_record(b"")), "no picture"),
        (dg2(face_record(b"GIF89a and so on")), "another kind of picture"),
        (dg2(b"FAC\x00" + bytes(30)), "lengths of zero"),
        (dg2(face_record(JPEG)[:-1]), "cut"),
        (dg2(b"IIR\x00" + face_record(JPEG)[4:]), "another record"),
        (dg2(face_record(JPEG)[:18] + b"\xff\xff" + face_record(JPEG)[20:]), "feature points beyond the end"),
        (tlv.encode(0x75, tlv.encode(0x7F61, tlv.encode(2, b"\x01"))), "no template"),
        (tlv.encode(0x75, b""), "nothing"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedData):
        parse_dg2(data)


def test_a_passport_has_its_full_name_in_dg11() -> None:
    details = parse_additional_details(
        tlv.encode(
            0x6B,
            tlv.encode(0x5C, bytes.fromhex("5F0E5F105F2B5F42")),
            tlv.encode(0x5F0E, "NGUYỄN<<PHÚC<CÔNG".encode()),
            tlv.encode(0x5F10, b"001090123456"),
            tlv.encode(0x5F2B, b"19900815"),
            tlv.encode(0x5F42, "Hà Nội<Việt Nam".encode()),
        ),
        tlv.encode(0x6C, tlv.encode(0x5F26, bytes.fromhex("20210425"))),
    )
    assert (details.full_name, details.personal_number) == ("NGUYỄN PHÚC CÔNG", "001090123456")
    assert (details.born_on, details.address, details.issued_on) == ("1990-08-15", "Hà Nội Việt Nam", "2021-04-25")


@pytest.mark.parametrize(("digits", "date"), [(b"19900000", "1990"), (b"19900800", "1990-08")])
def test_an_incomplete_date_stays_incomplete(digits: bytes, date: str) -> None:
    assert parse_additional_details(tlv.encode(0x6B, tlv.encode(0x5F2B, digits)), None).born_on == date


@pytest.mark.parametrize("digits", [b"", b"1990", b"19901301", b"abcdefgh", b"\xff\xff\xff\xff"])
def test_a_date_that_is_none_is_refused(digits: bytes) -> None:
    with pytest.raises(MalformedData):
        parse_additional_details(tlv.encode(0x6B, tlv.encode(0x5F2B, digits)), None)


def test_without_these_files_nothing_is_known() -> None:
    assert parse_additional_details(None, None).full_name is None
