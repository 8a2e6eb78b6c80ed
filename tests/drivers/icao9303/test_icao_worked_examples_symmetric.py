"""ICAO 9303-11 appendix D (BAC keys and secure messaging) byte for byte, and key derivation at every length."""

import hashlib

import pytest

from drivers.icao9303.keys import (
    CipherSuite,
    check_digit,
    mrz_information,
    mrz_secret,
    pad,
    retail_mac,
    unpad,
    with_des_parity,
)
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.smartcard.apdu import CommandApdu

KS_ENC = bytes.fromhex("979EC13B1CBFE9DCD01AB0FED307EAE5")
KS_MAC = bytes.fromhex("F1CB1F1FB5ADF208806B89DC579DC1F8")
SSC = bytes.fromhex("887022120C06C226")


def test_appendix_d_keys_follow_from_the_mrz_information() -> None:
    information = mrz_information("L898902C<", "690806", "940623")
    assert information == b"L898902C<369080619406236"
    secret = mrz_secret(information)
    assert secret.hex().upper() == "239AB9CB282DAF66231DC5A4DF6BFBAEDF477565"
    encryption, mac = CipherSuite.TRIPLE_DES.session_keys(secret[:16])
    assert encryption.hex().upper() == "AB94FDECF2674FDFB9B391F85D7F76F2"
    assert mac.hex().upper() == "7962D9ECE03D1ACD4C76089DCE131543"


def test_a_vietnamese_card_gives_its_bac_keys() -> None:
    secret = mrz_secret(mrz_information("090123456", "900815", "300815"))
    assert secret.hex().upper() == "4D02A43486947E6C173673A3E7817B404C4601B7"
    encryption, mac = CipherSuite.TRIPLE_DES.session_keys(secret[:16])
    assert encryption.hex().upper() == "547C15A14323086B897C8CE9D668DCB3"
    assert mac.hex().upper() == "31BA0E319D3D51495B3480B034CD1F68"


@pytest.mark.parametrize(
    ("suite", "secret", "key"),
    [
        (CipherSuite.AES_128, b"123456".hex(), "591468CDA83D65219CCCB8560233600F"),  # CAN of a card
        (CipherSuite.AES_256, b"123456".hex(), "8DF3278FB32026E66277357FCD6C826DBEB3DE32088B2531757D753940185923"),
        (CipherSuite.AES_128, "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD", "89DED1B26624EC1E634C1989302849DD"),  # G.1
        (
            CipherSuite.AES_192,
            "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD12345678",
            "4487BB60D75E55928AB2406733D060BB600C7FA4AEEAB92B",
        ),
        (
            CipherSuite.AES_256,
            "7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD12345678ABCDEF1234567890",
            "AC92515EDD0F4714CBB46C683CC1A66DEBB68B3CC34F29904DB757AC88988D31",
        ),
    ],
)
def test_a_password_gives_the_key_of_the_suite(suite: CipherSuite, secret: str, key: str) -> None:
    assert suite.derive_key(bytes.fromhex(secret), 3).hex().upper() == key


def test_appendix_d_external_authenticate_is_encrypted_and_authenticated() -> None:
    encryption = bytes.fromhex("AB94FDECF2674FDFB9B391F85D7F76F2")
    mac_key = bytes.fromhex("7962D9ECE03D1ACD4C76089DCE131543")
    plain = bytes.fromhex("781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B")
    cryptogram = CipherSuite.TRIPLE_DES.encrypt(encryption, plain)
    assert cryptogram.hex().upper() == "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"
    assert CipherSuite.TRIPLE_DES.decrypt(encryption, cryptogram) == plain
    assert CipherSuite.TRIPLE_DES.mac(mac_key, cryptogram).hex().upper() == "5F1448EEA8AD90A7"
    assert retail_mac(mac_key, pad(cryptogram, 8)).hex().upper() == "5F1448EEA8AD90A7"


EXCHANGES = [
    (
        "00A4020C02011E",
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
        "990290008E08FA855A5D4C50A8ED",
        "",
    ),
    (
        "00B0000004",
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED",
        "60145F01",
    ),
    (
        "00B0000412",
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D74",
        "04303130365F36063034303030305C026175",
    ),
]


def test_appendix_d_secure_messaging_from_the_readers_end() -> None:
    session = SecureMessaging(CipherSuite.TRIPLE_DES, KS_ENC, KS_MAC, SSC)
    for plain, protected, answer, data in EXCHANGES:
        assert session.wrap_command(CommandApdu.parse(bytes.fromhex(plain))).encode().hex().upper() == protected
        assert session.unwrap_response(bytes.fromhex(answer), 0x9000) == (bytes.fromhex(data), 0x9000)
    assert session.counter.hex().upper() == "887022120C06C22C"


def test_appendix_d_secure_messaging_from_the_chips_end() -> None:
    session = SecureMessaging(CipherSuite.TRIPLE_DES, KS_ENC, KS_MAC, SSC)
    for plain, protected, answer, data in EXCHANGES:
        assert session.unwrap_command(CommandApdu.parse(bytes.fromhex(protected))).encode().hex().upper() == plain
        wrapped, sw = session.wrap_response(bytes.fromhex(data), 0x9000)
        assert (wrapped.hex().upper(), sw) == (answer, 0x9000)


@pytest.mark.parametrize(
    ("text", "digit"), [("L898902C<", "3"), ("690806", "1"), ("940623", "6"), ("<<<<", "0"), ("991231", "5")]
)
def test_check_digits_follow_doc_9303_part_3(text: str, digit: str) -> None:
    assert check_digit(text) == digit


def test_des_parity_is_odd_in_every_byte_and_touches_only_the_lowest_bit() -> None:
    key = hashlib.sha256(b"any").digest()
    adjusted = with_des_parity(key)
    assert all(byte.bit_count() % 2 == 1 for byte in adjusted)
    assert [a | 1 for a in adjusted] == [k | 1 for k in key]


@pytest.mark.parametrize("length", range(34))
@pytest.mark.parametrize("block", [8, 16])
def test_padding_comes_off_as_it_went_on(length: int, block: int) -> None:
    data = bytes(range(1, length + 1))
    padded = pad(data, block)
    assert len(padded) % block == 0
    assert unpad(padded) == data
