"""Misbehaviour of a chip at chosen commands: what a broken, pulled or attacking card does to an exchange."""

import secrets
from collections.abc import Sequence

from drivers.simulated.chip.profile import Fault, FaultKind


class CardPulled(Exception):
    """The card left the field in the middle of a command; whoever holds the chip takes it off the reader."""


class CardMute(Exception):
    """The chip is powered and will never answer again, until it is powered off."""


class FaultPlan:
    """Counts commands since power-on and says which fault is due."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = list(faults)
        self._commands = 0
        self._mute = False

    def power_on(self) -> None:
        self._commands = 0
        self._mute = False

    def next(self) -> FaultKind | None:
        """Return the fault due at this command, for the caller to apply; raises CardPulled or CardMute itself."""
        self._commands += 1
        due = next((fault for fault in self._faults if fault.at == self._commands), None)
        if due is not None and due.once:
            self._faults.remove(due)
        if self._mute or (due is not None and due.kind is FaultKind.MUTE):
            self._mute = True
            raise CardMute
        if due is not None and due.kind is FaultKind.PULLED:
            raise CardPulled
        return due.kind if due is not None else None


def spoilt(kind: FaultKind | None, data: bytes, sw: int, plain: bytes) -> tuple[bytes, int]:
    """Return the answer as ``kind`` leaves it; ``plain`` is what the answer would be outside a session."""
    if kind is FaultKind.WRONG_MAC and data:
        return data[:-1] + bytes([data[-1] ^ 1]), sw
    if kind is FaultKind.SHORT:
        return data[: len(data) // 2], sw
    if kind is FaultKind.UNPROTECTED:
        return plain, sw
    if kind is FaultKind.WRONG_STATUS:
        return data, 0x6A82 if sw != 0x6A82 else 0x9000
    if kind is FaultKind.GARBAGE:
        return secrets.token_bytes(len(data) or 16), 0x9000
    return data, sw
