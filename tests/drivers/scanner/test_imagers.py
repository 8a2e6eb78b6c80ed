"""What only serial imagers and keyboard wedges do: framing, charsets, glued codes, unplugging."""

import pytest

from drivers.codec.recognise import CodeKind, recognise
from drivers.config import WedgeScannerOptions
from drivers.health import DeviceState
from drivers.registry import open_scanner
from drivers.scanner.base import Scanner
from drivers.scanner.framing import LONGEST_CODE, Framer
from tests.drivers.scanner.conftest import Imagers, alt_code, typed
from tests.support.waiting import wait_for

CARD = "001301000007||Lê Thị Ngọc Ánh|02092001|Nữ|Xã Ea Kao, Đắk Lắk|15082024||||"
VISIT = "TD1:0123456789ABCDEFGHJK"


class TestFraming:
    def test_an_end_mark_ends_a_code_and_empty_codes_are_none(self) -> None:
        framer = Framer(b"\r\n", 0.2)
        assert framer.feed(b"one\r\ntw", 1.0) == [b"one"]
        assert framer.feed(b"o\r\n\r\n", 1.01) == [b"two"]

    def test_silence_ends_a_code_too(self) -> None:
        framer = Framer(b"\r\n", 0.2)
        assert framer.feed(b"one", 1.0) == []
        assert framer.feed(b"", 1.1) == []
        assert framer.feed(b"", 1.25) == [b"one"]
        assert framer.feed(b"two", 1.3) == []
        assert framer.feed(b"three\r", 2.0) == [b"two", b"three"]

    def test_a_flood_without_end_is_dropped_and_the_next_code_is_whole(self) -> None:
        framer = Framer(b"\r", 0.2)
        assert framer.feed(b"x" * (LONGEST_CODE + 1), 1.0) == []
        assert framer.feed(b"\rone\r", 1.0) == [b"one"]


class TestZonesFromImagers:
    CARD = b"IDVNM0901234562001090123456<<3\r9008157M3008155VNM<<<<<<<<<<<4\rNGUYEN<<VAN<DUC<<<<<<<<<<<<<<<\r"
    PASSPORT = b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\r\nL898902C36UTO7408122F1204159ZE184226B<<<<<10\r\n"

    @pytest.mark.parametrize("sent", [CARD, PASSPORT], ids=["card", "passport"])
    def test_the_lines_of_a_zone_are_one_code(self, sent: bytes) -> None:
        framer = Framer(b"\r\n", 0.2)
        found = [code for at in range(0, len(sent), 7) for code in framer.feed(sent[at : at + 7], 1.0 + at / 1000)]
        assert found == [b"\n".join(sent.split())]
        assert recognise(found[0]).kind is CodeKind.MRZ

    def test_a_line_that_stays_alone_is_a_code_after_the_silence(self) -> None:
        framer = Framer(b"\r", 0.2)
        first = self.CARD.split(b"\r")[0]
        assert framer.feed(first + b"\r", 1.0) == []
        assert framer.feed(b"", 1.25) == [first]

    def test_another_code_after_a_first_line_keeps_its_own(self) -> None:
        framer = Framer(b"\r", 0.2)
        first = self.PASSPORT.split()[0]
        assert framer.feed(first + b"\r" + VISIT.encode() + b"\r", 1.0) == [first, VISIT.encode()]

    def test_of_two_documents_in_a_row_each_is_one_code(self) -> None:
        framer = Framer(b"\r\n", 0.2)
        found = framer.feed(self.CARD + self.PASSPORT, 1.0)
        assert found == [b"\n".join(self.CARD.split()), b"\n".join(self.PASSPORT.split())]


class TestSerialImager:
    @pytest.mark.parametrize(("suffix", "end"), [("line", b"\n"), ("line", b"\r\n"), ("tab", b"\t"), ("none", b"")])
    def test_each_suffix_that_can_be_set_ends_a_code(self, imagers: Imagers, suffix: str, end: bytes) -> None:
        scanner = imagers.serial(suffix=suffix)
        try:
            imagers.send(CARD.encode() + end)
            assert _data(scanner) == CARD.encode()
        finally:
            scanner.close()

    def test_a_charset_other_than_utf8_is_undone(self, imagers: Imagers) -> None:
        scanner = imagers.serial(encoding="gb18030")
        try:
            imagers.send(CARD.encode("gb18030") + b"\r")
            assert _data(scanner) == CARD.encode()
        finally:
            scanner.close()

    def test_codes_glued_together_are_returned_one_by_one(self, imagers: Imagers) -> None:
        scanner = imagers.serial()
        try:
            imagers.send((CARD + VISIT).encode() + b"\r")
            assert {_data(scanner), _data(scanner)} == {CARD.encode(), VISIT.encode()}
        finally:
            scanner.close()

    def test_an_imager_that_is_unplugged_says_so_and_goes_on_after_it_is_back(self, imagers: Imagers) -> None:
        scanner = imagers.serial((VISIT,))
        try:
            assert _data(scanner) == VISIT.encode()
            imagers.unplug()
            wait_for(lambda: scanner.status().code == "scanner.absent")
            assert scanner.status().state is DeviceState.UNAVAILABLE
            imagers.plug_in()
            wait_for(lambda: scanner.status().state is DeviceState.READY)
            imagers.send(CARD.encode() + b"\r")
            assert _data(scanner) == CARD.encode()
        finally:
            scanner.close()


class TestKeyboardWedge:
    def test_letters_sent_as_alt_codes_of_their_bytes_or_of_the_character_arrive(self, imagers: Imagers) -> None:
        scanner = imagers.wedge()
        try:
            imagers.type(b"".join(typed(c) for c in CARD))
            assert _data(scanner) == CARD.encode()
            other = CARD.replace("Ngọc", "Ngân")
            imagers.type(b"".join(alt_code(ord(c)) if ord(c) > 255 else typed(c) for c in other))
            assert _data(scanner) == other.encode()
        finally:
            scanner.close()

    def test_held_keys_and_other_events_type_nothing(self, imagers: Imagers) -> None:
        scanner = imagers.wedge()
        try:
            key = typed("a")
            repeated = key[:16] + (1).to_bytes(2, "little") + (30).to_bytes(2, "little") + (2).to_bytes(4, "little")
            imagers.type(key + repeated + typed("b"))
            assert _data(scanner) == b"ab"
        finally:
            scanner.close()

    def test_a_device_that_is_not_there_is_no_error(self) -> None:
        scanner = open_scanner(WedgeScannerOptions(driver="wedge", device="/dev/input/by-id/none"))
        try:
            assert scanner.read(0.1) is None
            wait_for(lambda: scanner.status().code == "scanner.absent")
        finally:
            scanner.close()


def _data(scanner: Scanner) -> bytes:
    scan = scanner.read(30.0)
    assert scan is not None
    return scan.data
