"""Both ends against each other in every suite, and what ends a session."""

from collections.abc import Callable

import pytest

from drivers.errors import ProtocolViolation
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu


def pair(suite: CipherSuite = CipherSuite.AES_128) -> tuple[SecureMessaging, SecureMessaging]:
    encryption, mac = suite.session_keys(b"a shared secret")
    return SecureMessaging(suite, encryption, mac), SecureMessaging(suite, encryption, mac)


COMMANDS = [
    CommandApdu(0, 0xA4, 4, 12, bytes.fromhex("A0000002471001")),  # case 3
    CommandApdu(0, 0xB0, 0x81, 0, le=223),  # case 2
    CommandApdu(0, 0xB0, 0x81, 0, le=256),  # Le 00
    CommandApdu(0, 0xB1, 0, 2, bytes.fromhex("54038000FF"), 200),  # odd INS: DO85
    CommandApdu(0, 0x88, 0, 0, bytes(8), 256),  # case 4
    CommandApdu(0, 0x86, 0, 0, bytes(300), 65536, extended=True),
    CommandApdu(0, 0xB0, 0, 0, le=4096, extended=True),
    CommandApdu(0, 0x44, 0, 0),  # case 1: nothing but a MAC
]


@pytest.mark.parametrize("suite", CipherSuite)
def test_the_chip_sees_the_command_and_the_reader_the_answer(suite: CipherSuite) -> None:
    reader, chip = pair(suite)
    for command in COMMANDS:
        seen = chip.unwrap_command(CommandApdu.parse(reader.wrap_command(command).encode()))
        assert (seen.header, seen.data, seen.le) == (command.header, command.data, command.le)
        answer = chip.wrap_response(b"answer", 0x9000, odd_ins=bool(command.ins & 1))
        assert reader.unwrap_response(*answer) == (b"answer", 0x9000)
        assert reader.counter == chip.counter


def test_a_refusal_travels_protected_and_the_session_goes_on() -> None:
    reader, chip = pair()
    for sw in (0x6A82, 0x6982, 0x6282):
        chip.unwrap_command(reader.wrap_command(COMMANDS[1]))
        assert reader.unwrap_response(*chip.wrap_response(b"", sw)) == (b"", sw)


@pytest.mark.parametrize(
    ("suite", "fits"), [(CipherSuite.TRIPLE_DES, 231), (CipherSuite.AES_128, 223), (CipherSuite.AES_256, 223)]
)
def test_the_largest_short_read_just_fits_256_bytes(suite: CipherSuite, fits: int) -> None:
    reader, chip = pair(suite)
    assert reader.short_read_max == fits
    assert len(chip.wrap_response(bytes(fits), 0x9000)[0]) <= 256
    assert len(chip.wrap_response(bytes(fits + 1), 0x9000)[0]) > 256


@pytest.mark.parametrize("suite", [CipherSuite.TRIPLE_DES, CipherSuite.AES_128])
def test_the_longest_short_command_just_fits_255_bytes(suite: CipherSuite) -> None:
    reader, _ = pair(suite)
    fits = reader.short_data_max
    assert len(reader.wrap_command(CommandApdu(0, 0x86, 0, 0, bytes(fits), 256)).data) <= 255
    assert len(reader.wrap_command(CommandApdu(0, 0x86, 0, 0, bytes(fits + 1), 256)).data) > 255


def _answer(*objects: tuple[int, bytes], sw: int = 0x9000) -> tuple[bytes, int]:
    return b"".join(tlv.encode(tag, value) for tag, value in objects), sw


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _genuine(chip: SecureMessaging, reader: SecureMessaging) -> tuple[bytes, int]:
    chip.unwrap_command(reader.wrap_command(COMMANDS[1]))
    return chip.wrap_response(b"sixteen bytes ok", 0x9000)


Tamper = Callable[[bytes, int], tuple[bytes, int]]

HOSTILE: list[tuple[Tamper, str]] = [
    (lambda data, sw: (b"", 0x9000), "a plain 9000"),
    (lambda data, sw: (b"", 0x6988), "a plain refusal"),
    (lambda data, sw: (b"in the clear", 0x9000), "plain data"),
    (lambda data, sw: (data[:-10], sw), "no DO8E"),
    (lambda data, sw: (data, 0x6282), "the outer status was changed"),
    (lambda data, sw: (_flipped(data, 5), sw), "one bit of the cryptogram"),
    (lambda data, sw: (_flipped(data, len(data) - 1), sw), "one bit of the MAC"),
    (lambda data, sw: (data[:-1], sw), "cut"),
    (lambda data, sw: (data + b"\x00", sw), "one byte more"),
    (lambda data, sw: (tlv.encode(0x80, b"x") + data, sw), "a foreign object"),
    (lambda data, sw: _answer((0x99, b"\x90\x00"), (0x8E, bytes(8))), "a zero MAC"),
    (lambda data, sw: _answer((0x99, b"\x90\x00"), (0x8E, b"")), "an empty MAC"),
    (lambda data, sw: (data[data.index(b"\x99\x02") :], sw), "the cryptogram left out"),
]


@pytest.mark.parametrize(("tamper", "how"), HOSTILE, ids=[how for _, how in HOSTILE])
@pytest.mark.parametrize("suite", [CipherSuite.TRIPLE_DES, CipherSuite.AES_192])
def test_a_tampered_answer_ends_the_session(suite: CipherSuite, tamper: Tamper, how: str) -> None:
    reader, chip = pair(suite)
    data, sw = _genuine(chip, reader)
    with pytest.raises(ProtocolViolation):
        reader.unwrap_response(*tamper(data, sw))
    with pytest.raises(ProtocolViolation, match="ended"):
        reader.wrap_command(COMMANDS[1])


def test_a_missing_do99_ends_the_session_even_with_a_right_mac() -> None:
    reader, chip = pair()
    chip.unwrap_command(reader.wrap_command(COMMANDS[1]))
    key = CipherSuite.AES_128.session_keys(b"a shared secret")[1]
    counter = (int.from_bytes(reader.counter, "big") + 1).to_bytes(16, "big")
    mac = CipherSuite.AES_128.mac(key, counter + b"\x80" + bytes(15))
    with pytest.raises(ProtocolViolation, match="missing"):
        reader.unwrap_response(*_answer((0x8E, mac)))


def test_an_answer_sent_twice_is_refused() -> None:
    reader, chip = pair()
    answer = _genuine(chip, reader)
    reader.unwrap_response(*answer)
    reader.wrap_command(COMMANDS[1])
    with pytest.raises(ProtocolViolation):
        reader.unwrap_response(*answer)


def test_the_chip_refuses_an_unprotected_and_a_replayed_command() -> None:
    reader, chip = pair()
    with pytest.raises(ProtocolViolation):
        chip.unwrap_command(COMMANDS[1])
    reader, chip = pair()
    wrapped = reader.wrap_command(COMMANDS[1])
    chip.unwrap_command(wrapped)
    with pytest.raises(ProtocolViolation):
        chip.unwrap_command(wrapped)


def test_a_3des_counter_with_leading_zeros_keeps_its_width() -> None:
    encryption, mac = CipherSuite.TRIPLE_DES.session_keys(b"s")
    session = SecureMessaging(CipherSuite.TRIPLE_DES, encryption, mac, bytes.fromhex("0000000000000009"))
    session.wrap_command(COMMANDS[1])
    assert session.counter == bytes.fromhex("000000000000000A")
