"""Contracts of card readers: bytes and presence, nothing of any application on the card."""

from typing import Protocol

from drivers.health import DeviceStatus


class CardConnection(Protocol):
    """An open ISO/IEC 7816 channel to one card; used by one thread at a time."""

    atr: bytes

    supports_extended_length: bool
    """Whether the reader carries extended APDUs; whether the chip takes them is the chip's own word."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Send one command APDU; return its response data and SW1SW2 as one integer.

        Every status word is a normal return. Raises CardRemoved, DeviceTimeout, DeviceUnavailable.
        """
        ...

    def reset(self) -> None:
        """Power the card off and on: all sessions on it are gone. Raises as ``transmit``."""
        ...

    def close(self) -> None:
        """Release the card; harmless when called twice."""
        ...


class CardReader(Protocol):
    """One card slot, owned by one worker thread."""

    @property
    def name(self) -> str:
        """The reader as the system lists it now, or as it is configured while it is away."""
        ...

    def wait_for_card(self, timeout_s: float) -> bool:
        """Return True as soon as a card is present, False after ``timeout_s``. An absent reader is "no card"."""
        ...

    def wait_for_removal(self, timeout_s: float) -> bool:
        """Return True as soon as the slot is empty, or the card was changed since ``wait_for_card``."""
        ...

    def connect(self) -> CardConnection:
        """Open the card that is present. Raises CardRemoved, DeviceTimeout, DeviceUnavailable."""
        ...

    def status(self) -> DeviceStatus:
        """Say how the reader is; never blocks on the device."""
        ...

    def close(self) -> None:
        """Stop watching; harmless when called twice."""
        ...
