"""Card readers of the PC/SC daemon (pcscd); the only place that imports pyscard.

Only its plain functions (``smartcard.scard``) are used. Its monitor threads die unseen when the daemon restarts, and
its connection objects reset the card whenever they happen to be collected, in the middle of the next session.
"""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

from smartcard import scard

from drivers.config import PcscReaderOptions
from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable, DriverError
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.smartcard.pcsc_codes import (
    CONNECT_PATIENCE_S,
    NO_READERS,
    OK,
    TIMEOUT,
    check,
    check_service,
)
from drivers.smartcard.worker import Worker

_PNP: Final = "\\\\?PnP?\\Notification"
_SECURITY_MODULE: Final = re.compile(r"\bSAM\b")
_WATCH_MS: Final = 2000
_RETRY_S: Final = 0.3
_SETTLE_S: Final = 0.5
"""How long ``connect`` bears with a card that is just being put down."""

_log: Final = logging.getLogger(__name__)

T = TypeVar("T")


def list_readers() -> tuple[str, ...]:
    """Return the names of the readers there are. Raises DeviceUnavailable when the PC/SC service does not run."""
    context = _establish()
    try:
        return _readers(context)
    finally:
        scard.SCardReleaseContext(context)


class _Insertion(NamedTuple):
    """One stay of one card: it differs for every card that was put in, and after each restart of the daemon."""

    generation: int
    reader: str
    events: int
    """How often a card came to or left the reader since the daemon started."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """What the watch last saw; ``insertion`` is None while no card lies there."""

    reader: str | None = None
    insertion: _Insertion | None = None
    service: bool = True

    @property
    def code(self) -> str:
        if not self.service:
            return "reader.service_down"
        return "ok" if self.reader else "reader.missing"


def holds_card(state: int) -> bool:
    return bool(state & scard.SCARD_STATE_PRESENT) and not state & scard.SCARD_STATE_UNAVAILABLE


def pick_reader(names: Sequence[str], states: Mapping[str, int], *, wanted: str, current: str | None) -> str | None:
    """Return the reader to serve of those whose name contains ``wanted``; None when there is none.

    Of several the one in use stays as long as a card lies on it; else the one with a card; else the first. The slot of
    a reader's security module holds a card for ever, which is nobody's.
    """
    matching = [name for name in names if wanted in name and not _SECURITY_MODULE.search(name)]
    with_card = [name for name in matching if holds_card(states.get(name, 0))]
    for candidates in (with_card, matching):
        if candidates:
            return current if current in candidates else candidates[0]
    return None


class _Watch:
    """A thread that knows which reader is there and what lies on it, through restarts of the daemon.

    SCardGetStatusChange counts insertions and removals in the upper half of the event state, so a card that was pulled
    and put back between two looks is seen as another one.
    """

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._changed = threading.Condition()
        self._slot = _Slot()
        self._since = datetime.now(UTC)
        self._looked = False
        self._generation = 0
        self._context: int | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="pcsc-watch", daemon=True)
        self._thread.start()

    @property
    def slot(self) -> _Slot:
        with self._changed:
            self._changed.wait_for(lambda: self._looked, timeout=_WATCH_MS / 1000)
            return self._slot

    @property
    def since(self) -> datetime:
        """When the reader last came or went, or the service did."""
        return self._since

    def wait(self, condition: Callable[[_Slot], bool], timeout_s: float) -> bool:
        """Return whether ``condition`` came true within ``timeout_s``."""
        with self._changed:
            return self._changed.wait_for(lambda: self._looked and condition(self._slot), timeout_s)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        give_up_at = time.monotonic() + _WATCH_MS / 1000 + 1
        while self._thread.is_alive() and time.monotonic() < give_up_at:
            # A cancel that comes just before the next wait is lost: say it again until the thread is gone.
            context = self._context
            if context is not None:
                scard.SCardCancel(context)
            self._thread.join(0.05)

    def _run(self) -> None:
        while not self._closed:
            try:
                self._follow()
            except DeviceUnavailable:
                self._tell(_Slot(service=False))
            except Exception:  # noqa: BLE001 - logged, and everything is set up afresh
                # A watch that dies unseen leaves a kiosk deaf until somebody restarts it.
                _log.exception("the PC/SC watch starts over")
                self._tell(_Slot(service=False))
            with self._changed:
                self._changed.wait_for(lambda: self._closed, timeout=_RETRY_S)

    def _follow(self) -> None:
        """Watch on one context until something breaks; what broke needs a fresh one."""
        context = _establish()
        self._generation += 1
        self._context = context
        try:
            known: dict[str, int] = {}
            while not self._closed:
                names = _readers(context)
                states = [(name, known.get(name, scard.SCARD_STATE_UNAWARE)) for name in (*names, _PNP)]
                result, seen = scard.SCardGetStatusChange(context, _WATCH_MS, states)
                if _code(result) not in (OK, TIMEOUT):
                    # A reader that vanished between listing and asking also ends up here.
                    check_service(_code(result))
                    time.sleep(_RETRY_S)
                    continue
                known = {name: state & ~scard.SCARD_STATE_CHANGED for name, state, _ in seen}
                self._tell(self._slot_of(names, known))
        finally:
            self._context = None
            scard.SCardReleaseContext(context)

    def _slot_of(self, names: tuple[str, ...], states: dict[str, int]) -> _Slot:
        reader = pick_reader(names, states, wanted=self._wanted, current=self._slot.reader)
        if reader is None:
            return _Slot()
        state = states.get(reader, 0)
        present = holds_card(state)
        return _Slot(reader, _Insertion(self._generation, reader, state >> 16) if present else None)

    def _tell(self, slot: _Slot) -> None:
        with self._changed:
            if slot.code != self._slot.code or slot.reader != self._slot.reader:
                self._since = datetime.now(UTC)
            self._slot = slot
            self._looked = True
            self._changed.notify_all()


class PcscReader:
    """A ``CardReader``: the PC/SC reader whose name contains ``options.reader``, whenever it is there.

    Where several do, a card on any of them is served; two people at once need two of these, with names that differ.

    Everything that may block for ever (a mute card) runs in a worker of its own and is given up after
    ``options.silence_s``; while it blocks, ``connect`` raises DeviceTimeout. Taking the card away frees it.
    """

    def __init__(self, options: PcscReaderOptions) -> None:
        self._options = options
        self._watch = _Watch(options.reader)
        self._worker = Worker("pcsc-reader")
        self._seen: _Insertion | None = None

    @property
    def name(self) -> str:
        return self._watch.slot.reader or self._options.reader or "PC/SC reader"

    def wait_for_card(self, timeout_s: float) -> bool:
        present = self._watch.wait(lambda slot: slot.insertion is not None, timeout_s)
        self._seen = self._watch.slot.insertion
        return present

    def wait_for_removal(self, timeout_s: float) -> bool:
        seen = self._seen
        return self._watch.wait(
            lambda slot: slot.insertion is None or (seen is not None and slot.insertion != seen), timeout_s
        )

    def connect(self) -> "PcscConnection":
        give_up_at = time.monotonic() + _SETTLE_S
        while True:
            try:
                return self._connect_once()
            except CardRemoved:
                # A card that is being put down comes and goes a few times before it lies still.
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.05)

    def _connect_once(self) -> "PcscConnection":
        slot = self._watch.slot
        if not slot.service:
            raise DeviceUnavailable("the PC/SC service (pcscd) does not run")
        if slot.reader is None:
            wanted = f" with {self._options.reader!r} in its name" if self._options.reader else ""
            raise DeviceUnavailable(f"no card reader{wanted} is connected")
        if slot.insertion is None:
            raise CardRemoved("no card lies on the reader")
        reader, insertion = slot.reader, slot.insertion
        silence_s = self._options.silence_s
        limit_s = silence_s + max(CONNECT_PATIENCE_S.values())
        handles = self._worker.call(lambda: _connect(reader), limit_s, undo=_Handles.abandon)
        if handles.events != insertion.events:  # moved since the watch last looked, which will look again in a moment
            self._worker.call(handles.abandon, silence_s)
            raise CardRemoved("the card was moved")
        return PcscConnection(
            handles,
            self._worker,
            silence_s=silence_s,
            is_same_card=lambda: self._watch.slot.insertion == insertion,
        )

    def status(self) -> DeviceStatus:
        slot = self._watch.slot
        state, code = (DeviceState.READY if slot.code == "ok" else DeviceState.UNAVAILABLE), slot.code
        details = {
            "ok": "ready",
            "reader.missing": "no such reader is connected",
            "reader.service_down": "the PC/SC service (pcscd) does not run",
        }
        detail = details[code]
        if code == "ok" and self._worker.is_stuck:
            state, code = DeviceState.ATTENTION, "reader.card_mute"
            detail = "a card does not answer; it must be taken away"
        return DeviceStatus(DeviceKind.CARD_READER, self.name, "pcsc", state, self._watch.since, code, detail)

    def close(self) -> None:
        self._watch.close()
        self._worker.close()


class PcscConnection:
    """A ``CardConnection``, held exclusively. ``close`` disconnects explicitly; nothing is left to a destructor."""

    def __init__(
        self, handles: "_Handles", worker: Worker, *, silence_s: float, is_same_card: Callable[[], bool]
    ) -> None:
        self.atr = handles.atr
        self.supports_extended_length = handles.supports_extended_length
        self._handles: _Handles | None = handles
        self._worker = worker
        self._silence_s = silence_s
        self._is_same_card = is_same_card

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        handles = self._open_handles()
        answer = self._call(lambda: handles.transmit(command))
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def reset(self) -> None:
        handles = self._open_handles()
        self._call(handles.reset)

    def close(self) -> None:
        handles, self._handles = self._handles, None
        if handles is not None:
            # Another card that lies there by now is not ours to power off.
            end = handles.disconnect if self._is_same_card() else handles.abandon
            with suppress(DeviceTimeout):  # a card that went mute keeps it until it is taken away
                self._worker.call(end, self._silence_s)

    def _open_handles(self) -> "_Handles":
        if self._handles is None:
            raise DeviceUnavailable("this connection was closed")
        if not self._is_same_card():
            # Pulled and put back quickly, the daemon's handle lives on and would speak to a chip without our session.
            raise CardRemoved("the card was taken away, or changed")
        return self._handles

    def _call(self, action: Callable[[], T]) -> T:
        try:
            return self._worker.call(action, self._silence_s)
        except DeviceTimeout:
            # The blocked call still uses the handles; it drops them when the card's removal frees it.
            handles, self._handles = self._handles, None
            if handles is not None:
                self._worker.when_free(handles.abandon)
            raise


class _Handles:
    """One context and card handle of the PC/SC library; used by the worker's thread only."""

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
        scard.SCardReleaseContext(self._context)

    def abandon(self) -> None:
        """Let go without touching what lies on the reader."""
        scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(self._context)

    def _read_events(self, reader: str) -> int:
        """Return how often a card came to or left ``reader`` since the daemon started."""
        result, seen = scard.SCardGetStatusChange(self._context, 0, [(reader, scard.SCARD_STATE_UNAWARE)])
        check(_code(result))
        return int(seen[0][1]) >> 16

    def _read_atr(self) -> bytes:
        result, _, _, _, atr = scard.SCardStatus(self._card)
        check(_code(result))
        return bytes(byte & 0xFF for byte in atr)


