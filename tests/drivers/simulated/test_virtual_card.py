"""The link between a simulated chip and vpcd, with this test in vpcd's place."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from drivers.errors import DeviceUnavailable
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ChipProfile, Fault, FaultKind
from drivers.simulated.people import get_person
from drivers.simulated.vpcd import VirtualCard

SELECT_CARD_ACCESS = bytes.fromhex("00A4020C02011C")
POWER_OFF, POWER_ON, RESET, SEND_ATR = (bytes([code]) for code in (0, 1, 2, 4))


class VirtualReader:
    """What vpcd does: listen, and talk to the card in length-prefixed messages, length and payload written apart."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.link: socket.socket | None = None

    def accept(self) -> None:
        if self.link:
            self.link.close()
        self.link, _ = self._listener.accept()
        self.link.settimeout(30)

    def send(self, message: bytes) -> None:
        assert self.link
        self.link.sendall(len(message).to_bytes(2, "big"))
        self.link.sendall(message)

    def receive(self) -> bytes:
        assert self.link
        header = self.link.recv(2, socket.MSG_WAITALL)
        return self.link.recv(int.from_bytes(header, "big"), socket.MSG_WAITALL)

    def ask(self, message: bytes) -> bytes:
        self.send(message)
        return self.receive()

    def close(self) -> None:
        self._listener.close()
        if self.link:
            self.link.close()


@pytest.fixture
def reader() -> Iterator[VirtualReader]:
    with closing(VirtualReader()) as reader:
        yield reader


def inserted(reader: VirtualReader, profile: ChipProfile | None = None) -> VirtualCard:
    card = VirtualCard(Chip(get_person("duc"), profile), port=reader.port)
    card.insert()
    reader.accept()
    return card


def test_card_gives_its_answer_to_reset_and_answers_commands(reader: VirtualReader) -> None:
    card = inserted(reader)
    reader.send(POWER_ON)
    assert reader.ask(SEND_ATR) == Chip(get_person("duc")).atr
    assert reader.ask(SELECT_CARD_ACCESS) == b"\x90\x00"
    assert reader.ask(bytes.fromhex("00B0000002")) == bytes.fromhex("31149000")
    card.remove()


@pytest.mark.parametrize("control", [POWER_OFF, POWER_ON, RESET], ids=["off", "on", "reset"])
def test_control_code_forgets_what_was_selected(reader: VirtualReader, control: bytes) -> None:
    card = inserted(reader)
    reader.ask(SELECT_CARD_ACCESS)
    reader.send(control)
    assert reader.ask(bytes.fromhex("00B0000002")) == b"\x69\x86"
    card.remove()


def test_removed_card_hangs_up(reader: VirtualReader) -> None:
    card = inserted(reader)
    card.remove()
    assert reader.receive() == b""
    card.remove()


def test_card_put_back_is_the_same_card(reader: VirtualReader) -> None:
    card = inserted(reader)
    card.remove()
    card.insert()
    reader.accept()
    assert reader.ask(SELECT_CARD_ACCESS) == b"\x90\x00"
    card.remove()


def test_card_pulled_by_a_fault_hangs_up_without_an_answer(reader: VirtualReader) -> None:
    card = inserted(reader, ChipProfile(faults=(Fault(2, FaultKind.PULLED),)))
    assert reader.ask(SELECT_CARD_ACCESS) == b"\x90\x00"
    assert reader.ask(SELECT_CARD_ACCESS) == b""
    assert card.wait_until_out(30)


def test_mute_card_stays_and_says_nothing_until_it_is_reset(reader: VirtualReader) -> None:
    card = inserted(reader, replace(ChipProfile(), faults=(Fault(1, FaultKind.MUTE, once=True),)))
    reader.send(SELECT_CARD_ACCESS)
    assert reader.link
    reader.link.settimeout(0.1)
    with pytest.raises(TimeoutError):
        reader.receive()
    reader.link.settimeout(30)
    reader.send(RESET)
    assert reader.ask(SELECT_CARD_ACCESS) == b"\x90\x00"
    card.remove()


def test_no_virtual_reader_is_a_device_that_is_missing(reader: VirtualReader) -> None:
    reader.close()
    with pytest.raises(DeviceUnavailable, match="no virtual reader listens"):
        VirtualCard(Chip(get_person("duc")), port=reader.port).insert()


def test_command_holds_a_card_in_the_reader_until_it_is_interrupted(reader: VirtualReader) -> None:
    arguments = ["card-simulate", "--card", "hoa", "--port", str(reader.port), "--bac-only"]
    # A shell's background job inherits an ignored Ctrl-C, and so would the command: it gets the terminal's one back.
    start = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from kiosk.cli import main; main()"
    )
    with subprocess.Popen([sys.executable, "-c", start, *arguments], stdout=subprocess.PIPE, text=True) as process:
        reader.accept()
        assert reader.ask(SELECT_CARD_ACCESS) == b"\x6a\x82"
        assert process.stdout
        assert "036148000018" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_command_without_a_virtual_reader_exits_with_3_and_a_sentence(reader: VirtualReader) -> None:
    reader.close()
    program = [sys.executable, "-c", "from kiosk.cli import main; main()", "card-simulate", "--port", str(reader.port)]
    done = subprocess.run(program, capture_output=True, text=True)
    assert done.returncode == 3
    assert done.stderr.startswith("no virtual reader listens at 127.0.0.1:")
