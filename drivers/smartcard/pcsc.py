"""Card readers of the PC/SC daemon (pcscd): one slot, and the connection to the card that lies on it."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeVar

from drivers.config import PcscReaderOptions
from drivers.errors import CardRemoved, DeviceTimeout, DeviceUnavailable
from drivers.health import DeviceKind, DeviceState, DeviceStatus
from drivers.smartcard.pcsc_codes import CONNECT_PATIENCE_S
from drivers.smartcard.pcsc_library import CardHandles, establish, open_card, reader_names, release
from drivers.smartcard.pcsc_watch import Insertion, Watch
from drivers.smartcard.worker import Worker

_SETTLE_S: Final = 0.5
"""How long ``connect`` bears with a card that is just being put down."""

T = TypeVar("T")


def list_readers() -> tuple[str, ...]:
    """Return the names of the readers there are. Raises DeviceUnavailable when the PC/SC service does not run."""
    context = establish()
    try:
        return reader_names(context)
    finally:
        release(context)


class PcscReader:
    """A ``CardReader``: the PC/SC reader whose name contains ``options.reader``, whenever it is there.

    Where several do, a card on any of them is served; two people at once need two of these, with names that differ.

    Everything that may block for ever (a mute card) runs in a worker of its own and is given up after
    ``options.silence_s``; while it blocks, ``connect`` raises DeviceTimeout. Taking the card away frees it.
    """

    def __init__(self, options: PcscReaderOptions) -> None:
        self._options = options
        self._watch = Watch(options.reader)
        self._worker = Worker("pcsc-reader")
        self._seen: Insertion | None = None

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
        handles = self._worker.call(lambda: open_card(reader), limit_s, undo=CardHandles.abandon)
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
        self, handles: CardHandles, worker: Worker, *, silence_s: float, is_same_card: Callable[[], bool]
    ) -> None:
        self.atr = handles.atr
        self.supports_extended_length = handles.supports_extended_length
        self._handles: CardHandles | None = handles
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

    def _open_handles(self) -> CardHandles:
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
