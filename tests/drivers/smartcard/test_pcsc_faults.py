"""What a real PC/SC daemon does to its clients: restarts, readers that come and go, cards that stay silent."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from drivers.config import PcscReaderOptions
from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceState
from drivers.icao9303.reader import ReadOptions, read_chip
from drivers.icao9303.reading import ChipPasswords
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ChipProfile, Fault, FaultKind
from drivers.simulated.pcscd import PrivatePcscd
from drivers.simulated.people import get_person
from drivers.simulated.vpcd import VirtualCard
from drivers.smartcard.pcsc import PcscConnection, PcscReader, list_readers

WITHIN_S = 30.0
SELECT_CARD_ACCESS = bytes.fromhex("00A4020C02011C")
DUC = get_person("duc")


def reader_of(name: str = "", silence_s: float = WITHIN_S) -> PcscReader:
    return PcscReader(PcscReaderOptions(driver="pcsc", reader=name, silence_s=silence_s))


@pytest.fixture
def card(pcscd: PrivatePcscd) -> Iterator[VirtualCard]:
    card = VirtualCard(Chip(DUC), port=pcscd.ports[0])
    yield card
    card.remove()


@pytest.fixture
def reader(card: VirtualCard) -> Iterator[PcscReader]:
    with closing(reader_of("00 00")) as reader:
        yield reader
        card.remove()
        assert reader.wait_for_removal(WITHIN_S)


def connected(reader: PcscReader, card: VirtualCard) -> PcscConnection:
    card.insert()
    assert reader.wait_for_card(WITHIN_S)
    return reader.connect()


def test_the_readers_of_the_daemon_are_listed(pcscd: PrivatePcscd) -> None:
    assert list_readers() == ("Virtual PCD 00 00", "Virtual PCD 00 01")


def test_a_reader_is_chosen_by_part_of_its_name(pcscd: PrivatePcscd) -> None:
    with closing(reader_of("00 01")) as second, closing(reader_of("HID")) as missing:
        assert second.name == "Virtual PCD 00 01"
        assert second.status().state is DeviceState.READY
        assert (missing.name, missing.status().code) == ("HID", "reader.missing")
        assert missing.wait_for_card(0.05) is False
        with pytest.raises(DeviceUnavailable, match="HID"):
            missing.connect()


def test_two_readers_serve_two_people_at_once(pcscd: PrivatePcscd, reader: PcscReader, card: VirtualCard) -> None:
    hoa = get_person("hoa")
    with closing(reader_of("00 01")) as second:
        other = VirtualCard(Chip(hoa), port=pcscd.ports[1])
        try:
            other.insert()
            assert second.wait_for_card(WITHIN_S)
            with closing(connected(reader, card)) as one, closing(second.connect()) as two:
                names = [
                    read_chip(link, ChipPasswords(can=person.can), options=ReadOptions(photo=False)).identity.full_name
                    for link, person in ((one, DUC), (two, hoa))
                ]
        finally:
            other.remove()
    assert names == [DUC.full_name, hoa.full_name]


def test_without_a_name_the_reader_with_the_card_is_served(pcscd: PrivatePcscd) -> None:
    other = VirtualCard(Chip(get_person("hoa")), port=pcscd.ports[1])
    with closing(reader_of("")) as either:
        assert either.name == "Virtual PCD 00 00"
        try:
            other.insert()
            assert either.wait_for_card(WITHIN_S)
            assert either.name == "Virtual PCD 00 01"
            either.connect().close()
        finally:
            other.remove()
        assert either.wait_for_removal(WITHIN_S)


@pytest.mark.parametrize("crash", [True, False], ids=["killed", "stopped"])
def test_a_restarted_daemon_is_found_again(
    pcscd: PrivatePcscd, reader: PcscReader, card: VirtualCard, crash: bool
) -> None:
    connection = connected(reader, card)
    try:
        pcscd.kill() if crash else pcscd.stop()
        with pytest.raises((DeviceUnavailable, CardRemoved)):
            connection.transmit(SELECT_CARD_ACCESS)
        connection.close()
        assert reader.wait_for_removal(WITHIN_S)
        give_up_at = time.monotonic() + WITHIN_S
        while reader.status().code != "reader.service_down" and time.monotonic() < give_up_at:
            time.sleep(0.05)
        assert reader.status().code == "reader.service_down"
        with pytest.raises(DeviceUnavailable, match="does not run"):
            reader.connect()
        with pytest.raises(DeviceUnavailable):
            list_readers()
    finally:
        pcscd.start()
    with closing(connected(reader, card)) as again:
        assert again.transmit(SELECT_CARD_ACCESS)[1] == 0x9000
    assert reader.status().code == "ok"


def test_a_card_pulled_and_put_back_unseen_is_another_card(reader: PcscReader, card: VirtualCard) -> None:
    with closing(connected(reader, card)) as connection:
        card.remove()
        card.insert()
        assert reader.wait_for_removal(WITHIN_S)  # or changed, which is the same to a session
        with pytest.raises(CardRemoved):
            connection.transmit(SELECT_CARD_ACCESS)
    assert reader.wait_for_card(WITHIN_S)
    with closing(reader.connect()) as fresh:
        assert fresh.transmit(SELECT_CARD_ACCESS)[1] == 0x9000


def test_a_mute_card_blocks_nobody_and_its_removal_frees_the_reader(pcscd: PrivatePcscd, card: VirtualCard) -> None:
    mute = VirtualCard(Chip(DUC, ChipProfile(faults=(Fault(1, FaultKind.MUTE),))), port=pcscd.ports[0])
    with closing(reader_of("00 00", silence_s=1.0)) as reader:
        connection = connected(reader, mute)
        with pytest.raises(DeviceTimeout):
            connection.transmit(SELECT_CARD_ACCESS)
        connection.close()
        status = reader.status()
        assert (status.state, status.code) == (DeviceState.ATTENTION, "reader.card_mute")
        with pytest.raises(DeviceTimeout):
            reader.connect()
        mute.remove()
        assert reader.wait_for_removal(WITHIN_S)
        with closing(connected(reader, card)) as sound:
            assert sound.transmit(SELECT_CARD_ACCESS)[1] == 0x9000
        assert reader.status().code == "ok"
        card.remove()
        assert reader.wait_for_removal(WITHIN_S)


def test_a_reset_ends_the_chips_session(reader: PcscReader, card: VirtualCard) -> None:
    with closing(connected(reader, card)) as connection:
        read_chip(connection, ChipPasswords(can=DUC.can), options=ReadOptions(photo=False))
        connection.reset()
        assert connection.transmit(SELECT_CARD_ACCESS)[1] == 0x9000


def test_a_card_that_another_program_holds_is_waited_for(reader: PcscReader, card: VirtualCard) -> None:
    """A process that just died holds its card for a moment longer; here one lives on for half a second."""
    card.insert()
    assert reader.wait_for_card(WITHIN_S)
    script = (
        "import sys, time; from drivers.config import PcscReaderOptions; from drivers.smartcard.pcsc import PcscReader;"
        "r = PcscReader(PcscReaderOptions(driver='pcsc', reader='00 00')); r.wait_for_card(30); c = r.connect();"
        "print('held', flush=True); time.sleep(0.5); c.close(); r.close()"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=dict(os.environ)) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        with closing(reader.connect()) as connection:
            assert connection.transmit(SELECT_CARD_ACCESS)[1] == 0x9000
    assert other.returncode == 0


def test_a_closed_connection_says_so(reader: PcscReader, card: VirtualCard) -> None:
    connection = connected(reader, card)
    connection.close()
    connection.close()
    with pytest.raises(DeviceUnavailable):
        connection.transmit(SELECT_CARD_ACCESS)
