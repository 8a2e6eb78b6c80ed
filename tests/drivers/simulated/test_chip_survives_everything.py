"""Whatever a reader sends, the chip answers a status word and never breaks: generated commands, inside and outside."""

import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

import drivers.simulated.chip
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ActiveAuthentication, ChipAuthentication, ChipProfile, PaceSuite
from drivers.smartcard.apdu import CommandApdu
from tests.drivers.simulated.terminal import PERSON, SELECT_APPLICATION, opened

PROFILES = (
    ChipProfile(),
    ChipProfile(pace=(PaceSuite("AES-128", "CAM"), PaceSuite("3DES", "GM", "modp-1024-160")), extended_length=False),
    ChipProfile(
        active_authentication=ActiveAuthentication("RSA-1024", "sha1"),
        chip_authentication=ChipAuthentication("3DES", "secp192r1"),
        get_response="never",
        past_end="exact",
    ),
)
KNOWN_INSTRUCTIONS = (0x22, 0x82, 0x84, 0x86, 0x88, 0xA4, 0xB0, 0xB1, 0xC0)
TEMPLATES = (
    b"",
    b"\x01\x1c",
    b"\x54\x01\x00",
    b"\x7c\x00",
    b"\x7c\x02\x80\x00",
    b"\x80\x0a\x04\x00\x7f\x00\x07\x02\x02",
)

commands = st.builds(
    CommandApdu,
    cla=st.sampled_from((0x00, 0x00, 0x10, 0x0C, 0x80, 0xFF)),
    ins=st.sampled_from(KNOWN_INSTRUCTIONS) | st.integers(0, 255),
    p1=st.sampled_from((0x00, 0x02, 0x04, 0x41, 0x81, 0xC1)) | st.integers(0, 255),
    p2=st.sampled_from((0x00, 0x0C, 0xA4, 0xA6)) | st.integers(0, 255),
    data=st.sampled_from(TEMPLATES) | st.binary(max_size=80),
    le=st.none() | st.integers(1, 65536),
    extended=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(profile=st.sampled_from(PROFILES), raws=st.lists(st.binary(max_size=300), min_size=1, max_size=6))
def test_any_bytes_are_answered(profile: ChipProfile, raws: list[bytes]) -> None:
    chip = Chip(PERSON, profile)
    for raw in raws:
        assert len(chip.transmit(raw)) >= 2


@settings(max_examples=150, deadline=None)
@given(
    profile=st.sampled_from(PROFILES), sent=st.lists(commands, min_size=1, max_size=12), in_application=st.booleans()
)
def test_any_sequence_of_commands_is_answered_and_leaks_no_file(
    profile: ChipProfile, sent: list[CommandApdu], in_application: bool
) -> None:
    chip = Chip(PERSON, profile)
    if in_application:
        chip.transmit(SELECT_APPLICATION.encode())
    for command in sent:
        answer = chip.transmit(command.encode())
        assert len(answer) >= 2
        assert b"NGUYEN" not in answer


@settings(max_examples=60, deadline=None)
@given(profile=st.sampled_from(PROFILES), sent=st.lists(commands, min_size=1, max_size=8))
def test_any_protected_command_is_answered(profile: ChipProfile, sent: list[CommandApdu]) -> None:
    terminal = opened(profile)
    assert terminal.session
    for command in sent:
        if command.cla & 0x0C:
            continue
        wrapped = terminal.session.wrap_command(command)
        assert len(terminal.chip.transmit(wrapped.encode())) >= 2
        terminal = opened(profile)
        assert terminal.session


def test_example_in_the_package_is_true() -> None:
    assert doctest.testmod(drivers.simulated.chip).failed == 0
