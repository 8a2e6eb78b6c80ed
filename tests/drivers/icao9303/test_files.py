"""Reading files: how many exchanges, what is asked for, and what a chip may answer."""

from collections.abc import Callable

import pytest

from drivers.errors import CardRemoved, DeviceTimeout, MalformedData, ProtocolViolation, StatusWordError
from drivers.icao9303.chip import Chip
from drivers.icao9303.data_groups import ElementaryFile
from drivers.icao9303.files import ExtendedLengthRefused, FileReader, ReadLimits
from drivers.icao9303.keys import CipherSuite
from drivers.icao9303.secure_messaging import SecureMessaging
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu

Answer = tuple[bytes, int]
Behaviour = Callable[["FileChip", CommandApdu], Answer | None]


class FileChip:
    """A connection to a chip with one file, in the clear; ``behaviour`` answers first where it has something to say."""

    atr = b""
    supports_extended_length = True

    def __init__(self, file: ElementaryFile, content: bytes, behaviour: Behaviour = lambda chip, command: None) -> None:
        self.file = file
        self.content = content
        self.commands: list[CommandApdu] = []
        self._behaviour = behaviour
        self._selected = False

    def transmit(self, command: bytes) -> Answer:
        parsed = CommandApdu.parse(command)
        self.commands.append(parsed)
        answer = self._behaviour(self, parsed)
        return self.answer(parsed) if answer is None else answer

    def answer(self, command: CommandApdu) -> Answer:
        if command.ins == 0xA4:
            self._selected = command.data == self.file.identifier.to_bytes(2, "big")
            return b"", 0x9000 if self._selected else 0x6A82
        assert command.le is not None
        if command.ins == 0xB1:
            offset = int.from_bytes(tlv.parse_one(command.data, "test", 0x54).value, "big")
            return tlv.encode(0x53, self.content[offset : offset + command.le - 4]), 0x9000
        offset = command.p1 << 8 | command.p2
        if command.p1 & 0x80:
            self._selected = command.p1 & 0x1F == self.file.short_identifier
            offset = command.p2
        if not self._selected:
            return b"", 0x6A82
        piece = self.content[offset : offset + command.le]
        return piece, 0x9000 if len(piece) == command.le else 0x6282

    def reset(self) -> None:
        raise AssertionError("nothing here needs a reset")

    def close(self) -> None:
        pass


def content_of(size: int, file: ElementaryFile = ElementaryFile.DG2) -> bytes:
    """A file of ``size`` bytes in all."""
    value = bytes(i * 7 % 256 for i in range(size))
    while len(tlv.encode(file.tag, value)) > size:
        value = value[:-1]
    return tlv.encode(file.tag, value)


def read(chip: FileChip, extended_max: int | None = None) -> bytes:
    return FileReader(Chip(chip), ReadLimits(extended_max)).read(chip.file)


@pytest.mark.parametrize(
    ("size", "extended_max", "exchanges"),
    [
        (95, None, 1),  # DG1: one read by short identifier, no SELECT
        (256, None, 1),
        (257, None, 2),
        (20_480, None, 80),
        (95, 4000, 1),
        (20_480, 4000, 6),
        (20_480, 65_535, 1),
    ],
)
def test_a_file_takes_no_more_exchanges_than_its_size_asks(size: int, extended_max: int | None, exchanges: int) -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(size))
    assert read(chip, extended_max) == chip.content
    assert len(chip.commands) == exchanges


def test_the_last_read_asks_for_what_is_left_only() -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(300))
    read(chip)
    assert [command.le for command in chip.commands] == [256, 44]


@pytest.mark.parametrize("extended_max", [None, 4000, 30_000])
def test_above_32767_the_offset_goes_into_a_data_object(extended_max: int | None) -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(70_000))
    assert read(chip, extended_max) == chip.content
    for command in chip.commands[1:]:
        assert not command.p1 & 0x80  # it would name another file
    assert any(command.ins == 0xB1 for command in chip.commands)


def test_bytes_behind_the_file_are_its_padding() -> None:
    chip = FileChip(ElementaryFile.COM, content_of(40, ElementaryFile.COM) + bytes(500))
    assert read(chip) == content_of(40, ElementaryFile.COM)


