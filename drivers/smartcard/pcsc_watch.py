"""Which card reader is there and what lies on it, through restarts of the PC/SC daemon and swaps of the reader."""

import logging
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from drivers.errors import DeviceUnavailable
from drivers.smartcard.pcsc_codes import (
    OK,
    STATE_CHANGED,
    STATE_PRESENT,
    STATE_UNAVAILABLE,
    STATE_UNAWARE,
    TIMEOUT,
    check_service,
)
from drivers.smartcard.pcsc_library import cancel, establish, reader_names, release, status_change

_PNP: Final = "\\\\?PnP?\\Notification"
_SECURITY_MODULE: Final = re.compile(r"\bSAM\b")
_WATCH_MS: Final = 2000
_RETRY_S: Final = 0.3

_log: Final = logging.getLogger(__name__)


class Insertion(NamedTuple):
    """One stay of one card: it differs for every card that was put in, and after each restart of the daemon."""

    generation: int
    reader: str
    events: int
    """How often a card came to or left the reader since the daemon started."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What the watch last saw; ``insertion`` is None while no card lies there."""

    reader: str | None = None
    insertion: Insertion | None = None
    service: bool = True

    @property
    def code(self) -> str:
        if not self.service:
            return "reader.service_down"
        return "ok" if self.reader else "reader.missing"


def holds_card(state: int) -> bool:
    return bool(state & STATE_PRESENT) and not state & STATE_UNAVAILABLE


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


class Watch:
    """A thread that knows which reader is there and what lies on it, through restarts of the daemon.

    SCardGetStatusChange counts insertions and removals in the upper half of the event state, so a card that was pulled
    and put back between two looks is seen as another one.
    """

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._changed = threading.Condition()
        self._slot = Slot()
        self._since = datetime.now(UTC)
        self._looked = False
        self._generation = 0
        self._context: int | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="pcsc-watch", daemon=True)
        self._thread.start()

    @property
    def slot(self) -> Slot:
        with self._changed:
            self._changed.wait_for(lambda: self._looked, timeout=_WATCH_MS / 1000)
            return self._slot

    @property
    def since(self) -> datetime:
        """When the reader last came or went, or the service did."""
        return self._since

    def wait(self, condition: Callable[[Slot], bool], timeout_s: float) -> bool:
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
                cancel(context)
            self._thread.join(0.05)

    def _run(self) -> None:
        while not self._closed:
            try:
                self._follow()
            except DeviceUnavailable:
                self._tell(Slot(service=False))
            except Exception:  # noqa: BLE001 - logged, and everything is set up afresh
                # A watch that dies unseen leaves a kiosk deaf until somebody restarts it.
                _log.exception("the PC/SC watch starts over")
                self._tell(Slot(service=False))
            with self._changed:
                self._changed.wait_for(lambda: self._closed, timeout=_RETRY_S)

    def _follow(self) -> None:
        """Watch on one context until something breaks; what broke needs a fresh one."""
        context = establish()
        self._generation += 1
        self._context = context
        try:
            known: dict[str, int] = {}
            while not self._closed:
                names = reader_names(context)
                states = [(name, known.get(name, STATE_UNAWARE)) for name in (*names, _PNP)]
                code, seen = status_change(context, _WATCH_MS, states)
                if code not in (OK, TIMEOUT):
                    # A reader that vanished between listing and asking also ends up here.
                    check_service(code)
                    time.sleep(_RETRY_S)
                    continue
                known = {name: state & ~STATE_CHANGED for name, state in seen.items()}
                self._tell(self._slot_of(names, known))
        finally:
            self._context = None
            release(context)

    def _slot_of(self, names: tuple[str, ...], states: dict[str, int]) -> Slot:
        reader = pick_reader(names, states, wanted=self._wanted, current=self._slot.reader)
        if reader is None:
            return Slot()
        state = states.get(reader, 0)
        present = holds_card(state)
        return Slot(reader, Insertion(self._generation, reader, state >> 16) if present else None)

    def _tell(self, slot: Slot) -> None:
        with self._changed:
            if slot.code != self._slot.code or slot.reader != self._slot.reader:
                self._since = datetime.now(UTC)
            self._slot = slot
            self._looked = True
            self._changed.notify_all()
