"""A simulated card reader: one slot in this process, into which the simulator page or a test puts simulated cards."""

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from drivers.config import SimulatedReaderOptions
from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.simulated.chip.card import Chip
from drivers.simulated.chip.faults import CardMute, CardPulled
from drivers.simulated.deck import DECK, SimulatedCard


class SimulatedCardReader:
    """A ``CardReader``. ``insert``, ``remove``, ``unplug`` may come from any thread, also in the middle of a command.

    A card that is put back is the same chip as before; after another card it is a fresh one. ``silence_s`` is how long
    a mute chip is waited for.
    """

    def __init__(
        self, options: SimulatedReaderOptions, *, deck: Sequence[SimulatedCard] = DECK, silence_s: float = 2.0
    ) -> None:
        self.name = "simulated reader"
        self._latency_s = options.latency_ms / 1000
        self._silence_s = silence_s
        self._deck = {card.key: card for card in deck}
        self._slot = _Slot()
        self._seen = 0

    def cards(self) -> tuple[SimulatedCard, ...]:
        """Return the cards that can be inserted."""
        return tuple(self._deck.values())

    @property
    def inserted(self) -> str | None:
        """The key of the card on the reader."""
        return self._slot.key

    def insert(self, key: str) -> None:
        """Put the card ``key`` on the reader, in place of another one that lies there. Raises KeyError."""
        self._slot.insert(self._deck[key])

    def remove(self) -> None:
        """Take the card away; harmless when there is none."""
        self._slot.remove()

    def unplug(self) -> None:
        """Take the reader itself from the machine; a card stays where it lies."""
        self._slot.set_plugged_in(False)

    def plug_in(self) -> None:
        self._slot.set_plugged_in(True)

    def wait_for_card(self, timeout_s: float) -> bool:
        present = self._slot.wait_for_card(timeout_s)
        self._seen = self._slot.insertion
        return present

    def wait_for_removal(self, timeout_s: float) -> bool:
        return self._slot.wait_for_end(self._seen, timeout_s)

    def connect(self) -> "SimulatedCardConnection":
        return SimulatedCardConnection(self._slot, latency_s=self._latency_s, silence_s=self._silence_s)

    def status(self) -> DeviceStatus:
        plugged_in, since = self._slot.plugged_in_since
        state = DeviceState.READY if plugged_in else DeviceState.UNAVAILABLE
        code = "ok" if plugged_in else "reader.missing"
        detail = f"{len(self._deck)} cards to choose from" if plugged_in else "unplugged on the simulator page"
        return DeviceStatus(DeviceKind.CARD_READER, self.name, "simulated", state, since, code, detail)

    def close(self) -> None:
        self.remove()


class SimulatedCardConnection:
    """A ``CardConnection`` to the chip that lies in the slot, powered on afresh."""

    supports_extended_length = True

    def __init__(self, slot: "_Slot", *, latency_s: float, silence_s: float) -> None:
        self._slot = slot
        self._latency_s = latency_s
        self._silence_s = silence_s
        self._chip, self._insertion = slot.occupant()
        self._open = True
        self.atr = self._chip.atr
        self._chip.power_on()

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self._check()
        started = time.monotonic()
        try:
            answer = self._chip.transmit(command)
        except CardPulled:
            self._slot.remove(self._insertion)
            raise CardRemoved("the card left the simulated reader") from None
        except CardMute:
            self._slot.stay(self._insertion, self._silence_s)
            raise DeviceTimeout("the simulated chip is silent") from None
        duration_s = self._latency_s + self._chip.duration_s(command, answer)
        self._slot.stay(self._insertion, duration_s - (time.monotonic() - started))
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def reset(self) -> None:
        self._check()
        self._chip.power_on()

    def close(self) -> None:
        self._open = False

    def _check(self) -> None:
        if not self._open:
            raise CardRemoved("this connection is closed")
        self._slot.check(self._insertion)


class _Slot:
    """What lies on the reader, shared between the hands that move cards and the thread that reads.

    ``insertion`` counts changes, so that a connection never reaches a card that was put in later.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._chip: tuple[str, Chip] | None = None
        self.key: str | None = None
        self.insertion = 0
        self.plugged_in_since = True, datetime.now(UTC)

    def insert(self, card: SimulatedCard) -> None:
        chip = self._chip
        if chip is None or chip[0] != card.key:
            chip = card.key, Chip(card.person, card.profile)  # draws and signs: not under the lock
        with self._changed:
            self._chip, self.key = chip, card.key
            self._note_change()

    def remove(self, insertion: int | None = None) -> None:
        """Take the card away; with ``insertion`` only if it is still that one."""
        with self._changed:
            if insertion in (None, self.insertion) and self.key is not None:
                self.key = None
                self._note_change()

    def set_plugged_in(self, plugged_in: bool) -> None:
        with self._changed:
            if self.plugged_in_since[0] is not plugged_in:
                self.plugged_in_since = plugged_in, datetime.now(UTC)
                self._note_change()

    def wait_for_card(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._is_there(self.insertion), timeout_s)

    def wait_for_end(self, insertion: int, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_there(insertion), timeout_s)

    def occupant(self) -> tuple[Chip, int]:
        """Return chip and insertion. Raises CardRemoved, DeviceUnavailable."""
        with self._changed:
            self.check(self.insertion)
            assert self._chip is not None
            return self._chip[1], self.insertion

    def stay(self, insertion: int, seconds: float) -> None:
        """Let time pass during which the card must stay. Raises CardRemoved, DeviceUnavailable."""
        with self._changed:
            if seconds > 0:
                self._changed.wait_for(lambda: not self._is_there(insertion), seconds)
            self.check(insertion)

    def check(self, insertion: int) -> None:
        if not self.plugged_in_since[0]:
            raise DeviceUnavailable("the simulated reader is unplugged")
        if not self._is_there(insertion):
            raise CardRemoved("no card lies on the simulated reader, or another one")

    def _is_there(self, insertion: int) -> bool:
        return self.key is not None and self.insertion == insertion and self.plugged_in_since[0]

    def _note_change(self) -> None:
        self.insertion += 1
        self._changed.notify_all()
