"""One contract, two readers: the simulated one in this process, and PC/SC through the real daemon."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final, Protocol

import pytest

from drivers.config import PcscReaderOptions, SimulatedReaderOptions
from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceKind, DeviceState
from drivers.icao9303.opening import AccessChoice
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import ChipPasswords, ChipReading
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import Fault, FaultKind
from drivers.simulated.deck import SimulatedCard, get_card
from drivers.simulated.pcscd import PrivatePcscd
from drivers.simulated.reader import SimulatedCardReader
from drivers.simulated.vpcd import VirtualCard
from drivers.smartcard.base import CardReader
from drivers.smartcard.pcsc import PcscReader

SELECT_CARD_ACCESS: Final = bytes.fromhex("00A4020C02011C")
READ_TWO: Final = bytes.fromhex("00B0000002")
WITHIN_S: Final = 30.0  # generous: the daemon polls its virtual readers, and the machine may be busy


def troubled(key: str, *faults: Fault) -> SimulatedCard:
    card = get_card("duc")
    return replace(card, key=key, profile=replace(card.profile, faults=faults))


CARDS: Final = {
    card.key: card
    for card in (
        get_card("duc"),
        get_card("hoa"),
        troubled("slips", Fault(18, FaultKind.PULLED, once=True)),
        troubled("pulled", Fault(2, FaultKind.PULLED, once=True)),
        troubled("mute", Fault(2, FaultKind.MUTE, once=True)),
    )
}


class Hand(Protocol):
    """What moves cards: the same card put back is the same chip."""

    @property
    def reader(self) -> CardReader: ...

    def insert(self, key: str) -> None: ...

    def remove(self) -> None: ...


class SimulatedHand:
    def __init__(self) -> None:
        deck = tuple(CARDS.values())
        self.reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=0), deck=deck, silence_s=0.3)

    def insert(self, key: str) -> None:
        self.reader.insert(key)

    def remove(self) -> None:
        self.reader.remove()


class VirtualHand:
    def __init__(self, daemon: PrivatePcscd, *, silence_s: float = WITHIN_S) -> None:
        options = PcscReaderOptions(driver="pcsc", reader="Virtual PCD 00 00", silence_s=silence_s)
        self.reader = PcscReader(options)
        self._port = daemon.ports[0]
        self._cards: dict[str, VirtualCard] = {}

    def insert(self, key: str) -> None:
        card = CARDS[key]
        self._cards.setdefault(key, VirtualCard(Chip(card.person, card.profile), port=self._port)).insert()

    def remove(self) -> None:
        for card in self._cards.values():
            card.remove()


@pytest.fixture(params=["simulated", "pcsc"])
def hand(request: pytest.FixtureRequest) -> Iterator[Hand]:
    simulated = request.param == "simulated"
    # A card that says nothing is given up soon; a sound one has the time that a busy machine takes.
    silence_s = 1.0 if "mute" in request.node.name else WITHIN_S
    hand: Hand = SimulatedHand() if simulated else VirtualHand(request.getfixturevalue("pcscd"), silence_s=silence_s)
    with closing(hand.reader):
        yield hand
        hand.remove()
        assert hand.reader.wait_for_removal(WITHIN_S)


def present(hand: Hand, key: str) -> CardReader:
    hand.insert(key)
    assert hand.reader.wait_for_card(WITHIN_S)
    return hand.reader


def in_a_moment(action: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(0.1, action)
    timer.start()
    return timer


class TestPresence:
    def test_empty_reader_waits_in_vain_and_refuses_to_connect(self, hand: Hand) -> None:
        assert hand.reader.wait_for_card(0.05) is False
        assert hand.reader.wait_for_removal(0.05) is True
        with pytest.raises(CardRemoved):
            hand.reader.connect()

    def test_card_wakes_the_one_who_waits(self, hand: Hand) -> None:
        timer = in_a_moment(lambda: hand.insert("duc"))
        assert hand.reader.wait_for_card(WITHIN_S) is True
        timer.join()

    def test_card_that_lies_there_is_not_removed(self, hand: Hand) -> None:
        assert present(hand, "duc").wait_for_removal(0.05) is False

    def test_removal_wakes_the_one_who_waits(self, hand: Hand) -> None:
        reader = present(hand, "duc")
        timer = in_a_moment(hand.remove)
        assert reader.wait_for_removal(WITHIN_S) is True
        timer.join()

    def test_reader_says_that_it_is_ready(self, hand: Hand) -> None:
        present(hand, "duc")
        status = hand.reader.status()
        assert (status.kind, status.state, status.code) == (DeviceKind.CARD_READER, DeviceState.READY, "ok")
        assert status.name == hand.reader.name


class TestConnection:
    def test_commands_reach_the_chip_and_status_words_are_ordinary_answers(self, hand: Hand) -> None:
        with closing(present(hand, "duc").connect()) as connection:
            assert connection.atr == bytes.fromhex("3b8580018073c021c0d6")
            assert connection.transmit(SELECT_CARD_ACCESS) == (b"", 0x9000)
            assert connection.transmit(READ_TWO) == (b"\x31\x14", 0x9000)
            assert connection.transmit(bytes.fromhex("00A4000C023F00")) == (b"", 0x6D00)

    def test_extended_command_and_answer_pass(self, hand: Hand) -> None:
        with closing(present(hand, "duc").connect()) as connection:
            assert connection.supports_extended_length
            connection.transmit(SELECT_CARD_ACCESS)
            data, sw = connection.transmit(bytes.fromhex("00B00000001000"))
            assert (len(data), sw) == (22, 0x6282)

    def test_reset_makes_the_chip_forget(self, hand: Hand) -> None:
        with closing(present(hand, "duc").connect()) as connection:
            connection.transmit(SELECT_CARD_ACCESS)
            connection.reset()
            assert connection.transmit(READ_TWO) == (b"", 0x6986)

    def test_second_connection_follows_the_first(self, hand: Hand) -> None:
        reader = present(hand, "duc")
        for _ in range(3):
            connection = reader.connect()
            assert connection.transmit(SELECT_CARD_ACCESS) == (b"", 0x9000)
            connection.close()
            connection.close()

    def test_card_taken_between_two_commands_says_so(self, hand: Hand) -> None:
        with closing(present(hand, "duc").connect()) as connection:
            connection.transmit(SELECT_CARD_ACCESS)
            hand.remove()
            assert hand.reader.wait_for_removal(WITHIN_S)
            with pytest.raises(CardRemoved):
                connection.transmit(READ_TWO)

    def test_card_pulled_within_a_command_says_so_and_reads_when_it_is_put_back(self, hand: Hand) -> None:
        with closing(present(hand, "pulled").connect()) as connection:
            connection.transmit(SELECT_CARD_ACCESS)
            with pytest.raises(CardRemoved):
                connection.transmit(READ_TWO)
        assert hand.reader.wait_for_removal(WITHIN_S)
        with closing(present(hand, "pulled").connect()) as connection:
            connection.transmit(SELECT_CARD_ACCESS)
            assert connection.transmit(READ_TWO) == (b"\x31\x14", 0x9000)

    def test_mute_card_is_given_up_and_the_reader_works_on(self, hand: Hand) -> None:
        with closing(present(hand, "mute").connect()) as connection:
            connection.transmit(SELECT_CARD_ACCESS)
            with pytest.raises(DeviceTimeout):
                connection.transmit(READ_TWO)
        hand.remove()
        assert hand.reader.wait_for_removal(WITHIN_S)
        with closing(present(hand, "hoa").connect()) as connection:
            assert connection.transmit(SELECT_CARD_ACCESS) == (b"", 0x9000)


class TestReadingAChip:
    """The whole way: presence, secure messaging, files and proofs, through either reader."""

    def read(self, hand: Hand, key: str, *, access: AccessChoice) -> ChipReading:
        person = CARDS[key].person
        expires = person.mrz_expiry
        known = ChipPasswords(person.can, person.document_number, f"{person.born_on:%y%m%d}", (expires,))
        with closing(present(hand, key).connect()) as connection:
            return read_chip(connection, known, options=ReadOptions(access=access))

    @pytest.mark.parametrize(("access", "expected"), [("pace", "PACE-CAN"), ("bac", "BAC")])
    def test_a_person_is_read_by_either_way_in(self, hand: Hand, access: AccessChoice, expected: str) -> None:
        reading = self.read(hand, "hoa", access=access)
        assert reading.access == expected
        assert reading.identity.full_name == "Trần Thị Hoà"
        assert reading.identity.expires_on is None
        assert reading.assurance == "consistent"  # whole and no copy; no issuer is known in this test
        assert reading.photo

    def test_card_pulled_in_the_middle_reads_when_it_is_put_back(self, hand: Hand) -> None:
        with pytest.raises(CardRemoved):
            self.read(hand, "slips", access="auto")
        assert hand.reader.wait_for_removal(WITHIN_S)
        assert self.read(hand, "slips", access="auto").identity.full_name == "Nguyễn Văn Đức"


def test_reader_survives_a_crash_of_the_daemon(pcscd: PrivatePcscd) -> None:
    hand = VirtualHand(pcscd)
    with closing(hand.reader):
        present(hand, "duc")
        pcscd.kill()
        try:
            assert hand.reader.wait_for_removal(WITHIN_S)
            give_up_at = time.monotonic() + WITHIN_S
            while hand.reader.status().code != "reader.service_down" and time.monotonic() < give_up_at:
                time.sleep(0.05)
            assert hand.reader.status().code == "reader.service_down"
            with pytest.raises(DeviceUnavailable):
                hand.reader.connect()
        finally:
            pcscd.start()
        with closing(present(hand, "hoa").connect()) as connection:
            assert connection.transmit(SELECT_CARD_ACCESS) == (b"", 0x9000)
        hand.remove()
        assert hand.reader.wait_for_removal(WITHIN_S)
