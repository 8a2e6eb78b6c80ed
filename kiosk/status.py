"""How the kiosk is, for a technician and for machines; no personal data."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from drivers.health import DeviceStatus
from kiosk import checks
from kiosk.clock import Clock
from kiosk.config import KioskSection
from kiosk.devices import Devices
from kiosk.journal.records import Backlog, DeadLetter, UncertainPaper
from kiosk.journal.store import Journal
from kiosk.paper.printing import PrintWorker
from kiosk.registration.sync import Sync

BACKLOG_LARGE: Final = "kiosk.backlog_large"
_LARGE_BACKLOG: Final = 500
_OLD_BACKLOG: Final = timedelta(hours=8)
_PAPERS_SHOWN: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KioskStatus:
    """One moment of a kiosk. ``warnings`` are stable codes of what will stop it later, ``blocks`` of what does now.

    ``dead_letters`` and ``uncertain_papers`` wait for staff; ``backlog`` waits for the server.
    """

    at: datetime
    blocks: tuple[str, ...]
    warnings: tuple[str, ...]
    online: bool
    last_contact_at: datetime | None
    devices: tuple[DeviceStatus, ...]
    backlog: Backlog
    dead_letters: tuple[DeadLetter, ...]
    uncertain_papers: tuple[UncertainPaper, ...]


class StatusReporter:
    """Gathers a KioskStatus; safe to call from any thread, never waits for a device."""

    def __init__(
        self,
        *,
        journal: Journal,
        sync: Sync,
        printing: PrintWorker,
        devices: Devices,
        clock: Clock,
        settings: KioskSection,
        standing_warnings: tuple[str, ...] = (),
    ) -> None:
        self._journal = journal
        self._sync = sync
        self._printing = printing
        self._devices = devices
        self._clock = clock
        self._settings = settings
        self._standing_warnings = standing_warnings

    def report(self, *, blocks: frozenset[str], online: bool) -> KioskStatus:
        now = self._clock.now()
        backlog = self._journal.backlog()
        return KioskStatus(
            at=now,
            blocks=tuple(sorted(blocks)),
            warnings=tuple(self._warnings(backlog, now)),
            online=online,
            last_contact_at=self._sync.last_contact_at,
            devices=tuple(self._device_statuses()),
            backlog=backlog,
            dead_letters=tuple(self._journal.dead_letters()),
            uncertain_papers=tuple(self._journal.papers.uncertain(now - _PAPERS_SHOWN)),
        )

    def _device_statuses(self) -> Iterator[DeviceStatus]:
        if self._devices.reader is not None:
            yield self._devices.reader.status()
        if self._devices.scanner is not None:
            yield self._devices.scanner.status()
        if self._printing.last_status is not None:
            yield self._printing.last_status

    def _warnings(self, backlog: Backlog, now: datetime) -> Iterator[str]:
        yield from self._standing_warnings
        if trouble := checks.disk_trouble(self._settings.data_dir, wanted_mb=self._settings.free_space_mb):
            yield trouble
        is_old = backlog.oldest_at is not None and now - backlog.oldest_at > _OLD_BACKLOG
        if backlog.visits > _LARGE_BACKLOG or is_old:
            yield BACKLOG_LARGE
