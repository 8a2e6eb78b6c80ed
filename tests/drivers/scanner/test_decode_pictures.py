"""What the decoders say about pictures: payload bytes, exactly."""

import random

import cv2
import numpy as np
import pytest
import zxingcpp
from pyzbar import pyzbar

from bench.cards.photographs import photograph
from drivers.codec.recognise import IdCardCode, recognise
from drivers.scanner.decoder import decode, decode_with_zbar, decode_with_zxing
from drivers.simulated.scanner import qr_picture
from tests.support.vietnamese_texts import random_address, random_name


def _grey(picture: bytes) -> np.ndarray:
    grey = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    return grey


def _code(payload: bytes) -> np.ndarray:
    """A clean picture of ``payload`` as a QR in byte mode without ECI, as cards have it."""
    return np.array(zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCodeModel2).to_image(scale=2))


def test_ten_thousand_names_and_addresses_come_out_of_both_decoders_unmangled() -> None:
    chance = random.Random(25)
    for i in range(10_000):
        name, address = random_name(chance), random_address(chance, levels=2 + i % 2)
        payload = f"001090123456||{name}|15081990|Nữ|{address}|25042021".encode()
        picture = _code(payload)
        assert decode_with_zxing(picture) == (payload,)
        if i % 8 == 0:  # two-level addresses, which are ZBar's trap
            assert decode_with_zbar(picture) == (payload,)
        card = recognise(payload).value
        assert isinstance(card, IdCardCode)
        assert (card.full_name, card.address) == (name, address)


def test_the_trap_is_real_pyzbar_mangles_a_two_level_address() -> None:
    # If this ever fails, the detour through ZBar's binary mode may have become needless.
    payload = "001090123456||Trần Lê|15081990|Nữ|Xã Ỷ Tý, Tỉnh Lào Cai|25042021".encode()
    assert pyzbar.decode(_code(payload))[0].data != payload
    assert decode_with_zbar(_code(payload)) == (payload,)


def test_colour_and_grey_read_alike() -> None:
    grey = _grey(qr_picture("TD1:0123456789ABCDEFGHJK"))
    assert decode(grey) == decode(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)) == (b"TD1:0123456789ABCDEFGHJK",)


def test_two_codes_in_one_picture_are_both_read() -> None:
    both = np.hstack([_grey(qr_picture("TD1:0123456789ABCDEFGHJK")), _grey(qr_picture("TA1:0123456789ABCDEFGHJK"))])
    assert set(decode(both)) == {b"TD1:0123456789ABCDEFGHJK", b"TA1:0123456789ABCDEFGHJK"}


def test_other_kinds_of_barcode_are_not_taken_for_ours() -> None:
    for kind in ("MicroQRCode", "DataMatrix", "Code128", "PDF417"):
        picture = zxingcpp.create_barcode("4006", getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=4)
        assert decode(np.array(picture)) == ()


@pytest.mark.parametrize("group", ["s1", "hd2", "cc2", "bhyt", "shadow", "phone"])
def test_cards_photographed_with_a_patient_hand_are_read(group: str) -> None:
    for seed in range(3):
        taken = photograph(group, seed)
        assert taken.payload is not None
        assert decode(_grey(taken.jpeg)) == (taken.payload,)


def test_cards_without_a_code_give_none() -> None:
    for seed in range(3):
        assert decode(_grey(photograph("none", seed).jpeg)) == ()
