"""What the chip refuses, and how: a card in the hands of a reader that errs, or attacks."""

import pytest

from drivers.errors import ProtocolViolation
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.faults import CardMute, CardPulled
from drivers.simulated.chip.personalise import personalise
from drivers.simulated.chip.profile import ActiveAuthentication, ChipProfile, Fault, FaultKind, PaceSuite
from drivers.simulated.people import get_person
from drivers.smartcard import tlv
from drivers.smartcard.apdu import CommandApdu
from tests.drivers.simulated.terminal import PERSON, READ_DG1, SELECT_APPLICATION, Terminal, opened


def file_of(name: str) -> bytes:
    return personalise(PERSON, ChipProfile()).application[name]


class TestOutsideASession:
    @pytest.mark.parametrize(
        ("command", "sw", "reason"),
        [
            ("00A40000", 0x6D00, "Vietnamese cards do not know SELECT MF"),
            ("00A4000C023F00", 0x6D00, "nor by its identifier"),
            ("00A4020C02011C", 0x9000, "EF.CardAccess by direct select"),
            ("00B09C0000", 0x9000, "and by its short identifier"),
            ("00A4020C020101", 0x6A82, "no data group outside the application"),
            ("00A4040C07A0000002471002", 0x6A82, "another application"),
            ("00B0000000", 0x6986, "no current file"),
            ("0084000008", 0x6D00, "BAC lives in the application"),
            ("8084000008", 0x6E00, "a proprietary class"),
            ("00CA000000", 0x6D00, "an unknown instruction"),
            ("00B0", 0x6700, "no whole header"),
            ("00A4020C03011C", 0x6700, "Lc that does not fit"),
            ("0CB0000000", 0x6988, "secure messaging without a session"),
            ("008800000801020304050607 0800", 0x6982, "Active Authentication before access control"),
            ("0022C1A40F800A04007F000702020402028301 03", 0x6A88, "a PACE password (PIN) that is not there"),
            ("0022C1A40F800A04007F000702020402048301 02", 0x6A80, "a PACE suite that is not there"),
            ("10860000027C0000", 0x6982, "GENERAL AUTHENTICATE out of nowhere"),
        ],
    )
    def test_command_is_answered_as_by_a_card(self, command: str, sw: int, reason: str) -> None:
        answer = Chip(PERSON).transmit(bytes.fromhex(command))
        assert int.from_bytes(answer[-2:], "big") == sw, reason

    @pytest.mark.parametrize(
        ("command", "sw", "reason"),
        [
            ("00A4020C020101", 0x6982, "DG1 is there, and closed"),
            ("00B0810000", 0x6982, "also by its short identifier"),
            ("00A4020C020104", 0x6A82, "DG4 is not there, which is no secret"),
            ("00A4020C02011C", 0x6A82, "EF.CardAccess stays in the master file"),
            ("0084000004", 0x6700, "a challenge has 8 bytes"),
            ("0082000028" + "00" * 40 + "28", 0x6985, "EXTERNAL AUTHENTICATE without a challenge"),
        ],
    )
    def test_command_after_selecting_the_application(self, command: str, sw: int, reason: str) -> None:
        terminal = Terminal(Chip(PERSON))
        terminal.plain(SELECT_APPLICATION)
        answer = terminal.chip.transmit(bytes.fromhex(command))
        assert int.from_bytes(answer[-2:], "big") == sw, reason

    def test_card_access_may_wait_for_the_master_file(self) -> None:
        profile = ChipProfile(mf_select_sw=0x9000, card_access_at=frozenset({"mf"}))
        terminal = Terminal(Chip(PERSON, profile))
        select = CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x1c")
        assert terminal.plain(select)[1] == 0x6A82
        assert terminal.plain(CommandApdu(0, 0xA4, 0, 0x0C, b"\x3f\x00"))[1] == 0x9000
        assert terminal.plain(select)[1] == 0x9000

    def test_card_access_may_lie_in_the_application(self) -> None:
        terminal = Terminal(Chip(PERSON, ChipProfile(card_access_at=frozenset({"application"}))))
        terminal.plain(SELECT_APPLICATION)
        data, sw = terminal.plain(CommandApdu(0, 0xB0, 0x9C, 0, le=256))
        assert (data[0], sw) == (0x31, 0x9000)

    def test_chip_without_pace_has_no_card_access_and_knows_no_pace(self) -> None:
        terminal = Terminal(Chip(PERSON, ChipProfile(pace=())))
        assert terminal.plain(CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x1c"))[1] == 0x6A82
        assert terminal.plain(CommandApdu(0, 0x22, 0xC1, 0xA4, b"\x80\x01\x00"))[1] == 0x6D00

    def test_chip_without_access_control_gives_its_files_to_anybody(self) -> None:
        terminal = Terminal(Chip(PERSON, ChipProfile(bac=False, pace=())))
        terminal.plain(SELECT_APPLICATION)
        assert terminal.plain(READ_DG1) == (file_of("EF.DG1"), 0x9000)

    def test_extended_command_is_refused_by_a_chip_without_extended_length(self) -> None:
        terminal = Terminal(Chip(PERSON, ChipProfile(extended_length=False)))
        assert terminal.plain(CommandApdu(0, 0xB0, 0x9C, 0, le=4096))[1] == 0x6700


class TestBasicAccess:
    def test_wrong_key_is_refused_and_the_challenge_is_used_up(self) -> None:
        terminal = Terminal(Chip(PERSON))
        assert terminal.authenticate(get_person("mai")) == 0x6300
        assert terminal.plain(CommandApdu(0, 0x82, 0, 0, bytes(40), le=40))[1] == 0x6985

    def test_right_key_after_a_wrong_one_opens(self) -> None:
        terminal = Terminal(Chip(PERSON))
        terminal.authenticate(get_person("mai"))
        assert terminal.authenticate(PERSON) == 0x9000

    def test_every_failure_makes_a_careful_chip_slower_for_life(self) -> None:
        terminal = Terminal(Chip(PERSON, ChipProfile(failure_delay_s=0.5, latency_ms=20)))
        authenticate = CommandApdu(0, 0x82, 0, 0, bytes(40), le=40).encode()
        for _ in range(2):
            terminal.authenticate(get_person("mai"))
        terminal.chip.power_on()
        assert terminal.chip.duration_s(authenticate, b"\x63\x00") == pytest.approx(1.02)
        assert terminal.chip.duration_s(READ_DG1.encode(), b"\x90\x00") == pytest.approx(0.02)


class TestInsideASession:
    def test_files_are_read_whole(self) -> None:
        terminal = opened()
        assert terminal.secured(READ_DG1) == (file_of("EF.DG1"), 0x9000)

    def test_fingerprints_stay_closed_and_the_session_goes_on(self) -> None:
        terminal = opened()
        assert terminal.secured(CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x03"))[1] == 0x9000
        assert terminal.secured(CommandApdu(0, 0xB0, 0, 0, le=4))[1] == 0x6982
        assert terminal.secured(READ_DG1)[1] == 0x9000

    @pytest.mark.parametrize(
        ("offset", "le", "expected", "sw", "reason"),
        [
            (0, 4, 4, 0x9000, "a header"),
            (90, 20, 5, 0x6282, "more than what is left"),
            (90, 256, 5, 0x9000, "whatever is left"),
            (95, 1, 0, 0x6B00, "at the end"),
            (500, 1, 0, 0x6B00, "beyond the end"),
        ],
    )
    def test_short_answers_at_the_end_of_a_file(
        self, offset: int, le: int, expected: int, sw: int, reason: str
    ) -> None:
        terminal = opened()
        terminal.secured(CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x01"))
        data, got = terminal.secured(CommandApdu(0, 0xB0, offset >> 8, offset & 0xFF, le=le))
        assert (data, got) == (file_of("EF.DG1")[offset : offset + expected], sw), reason

    def test_answer_beyond_256_bytes_is_refused_or_shortened(self) -> None:
        read = CommandApdu(0, 0xB0, 0x82, 0, le=232)
        assert opened().secured(read) == (b"", 0x6700)
        data, sw = opened(ChipProfile(oversized_answer="shorten")).secured(read)
        assert (len(data), sw) == (231, 0x9000)

    def test_largest_3des_answer_fits_exactly(self) -> None:
        terminal = opened()
        assert terminal.session
        protected = terminal.session.wrap_command(CommandApdu(0, 0xB0, 0x82, 0, le=231))
        assert len(terminal.plain(protected)[0]) <= 256

    def test_extended_answer_keeps_to_the_chips_limit(self) -> None:
        terminal = opened(ChipProfile(max_answer_bytes=2048))
        assert terminal.session
        data, sw = terminal.plain(terminal.session.wrap_command(CommandApdu(0, 0xB0, 0x82, 0, le=65536)))
        assert sw == 0x9000
        assert 2040 <= len(data) <= 2048

    def test_odd_instruction_reads_beyond_32_kilobytes(self) -> None:
        profile = ChipProfile(photo_bytes=40_000)
        content = personalise(PERSON, profile).application["EF.DG2"]
        terminal = opened(profile)
        terminal.secured(CommandApdu(0, 0xA4, 2, 0x0C, b"\x01\x02"))
        offset = tlv.encode(0x54, (0x9000).to_bytes(2, "big"))
        data, sw = terminal.secured(CommandApdu(0, 0xB1, 0, 0, offset, le=200))
        assert sw == 0x9000
        assert data == tlv.encode(0x53, content[0x9000 : 0x9000 + 197])

    def test_odd_instruction_names_a_file_by_its_short_identifier(self) -> None:
        data, sw = opened().secured(CommandApdu(0, 0xB1, 0, 1, tlv.encode(0x54, b"\x00"), le=256))
        assert (data, sw) == (tlv.encode(0x53, file_of("EF.DG1")), 0x9000)

    @pytest.mark.parametrize("spoilt_byte", [5, -3], ids=["data", "MAC"])
    def test_altered_command_ends_the_session(self, spoilt_byte: int) -> None:
        terminal = opened()
        assert terminal.session
        raw = bytearray(terminal.session.wrap_command(READ_DG1).encode())
        raw[spoilt_byte] ^= 1
        assert terminal.chip.transmit(bytes(raw))[-2:] in (b"\x69\x88", b"\x67\x00")
        assert terminal.plain(terminal.session.wrap_command(READ_DG1))[1] == 0x6988
        assert terminal.plain(READ_DG1)[1] == 0x6982

    def test_replayed_command_ends_the_session(self) -> None:
        terminal = opened()
        assert terminal.session
        command = terminal.session.wrap_command(READ_DG1)
        assert terminal.plain(command)[1] == 0x9000
        assert terminal.plain(command) == (b"", 0x6988)

    def test_plain_command_ends_the_session_and_is_no_way_to_the_files(self) -> None:
        terminal = opened()
        assert terminal.plain(READ_DG1) == (b"", 0x6982)
        assert terminal.session
        assert terminal.plain(terminal.session.wrap_command(READ_DG1)) == (b"", 0x6988)

    def test_power_cycle_ends_the_session(self) -> None:
        terminal = opened()
        terminal.chip.power_on()
        terminal.plain(SELECT_APPLICATION)
        assert terminal.plain(READ_DG1) == (b"", 0x6982)

    def test_long_signature_comes_in_pieces(self) -> None:
        terminal = opened(ChipProfile(active_authentication=ActiveAuthentication("RSA-2048")))
        assert terminal.session
        protected = terminal.session.wrap_command(CommandApdu(0, 0x88, 0, 0, bytes(8), le=256))
        first, sw = terminal.plain(protected)
        assert (len(first), sw >> 8) == (256, 0x61)
        rest, sw = terminal.plain(CommandApdu(0, 0xC0, 0, 0, le=sw & 0xFF))
        data, sw = terminal.session.unwrap_response(first + rest, sw)
        assert (len(data), sw) == (256, 0x9000)


class TestPace:
    @pytest.mark.parametrize(
        ("step", "sw", "reason"),
        [
            ("00860000027C0000", 0x6985, "the first step is part of a chain"),
            ("10860000027D0000", 0x6A80, "another template"),
            ("10860000047C02800000", 0x6A80, "data where none is due"),
        ],
    )
    def test_malformed_first_step_ends_the_run(self, step: str, sw: int, reason: str) -> None:
        chip = Chip(PERSON)
        set_template = bytes.fromhex("0022C1A40F800A04007F00070202040202830102")
        assert chip.transmit(set_template) == b"\x90\x00"
        assert int.from_bytes(chip.transmit(bytes.fromhex(step))[-2:], "big") == sw, reason
        assert chip.transmit(bytes.fromhex("10860000027C0000")) == b"\x69\x82"

    def test_point_off_the_curve_is_refused(self) -> None:
        chip = Chip(PERSON)
        chip.transmit(bytes.fromhex("0022C1A40F800A04007F00070202040202830102"))
        chip.transmit(bytes.fromhex("10860000027C0000"))
        point = b"\x04" + bytes(31) + b"\x01" + bytes(31) + b"\x01"
        command = CommandApdu(0x10, 0x86, 0, 0, tlv.encode(0x7C, tlv.encode(0x81, point)), le=256)
        assert chip.transmit(command.encode()) == b"\x6a\x80"

    def test_two_curves_for_one_mechanism_need_the_parameter_named(self) -> None:
        suites = (PaceSuite(group="brainpoolP256r1"), PaceSuite(group="secp256r1"))
        chip = Chip(PERSON, ChipProfile(pace=suites))
        assert chip.transmit(bytes.fromhex("0022C1A40F800A04007F00070202040202830102")) == b"\x6a\x80"
        assert chip.transmit(bytes.fromhex("0022C1A412800A04007F0007020204020283010284010C")) == b"\x90\x00"

    def test_passport_has_no_can(self) -> None:
        chip = Chip(get_person("somsak"))
        assert chip.transmit(bytes.fromhex("0022C1A40F800A04007F00070202040202830102")) == b"\x6a\x88"


class TestFaults:
    """The session opens by SELECT, GET CHALLENGE, EXTERNAL AUTHENTICATE; the fourth command is the first in it."""

    def test_pulled_card_answers_no_more_in_that_command(self) -> None:
        terminal = opened(faults=[Fault(4, FaultKind.PULLED)])
        with pytest.raises(CardPulled):
            terminal.secured(READ_DG1)

    def test_mute_card_stays_mute_until_it_is_powered_off(self) -> None:
        terminal = opened(faults=[Fault(4, FaultKind.MUTE, once=True)])
        for _ in range(2):
            with pytest.raises(CardMute):
                terminal.secured(READ_DG1)
        terminal.chip.power_on()
        assert terminal.authenticate(PERSON) == 0x9000

    def test_fault_that_happens_once_spares_the_second_session(self) -> None:
        terminal = opened(faults=[Fault(4, FaultKind.WRONG_STATUS, once=True)])
        assert terminal.session
        assert terminal.plain(terminal.session.wrap_command(READ_DG1))[1] == 0x6A82
        terminal.chip.power_on()
        assert terminal.authenticate(PERSON) == 0x9000
        assert terminal.secured(READ_DG1)[1] == 0x9000

    @pytest.mark.parametrize("kind", [FaultKind.WRONG_MAC, FaultKind.SHORT, FaultKind.GARBAGE])
    def test_spoilt_answer_differs_from_a_sound_one(self, kind: FaultKind) -> None:
        terminal = opened(faults=[Fault(4, kind)])
        assert terminal.session
        answer, sw = terminal.plain(terminal.session.wrap_command(CommandApdu(0, 0xB0, 0x81, 0, le=4)))
        assert sw == 0x9000
        # 87 09 01 and one block, 99 02 and the status, 8E 08 and the MAC
        assert len(answer) == (25 // 2 if kind is FaultKind.SHORT else 25)
        with pytest.raises(ProtocolViolation):
            terminal.session.unwrap_response(answer, sw)

    def test_unprotected_answer_shows_the_plain_file(self) -> None:
        terminal = opened(faults=[Fault(4, FaultKind.UNPROTECTED)])
        assert terminal.session
        assert terminal.plain(terminal.session.wrap_command(READ_DG1)) == (file_of("EF.DG1"), 0x9000)


def test_time_on_the_link_counts_both_ways() -> None:
    chip = Chip(PERSON, ChipProfile(latency_ms=15, bits_per_second=106_000))
    command, answer = bytes(5), bytes(261)
    assert chip.duration_s(command, answer) == pytest.approx(0.015 + 266 * 8 / 106_000)


def test_answer_to_reset_tells_extended_length_and_checks_itself() -> None:
    atr = Chip(PERSON).atr
    assert atr.hex() == "3b8580018073c021c0d6"
    assert Chip(PERSON, ChipProfile(extended_length=False)).atr[-2] == 0x80
    assert Chip(PERSON, ChipProfile(command_chaining=False)).atr[-2] == 0x40