def _connect(reader: str) -> _Handles:
    """Open the card exclusively, with patience for what passes by itself.

    Another client, or our own process that just died, lets go in a moment; a card that only just arrived may not take
    its power at the first try.
    """
    context = _establish()
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
        return _Handles(context, reader, card, protocol)
    except DriverError:
        scard.SCardReleaseContext(context)
        raise


def _establish() -> int:
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    if _code(result) != OK:
        raise DeviceUnavailable("the PC/SC service (pcscd) does not run")
    return int(context)


def _readers(context: int) -> tuple[str, ...]:
    result, names = scard.SCardListReaders(context, [])
    if _code(result) == NO_READERS:
        return ()
    check_service(_code(result))
    return tuple(names)


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
    code = _tlv_values(features).get(_FEATURE_TLV_PROPERTIES)
    if code is None:
        return True
    properties = _tlv_values(_control(card, int.from_bytes(code, "big")))
    size = properties.get(_MAX_APDU_DATA_SIZE)
    return size is None or int.from_bytes(size, "little") > 256


def _control(card: int, code: int) -> bytes:
    result, answer = scard.SCardControl(card, code, [])
    return bytes(byte & 0xFF for byte in answer) if _code(result) == OK else b""


def _tlv_values(data: bytes) -> dict[int, bytes]:
    """One-byte tags and lengths; a cut end is left out."""
    found = {}
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        found[data[0]] = data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
    return found
