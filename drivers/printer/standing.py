"""How a printer is, and since when it has been so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from drivers.health import DeviceKind, DeviceState, DeviceStatus


class Standing:
    """What a printer said of itself last. ``driver``: the driver's name in config.yaml."""

    def __init__(self, name: str, driver: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._last = DeviceStatus(DeviceKind.PRINTER, name, driver, DeviceState.UNAVAILABLE, now(), "printer.not_asked")

    def tell(self, code: str, detail: str = "") -> DeviceStatus:
        """Return the status ``code`` stands for: ``ok``, ``printer.paper_near_end``, or what keeps it from printing."""
        state = {"ok": DeviceState.READY, "printer.paper_near_end": DeviceState.ATTENTION}.get(
            code, DeviceState.UNAVAILABLE
        )
        since = self._last.since if code == self._last.code else self._now()
        self._last = replace(self._last, state=state, code=code, since=since, detail=detail)
        return self._last