def _no_short_identifier(sw: int) -> Behaviour:
    return lambda chip, command: (b"", sw) if command.ins == 0xB0 and command.p1 & 0x80 else None


@pytest.mark.parametrize("sw", [0x6A86, 0x6B00, 0x6D00, 0x6986, 0x6A81])
def test_without_short_identifiers_the_file_is_selected(sw: int) -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(500), _no_short_identifier(sw))
    reader = FileReader(Chip(chip), ReadLimits())
    assert reader.read(ElementaryFile.DG2) == chip.content
    chip.commands.clear()
    reader.read(ElementaryFile.DG2)
    assert chip.commands[0].ins == 0xA4  # remembered: it is not tried again


def _refuses_more_than(limit: int) -> Behaviour:
    return lambda chip, command: (b"", 0x6700) if command.ins == 0xB0 and (command.le or 0) > limit else None


@pytest.mark.parametrize("limit", [65_000, 4096, 3000, 1000, 300, 231, 192, 150, 100, 40])
def test_a_chip_that_refuses_long_reads_is_asked_for_less(limit: int) -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(5000), _refuses_more_than(limit))
    assert read(chip, 4000) == chip.content
    refused = [command for command in chip.commands if command.ins == 0xB0 and (command.le or 0) > limit]
    assert len(refused) <= 10


def test_a_chip_that_names_the_right_length_gets_it() -> None:
    def exact(chip: FileChip, command: CommandApdu) -> Answer | None:
        left = len(chip.content) - (command.p2 if command.p1 & 0x80 else command.p1 << 8 | command.p2)
        return (b"", 0x6C00 | left) if (command.le or 0) > left else None

    chip = FileChip(ElementaryFile.DG1, content_of(95, ElementaryFile.DG1), exact)
    assert read(chip) == chip.content
    assert [command.le for command in chip.commands] == [256, 95]


def test_an_answer_in_pieces_is_collected() -> None:
    pending = bytearray()

    def pieces(chip: FileChip, command: CommandApdu) -> Answer | None:
        if command.ins == 0xC0:
            assert command.le
            piece = bytes(pending[: command.le])
            del pending[: command.le]
        else:
            data, _ = chip.answer(command)
            pending[:] = data[100:]
            piece = data[:100]
        return piece, 0x6100 | min(len(pending), 0xFF) if pending else 0x9000

    chip = FileChip(ElementaryFile.DG2, content_of(700), pieces)
    assert read(chip) == chip.content


def test_an_answer_without_end_is_refused() -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(700), lambda chip, command: (bytes(256), 0x6100))
    with pytest.raises(ProtocolViolation):
        read(chip)


def test_short_pieces_are_put_together() -> None:
    def seven(chip: FileChip, command: CommandApdu) -> Answer | None:
        data, _ = chip.answer(command)
        return data[:7], 0x9000

    chip = FileChip(ElementaryFile.DG13, content_of(100, ElementaryFile.DG13), seven)
    assert read(chip) == chip.content


def test_a_chip_that_doles_out_single_bytes_is_not_waited_for() -> None:
    def miser(chip: FileChip, command: CommandApdu) -> Answer | None:
        data, _ = chip.answer(command)
        return data[: 8 if command.p1 & 0x80 else 1], 0x9000

    chip = FileChip(ElementaryFile.DG2, content_of(200_000), miser)
    with pytest.raises(ProtocolViolation, match="more exchanges"):
        read(chip)
    assert len(chip.commands) <= 2000


def test_a_chip_that_answers_slowly_for_ever_is_not_waited_for() -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(5000))
    with pytest.raises(DeviceTimeout, match="no end"):
        FileReader(Chip(chip, time_limit_s=-1), ReadLimits()).read(ElementaryFile.DG2)
    assert chip.commands == []


def test_an_empty_answer_before_the_end_is_refused() -> None:
    def dries_up(chip: FileChip, command: CommandApdu) -> Answer | None:
        return (b"", 0x9000) if command.p1 == 2 else None

    with pytest.raises(MalformedData, match="ends after 512"):
        read(FileChip(ElementaryFile.DG2, content_of(1000), dries_up))


