"""The functions of the PC/SC library that the reader and its watch need; the only place that imports pyscard.

Only its plain functions (``smartcard.scard``) are used. Its monitor threads die unseen when the daemon restarts, and
its connection objects reset the card whenever they happen to be collected, in the middle of the next session.
"""

import time
from collections.abc import Sequence
from typing import Final

from smartcard import scard

from drivers.errors import CardRemoved, DeviceUnavailable, DriverError
from drivers.smartcard.pcsc_codes import (
    CONNECT_PATIENCE_S,
    NO_READERS,
    OK,
    STATE_UNAWARE,
    TIMEOUT,
    check,
    check_service,
)


def establish() -> int:
    """Return a context of the PC/SC service; raises DeviceUnavailable when that does not run."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if _code(result) != OK:
        raise DeviceUnavailable("the PC/SC service (pcscd) does not run")
    return int(context)


def release(context: int) -> None:
    scard.SCardReleaseContext(context)


def reader_names(context: int) -> tuple[str, ...]:
    """Return the names of the readers there are; raises DeviceUnavailable."""
    result, names = scard.SCardListReaders(context, [])
    if _code(result) == NO_READERS:
        return ()
    check_service(_code(result))
    return tuple(names)


def status_change(context: int, timeout_ms: int, known: Sequence[tuple[str, int]]) -> tuple[int, dict[str, int]]:
    """Wait until a reader's state is not the ``known`` one; return the result's code, and the states where it is good.

    The upper half of a state counts the insertions and removals since the daemon started.
    """
    result, seen = scard.SCardGetStatusChange(context, timeout_ms, list(known))
    if _code(result) not in (OK, TIMEOUT):
        return _code(result), {}
    return _code(result), {name: state for name, state, _ in seen}


def cancel(context: int) -> None:
    """End a ``status_change`` that waits on the context in another thread; one that begins later is not ended."""
    scard.SCardCancel(context)


class CardHandles:
    """One context and card handle of the PC/SC library; used by one thread at a time."""

    def __init__(self, context: int, reader: str, card: int, protocol: int) -> None:
        self._context = context
        self._card = card
        self._pci = _pci(protocol)
        self.atr = self._read_atr()
        self.events = self._read_events(reader)
        self.supports_extended_length = _reader_takes_extended_length(card)

    def transmit(self, command: bytes) -> bytes:
        result, answer = scard.SCardTransmit(self._card, self._pci, list(command))
        check(_code(result))
        if len(answer) < 2:
            raise CardRemoved("the card was taken away while it worked")  # vpcd reports success and no answer
        return bytes(byte & 0xFF for byte in answer)

    def reset(self) -> None:
        share, protocols, action = scard.SCARD_SHARE_EXCLUSIVE, _protocols(), scard.SCARD_UNPOWER_CARD
        result, protocol = scard.SCardReconnect(self._card, share, protocols, action)
        check(_code(result))
        self._pci = _pci(protocol)

    def disconnect(self) -> None:
        """Leave the card powered off; what is gone already is no error."""
        scard.SCardDisconnect(self._card, scard.SCARD_UNPOWER_CARD)
        release(self._context)

    def abandon(self) -> None:
        """Let go without touching what lies on the reader."""
        scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
        release(self._context)

    def _read_events(self, reader: str) -> int:
        """Return how often a card came to or left ``reader`` since the daemon started."""
        code, states = status_change(self._context, 0, [(reader, STATE_UNAWARE)])
        check(code)
        return states[reader] >> 16

    def _read_atr(self) -> bytes:
        result, _, _, _, atr = scard.SCardStatus(self._card)
        check(_code(result))
        return bytes(byte & 0xFF for byte in atr)


def open_card(reader: str) -> CardHandles:
    """Open the card exclusively, with patience for what passes by itself.

    Another client, or our own process that just died, lets go in a moment; a card that only just arrived may not take
    its power at the first try.
    """
    context = establish()
    try:
        started = time.monotonic()
        while True:
            share = scard.SCARD_SHARE_EXCLUSIVE
            result, card, protocol = scard.SCardConnect(context, reader, share, _protocols())
            patience_s = CONNECT_PATIENCE_S.get(_code(result), 0.0)
            if time.monotonic() - started >= patience_s:
                break
            time.sleep(0.05)
        check(_code(result))
        return CardHandles(context, reader, card, protocol)
    except DriverError:
        release(context)
        raise


def _protocols() -> int:
    return int(scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)


def _pci(protocol: int) -> int:
    return int(scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1)


def _code(result: int) -> int:
    return result & 0xFFFFFFFF  # pyscard gives a signed number on some builds


_FEATURE_REQUEST: Final = 0x42000D48  # CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10, 2.2)
_FEATURE_TLV_PROPERTIES: Final = 0x12
_MAX_APDU_DATA_SIZE: Final = 0x0A


def _reader_takes_extended_length(card: int) -> bool:
    """Ask the driver for dwMaxAPDUDataSize (PC/SC part 10, 2.6.14): 0 means short APDUs only.

    A driver that does not tell is believed to: the first extended command goes out where a refusal costs nothing.
    """
    features = _control(card, _FEATURE_REQUEST)
    code = tlv_values(features).get(_FEATURE_TLV_PROPERTIES)
    if code is None:
        return True
    properties = tlv_values(_control(card, int.from_bytes(code, "big")))
    size = properties.get(_MAX_APDU_DATA_SIZE)
    return size is None or int.from_bytes(size, "little") > 256


def _control(card: int, code: int) -> bytes:
    result, answer = scard.SCardControl(card, code, [])
    return bytes(byte & 0xFF for byte in answer) if _code(result) == OK else b""


def tlv_values(data: bytes) -> dict[int, bytes]:
    """One-byte tags and lengths; a cut end is left out."""
    found = {}
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        found[data[0]] = data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
    return found
