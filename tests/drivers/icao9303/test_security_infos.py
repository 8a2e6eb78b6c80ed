import pytest

from drivers.errors import MalformedData
from drivers.icao9303 import der
from drivers.icao9303.chip_authentication import choose_chip_authentication
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.pace import usable_pace
from drivers.icao9303.security_infos import (
    Agreement,
    Mapping,
    chip_authentication_protocol,
    encode_pace_info,
    pace_info,
    parse_security_infos,
)
from drivers.smartcard import tlv

ECDH_KEY = "0.4.0.127.0.7.2.2.1.2"
AES_128, TRIPLE_DES = CipherSuite.AES_128, CipherSuite.TRIPLE_DES


def info(oid: str, *members: bytes) -> bytes:
    return tlv.encode(der.SEQUENCE, der.encode_object_identifier(oid), *members)


def infos(*members: bytes) -> bytes:
    return tlv.encode(der.SET, *members)


VERSION_1 = der.encode_integer(1)
KEY = tlv.encode(der.SEQUENCE, tlv.encode(der.SEQUENCE), tlv.encode(der.BIT_STRING, b"\x00\x04"))


def test_the_example_of_the_standard() -> None:
    # ICAO 9303-11 appendix G.1
    data = bytes.fromhex("31143012060A04007F0007020204020202010202010D")
    (found,) = parse_security_infos(data, "EF.CardAccess").pace
    assert found == pace_info("ECDH", "GM", AES_128, 13)
    assert infos(encode_pace_info(found)) == data


@pytest.mark.parametrize("suite", CipherSuite)
@pytest.mark.parametrize(
    ("agreement", "mapping"), [("DH", "GM"), ("ECDH", "GM"), ("DH", "IM"), ("ECDH", "IM"), ("ECDH", "CAM")]
)
def test_every_way_of_pace_is_named_and_found_again(agreement: Agreement, mapping: Mapping, suite: CipherSuite) -> None:
    one = pace_info(agreement, mapping, suite, 12)
    assert parse_security_infos(infos(encode_pace_info(one)), "test").pace == (one,)


def test_what_we_do_not_know_is_passed_over() -> None:
    terminal = info("0.4.0.127.0.7.2.2.2", VERSION_1)
    domain = info("0.4.0.127.0.7.2.2.4.2", tlv.encode(der.SEQUENCE))
    foreign = info("1.2.3.4", tlv.encode(0x04, b"x"), tlv.encode(0x05))
    future = info("0.4.0.127.0.7.2.2.4.2.9", VERSION_1)
    old = info("0.4.0.127.0.7.2.2.4.2.2", VERSION_1)
    known = encode_pace_info(pace_info("ECDH", "GM", AES_128, 13))
    assert len(parse_security_infos(infos(terminal, domain, foreign, future, old, known), "test").pace) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\x30\x00", infos(b"\x02\x01\x01"), infos(info("1.2.3")), infos(tlv.encode(0x30, b"\x02\x01\x01", KEY))],
)
def test_what_is_no_set_of_infos_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedData):
        parse_security_infos(data, "test")


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ([("ECDH", "GM", AES_128, 13), ("ECDH", "CAM", AES_128, 13)], 1),  # proves the chip on the way
        ([("DH", "GM", AES_128, 0), ("ECDH", "GM", AES_128, 13)], 1),
        ([("ECDH", "GM", TRIPLE_DES, 12), ("ECDH", "GM", AES_128, 12)], 1),
        ([("ECDH", "IM", AES_128, 13), ("ECDH", "GM", TRIPLE_DES, 12)], 1),
        ([("ECDH", "GM", AES_128, 13), ("ECDH", "GM", AES_128, 12)], 0),  # the chip's order
        ([("ECDH", "IM", AES_128, 13)], None),
        ([("ECDH", "GM", AES_128, 0)], None),  # a modular group for elliptic curves
        ([("DH", "GM", AES_128, 13)], None),
        ([("ECDH", "GM", AES_128, 19)], None),
        ([("ECDH", "CAM", TRIPLE_DES, 13)], None),
        ([], None),
    ],
)
def test_the_way_in_is_chosen(offered: list[tuple[Agreement, Mapping, CipherSuite, int]], chosen: int | None) -> None:
    ways = tuple(pace_info(*parts) for parts in offered)
    usable = usable_pace(ways, extended=True)
    assert (usable[0] if usable else None) == (None if chosen is None else ways[chosen])


def test_a_long_modular_group_is_no_way_in_at_short_length() -> None:
    long, short = pace_info("DH", "GM", AES_128, 1), pace_info("DH", "GM", AES_128, 0)
    assert usable_pace((long, short), extended=True) == (long, short)
    assert usable_pace((long, short), extended=False) == (short,)


def test_a_way_with_parameters_of_its_own_is_none_for_us() -> None:
    own = info("0.4.0.127.0.7.2.2.4.2.2", der.encode_integer(2))
    assert usable_pace(parse_security_infos(infos(own), "test").pace, extended=True) == ()


def _authentication(suite: CipherSuite, *key_id: int) -> bytes:
    return info(chip_authentication_protocol("ECDH", suite), VERSION_1, *(der.encode_integer(one) for one in key_id))


def _key(*key_id: int) -> bytes:
    return info(ECDH_KEY, KEY, *(der.encode_integer(one) for one in key_id))


@pytest.mark.parametrize(
    ("members", "suite", "key_id", "why"),
    [
        ((_authentication(AES_128), _key()), AES_128, None, "one of each"),
        ((_key(),), TRIPLE_DES, None, "a key without protocol means 3DES"),
        ((_authentication(TRIPLE_DES, 1), _authentication(AES_128, 2), _key(1), _key(2)), AES_128, 2, "AES first"),
        ((_authentication(AES_128, 2), _key(1), _key(2)), AES_128, 2, "the key that belongs to it"),
    ],
)
def test_chip_authentication_takes_protocol_and_key_that_belong_together(
    members: tuple[bytes, ...], suite: CipherSuite, key_id: int | None, why: str
) -> None:
    choice = choose_chip_authentication(parse_security_infos(infos(*members), "test"))
    assert choice
    assert (choice.info.suite, choice.key.key_id) == (suite, key_id)


@pytest.mark.parametrize("members", [(), (_authentication(AES_128),), (_authentication(AES_128, 2), _key(1))])
def test_a_protocol_without_its_key_is_none(members: tuple[bytes, ...]) -> None:
    assert choose_chip_authentication(parse_security_infos(infos(*members), "test")) is None