@pytest.mark.parametrize("sw", [0x6A82, 0x6982, 0x6A88, 0x6F00])
def test_a_file_that_is_refused_is_none(sw: int) -> None:
    chip = FileChip(ElementaryFile.DG13, b"", lambda chip, command: (b"", sw))
    assert FileReader(Chip(chip), ReadLimits()).find(ElementaryFile.DG13) is None
    with pytest.raises(StatusWordError) as refusal:
        FileReader(Chip(chip), ReadLimits()).read(ElementaryFile.DG13)
    assert refusal.value.sw == sw


def test_a_file_refused_in_the_middle_is_half_a_file() -> None:
    def refuses(chip: FileChip, command: CommandApdu) -> Answer | None:
        return (b"", 0x6982) if command.p1 == 2 else None

    with pytest.raises(MalformedData, match="ends after 512 of 1000 bytes \\(SW=6982\\)"):
        FileReader(Chip(FileChip(ElementaryFile.DG2, content_of(1000), refuses)), ReadLimits()).find(ElementaryFile.DG2)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\x61\x05hello", "another tag"),
        (b"\x75\x84\x7f\xff\xff\xff" + bytes(300), "2 GB announced"),
        (b"\x75\x83\x04\x00\x01" + bytes(300), "one byte more than any photo"),
        (b"\x75\x80" + bytes(300), "no length"),
        (b"\x75", "one byte"),
    ],
)
def test_what_is_no_such_file_is_refused_after_one_exchange(content: bytes, why: str) -> None:
    chip = FileChip(ElementaryFile.DG2, content)
    with pytest.raises(MalformedData):
        read(chip)
    assert len(chip.commands) == 1


def test_progress_is_told_by_bytes() -> None:
    told: list[tuple[int, int]] = []
    chip = FileChip(ElementaryFile.DG2, content_of(600))
    FileReader(Chip(chip), ReadLimits()).read(ElementaryFile.DG2, lambda done, total: told.append((done, total)))
    assert told == [(256, 600), (512, 600), (600, 600)]


def _breaks_off_at_extended(error: Exception) -> Behaviour:
    def breaks_off(chip: FileChip, command: CommandApdu) -> Answer | None:
        if command.extended:
            raise error
        return None

    return breaks_off


@pytest.mark.parametrize("error", [CardRemoved("broke off"), ProtocolViolation("plain 6700")])
def test_a_link_that_breaks_at_the_first_extended_read_is_told_apart(error: Exception) -> None:
    chip = FileChip(ElementaryFile.DG2, content_of(600), _breaks_off_at_extended(error))
    with pytest.raises(ExtendedLengthRefused):
        read(chip, 4000)


def test_a_card_pulled_at_a_later_extended_read_is_a_card_pulled() -> None:
    def pulled(chip: FileChip, command: CommandApdu) -> Answer | None:
        if len(chip.commands) > 2:
            raise CardRemoved("pulled")
        return None

    with pytest.raises(CardRemoved):
        read(FileChip(ElementaryFile.DG2, content_of(20_000), pulled), 4000)


@pytest.mark.parametrize(("suite", "chunk"), [(CipherSuite.TRIPLE_DES, 231), (CipherSuite.AES_256, 223)])
def test_under_secure_messaging_the_largest_chunk_that_fits_is_asked_for(suite: CipherSuite, chunk: int) -> None:
    keys = suite.session_keys(b"secret")
    card_end = SecureMessaging(suite, *keys)
    content = content_of(2000)
    inner = FileChip(ElementaryFile.DG2, content)

    def secured(chip: FileChip, command: CommandApdu) -> Answer:
        return card_end.wrap_response(*inner.transmit(card_end.unwrap_command(command).encode()))

    outer = FileChip(ElementaryFile.DG2, content, secured)
    chip = Chip(outer)
    chip.session = SecureMessaging(suite, *keys)
    assert FileReader(chip, ReadLimits()).read(ElementaryFile.DG2) == content
    assert inner.commands[0].le == chunk
    assert len(outer.commands) == -(-2000 // chunk)
