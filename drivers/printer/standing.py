"""How a printer is, and since when it has been so."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from drivers.health import DeviceKind, DeviceState, DeviceStatus

_STATES: Final = {"ok": DeviceState.READY, "printer.paper_near_end": DeviceState.ATTENTION}


class Standing:
    """Remembers what was said of a printer last. ``driver``: the driver's name in config.yaml."""

    def __init__(self, name: str, driver: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._name = name
        self._driver = driver
        self._now = now
        self._last: DeviceStatus | None = None

    def tell(self, code: str, detail: str = "") -> DeviceStatus:
        """Return the status ``code`` stands for: ``ok``, ``printer.paper_near_end``, or what keeps it from printing."""
        last = self._last
        since = last.since if last is not None and last.code == code else self._now()
        state = _STATES.get(code, DeviceState.UNAVAILABLE)
        self._last = DeviceStatus(DeviceKind.PRINTER, self._name, self._driver, state, since, code, detail)
        return self._last
