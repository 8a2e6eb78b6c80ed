"""A reader of the real PC/SC daemon, and a hand in a process of its own that moves a simulated card on it."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from drivers.config import PcscReaderOptions
from drivers.icao9303.reading import ChipPasswords
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.profile import ChipProfile
from drivers.simulated.pcscd import PrivatePcscd
from drivers.simulated.people import get_person
from drivers.simulated.vpcd import VirtualCard
from drivers.smartcard.base import CardReader
from drivers.smartcard.pcsc import PcscReader

PERSON: Final = get_person("duc")
PHOTO_BYTES: Final = 20_480
assert PERSON.can
MRZ_PASSWORDS: Final = ChipPasswords(document_number=PERSON.document_number, born_on="900815", expiries=("300815",))
CAN_PASSWORDS: Final = ChipPasswords(can=PERSON.can)

_SEEN_WITHIN_S: Final = 20.0
"""The daemon looks at its virtual readers every 0.4 s; the rest is for a busy machine."""


class Hand:
    """A process that holds a chip and obeys: put it on the reader, take it off now or in a while."""

    def __init__(self, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_hold, args=(port, far_end), daemon=True)
        self._process.start()

    def insert(self, profile: ChipProfile) -> None:
        self._ask("insert", profile)

    def pull_after(self, seconds: float) -> None:
        self._ask("pull", seconds)

    def remove(self) -> None:
        self._ask("pull", 0.0)

    def close(self) -> None:
        self._ask("end", None)
        self._process.join()

    def _ask(self, what: str, argument: object) -> None:
        self._line.send((what, argument))
        self._line.recv()


def _hold(port: int, line: Connection) -> None:
    card: VirtualCard | None = None
    while True:
        what, argument = line.recv()
        if what == "insert":
            card = VirtualCard(Chip(PERSON, argument), port=port)
            card.insert()
        elif what == "pull" and card and argument:
            threading.Timer(argument, card.remove).start()
        elif card:
            card.remove()
        line.send(None)
        if what == "end":
            return


@dataclass(frozen=True, slots=True)
class Place:
    """One reader, and the hand before it."""

    reader: CardReader
    hand: Hand

    def put(self, profile: ChipProfile) -> None:
        """Lay a card down and wait until the reader has it. Raises TimeoutError."""
        self.hand.insert(profile)
        if not self.reader.wait_for_card(_SEEN_WITHIN_S):
            raise TimeoutError("the virtual card does not show up")

    def clear(self) -> None:
        """Take the card away and wait until the reader knows. Raises TimeoutError."""
        self.hand.remove()
        if not self.reader.wait_for_removal(_SEEN_WITHIN_S):
            raise TimeoutError("the virtual card does not go away")


@contextmanager
def stand(folder: Path) -> Iterator[Place]:
    """Give a place at a daemon of our own. Raises DeviceUnavailable where it is not installed."""
    with PrivatePcscd(folder / "pcscd") as daemon:
        os.environ.update(daemon.environment)
        options = PcscReaderOptions(driver="pcsc", reader="Virtual PCD 00 00")
        with closing(Hand(daemon.ports[0])) as hand, closing(PcscReader(options)) as reader:
            yield Place(reader, hand)
