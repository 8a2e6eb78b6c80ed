"""Payment codes and machine readable zones among the codes. VietQR vectors: NAPAS format 1.0 and subiz/vietqr."""

import pytest

from drivers.codec.recognise import CodeKind, MrzCode, Recognised, VietQrCode, recognise
from drivers.simulated.document_texts import mrz_lines
from drivers.simulated.people import get_person

H2 = (
    "00020101021238570010A00000072701270006970436011300110044556670208QRIBFTTA5303704540712000005802VN"
    "62150811BVHC K3A7Q9630429E5"
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "00020101021138600010A00000072701300006970403011697040311012345670208QRIBFTTC53037045802VN63044F52",
            VietQrCode("970403", "9704031101234567", True, None, None, None),
        ),
        (
            (
                "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
                "62340107NPS68690819thanh toan don hang63042E2E"
            ),
            VietQrCode("970403", "0011012345678", False, 180_000, "NPS6869", "thanh toan don hang"),
        ),
        (
            (
                "00020101021238630010A0000007270133000697042201190023457923442ASDFLJ0208QRIBFTTA53037045405401235802VN"
                "62290825chuyen khoan alsdkf laksj6304E5DB"
            ),
            VietQrCode("970422", "0023457923442ASDFLJ", False, 40_123, None, "chuyen khoan alsdkf laksj"),
        ),
        (H2, VietQrCode("970436", "0011004455667", False, 1_200_000, None, "BVHC K3A7Q9")),
        (H2[:-4] + "29e5", VietQrCode("970436", "0011004455667", False, 1_200_000, None, "BVHC K3A7Q9")),
        (
            (
                "00020101021238570010A00000072701270006970436011300110044556670208QRIBFTTA5303704540710580005802VN"
                "62150811BVHC K3A7Q963040518"
            ),
            VietQrCode("970436", "0011004455667", False, 1_058_000, None, "BVHC K3A7Q9"),
        ),  # a CRC that begins with zero
    ],
)
def test_a_vietqr_is_read_as_the_transfer_it_asks_for(text: str, value: VietQrCode) -> None:
    assert recognise(text.encode()) == Recognised(CodeKind.VIETQR, value)


@pytest.mark.parametrize(
    "text",
    [
        H2.replace("1200000", "1300000"),  # another amount under the old CRC
        H2[:-8],  # no CRC
        H2[:40],  # cut
        H2.replace("5802VN", "5800"),  # a length of nothing
        H2.replace("5802VN", "5802VN5802VN"),  # twice
    ],
)
def test_a_vietqr_that_was_changed_or_cut_is_refused(text: str) -> None:
    assert recognise(text.encode()) == Recognised(CodeKind.UNKNOWN, refusal="code.damaged")


@pytest.mark.parametrize("key", ["duc", "hoa", "an", "somsak"])
def test_the_mrz_of_cards_and_passports_is_read_from_text(key: str) -> None:
    person = get_person(key)
    read = recognise("\r\n".join(mrz_lines(person)).encode())
    assert read.kind is CodeKind.MRZ
    assert isinstance(read.value, MrzCode)
    assert read.value.personal_number == person.personal_number
    assert read.value.document_number == person.document_number
    assert read.value.born_on == f"{person.born_on:%y%m%d}"
    assert read.value.expires_on == (f"{person.expires_on:%y%m%d}" if person.expires_on else None)
    assert (read.value.sex, read.value.nationality, read.repairs) == (person.sex, person.nationality, ())


def test_letters_taken_for_digits_are_put_right_where_the_check_digits_then_agree() -> None:
    first, second, third = mrz_lines(get_person("duc"))
    read = recognise((first + second.replace("9008157", "9OO8I57") + third).encode())
    assert isinstance(read.value, MrzCode)
    assert (read.value.born_on, read.repairs) == ("900815", ("look-alikes",))


def test_a_wrong_digit_is_refused_and_not_put_right() -> None:
    first, second, third = mrz_lines(get_person("duc"))
    read = recognise((first + second.replace("900815", "900816") + third).encode())
    assert read == Recognised(CodeKind.UNKNOWN, refusal="code.damaged")
