"""The files of the simulated chip against what is known of real ones."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from drivers.simulated.chip import data_groups
from drivers.simulated.people import PEOPLE, InventedPerson, get_person
from drivers.simulated.portrait import HEIGHT_PX, WIDTH_PX, jpeg2000_portrait, jpeg_portrait
from drivers.smartcard import tlv

# An invented EF.DG13 laid out as three independent parsers of real cards expect it.
KNOWN_DG13 = bytes.fromhex(
    "6D820188308201840201003182017D3011020101130C30303130393031323334353630190201020C144E677579E1BB856E2056C4836E20C490"
    "E1BBA963300F020103130A31352F30382F3139393030080201040C034E616D300F0201050C0A5669E1BB8774204E616D30090201060C044B69"
    "6E68300B0201070C064B68C3B46E67301F0201080C1A5175E1BBB36E68205068E1BBA52C205468C3A1692042C3AC6E6830350201090C3054E1"
    "BB9520332C205175E1BBB36E682043C3B4692C205175E1BBB36E68205068E1BBA52C205468C3A1692042C3AC6E68303302010A0C2E4EE1BB91"
    "74207275E1BB936920433A31636D207472C3AA6E2073617520C49175C3B469206DC3A079207472C3A169300F02010B130A32352F30342F3230"
    "3231300F02010C0C0A31352F30382F32303330302E02010D30150C134E677579E1BB856E2056C4836E2042C3AC6E6830120C105472E1BAA76E"
    "205468E1BB8B20486F61300302010E300E02010F13093031323334353637383015020110131030313233343536373839414243444546"
)


def test_dg13_equals_the_known_layout_byte_for_byte() -> None:
    assert data_groups.dg13(get_person("duc"), chip_serial="0123456789ABCDEF") == KNOWN_DG13


def test_dg13_of_a_card_for_life_says_so_in_words() -> None:
    assert "Không thời hạn".encode() in data_groups.dg13(get_person("hoa"))


def test_dg13_with_one_parent_drops_the_other() -> None:
    assert data_groups.dg13(get_person("kbreu")).count(tlv.encode(0x30, tlv.encode(0x0C, "Ka Thêm".encode()))) == 1


def test_descending_dg13_holds_the_same_entries() -> None:
    person = get_person("duc")
    plain, descending = data_groups.dg13(person), data_groups.dg13(person, descending=True)
    assert sorted(plain) == sorted(descending)
    assert plain != descending


def test_dg1_holds_the_machine_readable_zone() -> None:
    assert data_groups.dg1(get_person("duc")) == bytes.fromhex("615D5F1F5A") + (
        b"IDVNM0901234562001090123456<<39008157M3008155VNM<<<<<<<<<<<4NGUYEN<<VAN<DUC<<<<<<<<<<<<<<<"
    )


def test_com_lists_the_data_groups_by_their_tags() -> None:
    com = data_groups.ef_com(("EF.DG1", "EF.DG2", "EF.DG3", "EF.DG13", "EF.DG14", "EF.DG15"))
    assert com == bytes.fromhex("60185F0104303130375F36063034303030305C0661636D6E6F75")


@pytest.mark.parametrize(("photo", "start"), [("jpeg", "ffd8ff"), ("jpeg2000", "0000000c6a502020")])
def test_dg2_carries_one_picture_whose_lengths_agree(photo: str, start: str) -> None:
    dg2 = data_groups.dg2(get_person("hoa"), photo="jpeg" if photo == "jpeg" else "jpeg2000", photo_bytes=None)
    face = dg2[dg2.index(b"FAC\x00010\x00") :]
    image = face[14 + 20 + 12 :]
    assert int.from_bytes(face[8:12], "big") == len(face)
    assert int.from_bytes(face[14:18], "big") == len(face) - 14
    assert image.startswith(bytes.fromhex(start))
    assert Image.open(io.BytesIO(image)).size == (WIDTH_PX, HEIGHT_PX)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.key)
def test_portraits_have_a_real_photo_size(person: InventedPerson) -> None:
    assert 10_000 <= len(jpeg_portrait(person)) <= 25_000
    assert 10_000 <= len(jpeg2000_portrait(person)) <= 25_000


@pytest.mark.parametrize("size", [20_480, 20_481, 90_000])
def test_a_portrait_of_a_given_size_is_that_long_and_still_opens(size: int) -> None:
    data = jpeg_portrait(get_person("duc"), size)
    assert len(data) == size
    Image.open(io.BytesIO(data)).load()


def test_portraits_differ_between_people_and_not_between_calls() -> None:
    duc = jpeg_portrait(get_person("duc"))
    jpeg_portrait.cache_clear()
    assert jpeg_portrait(get_person("duc")) == duc
    assert jpeg_portrait(replace(get_person("duc"), key="twin")) != duc
