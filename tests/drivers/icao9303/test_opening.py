"""Opening a chip: what is tried, in which order, and when it ends. The chip is the simulated one, the watch is ours."""

from dataclasses import replace

import pytest

from drivers.config import SimulatedReaderOptions
from drivers.errors import AccessDenied, DriverError, StatusWordError
from drivers.icao9303 import opening
from drivers.icao9303.chip import Chip
from drivers.icao9303.opening import AccessChoice, Opened, open_chip
from drivers.icao9303.reading import ChipPasswords
from drivers.simulated.chip.profile import ChipProfile, Cipher, PaceSuite
from drivers.simulated.chip.security_infos import pace_info, security_infos
from drivers.simulated.deck import SimulatedCard
from drivers.simulated.people import get_person
from drivers.simulated.reader import SimulatedCardReader
from drivers.smartcard.base import CardConnection

DUC = get_person("duc")
assert DUC.can
RIGHT = ChipPasswords(DUC.can, DUC.document_number, "900815", ("300815",))
WRONG_CAN = replace(RIGHT, can="000000")
NO_CAN = replace(RIGHT, can=None)


class Watched:
    """A connection that keeps the headers of commands, and how often the chip was reset."""

    def __init__(self, connection: CardConnection, *, extended: bool = True) -> None:
        self._connection = connection
        self.atr = connection.atr
        self.supports_extended_length = extended
        self.sent: list[bytes] = []
        self.resets = 0

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self.sent.append(command)
        return self._connection.transmit(command)

    def reset(self) -> None:
        self.resets += 1
        self._connection.reset()

    def close(self) -> None:
        self._connection.close()


def watch(profile: ChipProfile, *, extended: bool = True) -> Watched:
    card = SimulatedCard("card", DUC, profile, "", "", "", "")
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=(card,))
    reader.insert("card")
    return Watched(reader.connect(), extended=extended)


def open_(connection: Watched, passwords: ChipPasswords, access: AccessChoice = "auto") -> Opened:
    return open_chip(Chip(connection), passwords, access=access)


CIPHERS: tuple[Cipher, ...] = ("3DES", "AES-128", "AES-192", "AES-256")
BOTH = ChipProfile()
PACE_ONLY = ChipProfile(bac=False)
BAC_ONLY = ChipProfile(pace=())


@pytest.mark.parametrize(
    ("profile", "passwords", "access", "expected", "why"),
    [
        (BOTH, RIGHT, "auto", "PACE-CAN", "the CAN asks least of the person"),
        (BOTH, RIGHT, "bac", "BAC", "asked for"),
        (BOTH, RIGHT, "pace", "PACE-CAN", "asked for"),
        (BOTH, WRONG_CAN, "auto", "BAC", "the CAN is wrong, the MRZ data are right"),
        (BOTH, WRONG_CAN, "pace", "PACE-MRZ", "the same, BAC not wanted"),
        (BOTH, NO_CAN, "auto", "PACE-MRZ", "a passport"),
        (BAC_ONLY, RIGHT, "auto", "BAC", "an old chip"),
        (BAC_ONLY, NO_CAN, "auto", "BAC", "an old passport"),
        (PACE_ONLY, WRONG_CAN, "auto", "PACE-MRZ", "a chip that has given BAC up"),
    ],
)
def test_a_chip_is_opened_the_best_way_its_passwords_and_the_choice_allow(
    profile: ChipProfile, passwords: ChipPasswords, access: AccessChoice, expected: str, why: str
) -> None:
    assert open_(watch(profile), passwords, access).access == expected


@pytest.mark.parametrize(
    ("profile", "passwords", "access", "tried"),
    [
        (BOTH, replace(WRONG_CAN, expiries=("300816",)), "auto", ("PACE-CAN", "BAC")),
        (BOTH, replace(NO_CAN, expiries=("300816", "991231")), "auto", ("PACE-MRZ", "PACE-MRZ")),
        (BAC_ONLY, replace(RIGHT, expiries=("1", "2", "3", "4")), "auto", ("BAC",) * 4),
        (BAC_ONLY, replace(RIGHT, expiries=("1", "2", "3", "4", "300815")), "auto", ("BAC",) * 4),
        (PACE_ONLY, replace(WRONG_CAN, expiries=()), "auto", ("PACE-CAN",)),
        (BAC_ONLY, ChipPasswords(can="123456"), "auto", ()),
        (BOTH, ChipPasswords(can="123456"), "bac", ()),
        (BOTH, ChipPasswords(), "auto", ()),
    ],
)
def test_wrong_passwords_end_after_the_list(
    profile: ChipProfile, passwords: ChipPasswords, access: AccessChoice, tried: tuple[str, ...]
) -> None:
    connection = watch(profile)
    with pytest.raises(AccessDenied) as denied:
        open_(connection, passwords, access)
    assert denied.value.tried == tried
    assert connection.resets >= len(tried) - 1  # a chip is never asked twice in one session


