"""What the simulated reader does beyond the contract that every reader keeps."""

import threading
import time

import pytest

from drivers.config import SimulatedReaderOptions
from drivers.errors import CardRemoved, DeviceUnavailable
from drivers.health import DeviceState
from drivers.simulated.deck import DECK
from drivers.simulated.reader import SimulatedCardReader

SELECT_CARD_ACCESS = bytes.fromhex("00A4020C02011C")


def reader_with(key: str | None = None, *, latency_ms: float = 0) -> SimulatedCardReader:
    reader = SimulatedCardReader(SimulatedReaderOptions(latency_ms=latency_ms))
    if key:
        reader.insert(key)
    return reader


def test_deck_offers_every_card_under_its_own_key() -> None:
    cards = reader_with().cards()
    assert cards == DECK
    assert len({card.key for card in cards}) == len(cards)
    assert all(card.label_vi and card.label_en and card.note_vi and card.note_en for card in cards)


def test_unknown_card_is_refused_and_the_reader_stays_empty() -> None:
    reader = reader_with()
    with pytest.raises(KeyError):
        reader.insert("nobody")
    assert reader.inserted is None


def test_another_card_takes_the_place_of_the_first() -> None:
    reader = reader_with("duc")
    assert reader.wait_for_card(1)
    connection = reader.connect()
    reader.insert("hoa")
    assert reader.inserted == "hoa"
    assert reader.wait_for_removal(0)
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_CARD_ACCESS)


def test_card_put_back_at_once_is_a_new_insertion() -> None:
    reader = reader_with("duc")
    connection = reader.connect()
    reader.remove()
    reader.insert("duc")
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_CARD_ACCESS)


def test_card_lifted_within_an_exchange_ends_it_at_once() -> None:
    reader = reader_with("duc", latency_ms=60_000)
    timer = threading.Timer(0.05, reader.remove)
    timer.start()
    with pytest.raises(CardRemoved):
        reader.connect().transmit(SELECT_CARD_ACCESS)
    timer.join()


def test_exchange_takes_the_latency_of_the_options() -> None:
    connection = reader_with("duc", latency_ms=30).connect()
    started = time.monotonic()
    connection.transmit(SELECT_CARD_ACCESS)
    assert time.monotonic() - started >= 0.03


def test_unplugged_reader_says_so_and_works_again_when_plugged_in() -> None:
    reader = reader_with("duc")
    connection = reader.connect()
    reader.unplug()
    assert (reader.status().state, reader.status().code) == (DeviceState.UNAVAILABLE, "reader.missing")
    assert reader.wait_for_card(0) is False
    for refused in (reader.connect, lambda: connection.transmit(SELECT_CARD_ACCESS)):
        with pytest.raises(DeviceUnavailable):
            refused()
    reader.plug_in()
    assert reader.status().code == "ok"
    assert reader.connect().transmit(SELECT_CARD_ACCESS) == (b"", 0x9000)


def test_closed_connection_reaches_no_card() -> None:
    connection = reader_with("duc").connect()
    connection.close()
    with pytest.raises(CardRemoved):
        connection.transmit(SELECT_CARD_ACCESS)