def test_a_slow_refusal_stops_the_guessing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SLOW_REFUSAL_S", 0.0)
    with pytest.raises(AccessDenied) as denied:
        open_(watch(BAC_ONLY), replace(RIGHT, expiries=("300816", "300815")))
    assert denied.value.tried == ("BAC",)


@pytest.mark.parametrize("slow", [b"\x84", b"\x82"], ids=["at the next challenge", "at the refusal"])
def test_a_delay_anywhere_in_a_try_stops_the_guessing_and_says_so(slow: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = watch(BAC_ONLY)
    real, now = connection.transmit, [0.0]

    def transmit(command: bytes) -> tuple[bytes, int]:
        now[0] += 2.0 if command[1:2] == slow and connection.resets else 0.01
        return real(command)

    monkeypatch.setattr(connection, "transmit", transmit)
    monkeypatch.setattr("drivers.icao9303.chip.time.perf_counter", lambda: now[0])
    with pytest.raises(AccessDenied) as denied:
        open_(connection, replace(RIGHT, expiries=("300816", "300817", "300815")))
    assert (denied.value.tried, denied.value.delayed) == (("BAC", "BAC"), True)


def test_a_chip_that_refuses_the_pace_it_offers_asks_for_what_bac_needs() -> None:
    only_in_name = replace(BOTH, pace_refusal_sw=0x6982)
    with pytest.raises(AccessDenied) as denied:
        open_(watch(only_in_name), ChipPasswords(can=DUC.can))
    assert (denied.value.tried, denied.value.delayed) == ((), False)
    assert open_(watch(only_in_name), RIGHT).access == "BAC"


def test_of_several_ways_the_one_the_chip_really_speaks_is_taken() -> None:
    spoken = ChipProfile(pace=(PaceSuite("AES-256", "GM", "brainpoolP384r1"),), bac=False)
    offered = (PaceSuite("AES-128", "GM", "secp256r1"), *spoken.pace)
    content = security_infos([pace_info(suite) for suite in offered])
    opened = open_(watch(replace(spoken, planted_files=(("EF.CardAccess", content),))), RIGHT)
    assert opened.pace is not None
    assert (opened.access, opened.pace.suite.value) == ("PACE-CAN", "AES-256")


MANY_WAYS = tuple(PaceSuite(cipher, "GM", f"brainpoolP{bits}r1") for cipher in CIPHERS for bits in (256, 320, 384, 512))


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        (ChipProfile(pace=MANY_WAYS), "a list of 320 bytes, by extended length"),
        (ChipProfile(pace=MANY_WAYS, extended_length=False), "the same in two answers"),
        (ChipProfile(pace=MANY_WAYS, max_answer_bytes=300, oversized_answer="shorten"), "the same, cut by the chip"),
        (ChipProfile(past_end="refuse"), "a chip that reads nothing beyond the end of a file"),
        (ChipProfile(past_end="refuse", extended_length=False), "the same at short length"),
        (ChipProfile(past_end="exact"), "a chip that says how much there is"),
    ],
)
def test_the_ways_in_are_read_whole_however_the_chip_answers(profile: ChipProfile, why: str) -> None:
    opened = open_(watch(replace(profile, bac=False)), RIGHT)
    assert opened.access == "PACE-CAN"
    assert bool(opened.limits.extended_max) is profile.extended_length


def test_another_spelling_of_the_birth_date_is_tried_with_the_likeliest_expiry() -> None:
    passwords = replace(NO_CAN, born_on="900101", other_births=("900815",), expiries=("300815", "991231"))
    assert open_(watch(BAC_ONLY), passwords).access == "BAC"


def test_a_chip_that_speaks_nothing_of_this_says_so() -> None:
    with pytest.raises(StatusWordError):
        open_(watch(ChipProfile(bac=False, pace=())), RIGHT)


def test_extended_length_is_probed_once_and_outside_any_session() -> None:
    long_chip, short_chip = watch(BOTH), watch(ChipProfile(extended_length=False))
    assert open_(long_chip, RIGHT).limits.extended_max
    assert open_(short_chip, RIGHT).limits.extended_max is None
    assert open_(watch(BOTH, extended=False), RIGHT).limits.extended_max is None
    extended = [command for command in short_chip.sent if len(command) > 5 and command[4] == 0]
    assert len(extended) == 1
    assert not extended[0][0] & 0x0C


@pytest.mark.parametrize("extended", [True, False])
def test_a_bac_chip_is_probed_as_well(extended: bool) -> None:
    limits = open_(watch(replace(BAC_ONLY, extended_length=extended)), RIGHT).limits
    assert bool(limits.extended_max) is extended


def test_the_identity_needs_few_exchanges() -> None:
    """What the promise of 14 exchanges to the identity leaves for DG1 and DG13."""
    connection = watch(BOTH)
    open_(connection, RIGHT)
    assert len(connection.sent) <= 10


def test_errors_of_the_link_are_never_taken_for_a_refusal() -> None:
    connection = watch(BOTH)
    connection.close()
    with pytest.raises(DriverError) as error:
        open_(connection, RIGHT)
    assert not isinstance(error.value, AccessDenied)
